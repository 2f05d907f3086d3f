"""Mails per second from a Dovecot mailbox to stored tickets, with the time of each step; beside it the bare pipeline.

    python -m bench.intake [--mails 2000] [--database postgresql|sqlite]

Ratios within one run are what counts: absolute figures move from machine to machine.
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
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate

from bench.letters import letters
from psa import create_app, signing
from psa.extensions import db
from psa.mail.inbound import fetching, receive, routing
from psa.mail.inbound import poll as polling
from psa.mail.inbound import process as processing
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.models import InboundEmail
from psa.mail.settings import ServerSettings
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


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mails", type=int, default=2000)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    arguments = options.parse_args()
    made = list(letters(arguments.mails))
    replies = sum(is_reply for _, is_reply in made)
    with Dovecot({USER: PASSWORD}) as dovecot, tempfile.TemporaryDirectory() as directory:
        for raw, _ in made:
            dovecot.deliver(USER, raw)
        settings = ServerSettings("imap", "127.0.0.1", dovecot.imap, "none", USER, PASSWORD, USER)
        ImapMailbox(settings).close()  # Dovecot indexes the folder once, and for nobody's account
        with database(arguments.database, Path(directory)) as url:
            seconds, spent = intake(settings, url, Path(directory))
            report(arguments.mails, replies, seconds, spent)
        bare_seconds = bare(settings, Path(directory))
    rate, bare_rate = arguments.mails / seconds, arguments.mails / bare_seconds
    print(f"\nbare pipeline (fetch by 50, compat32, a commit each): {bare_rate:,.0f} mails/s")
    print(f"ours reaches {rate / bare_rate:.0%} of it")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


@contextmanager
def database(kind: str, directory: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{directory / 'psa.sqlite3'}"
        return
    with Postgres() as server:
        yield server.create_database("bench")


def intake(settings: ServerSettings, url: str, directory: Path) -> tuple[float, dict[str, float]]:
    app = create_app(configuration(directory, url))
    with app.app_context():
        flask_migrate.upgrade()
        account_id = enter_account(settings)
        spent: dict[str, float] = defaultdict(float)
        for name, owner, attribute in STEPS:
            clock_in(spent, name, owner, attribute)
        started = time.perf_counter()
        looked = polling.poll(account_id)
        seconds = time.perf_counter() - started
        print(f"fault: {looked.fault or 'none'}; kept {looked.kept}, processed {looked.processed}")
        for model in (Ticket, Comment, InboundEmail):
            print(f"{model.__tablename__}: {db.session.scalar(db.select(db.func.count()).select_from(model)):,}")
        db.session.remove()
        db.engine.dispose()
    return seconds, spent


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


def report(mails: int, replies: int, seconds: float, spent: dict[str, float]) -> None:
    print(f"\n{mails:,} mails, {replies:,} of them replies: {seconds:.2f} s, {mails / seconds:,.0f} mails/s")
    print(f"{'step':32} {'ms/mail':>8} {'share':>7}")
    for name, _, _ in STEPS:
        print(f"{name:32} {spent[name] / mails * 1000:8.3f} {spent[name] / seconds:7.1%}")


def bare(settings: ServerSettings, directory: Path) -> float:
    """What the machine allows: the same mails fetched by 50, decoded in full, and stored with one commit each."""
    store = sqlite3.connect(directory / "bare.sqlite3", isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE mails (id INTEGER PRIMARY KEY, subject, body)")
    mailbox = ImapMailbox(settings)
    started = time.perf_counter()
    uids = mailbox.client.search()
    for start in range(0, len(uids), 50):
        for answer in mailbox.client.fetch(uids[start : start + 50], ["BODY.PEEK[]"]).values():
            message = email.message_from_bytes(answer[b"BODY[]"], policy=email.policy.compat32)
            parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
            store.execute("INSERT INTO mails (subject, body) VALUES (?, ?)", (str(message["Subject"]), parts[0]))
    seconds = time.perf_counter() - started
    mailbox.close()
    return seconds


if __name__ == "__main__":
    os.environ.setdefault("PSA_DATA", tempfile.mkdtemp())
    main()
