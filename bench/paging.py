"""What a page of the Mail log costs when there are a thousand messages, and when there are a million.

    python -m bench.paging [--messages 1000000] [--database sqlite|postgresql]

The rows are made by SQL, half of them in and half of them out; only what is read is clocked: a page as the view asks
it, the first one and far down, narrowed, and searched. The last column says how many times as long it takes as with a
thousand messages in the same run. Without --database both are measured, one after the other.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import flask_migrate
from sqlalchemy import text

from psa import clock, create_app
from psa.extensions import db
from psa.mail.log.queries import Key, Wanted, page_of, sums_of_today, waiting_for_a_person
from psa.mail.raw import keep_raw
from tests.conftest import configuration
from tests.factories import make_cast
from tests.servers.postgres import Postgres

FEW = 1_000
ROUNDS = 9
NUMBERS = (
    "WITH RECURSIVE number(n) AS (SELECT CAST(:first AS INTEGER) UNION ALL SELECT n + 1 FROM number WHERE n < :last)"
)
# Every thousandth was held, and one in a hundred is about the scanner.
IN = """
INSERT INTO inbound_emails (id, account_id, folder, uidvalidity, uid, size, complete, backlog, settled, tries, kept_at,
    sender_name, sender_email, recipients, subject, kind, status, reason, trace, trust, trust_words, trust_tries,
    decided_by, processed_at)
SELECT n, :inbound, 'INBOX', 1, n, 2000, true, false, true, 0, {at},
    'User ' || (n % 500), 'user' || (n % 500) || '@harbor-dental.example', 'support@northwind.example',
    CASE n % 100 WHEN 0 THEN 'Scanner ' ELSE 'Invoice ' END || n, 'person',
    CASE n % 1000 WHEN 0 THEN 'held' ELSE 'filed' END, '', '[]', '', '', 0, '', {at} FROM number
"""
# Of every two thousandth one of two recipients has got it.
OUT = """
INSERT INTO outbound_emails (id, account_id, raw_id, purpose, message_id, envelope_sender, recipients, subject, status,
    reason, cause, attempts, queued_at, next_attempt_at, priority, results, template, copy_state, copy_words, sent_at,
    seen_to_words)
SELECT n, :outbound, :raw, 'reply', '<' || n || '@northwind.example>', 'support@northwind.example',
    '["dana@harbor-dental.example", "sam@harbor-dental.example"]', 'Re: Invoice ' || n, 'sent', '', '', 1, {at}, {at},
    1, {results}, '', '', '', {at}, '' FROM number
"""
RESULTS = "CAST(CASE n % 2000 WHEN 0 THEN :partly ELSE :sent END AS {})"
SAID_IN = "replace(replace(lower(subject || ' ' || sender_email), '@', ' '), '.', ' ')"
SAID_OUT = "'re ' || lower(substr(subject, 5)) || ' dana harbor dental example sam harbor dental example'"
WORDS = """
INSERT INTO mail_words (direction, mail_id, words)
SELECT '{direction}', id, replace({said}, '-', ' ') FROM {table} WHERE id BETWEEN :first AND :last
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    asked = options.parse_args()
    if asked.messages <= FEW:
        options.error(f"--messages is more than the {FEW:,} that it is compared with")
    for kind in asked.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as directory:
            if kind == "sqlite":
                measure(kind, f"sqlite:///{directory}/psa.sqlite3", Path(directory), asked.messages)
                continue
            with Postgres() as server:
                measure(kind, server.url, Path(directory), asked.messages)


def measure(kind: str, url: str, directory: Path, many: int) -> None:
    app = create_app(configuration(directory, url))
    with app.app_context():
        flask_migrate.upgrade()
        cast = make_cast()
        values = {"inbound": cast.inbound.id, "outbound": cast.outbound.id, "raw": keep_raw(b"Subject: one\r\n\r\n")}
        db.session.commit()
        newest, half, few = clock.now(), many // 2, FEW // 2
        some = {"dana@harbor-dental.example": {"state": "sent"}, "sam@harbor-dental.example": {"state": "failed"}}
        values |= {"partly": json.dumps(some), "sent": json.dumps(some).replace("failed", "sent")}
        values |= {"half": half, "newest": newest.strftime("%Y-%m-%d %H:%M:%S")}
        fill(kind, values | {"first": half - few + 1, "last": half})
        before = clocked(newest, FEW, half)
        fill(kind, values | {"first": 1, "last": half - few})
        after = clocked(newest, many, half)
        db.session.remove()
        db.engine.dispose()
    print(f"{kind + ', ms for a page of the Mail log':48}{FEW:>10,}{many:>12,}    times")
    for name, least in before.items():
        print(f"{name:48}{least * 1000:10.2f}{after[name] * 1000:12.2f}{after[name] / least:9.1f}", flush=True)


def fill(kind: str, values: dict[str, object]) -> None:
    """Two minutes between the messages of a direction; those that go out lie a second behind those that came in."""
    back = "strftime('%Y-%m-%d %H:%M:%f000', :newest, '-' || ((:half - n) * 120 + {}) || ' seconds')"
    ago = "CAST(:newest AS TIMESTAMPTZ) - ((:half - n) * 120 + {}) * interval '1 second'"
    at, results = (back, RESULTS.format("TEXT")) if kind == "sqlite" else (ago, RESULTS.format("JSON"))
    db.session.execute(text(NUMBERS + IN.format(at=at.format(0))), values)
    db.session.execute(text(NUMBERS + OUT.format(at=at.format(1), results=results)), values)
    for direction, said, table in (("in", SAID_IN, "inbound_emails"), ("out", SAID_OUT, "outbound_emails")):
        db.session.execute(text(WORDS.format(direction=direction, said=said, table=table)), values)
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def clocked(newest: datetime, count: int, half: int) -> dict[str, float]:
    middle = Key(newest - timedelta(minutes=count // 2), "in", 2**40)
    asked: dict[str, Callable[[], object]] = {
        "the first page": lambda: page_of(Wanted()),
        "half-way down": lambda: page_of(Wanted(), middle),
        "what was held": lambda: page_of(Wanted(became="held")),
        "one direction, half-way down": lambda: page_of(Wanted(direction="in"), middle),
        "what was partly sent": lambda: page_of(Wanted(became="partly")),
        "searched: a common word": lambda: page_of(Wanted(words="invoice")),
        "searched: a common word, the 20th page": lambda: page_of(Wanted(words="invoice"), newest_but(newest, 950)),
        "searched: one in a hundred": lambda: page_of(Wanted(words="scanner")),
        "searched: two words": lambda: page_of(Wanted(words="scanner harbor")),
        "searched: a rare word": lambda: page_of(Wanted(words=str(half - 333))),
        "searched: an address": lambda: page_of(Wanted(words="user7@harbor-dental.example")),
        "searched: what nobody wrote": lambda: page_of(Wanted(words="zeppelin")),
        "searched: a common word in what was partly sent": lambda: page_of(Wanted(became="partly", words="invoice")),
        "today's sums and who waits": lambda: (sums_of_today(), waiting_for_a_person()),
    }
    return {name: statistics.median(seconds(ask) for _ in range(ROUNDS)) for name, ask in asked.items()}


def newest_but(newest: datetime, messages: int) -> Key:
    """The place behind so many messages of the log: of both directions there is one a minute."""
    return Key(newest - timedelta(minutes=messages), "in", 2**40)


def seconds(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    db.session.rollback()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
