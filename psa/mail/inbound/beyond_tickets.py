"""Answers to mail of ours that is about no ticket: an invoice and its reminders, a statement, a project update.

The first answer opens a ticket that carries what it is about; further ones join that ticket, whichever mail about the
same invoice or update they answer. A statement is no thing of its own that a ticket could carry: its ticket is found by
the mails, and those with statements of one client that left on one day are one matter. A machine's answer opens none.

Only who got such a mail, or is of its client, is heard here; all others, and who is forged, open a ticket as ever.
Ordinary mail costs nothing here: only ids and addresses that we signed are looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement

from psa import clock
from psa.billing.invoices.models import Invoice, InvoiceEvent
from psa.billing.mailing.place import billing_queue
from psa.clients.merging import where_it_went
from psa.clients.operations import Person
from psa.extensions import db, insert_row, insert_unless_there
from psa.mail.inbound.classify import Kind
from psa.mail.inbound.disposition import Disposition, Trace
from psa.mail.inbound.match import LARGEST, MOST_LOOKED_UP, Match, ticket_now
from psa.mail.inbound.trust import FAILED, Trust
from psa.mail.message import ParsedEmail
from psa.mail.models import ABOUT, HeldAnswer, OutboundEmail
from psa.mail.outbound.compose import ticket_of
from psa.mail.outbound.signed_addresses import INVOICE, STATEMENT, UPDATE, mail_of_address, matter_of_address
from psa.mail.threads import ticket_of_any
from psa.projects.models import Project, Update
from psa.tickets.models import Ticket

if TYPE_CHECKING:
    from psa.mail.inbound.receive import Kept
    from psa.mail.inbound.routing import Desk

OUR_STATEMENT = "our statement"
# So long a Send takes at most, however many people it goes to.
ONE_SEND = timedelta(minutes=10)
# What has reached nobody is not what somebody answers.
NEVER_LEFT = ("failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Matter:
    """What a mail of ours was about. ``name`` stands in a sentence; ``queue_id`` is None for the mailbox's own.

    ``project`` is (id, name), only one that still takes tickets. ``mails`` are (id, recipients) of our mails about it
    where no column of a ticket says that it is about the same: the one that is answered first.
    """

    name: str
    client_id: int | None = None
    queue_id: int | None = None
    project: tuple[int, str] | None = None
    invoice_id: int | None = None
    update_id: int | None = None
    mails: tuple[tuple[int, list[str]], ...] = ()

    @property
    def keys(self) -> list[str]:
        """What its ticket is found by, as by Message-IDs: a blank stands in none, so nobody can send such a one."""
        return [f"our mail {number}" for number, _ in self.mails]


def about_more_than_tickets(match: Match, email: ParsedEmail, person: Person, trust: Trust) -> Match:
    """The same match, unless no ticket was found and the message answers such a mail: then its ticket, or a new one.

    Anybody may come to see such a mail and its id, so where the sender seems to be forged a person decides.
    """
    if match.ticket_id is not None:
        return match
    for matter, recipients in matters_answered(email):
        who = email.sender.email if email.sender is not None else "its sender"
        if not may_answer(matter, recipients, email, person):
            words = f"it answers {matter.name}, but {who} neither got that nor is of its client"
            return match if match.suggested_id is not None else replace(match, words=words)
        ticket = ticket_about(matter)
        if trust.verdict == FAILED:
            return in_doubt(match, f"it answers {matter.name}, but {who} seems to be forged", ticket)
        if ticket is None:
            # What it may belong to beside that is still for a person to say.
            beside = f"; {match.words}" if match.suggested_id is not None else ""
            return replace(match, words=f"it answers {matter.name}{beside}", about=matter)
        words = f"it answers {matter.name}, which #{ticket.id} is about"
        return Match(ticket.id, words, is_closed=ticket.status == "closed")
    return match


def in_doubt(match: Match, words: str, ticket: Found | None) -> Match:
    """A ticket of its own, and the question whether it belongs to the one that is about the same."""
    if ticket is None:
        return match if match.suggested_id is not None else replace(match, words=words)
    return Match(None, f"it may belong to #{ticket.id}: {words}", ticket.id)


def answered_by_machine(
    match: Match, email: ParsedEmail, kind: Kind, kept: Kept, desk: Desk, trace: Trace
) -> Disposition | None:
    """The end of automatic mail, a note of absence mostly, that would open a ticket about such a mail of ours.

    It is ignored, and stands in the history of its invoice. On a ticket that is there it is filed as any other.
    """
    if match.about is None or kind is not Kind.AUTOMATIC or desk.takes_anything:
        return None
    trace.note("Ticket", "Not needed", "automatic mail that answers what is about no ticket opens none")
    who = email.sender.email if email.sender is not None else "a machine"
    # What was ignored and is processed again has left its line already.
    if match.about.invoice_id is not None and kept.status != "ignored":
        words = f"Automatic answer from {who}: {email.subject or '(no subject)'}"
        insert_row(InvoiceEvent, invoice_id=match.about.invoice_id, words=words[:500], at=clock.now())
    return Disposition("ignored", f"An automatic answer to {match.about.name}", kind=kind)


def note_held_answer(inbound_id: int, email: ParsedEmail) -> None:
    """Tie a message that is held to the invoice that it answers, whoever wrote it: that is what a person looks at."""
    for matter, _ in matters_answered(email):
        if matter.invoice_id is not None:
            insert_unless_there(HeldAnswer, inbound_id=inbound_id, invoice_id=matter.invoice_id)
            return


def matters_answered(email: ParsedEmail) -> Iterator[tuple[Matter, list[str]]]:
    """What ``email`` answers, and who got the very mail of ours, by ids and then by signed addresses."""
    for mail in mails_answered(email):
        yield matter_of(mail), mail.recipients
    for address in email.recipients:
        about = matter_of_address(address) if "+" in address else None
        if about is None or about[1] >= LARGEST:
            continue
        kind, number = about
        if kind == INVOICE and (invoice := db.session.get(Invoice, number)) is not None:
            yield matter_of_invoice(invoice), []
        elif kind == UPDATE and (update := db.session.get(Update, number)) is not None:
            yield matter_of_update(update), []
        elif kind == STATEMENT:
            yield from latest_statement(number)


def mails_answered(email: ParsedEmail) -> Iterator[OutboundEmail]:
    """Our mails about no ticket that ``email`` refers to, or to whose return address a machine sent it."""
    ids = list(dict.fromkeys([*email.in_reply_to, *reversed(email.references)]))[:MOST_LOOKED_UP]
    ours = [message_id for message_id in ids if ticket_of(message_id) == 0]
    if ours:
        found = {mail.message_id: mail for mail in mails_where(OutboundEmail.message_id.in_(ours))}
        yield from (found[message_id] for message_id in ours if message_id in found)
    returned = [mail_of_address(address) for address in email.recipients if "+" in address]
    known = [number for number in returned if number is not None and number < LARGEST]
    if known:
        yield from mails_where(OutboundEmail.id.in_(known))


def mails_where(is_meant: ColumnElement[bool]) -> Iterator[OutboundEmail]:
    about = db.or_(*(OutboundEmail.__table__.c[one].is_not(None) for one in ABOUT))
    yield from db.session.scalars(db.select(OutboundEmail).where(is_meant, about))


def matter_of(mail: OutboundEmail) -> Matter:
    if mail.invoice_id is not None:
        return matter_of_invoice(db.session.get_one(Invoice, mail.invoice_id))
    if mail.update_id is not None:
        return matter_of_update(db.session.get_one(Update, mail.update_id))
    return matter_of_statement(mail)


def latest_statement(number: int) -> Iterator[tuple[Matter, list[str]]]:
    """What answers to the address of a client's statements are about, for it says nothing of when: the latest one."""
    client_id = where_it_went(number)
    if client_id is None:
        return
    mail = db.session.scalar(
        db.select(OutboundEmail)
        .where(OutboundEmail.statement_of_id == client_id, OutboundEmail.status.not_in(NEVER_LEFT))
        .order_by(OutboundEmail.id.desc())
        .limit(1)
    )
    if mail is None:
        yield Matter(OUR_STATEMENT, client_id, billing_queue_id()), []
    else:
        yield matter_of_statement(mail), mail.recipients


