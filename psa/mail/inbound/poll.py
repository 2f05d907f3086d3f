"""One look into one mailbox: list → fetch → keep → process → settle, chunk by chunk, folder by folder."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice

import structlog

from psa import clock, locks
from psa.extensions import db, durable_later, on_one_connection, update_row
from psa.mail import settings as server
from psa.mail.inbound import receive as keeping
from psa.mail.inbound.backoff import Complaint, note_complaint, note_fault, note_success
from psa.mail.inbound.fetching import fetched_ahead
from psa.mail.inbound.ledger import not_kept
from psa.mail.inbound.left_over import process_left_over
from psa.mail.inbound.mailbox import NETWORK_ERRORS, REFUSALS, Listed, Mailbox, chunks, is_dead, open_mailbox
from psa.mail.inbound.positions import folder_of, move_cursor
from psa.mail.inbound.process import process
from psa.mail.inbound.reading import Reader, reading_beside
from psa.mail.inbound.receive import Kept
from psa.mail.inbound.refetch import explain_the_rest, fetch_asked_for
from psa.mail.inbound.routing import Desk, own_domains
from psa.mail.inbound.settling import settle
from psa.mail.inbound.start import is_decided_by_time, lies_before_start
from psa.mail.journal import Journal, words_of
from psa.mail.models import MailAccount, MailFolder

__all__ = ["NETWORK_ERRORS", "Looked", "note_fault", "poll"]

log = structlog.get_logger()

# For how many failed looks a message that the server refuses is held to be the server's trouble. Then the first ones in
# the line are fetched singly, to find the one on which the connection ends.
PATIENT_LOOKS = 3
SINGLY = 50


@dataclass(slots=True)
class Looked:
    """What a look brought: how many messages were kept and how many dealt with; ``fault`` in words when it failed.

    ``off``: email parsing is off, so it was left alone; ``busy``: somebody else reads it. ``complaint`` is what
    a look could not do that otherwise succeeded. ``first_id`` is the first message it kept.
    """

    account: str
    kept: int = 0
    processed: int = 0
    off: bool = False
    busy: bool = False
    fault: str = ""
    complaint: Complaint | None = None
    first_id: int | None = None
    exists: dict[str, int] = field(default_factory=dict)


def poll(account_id: int, mailbox: Mailbox | None = None) -> Looked:
    """Look into the mailbox of an account now, unless somebody else does. Commits; raises nothing.

    Whatever goes wrong is written down at the account, with its words and a pause. ``mailbox`` is a connection that is
    open already; after a fault it is of no more use to its owner.
    """
    account = db.session.get_one(MailAccount, account_id, populate_existing=True)
    looked = Looked(account.address)
    if not account.parsing:
        db.session.rollback()
        looked.off = True
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
    account_id, interval = account.id, timedelta(seconds=account.interval)
    journal = mailbox.journal if mailbox is not None else Journal()
    opened: Mailbox | None = None
    try:
        if mailbox is None:
            settings = server.of_account(account)
            db.session.commit()
            mailbox = opened = open_mailbox(settings, journal)
        read(account, mailbox, looked)
        note_success(account_id, interval)
        if looked.complaint is not None:
            note_complaint(account_id, looked.complaint)
    except Exception as error:
        db.session.rollback()
        looked.fault = note_fault(account_id, journal.stage, error)
    finally:
        if opened is not None:
            opened.close()


def read(account: MailAccount, mailbox: Mailbox, looked: Looked) -> None:
    """Everything that waits: first what a crash left behind, then what is new, folder by folder."""
    begun_at = clock.now()
    looked.processed += process_left_over(account, Desk.of(account))
    first, *others = server.folders_of(account)
    read_folder(account, first, mailbox, looked)
    refused: list[str] = []
    for name in others:
        try:
            read_folder(account, name, mailbox, looked)
        except REFUSALS as error:
            if is_dead(error):
                raise
            db.session.rollback()
            refused.append(name)
            looked.complaint = Complaint("select", f"{name}: {words_of(error)}")
    if others:
        # It is the first one that is listened to, and something may have come meanwhile.
        read_folder(account, first, mailbox, looked)
    explain_the_rest(account, begun_at, refused)
    update_row(MailAccount, account.id, on_server=sum(looked.exists.values()))


def read_folder(account: MailAccount, name: str, mailbox: Mailbox, looked: Looked) -> None:
    """Open a folder, keep and deal with what is new, then see to what waits for the server."""
    mailbox.look(name)
    folder = folder_of(account, name, mailbox)
    if folder is not None:
        settle_if_possible(account, folder, mailbox, looked)
    take_new(account, folder, mailbox, looked)
    for inbound_id in fetch_asked_for(account, folder, mailbox):
        process(inbound_id)
        looked.processed += 1
    settle_if_possible(account, folder, mailbox, looked)
    looked.exists[name] = mailbox.exists


def take_new(account: MailAccount, folder: MailFolder | None, mailbox: Mailbox, looked: Looked) -> None:
    # A message that the server does not hand over may be its trouble of the moment; if it stays so, it is the message.
    patient = account.failures < PATIENT_LOOKS
    new = what_is_new(account, folder, mailbox)
    waiting = new.in_chunks(singly=0 if patient else SINGLY)
    with reading_beside(own_domains(account)) as reader:
        for fetched in fetched_ahead(mailbox, waiting, account.size_limit, patient=patient):
            reader.begin(fetched)
            kept = keeping.receive(account, folder, fetched, listed=new.uidls, by_time=new.by_time)
            fetched.clear()  # what is large is in the database now, and once in memory is enough
            looked.kept += len(kept)
            looked.first_id = looked.first_id or next(iter(kept), None)
            deal_with_chunk(account, kept, reader, looked)
    if folder is not None and new.highest > folder.cursor:
        # What lies before the start is passed too, and not listed again at every look.
        move_cursor(folder, new.highest)
        db.session.commit()


def deal_with_chunk(account: MailAccount, kept: Mapping[int, Kept | None], reader: Reader, looked: Looked) -> None:
    """The bytes are safe. What is made of them would be made again after a power cut, so it need not wait for the disk
    message by message; the server's copies are touched, and mail leaves, only when all of it is there.
    """
    # One mailbox at a time may read beside; so at most one keeps a connection from the pages and from the others.
    connection = on_one_connection() if reader.may_start and len(kept) > 1 else nullcontext()
    with durable_later(), connection:
        desk = Desk.of(account)
        for inbound_id, message in reader.read(kept):
            process(inbound_id, message, desk)
            looked.processed += 1
            if message is None:
                # A message that was read points at itself in circles. A large one must not wait for the collector,
                # which counts objects and not their size.
                gc.collect()
    # Something that differs, for a commit that changes nothing writes nothing: who dies now is followed at once.
    update_row(MailAccount, account.id, next_poll_at=clock.now())
    db.session.commit()


@dataclass(slots=True)
class New:
    """What the ledger does not know, oldest first. It is walked by the fetching thread: it must not ask the database.

    ``uidls`` are all that a maildrop lists; ``by_time`` as in receive(). ``highest`` is the last UID walked past.
    """

    listing: Iterator[Listed]
    since: datetime | None = None
    dated_until: int = 0
    uidls: frozenset[int | str] = frozenset()
    by_time: bool = False
    highest: int = 0

    def in_chunks(self, *, singly: int) -> Iterator[list[Listed]]:
        messages = self.wanted()
        return chain(([message] for message in islice(messages, singly)), chunks(messages))

    def wanted(self) -> Iterator[Listed]:
        for message in self.listing:
            if isinstance(message.key, int):
                self.highest = message.key
                if message.key <= self.dated_until and lies_before_start(self.since, message):
                    continue
            yield message


def what_is_new(account: MailAccount, folder: MailFolder | None, mailbox: Mailbox) -> New:
    if folder is None:
        listed = list(mailbox.listing(0))
        uidls = frozenset(message.key for message in listed)
        unknown = not_kept(account, None, listed)
        new = New(iter(unknown), uidls=uidls, by_time=bool(unknown) and is_decided_by_time(account, uidls))
    else:
        listing = mailbox.listing(folder.cursor)
        if folder.renumbered:
            listing = iter(not_kept(account, folder, listing))
        new = New(listing, since=folder.since, dated_until=folder.dated_until)
    db.session.commit()
    return new


def settle_if_possible(account: MailAccount, folder: MailFolder | None, mailbox: Mailbox, looked: Looked) -> None:
    """Settle; what the server refuses to do with its copies stops no mail from being read."""
    try:
        looked.complaint = settle(account, folder, mailbox, fresh_from=looked.first_id) or looked.complaint
    except REFUSALS as error:
        if is_dead(error):
            raise
        db.session.rollback()
        looked.complaint = Complaint("settle", words_of(error))
