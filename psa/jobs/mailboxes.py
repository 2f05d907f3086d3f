"""Every mailbox on its own interval, and at once where the server tells us of new mail (IMAP IDLE)."""

from __future__ import annotations

import gc
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import Row

from psa.extensions import db
from psa.jobs import hosts
from psa.mail import settings as server
from psa.mail.inbound import slots
from psa.mail.inbound.backoff import Scheduled, is_due, note_fault
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.poll import poll
from psa.mail.journal import Journal
from psa.mail.models import MailAccount

log = structlog.get_logger()

# Mailboxes that are looked into at the same time.
AT_ONCE = 8
# A listener looks by itself when its interval is over; the timetable steps in only when it is this much late.
GRACE = timedelta(seconds=60)
# After a fault that could not even be written down, because the database is away: at first and at most. In seconds.
RECONNECT_PAUSE, LONGEST_PAUSE = 2.0, 60.0
BUSY_PAUSE = 0.3
SCHEDULE = (
    MailAccount.id,
    MailAccount.revision,
    MailAccount.next_poll_at,
    MailAccount.interval,
    MailAccount.failures,
    MailAccount.host,
)


class Pollers:
    """Looks into the mailboxes that are due, several at a time; a slow one keeps no other waiting."""

    def __init__(self, app: Flask) -> None:
        keep_what_is_loaded()
        self.app = app
        self.pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="poll")
        self.under_way: set[int] = set()

    def poll_due(self, listening: frozenset[int]) -> None:
        """Begin the looks that are due. Called by one thread at a time."""
        for account_id in due(listening):
            if account_id not in self.under_way:
                self.under_way.add(account_id)
                self.pool.submit(self.look, account_id)

    def look(self, account_id: int) -> None:
        try:
            with self.app.app_context():
                poll(account_id)
        except Exception:
            # The mailbox's own troubles are written down by poll(); what comes out of it is the database's.
            log.exception("a look could not be written down", account=account_id)
        finally:
            self.under_way.discard(account_id)

    def stop(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)


def keep_what_is_loaded() -> None:
    """Tell the collector that the program itself is no garbage: else it looks through all of it every few hundred
    mails, and a tenth of the time goes there.
    """
    gc.collect()
    gc.freeze()


def due(listening: frozenset[int]) -> list[int]:
    """Our mailboxes whose next look is due; with a listener one must be late by ``GRACE``, for that looks by itself."""
    ours = (MailAccount.direction == "inbound") & MailAccount.parsing & (MailAccount.host_id == hosts.host_id())
    rows = db.session.execute(db.select(*SCHEDULE).where(ours)).all()
    db.session.rollback()
    return [row.id for row in rows if (is_overdue(row) if row.id in listening else is_due(row))]


def is_overdue(account: Scheduled) -> bool:
    """Whether a listener seems to be stuck; one that has not looked at all yet is about to."""
    return account.next_poll_at is not None and is_due(account, grace=GRACE)


