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
from psa.extensions import db, durable_later, run, update_row
from psa.mail import accounts
from psa.mail import settings as server
from psa.mail.diagnosis.causes import SEAL_BROKEN, diagnose
from psa.mail.inbound import receive as keeping
from psa.mail.inbound.mailbox import Fetched, Listed, Mailbox, chunks, open_mailbox
from psa.mail.inbound.process import give_up, process
from psa.mail.inbound.routing import Desk
from psa.mail.journal import Journal, words_of
from psa.mail.models import InboundEmail, MailAccount, MailFolder

log = structlog.get_logger()

MAILS = InboundEmail.__table__
# What a server says to one command; the connection may live on.
REFUSALS = (imaplib.IMAP4.error, poplib.error_proto)
NETWORK_ERRORS = (UnicodeError, OSError, imaplib.IMAP4.error, poplib.error_proto)
# After a failure: soon again, since most servers come back soon, but gently where a password is refused, since
# providers lock accounts that try too often.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=2)
FIRST_PAUSE_REFUSED, LONGEST_PAUSE_REFUSED = timedelta(minutes=1), timedelta(minutes=15)
# For how many failed looks a message that the server refuses is held to be the server's trouble.
PATIENT_LOOKS = 3
# Generous: a machine that is switched off again and again must not cost a message that is only the first in line.
MOST_TRIES = 10
SETTLED_AT_ONCE = 500


@dataclass(slots=True)
class Looked:
    """What a look brought: how many messages were kept and how many dealt with; ``fault`` in words when it failed."""

    account: str
    kept: int = 0
    processed: int = 0
    busy: bool = False
    fault: str = ""


def poll(account_id: int, mailbox: Mailbox | None = None) -> Looked:
    """Look into the mailbox of an account now, unless somebody else does. Commits; raises nothing.

    Whatever goes wrong is written down at the account, with its words and a pause. ``mailbox`` is a connection that is
    open already; after a fault it is of no more use to its owner.
    """
    account = db.session.get_one(MailAccount, account_id, populate_existing=True)
    looked = Looked(account.address)
    if not account.parsing:
        db.session.rollback()
        return looked
    with locks.holding(f"mailbox-{account_id}") as ours:
        if ours:
            look(account, mailbox, looked)
        else:
            db.session.rollback()
            looked.busy = True
    return looked


def look(account: MailAccount, mailbox: Mailbox | None, looked: Looked) -> None:
    """The look itself, and at its edge everything that can go wrong with one mailbox."""
    account_id, interval = account.id, account.interval
    journal = mailbox.journal if mailbox is not None else Journal()
    opened: Mailbox | None = None
    try:
        if mailbox is None:
            settings = server.of_account(account)
            db.session.commit()
            mailbox = opened = open_mailbox(settings, journal)
        read(account, mailbox, looked)
        accounts.note_success(account_id)
        schedule(account_id, timedelta(seconds=interval))
    except Exception as error:
        db.session.rollback()
        looked.fault = note_fault(account_id, journal.stage, error)
    finally:
        if opened is not None:
            opened.close()


def read(account: MailAccount, mailbox: Mailbox, looked: Looked) -> None:
    """Everything that waits: first what a crash left behind, then what is new, folder by folder."""
    looked.processed += process_left_over(account, Desk.of(account))
    db.session.commit()
    on_server = 0
    for name in server.folders_of(account):
        mailbox.look(name)
        on_server += mailbox.exists
        read_folder(account, name, mailbox, looked)
    update_row(MailAccount, account.id, on_server=on_server)


def read_folder(account: MailAccount, name: str, mailbox: Mailbox, looked: Looked) -> None:
    """What is new in the folder that is open; the server's copies last."""
    folder = keeping.folder_of(account, name, mailbox)
    # A message that the server does not hand over may be its trouble of the moment; if it stays so, it is the message.
    patient = account.failures < PATIENT_LOOKS
    db.session.commit()
    for fetched in fetched_ahead(mailbox, new_chunks(account, folder, mailbox), patient=patient):
        kept = keeping.receive(account, folder, fetched)
        looked.kept += len(kept)
        desk = Desk.of(account)
        # The bytes are safe. What is made of them would be made again after a power cut, so it need not wait for the
        # disk message by message; the server's copies are touched, and mail leaves, only when all of it is there.
        with durable_later():
            for message in kept:
                process(message.id, message, desk)
                looked.processed += 1
        update_row(MailAccount, account.id, failures=account.failures)
        db.session.commit()
    settle(account, folder, mailbox)


def new_chunks(account: MailAccount, folder: MailFolder | None, mailbox: Mailbox) -> Iterator[list[Listed]]:
    """Chunks of what the ledger does not know, oldest first; mail from before the start is left out.

    What it returns is walked in the fetching thread, so it holds nothing of the database's.
    """
    known: set[int | str] = set()
    since = folder.since if folder is not None else account.since
    dated_until = folder.dated_until if folder is not None else 0
    listing = mailbox.listing(folder.cursor if folder is not None else 0)
    if folder is None or folder.renumbered:
        everything = list(listing)
        new = {message.key for message in keeping.not_kept(account, folder, everything)}
        known = {message.key for message in everything} - new
        listing = iter(everything)
    db.session.commit()

    def is_wanted(message: Listed) -> bool:
        dated = isinstance(message.key, int) and message.key <= dated_until
        return message.key not in known and not (dated and keeping.lies_before_start(since, message))

    return chunks(message for message in listing if is_wanted(message))


