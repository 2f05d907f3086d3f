"""From arrival in a mailbox that is listened to (IMAP IDLE) until its ticket stands in the database.

    python -m bench.latency [--mails 50] [--database postgresql|sqlite]

The real timetable and a real Dovecot, one mail after the other. Dovecot itself gathers changes for up to half a second
before it tells of them, so beside it stands how long after its news the ticket was there.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import flask_migrate

from bench.intake import database
from bench.letters import letters
from bench.looking import PASSWORD, USER, enter_account
from psa import create_app
from psa.extensions import db
from psa.jobs.timetable import Timetable
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.models import MailAccount
from psa.mail.settings import ServerSettings
from psa.tickets.models import Comment
from tests.configuration import configuration
from tests.servers.dovecot import Dovecot

# How often the database is asked, and for how long at most. In seconds.
STEP, PATIENCE = 0.002, 30.0


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mails", type=int, default=50)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    arguments = options.parse_args()
    with Dovecot({USER: PASSWORD}) as dovecot, tempfile.TemporaryDirectory() as directory:
        settings = ServerSettings("imap", "127.0.0.1", dovecot.imap, "none", USER, PASSWORD, USER)
        with database(arguments.database, Path(directory)) as url:
            from_arrival, from_news = measure(dovecot, settings, url, Path(directory), arguments.mails)
    report("from arrival", from_arrival)
    report("from the server's news", from_news)


def measure(
    dovecot: Dovecot, settings: ServerSettings, url: str, directory: Path, mails: int
) -> tuple[list[float], list[float]]:
    """Seconds until each ticket is there: since it was delivered, and since the server told another listener of it."""
    app = create_app(configuration(directory, url))
    with app.app_context():
        flask_migrate.upgrade()
        account_id = enter_account(settings)
        timetable = Timetable(app)
        timetable.start()
        wait_until(lambda: db.session.get_one(MailAccount, account_id).last_success_at is not None)
        listener = ImapMailbox(settings)
        from_arrival, from_news = [], []
        with ThreadPoolExecutor(1) as beside:
            for number, (raw, _) in enumerate(letters(mails), 1):
                listener.look("INBOX")
                told = beside.submit(moment_of_news, listener)
                time.sleep(random.uniform(0.2, 1.2))
                arrived = time.perf_counter()
                dovecot.deliver(USER, raw)
                there = wait_until(lambda wanted=number: comments() >= wanted)
                from_arrival.append(there - arrived)
                from_news.append(there - told.result())
        listener.close()
        timetable.stop()
        db.session.remove()
        db.engine.dispose()
    return from_arrival, from_news


def moment_of_news(listener: ImapMailbox) -> float:
    listener.wait(PATIENCE)
    return time.perf_counter()


def comments() -> int:
    """Each mail makes one, on a ticket of its own or on the one it answers."""
    return db.session.scalar(db.select(db.func.count()).select_from(Comment)) or 0


def wait_until(condition: Callable[[], bool]) -> float:
    """The moment from which ``condition`` holds."""
    begun = time.perf_counter()
    while not condition():
        db.session.rollback()
        assert time.perf_counter() - begun < PATIENCE, "waited in vain"
        time.sleep(STEP)
    db.session.rollback()
    return time.perf_counter()


def report(name: str, seconds: list[float]) -> None:
    percentiles = statistics.quantiles(seconds, n=100)
    p50, p95 = percentiles[49] * 1000, percentiles[94] * 1000
    print(f"{name:24} p50 {p50:6.0f} ms   p95 {p95:6.0f} ms   most {max(seconds) * 1000:6.0f} ms   N={len(seconds)}")


if __name__ == "__main__":
    os.environ.setdefault("PSA_DATA", tempfile.mkdtemp())
    main()
