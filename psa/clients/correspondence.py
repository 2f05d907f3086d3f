"""All mail with a client or with a contact, in and out, the latest first, paged by key; and how much there was."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, or_, select, tuple_

from psa import clock
from psa.billing.invoices.models import Invoice
from psa.clients.models import Client, Contact
from psa.clients.onboarding.models import ClientSetup
from psa.extensions import UTCDateTime, db
from psa.mail.log.queries import ABOVE_ALL, IN, OUT, PAGE, Entry, Key, entry_in, entry_out, inbound, outbound
from psa.notifications.models import Notice
from psa.projects.models import Project, Update
from psa.tickets.models import Comment, Ticket

DAYS = 30
# What is more than that is counted as "and more": a number that nobody reads is not worth a walk through all of it.
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a message that came in, and one that went out, has to do with them."""

    came: ColumnElement[bool]
    went: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Month:
    """Messages of each of the last thirty days, oldest first: ``(day, in, out)``; and what is held of theirs now."""

    days: Sequence[tuple[date, int, int]]
    held: Sequence[Any]

    @property
    def came(self) -> int:
        return sum(came for _, came, _ in self.days)

    @property
    def went(self) -> int:
        return sum(went for _, _, went in self.days)

    @property
    def bars(self) -> list[tuple[float, float, float]]:
        """Place, top and height of each day's bar, in a drawing of 320 by 56."""
        highest = max((came + went for _, came, went in self.days), default=0) or 1
        heights = [52 * (came + went) / highest for _, came, went in self.days]
        return [(round(n * 320 / DAYS, 2), round(56 - tall, 1), round(tall, 1)) for n, tall in enumerate(heights)]


def with_client(client: Client) -> Conditions:
    """By its tickets, what is about the firm itself, and what was sent to its contacts without a ticket."""
    tickets = select(Ticket.id).where(Ticket.client_id == client.id)
    people = select(Contact.id).where(Contact.client_id == client.id)
    return Conditions(
        IN.c.ticket_id.in_(tickets),
        or_(
            OUT.c.ticket_id.in_(tickets),
            *about_the_firm(client.id),
            OUT.c.id.in_(noticed(people)),
        ),
    )


def about_the_firm(client_id: int) -> tuple[ColumnElement[bool], ...]:
    """What went to a client about no ticket: its invoices, statements and updates, and the latest test of its set-up.

    Each is found by an index of its own, however much has gone to others.
    """
    invoices = select(Invoice.id).where(Invoice.client_id == client_id)
    updates = select(Update.id).join(Project, Project.id == Update.project_id).where(Project.client_id == client_id)
    tested = select(ClientSetup.test_outbound_id).where(
        ClientSetup.client_id == client_id, ClientSetup.test_outbound_id.is_not(None)
    )
    return (
        OUT.c.invoice_id.in_(invoices),
        OUT.c.update_id.in_(updates),
        OUT.c.statement_of_id == client_id,
        OUT.c.id.in_(tested),
    )


def with_contact(contact: Contact) -> Conditions:
    """What they have written, and what went out on the tickets that they asked for or to themselves."""
    written = select(Comment.inbound_id).where(Comment.contact_id == contact.id, Comment.inbound_id.is_not(None))
    tickets = select(Ticket.id).where(Ticket.requester_id == contact.id)
    return Conditions(
        or_(IN.c.id.in_(written), IN.c.ticket_id.in_(tickets)),
        or_(OUT.c.ticket_id.in_(tickets), OUT.c.id.in_(noticed(literal(contact.id))), *sent_to(contact)),
    )


def sent_to(contact: Contact) -> tuple[ColumnElement[bool], ...]:
    """What their firm got about itself, as far as one of their addresses got it."""
    if contact.client_id is None or not contact.addresses:
        return ()
    # The envelope is a list in JSON: an address stands in it in quotes.
    them = [cast(OUT.c.recipients, Text).icontains(json.dumps(one.email), autoescape=True) for one in contact.addresses]
    # The one condition with each of the others, that each keeps its index.
    return tuple(and_(about, or_(*them)) for about in about_the_firm(contact.client_id))


