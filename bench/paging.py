"""What a page of the Mail log costs when there are a thousand messages, and when there are a million.

    python -m bench.paging [--messages 1000000]

The rows are made by SQL on SQLite; only what is read is clocked: the query of a page as the view asks it, the first
one and one half-way down by its key, narrowed and searched. The last column says how many times as long it takes as
with a thousand messages in the same run. Paging by key keeps it near one.
"""

from __future__ import annotations

import argparse
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
from tests.conftest import configuration
from tests.factories import make_cast

FEW = 1_000
ROUNDS = 15
# Every thousandth was held, and one in a hundred is about the scanner.
FILL = """
WITH RECURSIVE number(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM number WHERE n < :last)
INSERT INTO inbound_emails (id, account_id, folder, uidvalidity, uid, size, complete, backlog, settled, tries, kept_at,
    sender_name, sender_email, recipients, subject, kind, status, reason, trace)
SELECT n, :account, 'INBOX', 1, n, 2000, 1, 0, 1, 0,
    strftime('%Y-%m-%d %H:%M:%f000', :newest, '-' || (:all - n) || ' minutes'),
    'User ' || (n % 500), 'user' || (n % 500) || '@harbor-dental.example', 'support@northwind.example',
    CASE n % 100 WHEN 0 THEN 'Scanner ' ELSE 'Invoice ' END || n, 'person',
    CASE n % 1000 WHEN 0 THEN 'held' ELSE 'filed' END, '', '[]' FROM number
"""
WORDS = """
INSERT INTO mail_words (direction, mail_id, words)
SELECT 'in', id, lower(subject) || ' ' || sender_email FROM inbound_emails WHERE id BETWEEN :first AND :last
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=1_000_000)
    many = options.parse_args().messages
    with tempfile.TemporaryDirectory() as directory:
        app = create_app(configuration(Path(directory), f"sqlite:///{directory}/psa.sqlite3"))
        with app.app_context():
            flask_migrate.upgrade()
            account_id = make_cast().inbound.id
            db.session.commit()
            newest = clock.now()
            fill(account_id, many - FEW + 1, many, many, newest.strftime("%Y-%m-%d %H:%M:%S"))
            before = clocked(newest, FEW)
            fill(account_id, 1, many - FEW, many, newest.strftime("%Y-%m-%d %H:%M:%S"))
            after = clocked(newest, many)
    print(f"{'ms for a page of the Mail log':36}{FEW:>10,}{many:>12,}    times")
    for name, few in before.items():
        print(f"{name:36}{few * 1000:10.2f}{after[name] * 1000:12.2f}{after[name] / few:9.1f}")


def fill(account_id: int, first: int, last: int, many: int, newest: str) -> None:
    values = {"account": account_id, "first": first, "last": last, "all": many, "newest": newest}
    db.session.execute(text(FILL), values)
    db.session.execute(text(WORDS), {"first": first, "last": last})
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def clocked(newest: datetime, count: int) -> dict[str, float]:
    middle = Key(newest - timedelta(minutes=count // 2), "in", 2**40)
    asked: dict[str, Callable[[], object]] = {
        "the first page": lambda: page_of(Wanted()),
        "half-way down": lambda: page_of(Wanted(), middle),
        "what was held": lambda: page_of(Wanted(became="held")),
        "one direction, half-way down": lambda: page_of(Wanted(direction="in"), middle),
        "searched: a rare word": lambda: page_of(Wanted(words=str(1_000_000 - 500))),
        "searched: one in a hundred": lambda: page_of(Wanted(words="scanner")),
        "today's sums and who waits": lambda: (sums_of_today(), waiting_for_a_person()),
    }
    return {name: min(seconds(ask) for _ in range(ROUNDS)) for name, ask in asked.items()}


def seconds(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    db.session.rollback()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
