"""One look into one mailbox: list → fetch → keep → process → settle, chunk by chunk."""

from __future__ import annotations

import imaplib
import poplib
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog

from psa import clock, locks, signing
from psa.extensions import db, update_row
from psa.mail import accounts
from psa.mail import settings as server
from psa.mail.diagnosis.causes import SEAL_BROKEN, diagnose
from psa.mail.inbound import receive as keeping
from psa.mail.inbound.mailbox import Fetched, Listed, Mailbox, chunks, open_mailbox
from psa.mail.inbound.process import process
from psa.mail.inbound.routing import Desk
from psa.mail.journal import Journal, words_of
from psa.mail.models import InboundEmail, MailAccount, MailFolder

log = structlog.get_logger()

NETWORK_ERRORS = (OSError, imaplib.IMAP4.error, poplib.error_proto)
# After a failure: soon again, since most servers come back soon, but gently where a password is refused, since
# providers lock accounts that try too often.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=2)
FIRST_PAUSE_REFUSED, LONGEST_PAUSE_REFUSED = timedelta(minutes=1), timedelta(minutes=15)


@dataclass(slots=True)
class Looked:
    """What a look brought: how many messages were kept and how many dealt with; ``fault`` in words when it failed."""

    account: str
    kept: int = 0
    processed: int = 0
    busy: bool = False
    fault: str = ""


def poll(account_id: int, mailbox: Mailbox | None = None) -> Looked:
    """Look into the mailbox of an account now, unless somebody else does. Commits; raises nothing of the network's.

    With ``mailbox`` the look goes through a connection that is open already; then the network's errors are raised after
    they are written down, because the connection is of no more use to its owner.
    """
    account = db.session.get_one(MailAccount, account_id, populate_existing=True)
    looked = Looked(account.address)
    if not account.parsing:
        db.session.rollback()
        return looked
    with locks.holding(f"mailbox-{account_id}") as ours:
        if not ours:
            db.session.rollback()
            looked.busy = True
            return looked
        journal = mailbox.journal if mailbox is not None else Journal()
        opened: Mailbox | None = None
        try:
            if mailbox is None:
                settings = server.of_account(account)
                db.session.commit()
                mailbox = opened = open_mailbox(settings, journal)
            read(account, mailbox, looked)
        except signing.SealBroken:
            db.session.rollback()
            looked.fault = SEAL_BROKEN.cause.title
            accounts.note_failure(account_id, "auth", SEAL_BROKEN, looked.fault)
            postpone(account)
        except NETWORK_ERRORS as error:
            db.session.rollback()
            looked.fault = words_of(error)
            note_fault(account, journal.stage, error)
            if opened is None and mailbox is not None:
                raise
        else:
            update_row(MailAccount, account_id, on_server=mailbox.exists)
            accounts.note_success(account_id)
            schedule(account, timedelta(seconds=account.interval))
        finally:
            if opened is not None:
                opened.close()
    return looked


def read(account: MailAccount, mailbox: Mailbox, looked: Looked) -> None:
    """Everything that waits: first what a crash left behind, then what is new on the server."""
    mailbox.look()
    folder = keeping.folder_of(account, mailbox)
    desk = Desk.of(account)
    looked.processed += process_left_over(account, desk)
    settle(account, folder, mailbox)
    db.session.commit()
    for fetched in fetched_ahead(mailbox, new_chunks(account, folder, mailbox)):
        kept = keeping.receive(account, folder, fetched)
        looked.kept += len(kept)
        desk = Desk.of(account)
        for message in kept:
            process(message.id, message, desk)
            looked.processed += 1
        settle(account, folder, mailbox)


def new_chunks(account: MailAccount, folder: MailFolder | None, mailbox: Mailbox) -> Iterator[list[Listed]]:
    """Chunks of what the ledger does not know, oldest first; mail from before the start is left out.

    What it returns is walked in the fetching thread, so it holds nothing of the database's.
    """
    known: set[int | str] = set()
    since = account.since
    dated_until = folder.dated_until if folder is not None else 0
    listing = mailbox.listing(folder.cursor if folder is not None else 0)
    if folder is None:
        everything = list(listing)
        new = {message.key for message in keeping.not_kept(account, None, everything)}
        known = {message.key for message in everything} - new
        listing = iter(everything)
    db.session.commit()

    def is_wanted(message: Listed) -> bool:
        dated = isinstance(message.key, int) and message.key <= dated_until
        return message.key not in known and not (dated and keeping.lies_before_start(since, message))

    return chunks(message for message in listing if is_wanted(message))


def fetched_ahead(mailbox: Mailbox, waiting: Iterator[list[Listed]]) -> Iterator[list[Fetched]]:
    """Fetch the next chunk in a thread while the last one is dealt with; at most one waits, so memory stays flat."""
    ready: queue.Queue[list[Fetched] | BaseException | None] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def hand_over(item: list[Fetched] | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.5)
                return
            except queue.Full:
                continue

    def fetch() -> None:
        try:
            for chunk in waiting:
                if stopped.is_set():
                    return
                hand_over([message.ready() for message in mailbox.fetch(chunk)])
            hand_over(None)
        except BaseException as error:  # whatever it is, it belongs to the thread that waits for the mail
            hand_over(error)

    thread = threading.Thread(target=fetch, name="fetch ahead", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()


def process_left_over(account: MailAccount, desk: Desk) -> int:
    """Deal with what was kept and not processed when the PSA was stopped; returns how many there were."""
    waiting = list(
        db.session.scalars(
            db.select(InboundEmail.id)
            .where(InboundEmail.account_id == account.id, InboundEmail.status == "new")
            .order_by(InboundEmail.id)
        )
    )
    for inbound_id in waiting:
        process(inbound_id, None, desk)
    return len(waiting)


def settle(account: MailAccount, folder: MailFolder | None, mailbox: Mailbox) -> None:
    """Touch the server last: mark as read what is committed, where the account wants that."""
    if account.after_filing == "leave" or folder is None:
        return
    table = InboundEmail.__table__
    mine = (
        (table.c.account_id == account.id)
        & (table.c.folder == folder.name)
        & (table.c.uidvalidity == folder.uidvalidity)
        & table.c.settled.is_(False)
        & (table.c.status != "new")
    )
    uids = list(db.session.execute(db.select(table.c.uid).where(mine).order_by(table.c.uid).limit(1000)).scalars())
    db.session.commit()
    if uids:
        mailbox.mark_seen(uids)
        db.session.execute(table.update().where(mine, table.c.uid.in_(uids)).values(settled=True))
        db.session.commit()


def note_fault(account: MailAccount, stage: str, error: Exception) -> None:
    words = words_of(error)
    diagnosis = diagnose(protocol=account.protocol, stage=stage, text=words, error=error)
    log.warning("mailbox failed", account=account.address, stage=stage, cause=diagnosis.cause.code, words=words)
    accounts.note_failure(account.id, stage, diagnosis, words)
    postpone(account)


def postpone(account: MailAccount) -> None:
    """The next look after a failure: twice as long each time."""
    db.session.refresh(account)
    refused = account.fault_stage == "auth"
    first, longest = (FIRST_PAUSE_REFUSED, LONGEST_PAUSE_REFUSED) if refused else (FIRST_PAUSE, LONGEST_PAUSE)
    schedule(account, min(first * 2 ** min(account.failures - 1, 10), longest))


def schedule(account: MailAccount, pause: timedelta) -> None:
    table = MailAccount.__table__
    db.session.execute(table.update().where(table.c.id == account.id).values(next_poll_at=clock.now() + pause))
    db.session.commit()
