"""The list of clients: narrowed by words and state, in three orders, paged by key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, or_, select, text, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from psa import words
from psa.billing.models import UNBILLED, TimeEntry
from psa.clients.models import Client, Contact, ContactAddress, Domain
from psa.extensions import db
from psa.narrowed import Narrowed
from psa.tickets.models import OPEN, Ticket

PAGE = 50
# Where a search finds so many names and so many other traces or fewer, it makes its list of those that it found.
FEW = 500
SOME = 5_000
ORDERS = {"": "by name", "newest": "newest first", "open": "most open tickets first"}


@dataclass(frozen=True, slots=True)
class Wanted(Narrowed):
    """What a reader wants to see; ``former`` ones in place of those we work for. ``order`` is one of ORDERS."""

    IN_QUERY = {"words": "q"}

    words: str = ""
    former: str = ""
    order: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Wanted:
        """Read the query of a request; what makes no sense there is left out."""
        order = args.get("order", "")
        return cls(
            words=" ".join(args.get("q", "").replace("\0", "").split())[:200],
            former="1" if args.get("former") == "1" else "",
            order=order if order in ORDERS else "",
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A client with what is going on: open tickets, the last change of a ticket, and minutes nobody has invoiced."""

    client: Client
    contacts: int
    open_tickets: int
    last_activity: datetime | None
    unbilled: int


def page_of(wanted: Wanted, after: str = "") -> tuple[list[Row], str]:
    """The page that begins after the key ``after``; and the key of the next page, "" on the last."""
    if wanted.order == "open":
        found = by_open_tickets(wanted, after)
    else:
        found = [(client_id, str(client_id)) for client_id in in_order(wanted, after)]
    page = found[:PAGE]
    rows = rows_of([client_id for client_id, _ in page])
    return rows, page[-1][1] if len(found) > PAGE else ""


def in_order(wanted: Wanted, after: str) -> list[int]:
    """The ids by name, or the newest first. The key is the id of the last one seen."""
    query = select(Client.id).where(*conditions_of(wanted))
    seen = db.session.get(Client, int(after)) if re.fullmatch(r"[0-9]{1,9}", after) else None
    if wanted.order == "newest":
        query = query.order_by(Client.id.desc())
        query = query.where(Client.id < seen.id) if seen else query
    else:
        query = query.order_by(Client.folded, Client.id)
        place = tuple_(Client.folded, Client.id)
        query = query.where(place > tuple_(literal(seen.folded), literal(seen.id))) if seen else query
    return list(db.session.scalars(query.limit(PAGE + 1)))


def by_open_tickets(wanted: Wanted, after: str) -> list[tuple[int, str]]:
    """The ids of those who have any, with their keys: how many tickets, and the id."""
    open_ones = open_tickets().subquery()
    number = open_ones.c.number
    query = (
        select(Client.id, number)
        .join(open_ones, open_ones.c.client_id == Client.id)
        .where(*conditions_of(wanted))
        .order_by(number.desc(), Client.id.desc())
        .limit(PAGE + 1)
    )
    key = re.fullmatch(r"([0-9]{1,9})-([0-9]{1,9})", after)
    if key:
        query = query.where(tuple_(number, Client.id) < tuple_(literal(int(key[1])), literal(int(key[2]))))
    return [(row.id, f"{row.number}-{row.id}") for row in db.session.execute(query)]


def open_tickets() -> Select[Any]:
    query: Any = select(Ticket.client_id, func.count().label("number"))
    found: Select[Any] = query.where(text(OPEN), Ticket.client_id.is_not(None)).group_by(Ticket.client_id)
    return found


def conditions_of(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Client.merged_into_id.is_(None), Client.active.is_(not wanted.former)]
    if wanted.words:
        conditions.append(is_found_by(wanted.words))
    return conditions


def is_found_by(typed: str) -> ColumnElement[bool]:
    """Whether the name has all the words in it, or a domain, a contact or an address is like it.

    Where few are found, the list is made of them; where many are, it is walked by name until a page is full.
    """
    folded, typed = words.fold(typed).split()[:8], typed.lower()
    by_domain = select(Domain.client_id).where(begins(Domain.name, typed.removeprefix("@")))
    by_name = select(Contact.client_id).where(holds(Contact.name, typed))
    by_address = select(Contact.client_id).join(ContactAddress, ContactAddress.contact_id == Contact.id)
    by_address = by_address.where(begins(ContactAddress.email, typed))
    ways = (by_domain, by_name, by_address)
    is_named = and_(*(Client.folded.contains(word, autoescape=True) for word in folded)) if folded else false()
    named = db.session.scalars(select(Client.id).where(is_named).limit(FEW + 1)).all()
    if len(named) <= FEW:
        all_ways: Any = union_all(*ways)
        others = db.session.scalars(all_ways.limit(SOME + 1)).all()
        if len(others) <= SOME:
            return Client.id.in_({*named, *others} - {None})
    of_this = (Domain.client_id, Contact.client_id, Contact.client_id)
    return or_(is_named, *(exists(way.where(one == Client.id)) for way, one in zip(ways, of_this, strict=True)))


def begins(column: InstrumentedAttribute[str], typed: str) -> ColumnElement[bool]:
    """Whether it begins so, in lower case as it is kept. SQLite takes an index for GLOB, but not for LIKE."""
    if db.engine.dialect.name == "sqlite":
        return column.op("GLOB", is_comparison=True)(re.sub(r"([*?[])", r"[\1]", typed) + "*")
    return column.startswith(typed, autoescape=True)


def holds(column: InstrumentedAttribute[str], typed: str) -> ColumnElement[bool]:
    """Whether it is somewhere in there, whatever the case. SQLite's LIKE makes none by itself."""
    like = words.pattern(typed)
    if db.engine.dialect.name == "sqlite":
        return column.like(like, escape="\\")
    return column.ilike(like, escape="\\")


def rows_of(ids: list[int]) -> list[Row]:
    """The clients with these ids in this order, with what their rows say: a few statements for all of them."""
    clients = {
        client.id: client
        for client in db.session.scalars(select(Client).where(Client.id.in_(ids)).options(selectinload(Client.domains)))
    }
    people = counted(select(Contact.client_id, func.count()).where(Contact.client_id.in_(ids)), Contact.client_id)
    tickets = counted(open_tickets().where(Ticket.client_id.in_(ids)), Ticket.client_id)
    # For each a look at one place of an index; a GROUP BY would walk all that these clients ever asked for.
    latest = select(func.max(Ticket.changed_at)).where(Ticket.client_id == Client.id).scalar_subquery()
    minutes = select(func.sum(TimeEntry.minutes)).where(TimeEntry.client_id == Client.id, UNBILLED).scalar_subquery()
    going_on = {
        client_id: (moment, number or 0)
        for client_id, moment, number in db.session.execute(
            select(Client.id, latest, minutes).where(Client.id.in_(ids))
        )
    }
    return [Row(clients[one], people.get(one, 0), tickets.get(one, 0), *going_on[one]) for one in ids if one in clients]


def counted(numbers: Any, by: Any) -> dict[int, int]:
    """The numbers by client."""
    return {client_id: int(number) for client_id, number in db.session.execute(numbers.group_by(by))}
