"""Mails per second from the outbox to an SMTP sink over one account, in turn with a bare persistent smtplib loop.

    python -m bench.delivery [--mails 1000] [--failing 5] [--queued 100000] [--latency 20]
                             [--database postgresql|sqlite]

``--failing`` is the share of recipients in per cent that the sink refuses, ``--queued`` fills the outbox with so many
messages more, to see that memory and speed do not depend on what waits, ``--latency`` is a round trip in milliseconds.
Both take turns of 200 mails, so that whatever else the machine does meets both; each turn's share of the loop's rate is
told, and the median.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import smtplib
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import flask_migrate
from sqlalchemy import PoolProxiedConnection, text

from bench.intake import database
from psa import clock, create_app
from psa.extensions import db
from psa.mail.models import DeliveryAttempt, MailAccount, OutboundEmail
from psa.mail.outbound import outbox
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.deliver import deliver_due
from tests.conftest import configuration
from tests.factories import make_cast

OUT = OutboundEmail.__table__
END = b"\r\n.\r\n"
# Mails in one turn: as many as one round of the timetable takes of an account.
TURN = 200


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mails", type=int, default=1000)
    arguments.add_argument("--failing", type=int, default=0)
    arguments.add_argument("--queued", type=int, default=0)
    arguments.add_argument("--latency", type=float, default=0)
    arguments.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = arguments.parse_args()
    sink = Sink(chosen.failing, chosen.latency / 1000)
    with tempfile.TemporaryDirectory() as directory, database(chosen.database, Path(directory)) as url:
        app = create_app(configuration(Path(directory), url))
        with app.app_context():
            flask_migrate.upgrade()
            account = make_cast().outbound
            account.host, account.port, account.security = "127.0.0.1", sink.port, "none"
            account.username, account.sealed_password = "", ""
            db.session.commit()
            raw = fill(account, chosen.mails)
            multiply(chosen.queued)
            explain(account)
            base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            commits = count_commits()
            ours, bare = [], []
            for start in range(0, chosen.mails, TURN):
                count = min(TURN, chosen.mails - start)
                ours.append(timed(deliver, count))
                bare.append(timed(loop, sink.port, raw, count))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            db.session.remove()
            db.engine.dispose()
    shares = [b.seconds / o.seconds for o, b in zip(ours, bare, strict=True)]
    rate, bare_rate = (chosen.mails / sum(turn.seconds for turn in turns) for turns in (ours, bare))
    cpu, bare_cpu = (sum(turn.cpu for turn in turns) / chosen.mails * 1000 for turns in (ours, bare))
    print(f"\n{chosen.mails:,} mails of {len(raw):,} bytes, {chosen.failing} % refused, {chosen.queued:,} more waiting")
    print(f"round trip {chosen.latency:g} ms beside what this machine takes")
    print(f"ours: {rate:,.0f} mails/s, claims and attempt log included; bare persistent loop: {bare_rate:,.0f} mails/s")
    print(
        f"share of the loop, turn by turn: {' '.join(f'{share:.0%}' for share in shares)}; median {median(shares):.0%}"
    )
    print(f"CPU {cpu:.2f} ms per mail, bare {bare_cpu:.2f} ms; {commits[0] / chosen.mails:.2f} commits per mail")
    print(
        f"peak memory {peak / 1024:.0f} MiB, {max(0, peak - base) / 1024:.0f} MiB more than before the first mail left"
    )


def fill(account: MailAccount, count: int) -> bytes:
    """Queue so many messages; returns the bytes of one."""
    raw = b""
    for number in range(count):
        to = f"user{number}@client.example"
        composed = compose(
            Content(f"Number {number}", "Hello. " * 250),
            sender=("Northwind Support", account.address),
            to=[("", to)],
        )
        raw = composed.raw
        outbox.enqueue(
            composed, account_id=account.id, envelope_sender=account.address, recipients=[to], purpose="reply"
        )
        if number % 500 == 499:
            db.session.commit()
    db.session.commit()
    db.session.expunge_all()
    return raw


def multiply(count: int) -> None:
    """Queue so many more behind them, like the first: half of them are due, half wait for a later try."""
    first = db.session.execute(db.select(OUT).order_by(OUT.c.id).limit(1)).mappings().one()
    alike = {name: value for name, value in first.items() if name != "id"}
    later = clock.now() + timedelta(hours=1)
    for start in range(0, count, 5000):
        rows = [
            alike
            | {"message_id": f"more{number}@bench", "priority": 2}
            | ({"next_attempt_at": later} if number % 2 else {})
            for number in range(start, min(start + 5000, count))
        ]
        db.session.execute(OUT.insert(), rows)
        db.session.commit()


def explain(account: MailAccount) -> None:
    """Say how the database finds what is due, with all that waits."""
    asked = db.select(OUT.c.id).where(OUT.c.status == "queued", OUT.c.account_id == account.id)
    asked = asked.where(OUT.c.next_attempt_at <= clock.now(), OUT.c.purpose != "test")
    asked = asked.order_by(OUT.c.priority, OUT.c.next_attempt_at, OUT.c.id).limit(200)
    db.session.execute(text("ANALYZE"))
    query = str(asked.compile(db.engine, compile_kwargs={"literal_binds": True}))
    verb = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    print("\n".join(str(row[-1]) for row in db.session.execute(text(f"{verb} {query}"))))
    began = time.perf_counter()
    outbox.due(200)
    print(f"what is due: {(time.perf_counter() - began) * 1000:.1f} ms")
    db.session.commit()


def count_commits() -> list[int]:
    """A number in a list that grows with each commit."""
    count, commit = [0], db.engine.dialect.do_commit

    def counted(connection: PoolProxiedConnection) -> None:
        count[0] += 1
        commit(connection)

    db.engine.dialect.do_commit = counted  # type: ignore[assignment, method-assign]
    return count


@dataclass(frozen=True)
class Turn:
    """How long it took, and how much of that was work of ours; in seconds."""

    seconds: float
    cpu: float


def timed(work: Callable[..., None], *arguments: object) -> Turn:
    began, worked = time.perf_counter(), time.process_time()
    work(*arguments)
    return Turn(time.perf_counter() - began, time.process_time() - worked)


def deliver(count: int) -> None:
    sent = 0
    while sent < count:
        tried = deliver_due(limit=min(200, count - sent))
        if not tried:
            last = db.session.scalars(db.select(DeliveryAttempt).order_by(DeliveryAttempt.id.desc())).first()
            raise SystemExit(f"Nothing leaves any more: {last.words if last else 'nobody tried'}")
        sent += tried
        db.session.expunge_all()


def loop(port: int, raw: bytes, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for number in range(count):
            try:
                connection.sendmail("support@northwind.example", [f"user{number}@client.example"], raw)
            except smtplib.SMTPRecipientsRefused:
                pass


class Sink:
    """An SMTP server that takes everything but the share of recipients that it refuses, in a process of its own.

    It offers PIPELINING (RFC 2920); ``latency`` is in seconds and passes before each of its answers.
    """

    def __init__(self, failing: int, latency: float) -> None:
        self.latency = latency
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        multiprocessing.get_context("fork").Process(target=self.listen, args=(listening, failing), daemon=True).start()
        listening.close()

    def listen(self, listening: socket.socket, failing: int) -> None:
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=self.serve, args=(connection, failing), daemon=True).start()

    def serve(self, connection: socket.socket, failing: int) -> None:
        """Answer whatever has come in one go, after the time that it would have taken on its way."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"220 sink ESMTP\r\n")
        asked, taken, in_message, waiting = 0, 0, False, b""
        while received := connection.recv(1024 * 1024):
            waiting += received
            answers = []
            # The end of a message is looked for as a whole: reading it line by line would cost more than sending it.
            while (END if in_message else b"\r\n") in waiting:
                line, _, waiting = waiting.partition(END if in_message else b"\r\n")
                verb = line[:4].upper()
                if in_message:
                    in_message = False
                    answers.append(b"250 2.0.0 Taken")
                elif verb == b"MAIL":
                    taken = 0
                    answers.append(b"250 OK")
                elif verb == b"RCPT":
                    asked += 1
                    refused = asked % 100 < failing
                    taken += not refused
                    answers.append(b"550 5.1.1 No such user" if refused else b"250 2.1.5 OK")
                elif verb == b"DATA":
                    in_message = taken > 0
                    answers.append(b"354 Go on" if in_message else b"503 5.5.1 No valid recipients")
                else:
                    answers.append({b"EHLO": b"250-sink\r\n250 PIPELINING", b"QUIT": b"221 Bye"}.get(verb, b"250 OK"))
            if answers:
                time.sleep(self.latency)
                connection.sendall(b"".join(answer + b"\r\n" for answer in answers))


if __name__ == "__main__":
    main()
