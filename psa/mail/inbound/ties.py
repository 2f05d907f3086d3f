"""What ties a message to a ticket that it is not filed on: a closed one that it goes on from, and one in doubt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from psa import clock
from psa.extensions import db, update_row
from psa.mail.inbound.classify import Kind
from psa.mail.inbound.match import Match
from psa.mail.inbound.receive import Kept
from psa.mail.threads import remember_key
from psa.projects.models import Project
from psa.tickets import links, suggestions
from psa.tickets.models import Event, Queue, Ticket
from psa.tickets.operations import Actor
from psa.tickets.relations import TicketLink

if TYPE_CHECKING:
    from psa.mail.inbound.routing import Desk

# One closed ticket goes on in the next, and that in the next.
MOST_FOLLOWED = 20


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed ticket, and what its queue says about replies to it."""

    number: int
    queue_id: int
    queue_name: str
    reopening: str
    reopen_days: int
    closed_at: datetime

    @property
    def days(self) -> int:
        """For how many whole days it has been closed."""
        return (clock.now() - self.closed_at) // timedelta(days=1)

    @property
    def reopens(self) -> bool:
        return self.reopening == "always" or (self.reopening == "within" and self.days < self.reopen_days)


def instead_of_closed(match: Match, kind: Kind, desk: Desk) -> Match:
    """Where a reply to a closed ticket goes, as the ticket's queue wants it: it reopens it, or opens a linked one.

    Nothing is refused: where no new ticket may be opened, the closed one is. Automatic mail opens neither.
    """
    if match.ticket_id is None or not match.is_closed or kind is Kind.AUTOMATIC:
        return match
    number = match.ticket_id
    for _ in range(MOST_FOLLOWED):
        later = follower(number)
        if later is None:
            break
        number = later.id
        if later.status != "closed":
            words = f"{match.words}, which is closed; it goes on as #{number}"
            return replace(match, ticket_id=number, words=words, is_closed=False)
    closed = closed_ticket(number)
    words = match.words if number == match.ticket_id else f"{match.words}, which went on as #{number}"
    ago = "today" if closed.days == 0 else f"{closed.days} day{'s' if closed.days != 1 else ''} ago"
    words = f"{words}; #{number} was closed {ago}"
    if closed.reopens:
        return replace(match, ticket_id=number, words=f"{words} and is reopened, as {closed.queue_name} wants it")
    if not desk.create_tickets:
        words = f"{words} and is reopened, since no new tickets are opened for this mailbox"
        return replace(match, ticket_id=number, words=words)
    limit = f" after {closed.reopen_days} days" if closed.reopening == "within" else ""
    words = f"{words}, and {closed.queue_name} opens a new ticket for replies{limit}"
    return Match(None, words, follows_id=number)


def follower(ticket_id: int) -> Ticket | None:
    """The latest ticket that goes on from a closed one, as it was opened by a reply to it."""
    ticket: Ticket | None = db.session.scalar(
        db.select(Ticket)
        .join(TicketLink, TicketLink.other_id == Ticket.id)
        .where(TicketLink.ticket_id == ticket_id, TicketLink.kind == "follows", Ticket.merged_into_id.is_(None))
        .order_by(Ticket.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return ticket


def closed_ticket(ticket_id: int) -> Closed:
    # The last change of status of a closed ticket is that it was closed.
    closing = (
        db.select(db.func.max(Event.created_at))
        .where(Event.ticket_id == ticket_id, Event.kind == "status")
        .scalar_subquery()
    )
    row = db.session.execute(
        db.select(
            Ticket.queue_id,
            Queue.name,
            Queue.reopening,
            Queue.reopen_days,
            Ticket.changed_at,
            closing.label("closed_at"),
        )
        .join(Queue, Queue.id == Ticket.queue_id)
        .where(Ticket.id == ticket_id)
    ).one()
    return Closed(ticket_id, row.queue_id, row.name, row.reopening, row.reopen_days, row.closed_at or row.changed_at)


@dataclass(frozen=True, slots=True)
class Before:
    """Where a ticket stands that a new one goes on from, or what our mail was about that it answers.

    ``project`` is only one that still takes tickets; ``words`` say whose place it is. ``because`` says why the ticket
    is that client's whoever writes; empty where the writer's own client comes first.
    """

    queue_id: int | None
    client_id: int | None
    project: tuple[int, str] | None = None
    words: str = "that of the ticket which it goes on from"
    because: str = ""


def before(match: Match) -> Before | None:
    """The place of the closed ticket that a new one follows, or of what it is about."""
    if match.about is not None:
        about = match.about
        words, because = f"where answers to {about.name} go", f"it answers {about.name}"
        return Before(about.queue_id, about.client_id, about.project, words, because)
    if match.follows_id is None:
        return None
    row = db.session.execute(
        db.select(Ticket.queue_id, Ticket.client_id, Project.id, Project.name)
        .outerjoin(Project, (Project.id == Ticket.project_id) & Project.active)
        .where(Ticket.id == match.follows_id)
    ).one()
    queue_id, client_id, project_id, name = row
    return Before(queue_id, client_id, (project_id, name) if project_id is not None else None)


def suggest(match: Match, kept: Kept) -> None:
    """Ask a person, where the message may belong to a ticket that it was not filed on."""
    if match.suggested_id is not None:
        suggestions.suggest(kept.id, match.suggested_id, match.words)
    elif kept.status != "new":
        suggestions.forget(kept.id)


def tie(match: Match, ticket_id: int) -> None:
    """Link a new ticket with the closed one that it goes on from, and let it carry what it is about."""
    if match.follows_id is not None:
        links.link(match.follows_id, ticket_id, "follows", Actor())
        former = db.session.get_one(Ticket, match.follows_id)
        carry(ticket_id, former.invoice_id, former.update_id)
    elif match.about is not None:
        carry(ticket_id, match.about.invoice_id, match.about.update_id)
        for key in match.about.keys:
            remember_key(key, ticket_id)


def carry(ticket_id: int, invoice_id: int | None, update_id: int | None) -> None:
    if invoice_id is not None or update_id is not None:
        update_row(Ticket, ticket_id, invoice_id=invoice_id, update_id=update_id)
