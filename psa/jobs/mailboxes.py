"""Every mailbox on its own interval, and at once where the server tells us of new mail (IMAP IDLE)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from flask import Flask

from psa import clock
from psa.extensions import db
from psa.jobs import hosts
from psa.mail import settings as server
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.poll import note_fault, poll
from psa.mail.journal import Journal
from psa.mail.models import MailAccount

log = structlog.get_logger()

# Mailboxes that are looked into at the same time.
AT_ONCE = 8
# A listener looks by itself when its interval is over; the timetable steps in only when it is this much late.
GRACE = timedelta(seconds=60)
RECONNECT_PAUSE = 2.0
BUSY_PAUSE = 0.3


def poll_mailboxes(app: Flask, listeners: Listeners) -> None:
    """Look into every mailbox that is due, several at a time."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="poll") as pool:
        for account_id in due(listeners.listening()):
            pool.submit(look, app, account_id)


def look(app: Flask, account_id: int) -> None:
    with app.app_context():
        try:
            poll(account_id)
        except Exception:
            # The mailbox's own troubles are written down by poll(); what comes out of it is the database's.
            log.exception("a look could not be written down", account=account_id)


def due(listening: frozenset[int]) -> list[int]:
    """Our mailboxes whose next look is due; with a listener one must be late by ``GRACE``, for that looks by itself.

    An account that was never looked into is due; with a listener, the listener is about to do it.
    """
    now = clock.now()
    rows = db.session.execute(
        db.select(MailAccount.id, MailAccount.next_poll_at, MailAccount.created_at).where(
            MailAccount.direction == "inbound", MailAccount.parsing, MailAccount.host_id == hosts.host_id()
        )
    ).all()
    db.session.rollback()
    return [
        row.id
        for row in rows
        if (row.next_poll_at or row.created_at) + (GRACE if row.id in listening else timedelta()) <= now
    ]


class Listeners:
    """One listener for each IMAP mailbox that is switched on; a change of its settings starts a new one."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.running: dict[int, Listener] = {}
        self.stopped = False
        self.turn = threading.Lock()

    def tend(self) -> None:
        """Start the listeners that are missing and stop those that are no longer wanted."""
        hosts.beat()
        ours = hosts.claim_mailboxes()
        wanted = dict(
            db.session.execute(
                db.select(MailAccount.id, MailAccount.revision).where(
                    MailAccount.id.in_(ours), MailAccount.protocol == "imap"
                )
            ).all()
        )
        db.session.rollback()
        with self.turn:
            if self.stopped:
                return
            for account_id, listener in list(self.running.items()):
                if wanted.get(account_id) != listener.revision or not listener.is_alive():
                    listener.stop()
                    del self.running[account_id]
            for account_id, revision in wanted.items():
                if account_id not in self.running:
                    self.running[account_id] = Listener(self.app, account_id, revision)
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
        self.waiting = False

    def stop(self) -> None:
        """End it: a look that is under way comes to its end; one that waits is woken by closing its connection."""
        self.stopped.set()
        mailbox = self.mailbox
        if mailbox is not None and self.waiting:
            mailbox.client.shutdown()

    def run(self) -> None:
        while not self.stopped.is_set():
            self.wait_for_back_off()
            if self.stopped.is_set():
                return
            try:
                self.listen()
            except Exception as error:
                # poll() and connect() have written the fault down, and with it when to try again. Whatever it was, the
                # mailbox must not be left without a listener.
                log.info("listener starts again", account=self.account_id, reason=type(error).__name__)
                self.stopped.wait(RECONNECT_PAUSE)

    def wait_for_back_off(self) -> None:
        """After a failure wait until the account's next look is due."""
        with self.app.app_context():
            account = db.session.get(MailAccount, self.account_id)
            due_at = account.next_poll_at if account is not None and account.failures else None
        while due_at is not None and clock.now() < due_at and not self.stopped.is_set():
            self.stopped.wait(1)

    def listen(self) -> None:
        """Connect, look, wait for the server to speak, look again, until the connection ends."""
        self.mailbox, interval = self.connect()
        try:
            while not self.stopped.is_set():
                with self.app.app_context():
                    looked = poll(self.account_id, self.mailbox)
                if looked.fault:
                    return
                if self.mailbox.seconds_left() <= 0:
                    # The server ends the session with the token; we are there with another one before.
                    return
                if looked.busy:
                    # Somebody else is reading; what arrives behind their back would otherwise wait for the interval.
                    self.stopped.wait(BUSY_PAUSE)
                else:
                    self.wait_for_news(self.mailbox, interval)
        finally:
            mailbox, self.mailbox = self.mailbox, None
            mailbox.close()

    def wait_for_news(self, mailbox: ImapMailbox, interval: int) -> None:
        seconds = max(0.0, min(interval, mailbox.seconds_left()))
        # First the flag, then the question: stop() sets and asks in the other order, so one of the two notices.
        self.waiting = True
        try:
            if not self.stopped.is_set() and not mailbox.wait(seconds):
                self.stopped.wait(seconds)
        finally:
            self.waiting = False

    def connect(self) -> tuple[ImapMailbox, int]:
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
            raise
