"""Mails per second from the outbox to an SMTP sink over one account; beside it a bare persistent smtplib loop.

    python -m bench.delivery [--mails 1000] [--failing 5] [--queued 100000] [--latency 20]
                             [--database postgresql|sqlite]

``--failing`` is the share of recipients in per cent that the sink refuses, ``--queued`` fills the outbox with so many
messages more, to see that memory and speed do not depend on what waits, ``--latency`` is a round trip in milliseconds.
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
from datetime import timedelta
from pathlib import Path

import flask_migrate
from sqlalchemy import Connection, event, text

from bench.intake import database
from psa import clock, create_app
from psa.extensions import db, waits_for_the_disk
from psa.mail.models import DeliveryAttempt, MailAccount, OutboundEmail
from psa.mail.outbound import outbox
from psa.mail.outbound.compose import compose
from psa.mail.outbound.deliver import deliver_due
from tests.conftest import configuration
from tests.factories import make_cast

OUT = OutboundEmail.__table__
END = b"\r\n.\r\n"


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
            waits = count_waits()
            began = time.process_time()
            ours = deliver(chosen.mails)
            cpu = time.process_time() - began
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            db.session.remove()
            db.engine.dispose()
    began = time.process_time()
    bare = loop(sink.port, raw, chosen.mails)
    bare_cpu = time.process_time() - began
    print(f"\n{chosen.mails:,} mails of {len(raw):,} bytes, {chosen.failing} % refused, {chosen.queued:,} more waiting")
    print(f"round trip {chosen.latency:g} ms beside what this machine takes")
    print(f"ours: {ours:,.0f} mails/s, claims and attempt log included")
    print(f"bare persistent smtplib loop: {bare:,.0f} mails/s; ours reaches {ours / bare:.0%} of it")
    print(
        f"CPU {cpu / chosen.mails * 1000:.2f} ms per mail, bare {bare_cpu / chosen.mails * 1000:.2f} ms; "
        f"{waits[0] / chosen.mails:.2f} commits per mail wait for the disk"
    )
    print(
        f"peak memory {peak / 1024:.0f} MiB, {max(0, peak - base) / 1024:.0f} MiB more than before the first mail left"
    )


def fill(account: MailAccount, count: int) -> bytes:
    """Queue so many messages; returns the bytes of one."""
    raw = b""
    for number in range(count):
        to = f"user{number}@client.example"
        composed = compose(
            sender=("Northwind Support", account.address),
            to=[("", to)],
            subject=f"Number {number}",
            text="Hello. " * 250,
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


def count_waits() -> list[int]:
    """A number in a list that grows with each commit that writes something and waits for the disk (SQLite)."""
    count, changes = [0], [0]

    @event.listens_for(db.engine, "commit")
    def note(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        total = getattr(driver, "total_changes", 0)
        count[0] += waits_for_the_disk.get() and total != changes[0]
        changes[0] = total

    return count


def deliver(count: int) -> float:
    started, sent = time.perf_counter(), 0
    while sent < count:
        tried = deliver_due(limit=min(200, count - sent))
        if not tried:
            last = db.session.scalars(db.select(DeliveryAttempt).order_by(DeliveryAttempt.id.desc())).first()
            raise SystemExit(f"Nothing leaves any more: {last.words if last else 'nobody tried'}")
        sent += tried
        db.session.expunge_all()
    return sent / (time.perf_counter() - started)


def loop(port: int, raw: bytes, count: int) -> float:
    started = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for number in range(count):
            try:
                connection.sendmail("support@northwind.example", [f"user{number}@client.example"], raw)
            except smtplib.SMTPRecipientsRefused:
                pass
    return count / (time.perf_counter() - started)


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
