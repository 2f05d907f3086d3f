"""Time as the pages show it: on a ticket or a task, in a week, and what nobody has been billed for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from psa.billing.models import TimeEntry, Timer
from psa.billing.money import worth
from psa.clients.models import Client
from psa.extensions import db

SHOWN_AT_WORK = 5
PAGE = 100

# What clients pay for and no invoice has taken up.
IS_UNBILLED = TimeEntry.billable & TimeEntry.invoice_line_id.is_(None)

# The day and the id of an entry: where it stands in a list.
Place = tuple[date, int]


@dataclass(frozen=True, slots=True)
class WorkTime:
    """The time on a ticket or a task: its sum in minutes, the last entries, their number, and the reader's clock."""

    minutes: int
    entries: Sequence[TimeEntry]
    number: int
    timer: Timer | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the week: what was worked on, minutes by day (0 is Monday), and their sum."""

    entry: TimeEntry
    by_day: tuple[int, ...]

    @property
    def minutes(self) -> int:
        return sum(self.by_day)


@dataclass(frozen=True, slots=True)
class Week:
    """A user's week from Monday ``first``: the table's rows, its entries, newest day first, and the sums by day."""

    first: date
    rows: tuple[Row, ...]
    entries: Sequence[TimeEntry]

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=number) for number in range(7))

    @property
    def by_day(self) -> tuple[int, ...]:
        return tuple(sum(row.by_day[number] for row in self.rows) for number in range(7))

    @property
    def minutes(self) -> int:
        return sum(self.by_day)

    @property
    def billable_minutes(self) -> int:
        return sum(entry.minutes for entry in self.entries if entry.billable)

    @property
    def by_date(self) -> list[tuple[date, list[TimeEntry]]]:
        return [(day, list(entries)) for day, entries in groupby(self.entries, key=lambda entry: entry.day)]


@dataclass(slots=True)
class Unbilled:
    """What a client has not been billed for since a day: minutes, how many have no rate, their worth by currency."""

    client_id: int
    name: str
    since: date
    minutes: int = 0
    unpriced: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)


def time_on_ticket(ticket_id: int, user_id: int) -> WorkTime:
    return time_where(TimeEntry.ticket_id == ticket_id, user_id)


def time_on_task(task_id: int, user_id: int) -> WorkTime:
    return time_where(TimeEntry.task_id == task_id, user_id)


def time_where(is_there: ColumnElement[bool], user_id: int) -> WorkTime:
    on_it = db.select(db.func.count(), db.func.coalesce(db.func.sum(TimeEntry.minutes), 0))
    number, minutes = db.session.execute(on_it.where(is_there)).one()
    entries = db.session.scalars(
        db.select(TimeEntry)
        .options(joinedload(TimeEntry.user))
        .where(is_there)
        .order_by(TimeEntry.day.desc(), TimeEntry.id.desc())
        .limit(SHOWN_AT_WORK)
    ).all()
    return WorkTime(minutes, entries, number, db.session.get(Timer, user_id, populate_existing=True))


def week_of(user_id: int, day: date) -> Week:
    """The week that ``day`` is in, from Monday to Sunday."""
    first = day - timedelta(days=day.weekday())
    worked_at = (TimeEntry.ticket, TimeEntry.task, TimeEntry.project, TimeEntry.client)
    entries = db.session.scalars(
        db.select(TimeEntry)
        .options(*map(joinedload, worked_at))
        .where(TimeEntry.user_id == user_id, TimeEntry.day.between(first, first + timedelta(days=6)))
        .order_by(TimeEntry.day.desc(), TimeEntry.id.desc())
    ).all()
    worked_on: dict[tuple[int | None, int | None, int | None], list[TimeEntry]] = {}
    for entry in reversed(entries):
        worked_on.setdefault((entry.ticket_id, entry.task_id, entry.project_id), []).append(entry)
    return Week(first, tuple(Row(of[0], by_day(of, first)) for of in worked_on.values()), entries)


def by_day(entries: Sequence[TimeEntry], first: date) -> tuple[int, ...]:
    sums = [0] * 7
    for entry in entries:
        sums[(entry.day - first).days] += entry.minutes
    return tuple(sums)


def unbilled(ours: str, *where: ColumnElement[bool]) -> list[Unbilled]:
    """Clients with time that they pay for and have not been billed for, the highest figure first.

    ``ours`` is the firm's currency. Work of one price on a ticket or a task is rounded as one, as a draft puts it into
    one line unless somebody chooses otherwise.
    """
    no_ticket, no_task = TimeEntry.ticket_id.is_(None), TimeEntry.task_id.is_(None)
    line = (
        *(TimeEntry.client_id, Client.name, TimeEntry.rate, TimeEntry.currency, TimeEntry.ticket_id),
        *(db.case((no_ticket, TimeEntry.task_id)), db.case((no_ticket & no_task, TimeEntry.project_id))),
    )
    rows = db.session.execute(
        db.select(*line[:4], db.func.sum(TimeEntry.minutes), db.func.min(TimeEntry.day))
        .join(Client, Client.id == TimeEntry.client_id)
        .where(IS_UNBILLED, *where)
        .group_by(*line)
    ).all()
    found: dict[int, Unbilled] = {}
    for client_id, name, rate, currency, minutes, since in rows:
        one = found.setdefault(client_id, Unbilled(client_id, name, since))
        one.minutes += minutes
        one.since = min(one.since, since)
        if rate is None:
            one.unpriced += minutes
        else:
            currency = currency or ours
            one.amounts[currency] = one.amounts.get(currency, Decimal(0)) + worth(minutes, rate, currency)
    return sorted(found.values(), key=lambda one: (-max(one.amounts.values(), default=Decimal(0)), one.name))


def unbilled_of(client_id: int, after: Place | None = None) -> tuple[list[TimeEntry], Place | None]:
    """A client's unbilled entries in the order of a draft, and after which the next page begins (None at the end)."""
    query = (
        db.select(TimeEntry)
        .options(*map(joinedload, (TimeEntry.user, TimeEntry.ticket, TimeEntry.task, TimeEntry.project)))
        .where(TimeEntry.client_id == client_id, IS_UNBILLED)
    )
    if after is not None:
        query = query.where(db.tuple_(TimeEntry.day, TimeEntry.id) > db.tuple_(*after))
    rows = list(db.session.scalars(query.order_by(TimeEntry.day, TimeEntry.id).limit(PAGE + 1)))
    following = (rows[PAGE - 1].day, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return rows[:PAGE], following
