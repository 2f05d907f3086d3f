"""Tickets that belong together and stay two: linked by hand, split off, or opened by a reply to a closed one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_

from psa import clock
from psa.extensions import db, insert_unless_there
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor, note_event
from psa.tickets.relations import TicketLink

# What a link is called, seen from its first ticket and from the other one.
FROM_HERE = {"related": "Linked", "split": "Split off from here", "follows": "Went on as"}
FROM_THERE = {"related": "Linked", "split": "Split off from", "follows": "Goes on from"}


class RefusedLink(ValueError):
    """Two tickets that cannot be brought together; the message says why."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A ticket beside the one that is looked at, and what the two have to do with each other in words."""

    ticket: Ticket
    words: str


def link(ticket_id: int, other_id: int, kind: str, by: Actor) -> None:
    """Link two tickets, each with an event. ``kind`` is one of FROM_HERE. Raises RefusedLink."""
    if ticket_id == other_id:
        raise RefusedLink("That is this very ticket.")
    if find_link(ticket_id, other_id) is not None:
        raise RefusedLink(f"#{ticket_id} and #{other_id} are linked already.")
    if not insert_unless_there(TicketLink, ticket_id=ticket_id, other_id=other_id, kind=kind, made_at=clock.now()):
        return
    note_event(ticket_id, "linked", by, clock.now(), detail={"other": other_id, "words": FROM_HERE[kind]})
    note_event(other_id, "linked", by, clock.now(), detail={"other": ticket_id, "words": FROM_THERE[kind]})


def unlink(ticket_id: int, other_id: int, by: Actor) -> None:
    """Take a link away, whoever of the two it began with; nothing happens where there is none."""
    found = find_link(ticket_id, other_id)
    if found is None:
        return
    db.session.delete(found)
    db.session.flush()
    for one, other in ((ticket_id, other_id), (other_id, ticket_id)):
        note_event(one, "unlinked", by, clock.now(), detail={"other": other})


def find_link(ticket_id: int, other_id: int) -> TicketLink | None:
    return db.session.get(TicketLink, (ticket_id, other_id)) or db.session.get(TicketLink, (other_id, ticket_id))


def linked_tickets(ticket_id: int) -> list[Linked]:
    """The tickets that are linked with this one, latest first."""
    links = db.session.scalars(
        db.select(TicketLink).where(or_(TicketLink.ticket_id == ticket_id, TicketLink.other_id == ticket_id))
    ).all()
    words = {
        (one.other_id, FROM_HERE[one.kind]) if one.ticket_id == ticket_id else (one.ticket_id, FROM_THERE[one.kind])
        for one in links
    }
    tickets = db.session.scalars(db.select(Ticket).where(Ticket.id.in_([other for other, _ in words]))).all()
    by_id = {ticket.id: ticket for ticket in tickets}
    return [Linked(by_id[other], said) for other, said in sorted(words, reverse=True) if other in by_id]
