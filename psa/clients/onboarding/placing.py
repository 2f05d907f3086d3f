"""What was nobody's comes under its client, as soon as a domain or an address tells whose it is.

People write before anybody has entered their firm. Each verb here enters something and, in the same transaction,
places the contacts and the open tickets that waited for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from psa.clients import operations as clients
from psa.clients.models import Client, Contact
from psa.extensions import db
from psa.projects.operations import add_project, project_of
from psa.tickets import operations as tickets
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor
from psa.words import counted


@dataclass(frozen=True, slots=True)
class NewClient:
    """What is known about a client on its first day. ``project`` and ``email`` may be empty."""

    name: str
    domains: tuple[str, ...] = ()
    project: str = ""
    contact: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """How many contacts and open tickets have found their client."""

    contacts: int
    tickets: int

    @property
    def words(self) -> str:
        """What has found its client, in a sentence; "" for nothing."""
        found = [(self.contacts, "contact"), (self.tickets, "open ticket")]
        parts = [counted(number, noun) for number, noun in found if number]
        verb = "was" if self.contacts + self.tickets == 1 else "were"
        return f"{' and '.join(parts)} that had no client {verb} placed here." if parts else ""


def open_client(new: NewClient, by: Actor) -> tuple[Client, Placed]:
    """A new client with all that is known of it. Raises clients.operations.Refused."""
    client = clients.add_client(new.name, *new.domains)
    if new.project:
        add_project(client, new.project)
    if new.email:
        clients.add_contact(client, new.contact, new.email)
    return client, place_all(client, tuple(domain.name for domain in client.domains), by)


def give_domain(client: Client, name: str, by: Actor) -> Placed:
    """Add a mail domain to ``client``. Raises clients.operations.Refused."""
    domain = clients.add_domain(client, name)
    return place_all(client, (domain.name,), by)


def give_contact(client: Client, name: str, email: str, by: Actor) -> tuple[Contact, Placed]:
    """Add a person to ``client``. Raises clients.operations.Refused."""
    contact = clients.add_contact(client, name, email)
    return contact, place_all(client, (), by)


def place_all(client: Client, domains: tuple[str, ...], by: Actor) -> Placed:
    """Place who writes from ``domains`` and has no client, then the open tickets of the client's contacts."""
    placed = 0
    for domain in domains:
        for contact in clients.without_client(domain):
            if belongs_to(contact, client):
                contact.client = client
                placed += 1
    db.session.flush()
    return Placed(placed, place_tickets(client, by))


def belongs_to(contact: Contact, client: Client) -> bool:
    """Whether an address of the contact leads to ``client``: a longer domain may be another client's."""
    found = (clients.find_client(address.email.rpartition("@")[2]) for address in contact.addresses)
    return any(owner is not None and owner[0] == client.id for owner in found)


def place_tickets(client: Client, by: Actor) -> int:
    """Give ``client`` the open tickets that its contacts opened when nobody knew whose they were; returns how many."""
    waiting = db.session.execute(
        db.select(Ticket.id, Ticket.project_id)
        .join(Contact, Contact.id == Ticket.requester_id)
        .where(Contact.client_id == client.id, Ticket.client_id.is_(None), Ticket.status != "closed")
        .order_by(Ticket.id)
    ).all()
    project = project_of(client.id)
    for ticket_id, project_id in waiting:
        if project_id is None and project is not None:
            project_id = project[0]
        tickets.give_client(ticket_id, client.id, client.name, by, project_id=project_id)
    return len(waiting)
