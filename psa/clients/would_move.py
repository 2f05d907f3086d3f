"""Who and what would come under a client by a mail domain, before it is given to it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import joinedload

from psa.clients import operations as clients
from psa.clients.models import Client, Contact
from psa.clients.onboarding import belongs_to
from psa.extensions import db
from psa.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class WouldMove:
    """The domain as it would be kept, people who have written from it as (name, address), and open tickets as (number,
    subject).
    """

    domain: str
    people: list[tuple[str, str]]
    tickets: list[tuple[int, str]]

    def __bool__(self) -> bool:
        return bool(self.people or self.tickets)


def would_move(client: Client, name: str) -> WouldMove:
    """What giving the domain ``name`` to ``client`` would place there. Nothing of it is kept: this rolls back.

    Raises clients.operations.Refused as the real thing does.
    """
    try:
        domain = clients.add_domain(client, name)
        people = [contact for contact in clients.without_client(domain.name) if belongs_to(contact, client)]
        return WouldMove(
            domain.name,
            [(contact.display_name, contact.email) for contact in people],
            [(ticket.number, ticket.subject) for ticket in waiting(client, people)],
        )
    finally:
        db.session.rollback()


def waiting(client: Client, people: list[Contact]) -> list[Ticket]:
    """The open tickets without a client that these people, or contacts of the client already, have asked for."""
    theirs = (Contact.client_id == client.id) | Contact.id.in_([contact.id for contact in people])
    return list(
        db.session.scalars(
            db.select(Ticket)
            .join(Contact, Contact.id == Ticket.requester_id)
            .where(theirs, Ticket.client_id.is_(None), Ticket.status != "closed")
            .order_by(Ticket.id)
            .options(joinedload(Ticket.requester))
        )
    )
