"""What hangs on a client or a contact: every column of the schema that refers to it, walked by the schema itself.

So what somebody adds later is counted before a deletion and moves in a merge without a word here; ``WORDS`` only says
how a page calls it, and a test asks for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, UniqueConstraint, and_, exists, func, select, true, tuple_

from psa.clients.models import Client, Contact
from psa.extensions import db, run
from psa.rules.named import rules_that_name
from psa.words import counted

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Words:
    """What a reference is called, one and many. What ``goes_along`` is deleted with its owner and keeps nobody."""

    one: str
    many: str
    goes_along: bool = False


WORDS = {
    "client_setups.client_id": Words("set-up", "set-ups", goes_along=True),
    "contacts.client_id": Words("contact", "contacts"),
    "domains.client_id": Words("domain", "domains", goes_along=True),
    "invoices.client_id": Words("invoice", "invoices"),
    "outbound_emails.statement_of_id": Words("statement sent", "statements sent"),
    "projects.client_id": Words("project", "projects"),
    "rates.client_id": Words("rate", "rates"),
    "recurring_invoices.client_id": Words("recurring invoice", "recurring invoices"),
    "tickets.client_id": Words("ticket", "tickets"),
    "time_entries.client_id": Words("time entry", "time entries"),
    "unreminded_clients.client_id": Words("stop of reminders", "stops of reminders", goes_along=True),
    "comments.contact_id": Words("message", "messages"),
    "contact_addresses.contact_id": Words("address", "addresses", goes_along=True),
    "events.contact_id": Words("event", "events", goes_along=True),
    "notices.contact_id": Words("notice", "notices", goes_along=True),
    "tickets.requester_id": Words("ticket asked for", "tickets asked for"),
    "unheard_topics.contact_id": Words(
        "choice of what they are told", "choices of what they are told", goes_along=True
    ),
    "watchers.contact_id": Words("ticket followed", "tickets followed"),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that refers to clients or to contacts."""

    column: Column[Any]

    def __str__(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def table(self) -> Table:
        table = self.column.table
        assert isinstance(table, Table)
        return table

    @property
    def words(self) -> Words:
        plain = self.table.name.replace("_", " ")
        return WORDS.get(str(self), Words(plain, plain))

    @property
    def key(self) -> list[Column[Any]]:
        """What tells the rows of one owner apart: the primary key, without this column where it is a part of it."""
        return [column for column in self.table.primary_key if column is not self.column]

    def counted(self, number: int) -> str:
        """3 tickets."""
        return counted(number, self.words.one, self.words.many)


def references_to(model: type[Client] | type[Contact]) -> list[Reference]:
    """All of them, but for the one by which a merged row leads to the one that stayed."""
    return [
        Reference(column)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is model.__table__ for key in column.foreign_keys) and column.name != "merged_into_id"
    ]


def named(model: type[Client] | type[Contact], name: str) -> Reference | None:
    """The reference with this name; None when the schema has it no more."""
    return next((one for one in references_to(model) if str(one) == name), None)


def keeps_from_deleting(row: Client | Contact) -> list[str]:
    """What depends on ``row``, in words: ["3 tickets", "1 project"]. Nothing when it may be deleted."""
    found = []
    for one in references_to(type(row)):
        if not one.words.goes_along and (number := count(one, row.id)):
            found.append(one.counted(number))
    merged = type(row).__table__.c.merged_into_id
    if number := run(select(func.count()).where(merged == row.id)).scalar_one():
        found.append(f"{number} that {'was' if number == 1 else 'were'} merged into it")
    if isinstance(row, Client):
        found += [f"the rule “{name}”" for name in rules_that_name("client", row.id)]
    return found


def count(reference: Reference, owner_id: int) -> int:
    return int(run(select(func.count()).where(reference.column == owner_id)).scalar_one())


def move(reference: Reference, gone_id: int, kept_id: int) -> list[list[Any]]:
    """Let what refers to ``gone_id`` refer to ``kept_id``; returns the keys of the rows that moved.

    A row stays where the kept one has the same already, such as both following one ticket.
    """
    of_gone = and_(reference.column == gone_id, *(~taken for taken in taken_by(reference, kept_id)))
    columns = reference.key or [reference.column]
    keys = [list(row) for row in run(select(*columns).where(of_gone).order_by(*columns))]
    if not reference.key:
        keys = [[] for _ in keys]
    change(reference, keys, gone_id, kept_id)
    return keys


def taken_by(reference: Reference, kept_id: int) -> Iterator[ColumnElement[bool]]:
    """For each rule of uniqueness: whether the kept one has a row that this one would be a double of."""
    table, column = reference.table, reference.column
    for unique in unique_sets(table):
        if column in unique:
            other = table.alias()
            same = [other.c[one.name] == one for one in unique if one is not column]
            yield exists(select(1).select_from(other).where(other.c[column.name] == kept_id, *same))


def unique_sets(table: Table) -> list[list[Column[Any]]]:
    sets = [list(table.primary_key)]
    sets += [list(one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
    return sets + [list(index.columns) for index in table.indexes if index.unique]


def move_back(reference: Reference, keys: Sequence[list[Any]], kept_id: int, gone_id: int) -> int:
    """Let these rows refer to ``gone_id`` again, as far as they still refer to ``kept_id``; returns how many did."""
    return change(reference, keys, kept_id, gone_id)


def change(reference: Reference, keys: Sequence[list[Any]], from_id: int, to_id: int) -> int:
    changed = 0
    for start in range(0, len(keys), AT_ONCE):
        these = is_one_of(reference.key, keys[start : start + AT_ONCE])
        where = and_(reference.column == from_id, these)
        changed += run(reference.table.update().where(where).values({reference.column.name: to_id})).rowcount
    return changed


def is_one_of(columns: Sequence[Column[Any]], keys: Sequence[list[Any]]) -> ColumnElement[bool]:
    if not columns:
        return true()
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_([tuple(key) for key in keys])