def fetch(mailbox: Mailbox, chunk: list[Listed], *, patient: bool) -> list[Fetched]:
    """A chunk; when the server refuses it, one message at a time, so that one refused message stops no other.

    A refused message becomes one without bytes, with the server's words. When the server refuses every single one, it
    is raised while we are ``patient``: then it is rather the server that is in trouble.
    """
    try:
        return [message.ready() for message in mailbox.fetch(chunk)]
    except REFUSALS as error:
        if is_dead(error):
            raise
        refusal = error
    fetched: list[Fetched] = []
    refused = 0
    for message in chunk:
        try:
            fetched += [one.ready() for one in mailbox.fetch([message])]
        except REFUSALS as error:
            if is_dead(error):
                raise
            refused += 1
            fetched.append(Fetched(message.key, message.size, message.arrived_at, None, words=words_of(error)))
    if refused == len(chunk) and patient:
        raise refusal
    return fetched


def is_dead(error: Exception) -> bool:
    """Whether the connection is gone: what imaplib calls abort, and what poplib says at the end of the stream."""
    return isinstance(error, imaplib.IMAP4.abort) or "EOF" in str(error)


def fetched_ahead(mailbox: Mailbox, waiting: Iterator[list[Listed]], *, patient: bool) -> Iterator[list[Fetched]]:
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

    def fetch_all() -> None:
        try:
            for chunk in waiting:
                if stopped.is_set():
                    return
                hand_over(fetch(mailbox, chunk, patient=patient))
            hand_over(None)
        except BaseException as error:  # whatever it is, it belongs to the thread that waits for the mail
            hand_over(error)

    thread = threading.Thread(target=fetch_all, name="fetch ahead", daemon=True)
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
    """Deal with what was kept and not processed when the PSA was stopped; returns how many there were.

    Each try is counted before it begins: a message that ends the process itself (memory, a fault in a library) is given
    up after a few, instead of ending every process that follows.
    """
    waiting = db.session.execute(
        db.select(MAILS.c.id, MAILS.c.tries)
        .where(MAILS.c.account_id == account.id, MAILS.c.status == "new")
        .order_by(MAILS.c.id)
    ).all()
    for row in waiting:
        update_row(InboundEmail, row.id, tries=row.tries + 1)
        db.session.commit()
        if row.tries < MOST_TRIES:
            process(row.id, None, desk)
        else:
            give_up(row.id, "new", f"The PSA was stopped {row.tries} times while it dealt with this message")
    return len(waiting)


def settle(account: MailAccount, folder: MailFolder | None, mailbox: Mailbox) -> None:
    """Touch the server last: mark as read what is committed, where the account wants that."""
    if account.after_filing == "leave" or folder is None:
        return
    mine = (
        (MAILS.c.account_id == account.id)
        & (MAILS.c.folder == folder.name)
        & (MAILS.c.uidvalidity == folder.uidvalidity)
        & MAILS.c.settled.is_(False)
        & (MAILS.c.status != "new")
    )
    while True:
        uids = list(db.session.scalars(db.select(MAILS.c.uid).where(mine).order_by(MAILS.c.uid).limit(SETTLED_AT_ONCE)))
        db.session.commit()
        if not uids:
            return
        mailbox.mark_seen(uids)
        run(MAILS.update().where(mine, MAILS.c.uid.in_(uids)).values(settled=True))
        db.session.commit()


def note_fault(account_id: int, stage: str, error: Exception) -> str:
    """Write down what went wrong with a mailbox and when to look again. Commits; returns the words."""
    account = db.session.get_one(MailAccount, account_id, populate_existing=True)
    if isinstance(error, signing.SealBroken):
        stage, words, diagnosis = "auth", SEAL_BROKEN.cause.title, SEAL_BROKEN
    elif isinstance(error, NETWORK_ERRORS):
        words = accounts.without_secret(words_of(error), password_of(account))
        diagnosis = diagnose(protocol=account.protocol, stage=stage, text=words, error=error)
    else:
        # Nothing that a server said: a fault of ours, or a database that is away. The log has the place.
        log.exception("mailbox failed in us", account=account.address)
        words = words_of(error)
        diagnosis = diagnose(protocol=account.protocol, stage="", text="")
    log.warning("mailbox failed", account=account.address, stage=stage, cause=diagnosis.cause.code, words=words)
    accounts.note_failure(account_id, stage, diagnosis, words)
    db.session.refresh(account)
    schedule(account_id, pause_after(account.failures, refused=stage == "auth"))
    return words


def password_of(account: MailAccount) -> str:
    try:
        return signing.unseal(account.sealed_password) if account.sealed_password else ""
    except signing.SealBroken:
        return ""


def pause_after(failures: int, *, refused: bool) -> timedelta:
    """How long to wait after so many failures: twice as long each time."""
    first, longest = (FIRST_PAUSE_REFUSED, LONGEST_PAUSE_REFUSED) if refused else (FIRST_PAUSE, LONGEST_PAUSE)
    return min(first * (1 << min(failures - 1, 10)), longest)


def schedule(account_id: int, pause: timedelta) -> None:
    """Set when the mailbox is looked into next, and commit."""
    update_row(MailAccount, account_id, next_poll_at=clock.now() + pause)
    db.session.commit()