class Listeners:
    """A listener for each IMAP mailbox that is switched on, up to a number at one server.

    A change of a mailbox's settings starts a new one.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.running: dict[int, Listener] = {}
        self.stopped = False
        self.turn = threading.Lock()

    def tend(self) -> None:
        """Start the listeners that are missing, stop those that are no longer wanted, and wake those that are due."""
        hosts.beat()
        ours = hosts.claim_mailboxes()
        rows = db.session.execute(
            db.select(*SCHEDULE)
            .where(MailAccount.id.in_(ours), MailAccount.protocol == "imap")
            .order_by(MailAccount.id)
        ).all()
        db.session.rollback()
        wanted = {row.id: row for row in listened_to(rows)}
        with self.turn:
            if self.stopped:
                return
            for account_id, listener in list(self.running.items()):
                row = wanted.get(account_id)
                if row is None or row.revision != listener.revision or not listener.is_alive():
                    listener.stop()
                    del self.running[account_id]
                elif is_due(row):
                    # Somebody asked for a look, or it is time for one.
                    listener.wake()
            for account_id, row in wanted.items():
                if account_id not in self.running:
                    self.running[account_id] = Listener(self.app, account_id, row.revision)
                    self.running[account_id].start()

    def listening(self) -> frozenset[int]:
        """The accounts that a listener looks after."""
        return frozenset(self.running)

    def stop(self) -> None:
        """End all of them for good: a ``tend`` that is under way starts none any more."""
        with self.turn:
            self.stopped = True
            for listener in self.running.values():
                listener.stop()


def listened_to(rows: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
    """The mailboxes that get a listener: of each server the first ones, so that connections are left for looks.

    The others are looked into at their interval.
    """
    listening: Counter[str] = Counter()
    for row in rows:
        listening[row.host.lower()] += 1
        if listening[row.host.lower()] <= slots.MOST_LISTENING:
            yield row


class Listener(threading.Thread):
    """Holds a connection to one mailbox and looks into it as soon as the server says that something changed.

    Where the server has no IDLE it looks at the account's interval, through the same connection.
    """

    def __init__(self, app: Flask, account_id: int, revision: int) -> None:
        super().__init__(name=f"listener {account_id}", daemon=True)
        self.app = app
        self.account_id = account_id
        self.revision = revision
        self.stopped = threading.Event()
        self.mailbox: ImapMailbox | None = None
        self.turn = threading.Lock()

    def stop(self) -> None:
        """End it: a look that is under way comes to its end; one that waits is woken."""
        self.stopped.set()
        self.wake()

    def wake(self) -> None:
        """End the wait for news: it is time for a look."""
        with self.turn:
            if self.mailbox is not None:
                self.mailbox.wake()

    def run(self) -> None:
        pause = RECONNECT_PAUSE
        while not self.stopped.is_set():
            try:
                self.wait_for_back_off()
                if self.stopped.is_set():
                    return
                self.listen()
                pause = RECONNECT_PAUSE
            except Exception as error:
                # A fault of the mailbox is written down, and with it when to try again; here it is the database that
                # is away. Whatever it was, the mailbox must not be left without a listener.
                log.info("listener starts again", account=self.account_id, reason=type(error).__name__)
                self.stopped.wait(pause * random.uniform(0.8, 1.2))
                pause = min(pause * 2, LONGEST_PAUSE)

    def wait_for_back_off(self) -> None:
        """After a failure wait until the account's next look is due, which a person may change to now."""
        while not self.stopped.is_set() and self.is_backing_off():
            self.stopped.wait(1)

    def is_backing_off(self) -> bool:
        with self.app.app_context():
            account = db.session.get(MailAccount, self.account_id)
            return account is not None and account.failures > 0 and not is_due(account)

    def listen(self) -> None:
        """Connect, look, wait for the server to speak, look again, until the connection ends."""
        connected = self.connect()
        if connected is None:
            return
        mailbox, interval = connected
        with self.turn:
            self.mailbox = mailbox
        try:
            while not self.stopped.is_set():
                with self.app.app_context():
                    looked = poll(self.account_id, mailbox)
                if looked.fault:
                    return
                if mailbox.seconds_left() <= 0:
                    # The server ends the session with the token; we are there with another one before.
                    return
                if looked.busy:
                    # Somebody else is reading; what arrives behind their back would otherwise wait for the interval.
                    self.stopped.wait(BUSY_PAUSE)
                elif not self.stopped.is_set():
                    mailbox.wait(max(0.0, min(interval, mailbox.seconds_left())))
        finally:
            with self.turn:
                self.mailbox = None
            mailbox.close()

    def connect(self) -> tuple[ImapMailbox, int] | None:
        """The mailbox and its interval in seconds; None when it cannot be opened, which is written down then."""
        journal = Journal()
        try:
            with self.app.app_context():
                account = db.session.get_one(MailAccount, self.account_id)
                settings, interval = server.of_account(account), account.interval
                # Only the transaction ends here: a sign-in at a provider asks the database for its token.
                db.session.commit()
                return ImapMailbox(settings, journal), interval
        except Exception as error:
            if not self.stopped.is_set():
                with self.app.app_context():
                    note_fault(self.account_id, journal.stage, error)
            return None
