"""What happened to tickets in a stretch of time: opened, answered, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, select, text
from sqlalchemy.orm import aliased

from psa.extensions import db
from psa.tickets.models import OPEN, STATUSES, Comment, Event, Ticket

HAPPENED = {"opened": "Opened today", "answered": "Answered today", "closed": "Closed today"}


@dataclass(frozen=True, slots=True)
class Happened:
    """Numbers of tickets, each of them once; ``first_answer`` is how long clients waited for one, in seconds.

    It is the median; None when nobody was answered for the first time.
    """

    opened: int
    answered: int
    closed: int
    first_answer: float | None


def tickets_that(what: str, since: datetime, until: datetime | None = None) -> Select[Any]:
    """The ids of the tickets to which it happened, a key of HAPPENED. Raises KeyError for anything else."""
    return select(Event.ticket_id).where(MEANS[what], *within(since, until))


def happened(since: datetime, until: datetime | None = None) -> Happened:
    """All of it, by few statements along the index of the moments.

    The tickets are told apart in the count: for a SELECT DISTINCT, SQLite would walk all events by their tickets.
    """
    numbers = [func.count(distinct(case((MEANS[what], Event.ticket_id)))) for what in HAPPENED]
    row: Any = db.session.execute(select(*numbers).where(*within(since, until))).one()
    opened, answered, closed = row
    return Happened(opened, answered, closed, first_answer(since, until))


def first_answer(since: datetime, until: datetime | None) -> float | None:
    """How long clients waited whose first answer was given in this time."""
    first = (
        select(Comment.ticket_id, func.min(Comment.created_at).label("at"))
        .where(
            Comment.ticket_id.in_(tickets_that("answered", since, until)),
            Comment.kind == "reply",
            Comment.user_id.is_not(None),
        )
        .group_by(Comment.ticket_id)
        .subquery()
    )
    opening = aliased(Event)
    rows = db.session.execute(
        select(opening.created_at, first.c.at)
        .join(first, first.c.ticket_id == opening.ticket_id)
        .where(opening.kind == "opened", opening.user_id.is_(None), first.c.at >= since)
    )
    waits = [(answered - opened).total_seconds() for opened, answered in rows]
    return median(waits) if waits else None


def waits_longest() -> tuple[Ticket, datetime] | None:
    """The open ticket whose client has waited longest for us, and since when."""
    row = db.session.execute(
        select(Ticket, Event.created_at)
        .join(Event, Event.id == Ticket.news_id)
        # OPEN too, which says how few these are beside the closed ones.
        .where(text(OPEN), Ticket.status.in_(("new", "open")), ~Ticket.preview_is_ours, ~Ticket.automatic)
        .order_by(Event.created_at)
        .limit(1)
    ).first()
    return (row[0], row[1]) if row is not None else None


def within(since: datetime, until: datetime | None) -> list[ColumnElement[bool]]:
    return [Event.created_at >= since, *([Event.created_at < until] if until is not None else [])]


MEANS: dict[str, ColumnElement[bool]] = {
    "opened": Event.kind == "opened",
    "answered": and_(
        Event.kind == "commented",
        Event.user_id.is_not(None),
        # Asked of each comment of the day by its key, never of all replies that there are.
        exists().where(Comment.id == Event.comment_id, Comment.kind == "reply"),
    ),
    "closed": and_(Event.kind == "status", Event.detail["to"].as_string() == STATUSES["closed"]),
}
