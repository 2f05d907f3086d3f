"""Mails per second from a Dovecot mailbox to stored tickets, on both databases, beside the bare pipeline.

    python -m bench.intake [--mails 2000] [--database sqlite|postgresql] [--large MB …]

Each is measured in a process of its own: time, CPU, memory, statements to the database, time of each step. Ratios
within one run are what counts: absolute figures move from machine to machine.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import os
import resource
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import flask_migrate
from sqlalchemy import Connection, event

from bench.letters import large_letter, letters
from psa import create_app, signing
from psa.extensions import db
from psa.mail.inbound import fetching, receive, routing
from psa.mail.inbound import poll as polling
from psa.mail.inbound import process as processing
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.models import InboundEmail
from psa.mail.settings import ServerSettings
from psa.prepared import Prepared
from psa.tickets.models import Comment, Ticket
from tests.conftest import configuration
from tests.factories import make_cast
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres

USER, PASSWORD = "support@northwind.example", "a long winter"
STEPS: tuple[tuple[str, Any, str], ...] = (
    ("fetch (in a thread beside it)", fetching, "fetch"),
    ("keep", receive, "receive"),
    ("process, all of it", polling, "process"),
    ("  parse, part old from new", processing, "read_answer"),
    ("  seen before?", processing, "answers_already"),
    ("  classify", processing, "classify"),
    ("  who is it", processing.clients, "find_person"),
    ("  which ticket", processing, "match_ticket"),
    ("  rules and routing", processing, "route"),
    ("  read body and files", processing, "said_in"),
    ("  open ticket", processing.operations, "open_ticket"),
    ("  add reply", processing.operations, "add_reply"),
    ("  keys", processing, "remember_keys"),
    ("  store disposition", processing, "store"),
    ("desk", routing.Desk, "of"),
)


@dataclass(slots=True)
class Run:
    """What one process took: ``cpu`` and ``seconds`` for all mails, MiB at the beginning and at most."""

    seconds: float
    cpu: float
    at_first: float
    peak: float
    said: list[str] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)
    statements: Counter[str] = field(default_factory=Counter)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mails", type=int, default=2000)
    options.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    options.add_argument("--large", type=int, nargs="*", default=[], metavar="MB", help="and one mail of each size")
    asked = options.parse_args()
    with Dovecot({USER: PASSWORD}) as dovecot, tempfile.TemporaryDirectory() as directory:
        replies = 0
        for raw, is_reply in letters(asked.mails):
            dovecot.deliver(USER, raw)
            replies += is_reply
        for megabytes in asked.large:
            dovecot.deliver(USER, large_letter(megabytes))
        settings = ServerSettings("imap", "127.0.0.1", dovecot.imap, "none", USER, PASSWORD, USER)
        ImapMailbox(settings).close()  # Dovecot indexes the folder once, and for nobody's account
        mails = asked.mails + len(asked.large)
        print(f"{mails:,} mails, {replies:,} of them replies")
        for kind in asked.database or ["sqlite", "postgresql"]:
            beside = in_a_process(bare, settings, Path(directory) / f"bare-{kind}.sqlite3")
            with database(kind, Path(directory)) as url:
                ours = in_a_process(intake, settings, url, Path(directory))
            report(kind, mails, ours, beside)


def in_a_process(work: Callable[..., Run], *arguments: Any) -> Run:
    """Do it in a new process, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


