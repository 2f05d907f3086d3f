"""Clearing away after the full loop: here and on the server. The ledger keeps its lines, so the sum still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from psa import signing
from psa.clients.models import Contact, ContactAddress
from psa.extensions import db
from psa.mail import settings as server
from psa.mail.diagnosis.opening import MailboxRefuses, opened
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.mailbox import Mailbox
from psa.mail.inbound.poll import poll
from psa.mail.inbound.reckon import lock_of
from psa.mail.journal import Journal
from psa.mail.log import search
from psa.mail.loop.remains import Remains
from psa.mail.models import FiledMail, InboundEmail, MailAccount, OutboundEmail, RawMessage
from psa.tickets.models import Comment, Ticket

REASON = "It belonged to a full-loop test and was cleared away"
# What another attempt would meet again.
FOR_GOOD = ("no_uidplus", "seal_broken")
BUSY = "The mailbox is being read by somebody else, so the test’s messages are still there"


@dataclass(frozen=True, slots=True)
class Cleared:
    """``done`` in words; ``words`` and ``cause`` when something is left."""

    done: str
    words: str = ""
    cause: str = ""


def clear_away(remains: Remains) -> Cleared:
    """Take away tickets, contact, messages of the outbox and the bytes; then the copies on the server. Commits.

    A ticket on which somebody else has spoken meanwhile stays, with all its mail.
    """
    db.session.rollback()
    remains.is_over = True
    remains.write()
    db.session.commit()
    received = rows_of(remains)
    kept = clear_tickets(remains, received)
    clear_outbox(remains, kept)
    clear_ledger([row for row in received if row.ticket_id not in kept])
    clear_contact(remains)
    done = in_words(remains, received, kept)
    forget_ids(remains, kept)
    remains.write()
    db.session.commit()
    mailboxes = {row.account_id for row in received}
    left = [fault for account_id in sorted(mailboxes) if (fault := clear_server(account_id, remains))]
    remains.is_cleared = not remains.outbound_ids and all(cause in FOR_GOOD for _, cause in left)
    remains.write()
    db.session.commit()
    return Cleared(done, *(left[0] if left else ()))


def forget_ids(remains: Remains, kept: set[int]) -> None:
    """SQLite gives the ids of what is gone to others, and clearing may be tried again: only what is leaving remains."""
    leaving = OutboundEmail.id.in_(remains.outbound_ids) & (OutboundEmail.status == "sending")
    is_free = OutboundEmail.ticket_id.is_(None) | OutboundEmail.ticket_id.not_in(kept)
    remains.outbound_ids = ids_where(OutboundEmail, leaving & is_free)
    remains.ticket_ids, remains.comment_ids, remains.new_contact = set(), set(), ""


def in_words(remains: Remains, received: Sequence[InboundEmail], kept: set[int]) -> str:
    if kept:
        numbers = ", ".join(f"#{ticket_id}" for ticket_id in sorted(kept))
        return f"Ticket {numbers} stays with its mail, as somebody has written on it; the copies on the server are gone"
    return (
        f"{len(received)} messages, {len(remains.ticket_ids)} ticket and the contact are gone, here and on the server"
    )


def rows_of(remains: Remains) -> Sequence[InboundEmail]:
    """What came in, in whichever mailbox of ours."""
    known = InboundEmail.message_id.in_(remains.message_ids)
    return db.session.scalars(db.select(InboundEmail).where(known, InboundEmail.kept_at >= remains.since)).all()


def clear_tickets(remains: Remains, received: Sequence[InboundEmail]) -> set[int]:
    """Only tickets that this run opened and on which nobody else has said anything; returns those that stay.

    One statement both asks and deletes, so that nobody can say something in between.
    """
    ours = [row.id for row in received]
    is_from_elsewhere = Comment.inbound_id.is_(None) | Comment.inbound_id.not_in(ours)
    is_said_by_others = is_from_elsewhere & Comment.id.not_in(remains.comment_ids)
    kept = set()
    for ticket_id in sorted(remains.ticket_ids | {row.ticket_id for row in received if row.ticket_id is not None}):
        about_it = ids_where(OutboundEmail, OutboundEmail.ticket_id == ticket_id)
        others = db.select(Comment.id).where(Comment.ticket_id == ticket_id, is_said_by_others)
        is_of_the_run = (Ticket.id == ticket_id) & (Ticket.created_at >= remains.since)
        gone = db.session.execute(db.delete(Ticket).where(is_of_the_run, ~others.exists()).returning(Ticket.id)).all()
        if gone:
            remains.outbound_ids |= about_it
        elif ids_where(Ticket, is_of_the_run):
            kept.add(ticket_id)
    db.session.expire_all()
    return kept


def clear_outbox(remains: Remains, kept: set[int]) -> None:
    """What waits does not leave any more; what is leaving this very moment stays, as a row without a ticket.

    So does what was written on one of the tickets that are ``kept``.
    """
    is_free = OutboundEmail.ticket_id.is_(None) | OutboundEmail.ticket_id.not_in(kept)
    mine = OutboundEmail.id.in_(remains.outbound_ids) & is_free
    gone = db.select(OutboundEmail.id, OutboundEmail.raw_id).where(mine, OutboundEmail.status != "sending")
    rows = db.session.execute(gone).all()
    db.session.execute(db.delete(OutboundEmail).where(OutboundEmail.id.in_([row.id for row in rows])))
    db.session.execute(db.delete(RawMessage).where(RawMessage.id.in_([row.raw_id for row in rows])))
    search.forget_outbound([row.id for row in rows])


def clear_ledger(received: Sequence[InboundEmail]) -> None:
    """Each message keeps its line and the trace of what was decided; its bytes and what they stood for go."""
    received = [row for row in received if row.reason != REASON]
    ids = [row.id for row in received]
    raw_ids = [row.raw_id for row in received if row.raw_id is not None]
    for row in received:
        row.trace = [*row.trace, {"step": "Full-loop test", "verdict": "Cleared away", "detail": row.reason}]
        row.status, row.reason, row.settled = "ignored", REASON, True
        row.ticket_id = row.same_as_id = row.raw_id = None
    db.session.flush()
    db.session.execute(db.delete(FiledMail).where(FiledMail.inbound_id.in_(ids)))
    db.session.execute(db.delete(RawMessage).where(RawMessage.id.in_(raw_ids)))


def clear_contact(remains: Remains) -> None:
    """The contact that our own address became, unless somebody uses it by now."""
    if not remains.new_contact:
        return
    found = db.session.scalar(
        db.select(ContactAddress.contact_id).where(ContactAddress.email == remains.new_contact.lower())
    )
    if found is None:
        return
    is_used = ids_where(Ticket, Ticket.requester_id == found) or ids_where(Comment, Comment.contact_id == found)
    if not is_used:
        db.session.execute(db.delete(Contact).where(Contact.id == found))


def ids_where(model: type[OutboundEmail] | type[Ticket] | type[Comment], condition: ColumnElement[bool]) -> set[int]:
    return set(db.session.scalars(db.select(model.id).where(condition)))


def clear_server(account_id: int, remains: Remains) -> tuple[str, str] | None:
    """Delete the copies in a mailbox, then look at it anew; returns what was impossible and its cause."""
    account = db.session.get_one(MailAccount, account_id, populate_existing=True)
    if account.refused_since is not None:
        # Each try with a wrong password brings the provider nearer to locking the account.
        return account.fault_words, account.fault_cause
    try:
        settings = server.of_account(account)
    except signing.SealBroken:
        return "The stored password cannot be opened any more", "seal_broken"
    folders = [*server.folders_of(account), *([account.move_to] if account.after_filing == "move" else [])]
    keys = {row.uidl for row in of_mailbox(account_id, remains) if row.uidl}
    db.session.commit()
    lock = lock_of(account_id)
    if lock is None:
        return BUSY, "mailbox_locked"
    try:
        words = delete_copies(settings, folders, keys, remains.message_ids)
    finally:
        lock.release()
    poll(account_id)
    return words


def of_mailbox(account_id: int, remains: Remains) -> Sequence[InboundEmail]:
    return [row for row in rows_of(remains) if row.account_id == account_id]


def delete_copies(
    settings: server.ServerSettings, folders: Sequence[str], uidls: set[str], message_ids: set[str]
) -> tuple[str, str] | None:
    try:
        with opened(settings, Journal()) as mailbox:
            words = delete_from(mailbox, folders, uidls, message_ids)
    except MailboxRefuses as refused:
        return refused.words, refused.found.cause.code
    return (words, "no_uidplus") if words else None


def delete_from(mailbox: Mailbox, folders: Sequence[str], uidls: set[str], message_ids: set[str]) -> str:
    """By Message-ID over IMAP, also where filed mail was moved to; by the names of the ledger over POP3."""
    if not isinstance(mailbox, ImapMailbox):
        there = [message.key for message in mailbox.listing(0) if message.key in uidls]
        return mailbox.delete(there) if there else ""
    words = ""
    for name in dict.fromkeys(folders):
        mailbox.look(name)
        found = [uid for one in message_ids for uid in mailbox.client.search(["HEADER", "Message-ID", f"<{one}>"])]
        if found:
            words = mailbox.delete(found) or words
    return words