def matter_of_statement(mail: OutboundEmail) -> Matter:
    """All that left on one day, as the firm has it, are one matter: to each person goes a mail of its own.

    One Send may begin before midnight and end after it, so what left at nearly the same time is of that matter too.
    """
    day = mail.queued_at.astimezone().date()
    since, until = clock.midnight(day), clock.midnight(day + timedelta(days=1))
    others = db.session.execute(
        db.select(OutboundEmail.id, OutboundEmail.recipients)
        .where(
            OutboundEmail.statement_of_id == mail.statement_of_id,
            OutboundEmail.id != mail.id,
            OutboundEmail.queued_at >= min(since, mail.queued_at - ONE_SEND),
            OutboundEmail.queued_at < max(until, mail.queued_at + ONE_SEND),
        )
        .order_by(OutboundEmail.id)
        .limit(MOST_LOOKED_UP)
    )
    mails = ((mail.id, mail.recipients), *((number, recipients) for number, recipients in others))
    return Matter(OUR_STATEMENT, mail.statement_of_id, billing_queue_id(), mails=mails)


def matter_of_invoice(invoice: Invoice) -> Matter:
    name = f"our {invoice.name[0].lower()}{invoice.name[1:]}"
    return Matter(name, invoice.client_id, billing_queue_id(), as_project(invoice.project), invoice_id=invoice.id)