def noticed(people: Any) -> Select[Any]:
    whose = Notice.contact_id.in_(people) if isinstance(people, Select) else Notice.contact_id == people
    return select(Notice.outbound_id).where(whose, Notice.outbound_id.is_not(None))


def page_of(conditions: Conditions, before: Key | None = None) -> tuple[list[Entry], str]:
    """The messages that follow ``before`` (the latest for None), and the key of the next page, "" on the last."""
    entries = [entry_in(row) for row in latest(inbound().where(conditions.came), IN, IN.c.kept_at, "in", before)]
    went = latest(outbound().where(conditions.went), OUT, OUT.c.queued_at, "out", before)
    entries += [entry_out(row) for row in went]
    entries.sort(key=lambda entry: (entry.key.at, entry.direction == "in", entry.id), reverse=True)
    return entries[:PAGE], str(entries[PAGE - 1].key) if len(entries) > PAGE else ""


def latest(query: Select[Any], table: Any, at: Any, direction: str, before: Key | None) -> list[Any]:
    if before is not None:
        bound = before.id if before.direction == direction else (ABOVE_ALL if direction == "out" else 0)
        query = query.where(tuple_(at, table.c.id) < tuple_(literal(before.at, UTCDateTime), literal(bound)))
    # Not along the index of the whole log, which would be walked to its end for a client that writes seldom.
    moment = func.coalesce(at, at)
    return list(db.session.execute(query.order_by(moment.desc(), table.c.id.desc()).limit(PAGE + 1)))


def number_of(conditions: Conditions) -> int:
    """How many messages there are, COUNTED + 1 for all that are more."""
    came = select(IN.c.id).where(conditions.came).limit(COUNTED + 1).subquery()
    went = select(OUT.c.id).where(conditions.went).limit(COUNTED + 1).subquery()
    both = [db.session.scalar(select(func.count()).select_from(some)) or 0 for some in (came, went)]
    return min(sum(both), COUNTED + 1)


def month_of(client: Client, conditions: Conditions) -> Month:
    today = clock.today()
    first = today - timedelta(days=DAYS - 1)
    since = clock.midnight(first)
    came = days_of(select(IN.c.kept_at).where(conditions.came, func.coalesce(IN.c.kept_at, IN.c.kept_at) >= since))
    went = days_of(
        select(OUT.c.queued_at).where(conditions.went, func.coalesce(OUT.c.queued_at, OUT.c.queued_at) >= since)
    )
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return Month([(day, came[day], went[day]) for day in days], held_of(client))


def days_of(moments: Select[Any]) -> Counter[date]:
    return Counter(moment.astimezone().date() for moment in db.session.scalars(moments))


def held_of(client: Client) -> list[Any]:
    """What is held for a person and comes from a domain of the client: (id, subject), the latest five."""
    if not client.domains:
        return []
    theirs = [
        IN.c.sender_email.endswith(sign + one.name, autoescape=True) for one in client.domains for sign in ("@", ".")
    ]
    held = select(IN.c.id, IN.c.subject).where(IN.c.status == "held", or_(*theirs))
    return list(db.session.execute(held.order_by(IN.c.kept_at.desc()).limit(5)))


def by_domain(client: Client, conditions: Conditions) -> dict[str, int]:
    """How many of their latest messages came from each domain of the client, or from below it."""
    latest_ones = select(IN.c.sender_email).where(conditions.came).limit(COUNTED * 5)
    counted: Counter[str] = Counter()
    names = sorted((one.name for one in client.domains), key=len, reverse=True)
    for address in db.session.scalars(latest_ones):
        host = address.rpartition("@")[2].lower()
        name = next((one for one in names if host == one or host.endswith("." + one)), None)
        if name is not None:
            counted[name] += 1
    return dict(counted)
