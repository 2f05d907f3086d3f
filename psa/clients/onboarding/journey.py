"""The guided path of a new client: begun by a name, left step by step, and open to whoever goes on with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import joinedload

from psa import clock
from psa.clients import operations as clients
from psa.clients.models import Client, Contact
from psa.clients.onboarding.models import ClientSetup
from psa.clients.onboarding.origin import Origin
from psa.clients.onboarding.placing import Placed, give_contact, place_all
from psa.clients.operations import Refused
from psa.clients.records import count_change
from psa.extensions import db
from psa.notifications import choices
from psa.notifications.models import HeardQueue
from psa.projects.operations import project_of
from psa.tickets import operations as tickets
from psa.tickets.models import Queue, Ticket
from psa.tickets.operations import Actor

# So many unfinished ones are named on the list of clients.
NAMED = 5


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person as typed, and the topics (psa.notifications.kinds) that they are to be told of."""

    name: str
    email: str
    topics: frozenset[str]


def begin(name: str, address: str, origin: Origin | None, by: Actor) -> ClientSetup:
    """A new client, and with it who made us think of it: that sender, and their ticket. Raises Refused."""
    client = clients.add_client(name)
    client.billing_address = address
    setup = ClientSetup(client=client, steps={"company": "done"}, started_by_id=by.user_id)
    db.session.add(setup)
    if origin is not None:
        setup.ticket_id = origin.ticket_id
        contact, _ = give_contact(client, origin.name, origin.email, by)
        # Whom somebody makes the first contact of a client is told as one who was entered.
        choices.tell(contact.id, choices.topics_of(contact.id) | {"projects", "invoices"})
        give_ticket(client, origin, by)
    db.session.flush()
    return setup


def give_ticket(client: Client, origin: Origin, by: Actor) -> None:
    """Their ticket becomes the client's, also when it is closed: the open ones have come with the contact."""
    ticket = db.session.get(Ticket, origin.ticket_id, populate_existing=True) if origin.ticket_id else None
    if ticket is not None and ticket.client_id is None and ticket.merged_into_id is None:
        tickets.give_client(ticket.id, client.id, client.name, by, project_id=None)


def setup_of(client: Client) -> ClientSetup:
    """How far the client's set-up has come; for one that was entered without it, as if it began now (not kept yet)."""
    kept = db.session.get(ClientSetup, client.id)
    return kept or ClientSetup(client_id=client.id, steps={"company": "done"}, created_at=clock.now())


def is_unfinished(client: Client) -> bool:
    """Whether somebody has begun the client's set-up and nobody has finished it."""
    kept = db.session.get(ClientSetup, client.id)
    return kept is not None and kept.finished_at is None


def change_company(client: Client, name: str, address: str, revision: int) -> Client:
    """What the first step says of the client, returned as it is then. Raises Stale, and Refused for the name."""
    count_change(client, revision)
    clients.rename_client(client, name)
    client.billing_address = address
    return client


def leave(setup: ClientSetup, step: str, became: str) -> None:
    """Go on from a step that is ``done`` or ``skipped``. What was done is not undone by skipping it later. Flushes."""
    if setup.steps.get(step) != "done":
        setup.steps = setup.steps | {step: became}
    db.session.add(setup)
    db.session.flush()


def finish(setup: ClientSetup) -> None:
    """Nothing is left to do on the path. Flushes."""
    leave(setup, "test", "skipped" if setup.test_outbound_id is None else "done")
    setup.finished_at = clock.now()
    db.session.flush()


def unfinished() -> tuple[list[ClientSetup], int]:
    """The set-ups that wait for somebody to go on, the latest first, and how many there are beyond those."""
    # Asked of each set-up: for a join, SQLite may walk all clients.
    is_there = db.exists().where(Client.id == ClientSetup.client_id, Client.merged_into_id.is_(None))
    waiting = db.select(ClientSetup).where(ClientSetup.finished_at.is_(None), is_there)
    found = list(
        db.session.scalars(
            waiting.order_by(ClientSetup.created_at.desc()).limit(NAMED).options(joinedload(ClientSetup.client))
        )
    )
    if len(found) < NAMED:
        return found, 0
    total = db.session.scalar(db.select(db.func.count()).select_from(waiting.subquery())) or 0
    return found, total - len(found)


def set_domains(client: Client, names: Sequence[str], shown: Sequence[str], by: Actor) -> tuple[Placed, dict[int, str]]:
    """Let the client have these domains, and none any more that was ``shown`` and is not among them.

    What somebody else has added or removed since the page was shown stays so. Returns what found its client by them,
    and the reasons of those that cannot be, by their place in ``names``: then the caller rolls back.
    """
    wrong: dict[int, str] = {}
    kept = {domain.name: domain for domain in client.domains}
    for name in set(shown) & set(kept) - set(names):
        clients.remove_domain(kept[name])
    for place, name in enumerate(names):
        try:
            if name not in kept and name not in shown:
                clients.add_domain(client, name)
        except Refused as reason:
            wrong[place] = str(reason)
            if not db.session.is_active:
                # Somebody else was faster: nothing more can be asked before the caller has rolled back.
                break
    if wrong:
        return Placed(0, 0), wrong
    return place_all(client, tuple(names), by), wrong


def add_people(client: Client, people: Sequence[NewPerson], by: Actor) -> dict[int, str]:
    """Enter people of the client; returns the reasons of those that cannot be, by their place: then roll back."""
    wrong: dict[int, str] = {}
    for place, person in enumerate(people):
        try:
            contact, _ = give_contact(client, person.name, person.email, by)
        except Refused as reason:
            wrong[place] = str(reason)
            if not db.session.is_active:
                # Somebody else was faster: nothing more can be asked before the caller has rolled back.
                break
        else:
            choices.tell(contact.id, person.topics)
    return wrong


def people_of(client: Client, most: int) -> list[Contact]:
    """The first contacts of the client."""
    theirs = Contact.client_id == client.id, Contact.merged_into_id.is_(None)
    return list(db.session.scalars(db.select(Contact).where(*theirs).order_by(Contact.id).limit(most)))


def into_project(client: Client, by: Actor) -> int:
    """Put the client's open tickets that belong to no project into the one that takes its mail; returns how many."""
    project = project_of(client.id)
    if project is None:
        return 0
    theirs = Ticket.client_id == client.id, Ticket.project_id.is_(None), Ticket.status != "closed"
    found = db.session.scalars(db.select(Ticket.id).where(*theirs, Ticket.merged_into_id.is_(None))).all()
    for ticket_id in found:
        tickets.give_client(ticket_id, client.id, client.name, by, project_id=project[0])
    return len(found)


def choose_queue(client: Client, queue: Queue | None, heard_by: dict[int, bool]) -> None:
    """Where the client's new tickets go, and which users hear of new tickets in that queue. Flushes.

    ``heard_by`` says it of each user by id; whoever is not in it keeps what they have chosen.
    """
    client.default_queue_id = queue.id if queue is not None else None
    if queue is not None:
        for user_id, hears in heard_by.items():
            choices.hear_queue(user_id, queue.id, hears)
    db.session.flush()


def hearers_of(queue_id: int) -> set[int]:
    """The users who hear of new tickets in a queue."""
    return set(db.session.scalars(db.select(HeardQueue.user_id).where(HeardQueue.queue_id == queue_id)))
