"""What the page of a client shows, tab by tab."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from psa.admin.operations import firm
from psa.billing.invoices.models import Invoice
from psa.billing.models import TimeEntry
from psa.billing.queries import Unbilled, unbilled
from psa.clients import correspondence
from psa.clients.correspondence import Conditions, Month
from psa.clients.listing import Wanted, conditions_of
from psa.clients.models import Client, Contact, ContactAddress
from psa.extensions import UTCDateTime, db
from psa.mail.outbound.models import AddressState
from psa.notifications.kinds import TOPICS
from psa.notifications.models import UnheardTopic
from psa.projects.models import Project
from psa.tickets.models import Comment, Ticket
from psa.tickets.queries import key_of, read_key

PAGE = 50
LATEST = 10
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Numbers:
    """What stands beside the names of the tabs; "1,000+" where there is more than anybody counts."""

    tickets: str
    contacts: str
    projects: str
    invoices: str
    mail: str


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact with the topics they are told of, when they wrote last, and the states of addresses that bounce."""

    contact: Contact
    told: list[str]
    last_message: datetime | None
    states: dict[str, AddressState]


@dataclass(frozen=True, slots=True)
class Side:
    """What stands beside the overview."""

    month: Month
    domains: dict[str, int]
    invoices: Sequence[Invoice]
    not_billed: Unbilled | None
    has_time: bool


def numbers_of(client: Client, conditions: Conditions) -> Numbers:
    return Numbers(
        at_most(select(Ticket.id).where(Ticket.client_id == client.id)),
        at_most(select(Contact.id).where(*people_of(client))),
        at_most(select(Project.id).where(Project.client_id == client.id)),
        at_most(select(Invoice.id).where(Invoice.client_id == client.id)),
        said(correspondence.number_of(conditions)),
    )


def at_most(ids: Select[Any]) -> str:
    some = ids.limit(COUNTED + 1).subquery()
    return said(db.session.scalar(select(func.count()).select_from(some)) or 0)


def said(number: int) -> str:
    return f"{number:,}" if number <= COUNTED else f"{COUNTED:,}+"


def side_of(client: Client, conditions: Conditions) -> Side:
    invoices = select(Invoice).where(Invoice.client_id == client.id).order_by(Invoice.id.desc()).limit(5)
    return Side(
        correspondence.month_of(client, conditions),
        correspondence.by_domain(client, conditions),
        db.session.scalars(invoices).all(),
        not_billed(client),
        has_time(client),
    )


def not_billed(client: Client) -> Unbilled | None:
    return next(iter(unbilled(firm().currency, TimeEntry.client_id == client.id)), None)


def has_time(client: Client) -> bool:
    """Whether any time was ever written down for the client."""
    return db.session.scalar(select(TimeEntry.id).where(TimeEntry.client_id == client.id).limit(1)) is not None


def open_tickets(client: Client) -> list[Ticket]:
    """The open tickets that changed last."""
    query = select(Ticket).where(Ticket.client_id == client.id, Ticket.status != "closed")
    return list(
        db.session.scalars(
            query.order_by(Ticket.changed_at.desc(), Ticket.id.desc())
            .limit(LATEST)
            .options(joinedload(Ticket.assignee))
        )
    )


