"""What is measured of the intake, in processes that hold nothing else: a look into a mailbox, and the bare pipeline."""

from __future__ import annotations

import email
import email.policy
import resource
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from psa import create_app, signing
from psa.extensions import db
from psa.jobs.mailboxes import keep_what_is_loaded
from psa.mail.inbound import fetching, receive, routing
from psa.mail.inbound import poll as polling
from psa.mail.inbound import process as processing
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.reading import Reader
from psa.mail.models import InboundEmail
from psa.mail.settings import ServerSettings
from psa.prepared import Prepared
from psa.tickets.models import Comment, Ticket
from tests.configuration import configuration
from tests.factories import make_cast

USER, PASSWORD = "support@northwind.example", "a long winter"
STEPS: tuple[tuple[str, Any, str], ...] = (
    ("fetch (in a thread beside it)", fetching, "fetch"),
    ("keep", receive, "receive"),
    ("process, all of it", polling, "process"),
    ("  parse, part old from new", processing, "read_answer"),
    ("  seen before?", processing, "told_of_copy"),
    ("  classify", processing, "classify"),
    ("  who is it", processing.clients, "find_person"),
    ("  which ticket", processing, "match_ticket"),
    ("  ask the rules", processing, "ask_rules"),
    ("  routing", processing, "route"),
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


def set_up(settings: ServerSettings, url: str, directory: Path) -> int:
    """A migrated database with a firm in it, whose mailbox is that of ``settings``; returns the account's id."""
    from flask_migrate import upgrade  # in this process alone: the one that is measured needs no Alembic

    app = create_app(configuration(directory, url))
    with app.app_context():
        upgrade()
        account_id = enter_account(settings)
        db.engine.dispose()
    return account_id


def intake(account_id: int, url: str, directory: Path, watched: bool) -> Run:
    """One look into the mailbox, from the first command to the last commit.

    ``watched``: with a clock at each step and every statement counted, which costs a tenth of the time by itself.
    """
    app = create_app(configuration(directory, url))
    with app.app_context():
        spent: dict[str, float] = defaultdict(float)
        statements: Counter[str] = Counter()
        if watched:
            for name, owner, attribute in STEPS:
                clock_in(spent, name, owner, attribute)
            count_statements(statements)
        readers: list[float] = []
        measure_readers(readers)
        keep_what_is_loaded()
        at_first, cpu, started = peak_memory(), cpu_time(), time.perf_counter()
        looked = polling.poll(account_id)
        run = Run(time.perf_counter() - started, cpu_time() - cpu, at_first, peak_memory())
        run.spent, run.statements = dict(spent), statements.copy()
        run.said.extend(f"a reader beside it: {most:.0f} MiB" for most in readers)
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


def measure_readers(most: list[float]) -> None:
    """Note, from now on, the peak memory in MiB of each process that reads beside, when it ends."""

    def close(self: Reader) -> None:
        if self.process is not None:
            most.append(peak_memory(self.process.pid))
        real(self)

    real = Reader.close
    Reader.close = close  # type: ignore[method-assign]


def cpu_time() -> float:
    """In seconds, of this process and of those that it has ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def peak_memory(process: int | str = "self") -> float:
    """In MiB, of a process, so far (proc(5)); what getrusage tells may be its parent's."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


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
