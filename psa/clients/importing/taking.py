"""Carrying a plan out, in one go and in the caller's transaction. Nobody is written to, and nobody is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from psa import clock
from psa.clients.importing.plan import suffixes
from psa.clients.importing.planned import Plan, PlannedClient, PlannedContact
from psa.clients.importing.told import BY_DEFAULT, tell_new
from psa.clients.models import Client, ClientImport, Contact, ContactAddress, Domain
from psa.clients.onboarding import belongs_to
from psa.extensions import db
from psa.notifications import choices

KEPT_LEFT = 20_000
AT_ONCE = 500


class Overtaken(Exception):
    """Somebody has entered one of them meanwhile; nothing was taken."""


def take(found: ClientImport, plan: Plan, told: Collection[str] = BY_DEFAULT) -> None:
    """Make and change what the plan says, and write down what could not be taken. Raises Overtaken.

    ``told`` are the topics that new contacts are told of where the file does not say.
    """
    waiting = who_waits({name for one in plan.clients for name in one.domains})
    try:
        with db.session.no_autoflush:
            contacts = write(plan)
        db.session.flush()
        tell(contacts, told)
    except IntegrityError as error:
        raise Overtaken from error
    placed = place_waiting(waiting)
    found.taken = {
        "clients": sum(one.row is None for one in plan.clients),
        "contacts": sum(person.row is None for person, _ in contacts),
        "changed": plan.count("updated"),
        "same": plan.count("same"),
        "placed": placed,
    }
    found.left = [[row.line, " ".join(row.reasons), *row.cells] for row in plan.left[:KEPT_LEFT]]
    found.imported_at = clock.now()
    db.session.flush()


def write(plan: Plan) -> list[tuple[PlannedContact, Contact]]:
    """Put all of it into the session; returns the contacts, each as it was planned and as it is."""
    clients = {id(one): client_of(one) for one in plan.clients}
    written = []
    for person in plan.contacts:
        contact = person.row
        if contact is None:
            contact = Contact()
        elif person.values or person.emails:
            contact.revision += 1
        for name, value in person.values.items():
            setattr(contact, name, value)
        if person.client is not None:
            contact.client = clients[id(person.client)]
        last = max((one.position for one in contact.addresses), default=-1)
        for place, email in enumerate(person.emails, last + 1):
            contact.addresses.append(ContactAddress(email=email, position=place))
        db.session.add(contact)
        written.append((person, contact))
    return written


def tell(contacts: Sequence[tuple[PlannedContact, Contact]], otherwise: Collection[str]) -> None:
    """Let each contact be told of what the file says; new ones of whom it does not, of ``otherwise``."""
    tell_new(
        (contact.id, person.told if person.told is not None else otherwise)
        for person, contact in contacts
        if person.row is None
    )
    for person, contact in contacts:
        if person.row is not None and person.told is not None:
            choices.tell(contact.id, person.told)


def client_of(planned: PlannedClient) -> Client:
    """The client with what the file says of it."""
    client = planned.row
    if client is None:
        client = Client(name=planned.name)
    elif planned.values:
        client.revision += 1
    for name, value in planned.values.items():
        setattr(client, name, value)
    db.session.add(client)
    for name in planned.domains:
        db.session.add(Domain(client=client, name=name))
    return client


def who_waits(domains: set[str]) -> dict[str, list[int]]:
    """By new domain the ids of the contacts who belong to nobody and write from it or from below it."""
    found: dict[str, list[int]] = {}
    if not domains:
        return found
    nobodys = (
        select(ContactAddress.email, Contact.id)
        .join(Contact, Contact.id == ContactAddress.contact_id)
        .where(Contact.client_id.is_(None), Contact.merged_into_id.is_(None))
    )
    for email, contact_id in db.session.execute(nobodys.order_by(ContactAddress.id)):
        name = next((suffix for suffix in suffixes(email.rpartition("@")[2]) if suffix in domains), None)
        if name is not None:
            found.setdefault(name, []).append(contact_id)
    return found


def place_waiting(waiting: Mapping[str, Sequence[int]]) -> int:
    """Put who has written before and belonged to nobody under the client that their domain now tells.

    Their tickets stay as they are: an import is quiet.
    """
    placed = 0
    for name, contact_ids in waiting.items():
        owner = db.session.scalar(select(Client).join(Domain).where(Domain.name == name))
        for start in range(0, len(contact_ids), AT_ONCE):
            some = Contact.id.in_(contact_ids[start : start + AT_ONCE]), Contact.client_id.is_(None)
            for contact in db.session.scalars(select(Contact).where(*some).options(selectinload(Contact.addresses))):
                if owner is not None and belongs_to(contact, owner):
                    contact.client = owner
                    placed += 1
    db.session.flush()
    return placed