@contextmanager
def database(kind: str, directory: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{directory / 'psa.sqlite3'}"
        return
    with Postgres() as server:
        yield server.create_database("bench")


def intake(settings: ServerSettings, url: str, directory: Path) -> Run:
    """One look into the mailbox, from the first command to the last commit."""
    app = create_app(configuration(directory, url))
    with app.app_context():
        flask_migrate.upgrade()
        account_id = enter_account(settings)
        spent: dict[str, float] = defaultdict(float)
        for name, owner, attribute in STEPS:
            clock_in(spent, name, owner, attribute)
        statements: Counter[str] = Counter()
        count_statements(statements)
        at_first, cpu, started = peak_memory(), time.process_time(), time.perf_counter()
        looked = polling.poll(account_id)
        run = Run(time.perf_counter() - started, time.process_time() - cpu, at_first, peak_memory())
        run.spent, run.statements = dict(spent), statements.copy()
        run.said.append(f"fault: {looked.fault or 'none'}; kept {looked.kept}, processed {looked.processed}")
        for model in (Ticket, Comment, InboundEmail):
            number = db.session.scalar(db.select(db.func.count()).select_from(model))
            run.said.append(f"{model.__tablename__}: {number:,}")
        db.session.remove()
        db.engine.dispose()
    return run


def enter_account(settings: ServerSettings) -> int:
    """A firm with clients and rules, whose mailbox is the one of ``settings``; returns the account's id."""
    account = make_cast().inbound
    account.host, account.port, account.security, account.since = settings.host, settings.port, "none", None
    account.username, account.sealed_password = USER, signing.seal(PASSWORD)
    db.session.commit()
    return account.id


def clock_in(spent: dict[str, float], name: str, owner: Any, attribute: str) -> None:
    """Count the time that a function takes, from now on."""
    real: Callable[..., Any] = getattr(owner, attribute)

    def timed(*args: Any, **values: Any) -> Any:
        started = time.perf_counter()
        try:
            return real(*args, **values)
        finally:
            spent[name] += time.perf_counter() - started

    setattr(owner, attribute, staticmethod(timed) if isinstance(owner, type) and attribute == "of" else timed)


def count_statements(statements: Counter[str]) -> None:
    """Count, from now on, the statements by what they do with which table; many rows in one statement are one."""

    def count(sql: str) -> None:
        words = sql.split()
        after = {"SELECT": "FROM", "DELETE": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE"}.get(words[0])
        statements[f"{words[0]} {words[words.index(after) + 1]}" if after in words else words[0]] += 1

    def run(self: Prepared, connection: Connection, values: Any) -> Any:
        cursor = real(self, connection, values)
        count(self.ready[connection.dialect.name].sql)
        return cursor

    real = Prepared.run
    Prepared.run = run  # type: ignore[method-assign]
    event.listen(db.engine, "before_cursor_execute", lambda _connection, _cursor, sql, *_others: count(sql))


def peak_memory() -> float:
    """In MiB, of this process, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bare(settings: ServerSettings, path: Path) -> Run:
    """What the machine allows: the same mails fetched by 50, decoded in full, and stored with one commit each."""
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE mails (id INTEGER PRIMARY KEY, subject, body)")
    mailbox = ImapMailbox(settings)
    at_first, cpu, started = peak_memory(), time.process_time(), time.perf_counter()
    uids = mailbox.client.search()
    for start in range(0, len(uids), 50):
        for answer in mailbox.client.fetch(uids[start : start + 50], ["BODY.PEEK[]"]).values():
            message = email.message_from_bytes(answer[b"BODY[]"], policy=email.policy.compat32)
            parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
            store.execute("INSERT INTO mails (subject, body) VALUES (?, ?)", (str(message["Subject"]), parts[0]))
    run = Run(time.perf_counter() - started, time.process_time() - cpu, at_first, peak_memory())
    mailbox.close()
    return run


def report(kind: str, mails: int, ours: Run, beside: Run) -> None:
    print(f"\n{kind}: {'; '.join(ours.said)}")
    print(f"{'':32} {'mails/s':>8} {'CPU ms/mail':>12} {'peak MiB':>9} {'at first':>9}")
    for name, run in (("intake", ours), ("bare: fetch by 50, a commit each", beside)):
        print(
            f"{name:32} {mails / run.seconds:8,.0f} {run.cpu / mails * 1000:12.2f} {run.peak:9.0f} {run.at_first:9.0f}"
        )
    by_time, by_cpu = beside.seconds / ours.seconds, beside.cpu / ours.cpu
    print(f"share of the bare pipeline: {by_time:.0%} by time, {by_cpu:.0%} by CPU")
    print(f"\n{'step':32} {'ms/mail':>8} {'share':>7}")
    for name, _, _ in STEPS:
        spent = ours.spent.get(name, 0.0)
        print(f"{name:32} {spent / mails * 1000:8.3f} {spent / ours.seconds:7.1%}")
    print(f"\n{'statements':32} {'per mail':>8}  (all: {ours.statements.total() / mails:.1f})")
    for name, number in ours.statements.most_common(24):
        print(f"{name:32} {number / mails:8.2f}")


if __name__ == "__main__":
    os.environ.setdefault("PSA_DATA", tempfile.mkdtemp())
    main()
