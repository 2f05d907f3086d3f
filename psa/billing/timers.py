"""A clock that runs while somebody works on a ticket or a task: one for each user. A door commits."""

from __future__ import annotations

from datetime import timedelta

from psa import clock
from psa.billing.entries import Work, book_on
from psa.billing.models import TimeEntry, Timer
from psa.extensions import db, insert_unless_there, run
from psa.projects.models import Task
from psa.tickets.models import Ticket

# A clock that has run longer was forgotten: its owner says how long the work really took.
FORGOTTEN = timedelta(hours=12)


class Forgotten(ValueError):
    """The clock ran so long that nobody can have worked that long; the message asks for the time."""


class Elsewhere(ValueError):
    """The clock runs on another ticket or task than the page thinks; it runs on there."""


def running(user_id: int) -> Timer | None:
    return db.session.get(Timer, user_id, populate_existing=True)


def start(user_id: int, place: Ticket | Task) -> TimeEntry | None:
    """Start the clock on ``place``, where it runs on if it runs; elsewhere it is stopped and written down.

    Returns what was written down. Raises Forgotten when the other one cannot be.
    """
    key = key_of(place)
    timer = running(user_id)
    if timer is not None and getattr(timer, key) == place.id:
        return None
    entry = stop(user_id) if timer is not None else None
    insert_unless_there(Timer, user_id=user_id, started_at=clock.now(), **{key: place.id})
    return entry


def stop(
    user_id: int,
    place: Ticket | Task | None = None,
    *,
    words: str = "",
    minutes: int | None = None,
    billable: bool = True,
) -> TimeEntry | None:
    """Stop the clock and write the time down; ``minutes`` says it otherwise. None when no clock runs (any more).

    With ``place`` only the one that runs there. Raises Forgotten, and Elsewhere.
    """
    timer = running(user_id)
    if timer is None:
        return None
    refuse_elsewhere(timer, place)
    if minutes is None:
        if is_forgotten(timer):
            raise Forgotten("The clock ran for more than 12 hours. Write how long you really worked.")
        minutes = minutes_of(timer)
    place = timer.task or timer.ticket
    if place is None or not take_away(user_id, place):
        return None
    return book_on(user_id, place, Work(clock.today(), minutes, words, billable))


def discard(user_id: int, place: Ticket | Task) -> bool:
    """Throw the clock at ``place`` away; returns whether one ran. Raises Elsewhere."""
    timer = running(user_id)
    if timer is not None:
        refuse_elsewhere(timer, place)
    return take_away(user_id, place)


def take_away(user_id: int, place: Ticket | Task) -> bool:
    """Whether the clock ran at ``place`` until now. Of two at once only one gets True."""
    table, key = Timer.__table__, key_of(place)
    gone = run(table.delete().where(table.c.user_id == user_id, table.c[key] == place.id))
    db.session.expire_all()
    return gone.rowcount == 1


def key_of(place: Ticket | Task) -> str:
    return "ticket_id" if isinstance(place, Ticket) else "task_id"


def refuse_elsewhere(timer: Timer, place: Ticket | Task | None) -> None:
    """A page that was opened before the clock went on elsewhere must not touch that one."""
    if place is not None and getattr(timer, key_of(place)) != place.id:
        raise Elsewhere("It has gone on elsewhere.")


def minutes_of(timer: Timer) -> int:
    """How long it has run, a part of a minute counted whole."""
    seconds = (clock.now() - timer.started_at).total_seconds()
    return max(1, int(-(-seconds // 60)))


def is_forgotten(timer: Timer) -> bool:
    return clock.now() - timer.started_at > FORGOTTEN
