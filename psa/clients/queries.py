"""What the pages about clients show."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from psa.clients.models import Client, Contact
from psa.extensions import db
from psa.tickets.models import Ticket

PAGE = 50
LATEST = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A client with the numbers of its contacts and of its tickets that are not closed."""

    client: Client
    contacts: int
    open_tickets: int


def clients_after(name: str) -> tuple[list[Row], str]:
    """The page of clients, by name, that begins after ``name``; and the key of the next page, "" on the last."""
    found = list(
        db.session.scalars(
            select(Client)
            .where(Client.name > name)
            .order_by(Client.name)
            .limit(PAGE + 1)
            .options(selectinload(Client.domains))
        )
    )
    page, more = found[:PAGE], len(found) > PAGE
    ids = [client.id for client in page]
    contacts = counted(
        select(Contact.client_id, func.count()).where(Contact.client_id.in_(ids)).group_by(Contact.client_id)
    )
    tickets = counted(
        select(Ticket.client_id, func.count())
        .where(Ticket.client_id.in_(ids), Ticket.status != "closed")
        .group_by(Ticket.client_id)
    )
    rows = [Row(client, contacts.get(client.id, 0), tickets.get(client.id, 0)) for client in page]
    return rows, page[-1].name if more else ""


def counted(numbers: Select[int | None, int]) -> dict[int | None, int]:
    """The numbers by client."""
    return dict(db.session.execute(numbers).all())


def contacts_after(client: Client, contact_id: int) -> tuple[list[Contact], int | None]:
    """A page of the client's contacts, in the order in which they came; and the key of the next page."""
    found = list(
        db.session.scalars(
            select(Contact)
            .where(Contact.client_id == client.id, Contact.id > contact_id)
            .order_by(Contact.id)
            .limit(PAGE + 1)
            .options(selectinload(Contact.addresses))
        )
    )
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def latest_tickets(client: Client) -> list[Ticket]:
    """The newest tickets of a client."""
    return list(
        db.session.scalars(
            select(Ticket)
            .where(Ticket.client_id == client.id)
            .order_by(Ticket.id.desc())
            .limit(LATEST)
            .options(joinedload(Ticket.assignee))
        )
    )