def tickets_before(whose: ColumnElement[bool], before: str) -> tuple[list[Ticket], str]:
    """A page of tickets, the latest change first, and the key of the next page."""
    query = select(Ticket).where(whose).options(joinedload(Ticket.assignee), joinedload(Ticket.queue))
    if key := read_key(before):
        place = tuple_(literal(key[0], UTCDateTime), literal(key[1]))
        query = query.where(tuple_(Ticket.changed_at, Ticket.id) < place)
    found = list(db.session.scalars(query.order_by(Ticket.changed_at.desc(), Ticket.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], key_of(found[PAGE - 1]) if len(found) > PAGE else ""


def contacts_after(client: Client, contact_id: int, limit: int = PAGE) -> tuple[list[ContactRow], int | None]:
    """A page of the client's contacts, in the order in which they came; and the key of the next page."""
    found = list(
        db.session.scalars(
            select(Contact)
            .where(*people_of(client), Contact.id > contact_id)
            .order_by(Contact.id)
            .limit(limit + 1)
            .options(selectinload(Contact.addresses))
        )
    )
    return contact_rows(found[:limit]), found[limit - 1].id if len(found) > limit else None


def people_of(client: Client) -> tuple[ColumnElement[bool], ...]:
    return (Contact.client_id == client.id, Contact.merged_into_id.is_(None))


def contact_rows(contacts: Sequence[Contact]) -> list[ContactRow]:
    ids = [one.id for one in contacts]
    addresses = [address.email for one in contacts for address in one.addresses]
    unheard: dict[int, set[str]] = {}
    for one in db.session.scalars(select(UnheardTopic).where(UnheardTopic.contact_id.in_(ids))):
        unheard.setdefault(one.contact_id, set()).add(one.topic)
    states = {
        state.address: state
        for state in db.session.scalars(select(AddressState).where(AddressState.address.in_(addresses)))
    }
    said_last = last_messages(ids)
    return [
        ContactRow(
            one,
            [title for topic, title in TOPICS.items() if topic not in unheard.get(one.id, ())],
            said_last.get(one.id),
            {address.email: states[address.email] for address in one.addresses if address.email in states},
        )
        for one in contacts
    ]


def last_messages(contact_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of them has written last: a look at the end of an index for each."""
    of_each = select(func.max(Comment.id)).where(Comment.contact_id == Contact.id)
    last = of_each.correlate(Contact).scalar_subquery()
    query = select(Contact.id, Comment.created_at).join(Comment, Comment.id == last).where(Contact.id.in_(contact_ids))
    return {row[0]: row[1] for row in db.session.execute(query)}


def invoices_before(client: Client, before: int | None) -> tuple[list[Invoice], int | None]:
    """A page of the client's invoices, the newest first, and the key of the next one."""
    query = select(Invoice).where(Invoice.client_id == client.id)
    if before is not None:
        query = query.where(Invoice.id < before)
    found = list(db.session.scalars(query.order_by(Invoice.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def time_before(client: Client, before: str) -> tuple[list[TimeEntry], str]:
    """A page of the work for a client, the latest day first, and the key of the next page."""
    query = (
        select(TimeEntry)
        .where(TimeEntry.client_id == client.id)
        .options(
            joinedload(TimeEntry.user),
            joinedload(TimeEntry.ticket),
            joinedload(TimeEntry.project),
            joinedload(TimeEntry.task),
        )
    )
    if key := read_place(before):
        query = query.where(tuple_(TimeEntry.day, TimeEntry.id) < tuple_(literal(key[0]), literal(key[1])))
    found = list(db.session.scalars(query.order_by(TimeEntry.day.desc(), TimeEntry.id.desc()).limit(PAGE + 1)))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], f"{last.day.isoformat()}.{last.id}" if last is not None else ""


def read_place(text: str) -> tuple[date, int] | None:
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)\.(\d{1,9})", text)
    try:
        return (date.fromisoformat(found[1]), int(found[2])) if found else None
    except ValueError:
        return None


def clients_like(typed: str, but: int, limit: int = 20) -> list[Client]:
    """Clients to choose from, by what somebody has typed."""
    query = select(Client).where(*conditions_of(Wanted(words=typed)), Client.id != but)
    some = query.order_by(Client.folded, Client.id).limit(limit).options(selectinload(Client.domains))
    return list(db.session.scalars(some))


def contacts_like(typed: str, but: int, limit: int = 20) -> list[Contact]:
    """Contacts to choose from: those with all the words in their name or an address."""
    query = select(Contact).where(Contact.merged_into_id.is_(None), Contact.id != but)
    for word in typed.lower().split()[:8]:
        has_address = ContactAddress.email.contains(word, autoescape=True)
        by_address = select(ContactAddress.contact_id).where(has_address)
        query = query.where(func.lower(Contact.name).contains(word, autoescape=True) | Contact.id.in_(by_address))
    return list(
        db.session.scalars(
            query.order_by(Contact.id).limit(limit).options(selectinload(Contact.addresses), joinedload(Contact.client))
        )
    )