def matter_of_update(update: Update) -> Matter:
    project = update.project
    name = f"our update “{update.subject}” on {project.name}"
    return Matter(name, project.client_id, project.queue_id, as_project(project), update_id=update.id)


def as_project(project: Project | None) -> tuple[int, str] | None:
    return (project.id, project.name) if project is not None and project.active else None


def billing_queue_id() -> int | None:
    queue = billing_queue()
    return queue.id if queue is not None else None


def may_answer(matter: Matter, got_it: list[str], email: ParsedEmail, person: Person) -> bool:
    """Whether the sender is of the matter's client, or one of those who got a mail about it."""
    if person.client_id is not None and person.client_id == matter.client_id:
        return True
    sender = email.sender.email.lower() if email.sender is not None else ""
    about = (got_it, *recipients_about(matter))
    return any(sender == recipient.lower() for recipients in about for recipient in recipients)


def recipients_about(matter: Matter) -> Iterator[list[str]]:
    yield from (recipients for _, recipients in matter.mails)
    if matter.invoice_id is not None:
        is_about = OutboundEmail.invoice_id == matter.invoice_id
    elif matter.update_id is not None:
        is_about = OutboundEmail.update_id == matter.update_id
    else:
        return
    yield from db.session.scalars(db.select(OutboundEmail.recipients).where(is_about))


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket as it is now, after all merges."""

    id: int
    status: str


def ticket_about(matter: Matter) -> Found | None:
    """The latest ticket that an answer has opened; None when this is the first one."""
    if matter.invoice_id is not None:
        latest = latest_where(Ticket.invoice_id == matter.invoice_id)
    elif matter.update_id is not None:
        latest = latest_where(Ticket.update_id == matter.update_id)
    else:
        latest = ticket_of_any(matter.keys)
    now = ticket_now(latest) if latest is not None else None
    return Found(now.id, now.status) if now is not None else None


def latest_where(is_about: ColumnElement[bool]) -> int | None:
    latest: int | None = db.session.scalar(db.select(db.func.max(Ticket.id)).where(is_about))
    return latest
