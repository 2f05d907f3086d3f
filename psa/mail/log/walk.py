"""The latest messages of a list that hold some words, however long the log is.

Neither database gives what its index of words finds in the order of time, and to bring a million messages into order
takes seconds. So the list is read from its newest end, message by message: what is often said is found there at once.
What is not is mostly said seldom, and then the index names all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, tuple_

from psa import clock
from psa.extensions import UTCDateTime, db
from psa.mail.log import search

# So many messages are read before the index is asked; each time after that so many times more.
STRETCH, WIDER = 2000, 4
# Of what the index names at most so much is looked into: one of them costs as much as a few that stand side by side.
FEW = 3000
# How far the clocks of several hosts may differ, or one may have been put back.
CLOCKS = timedelta(hours=1)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place between the messages of one direction: the message of this moment and id is the first that is newer."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Side:
    """One direction's messages: the time that orders them, and one that is not before their words were remembered."""

    direction: str
    id: Any
    at: ColumnElement[datetime]
    remembered_at: ColumnElement[datetime] | ColumnElement[datetime | None]


def latest(
    query: Select[Any],
    side: Side,
    listed: Sequence[ColumnElement[bool]],
    typed: str,
    limit: int,
    *,
    before: Place | None = None,
    after: Place | None = None,
) -> list[Any]:
    """The latest rows of a query that are ``listed``, between two places, and hold what was typed, if anything was."""
    if not typed:
        return rows_of(query, side, [*listed, *between(side, before, after)], limit)
    if not search.pieces_of(typed):
        return []
    rows: list[Any] = []
    says = search.says(side.direction, side.id, typed)
    stretch = STRETCH
    while True:
        end = end_of(side, [*listed, *between(side, before, after)], stretch)
        rows += rows_of(query, side, [*listed, *between(side, before, end or after), says], limit - len(rows))
        if end is None or len(rows) == limit:
            return rows
        before = end
        if stretch == STRETCH:
            ids: list[int] = list(db.session.scalars(search.found(side.direction, typed).limit(FEW + 1)))
            if len(ids) <= FEW:
                named = [*listed, *between(side, before, after), side.id.in_(ids)]
                return rows + rows_of(query, side, named, limit - len(rows))
            before = min(before, above(side, ids[0]))
        stretch *= WIDER


def between(side: Side, before: Place | None, after: Place | None) -> list[ColumnElement[bool]]:
    key = tuple_(side.at, side.id)
    older = [] if before is None else [key < in_sql(before)]
    return older if after is None else [*older, key >= in_sql(after)]


def in_sql(place: Place) -> Any:
    return tuple_(literal(place.at, UTCDateTime), literal(place.id))


def rows_of(query: Select[Any], side: Side, conditions: Sequence[Any], limit: int) -> list[Any]:
    latest_first = query.where(*conditions).order_by(side.at.desc(), side.id.desc())
    return list(db.session.execute(latest_first.limit(limit)))


def end_of(side: Side, conditions: Sequence[Any], stretch: int) -> Place | None:
    """Where the latest so many messages end; None when there are no more than these."""
    keys = select(side.at, side.id).where(*conditions).order_by(side.at.desc(), side.id.desc())
    row = db.session.execute(keys.offset(stretch - 1).limit(1)).first()
    return Place(*row) if row is not None else None


def above(side: Side, last_remembered: int) -> Place:
    """Above all messages that hold some words, by the one of them that was remembered last.

    The others were remembered before it, and had come before that: of the newest part of the log, where the words of
    a client stand who has left, nothing is read.
    """
    at = db.session.execute(select(side.remembered_at).where(side.id == last_remembered)).scalar_one_or_none()
    return Place((at or clock.now()) + CLOCKS, 0)
