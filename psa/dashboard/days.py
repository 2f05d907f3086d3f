"""Keeping what each day was, and what a day like this one usually is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from sqlalchemy import func, select, text

from psa import clock
from psa.dashboard.models import DayFigures
from psa.extensions import db
from psa.tickets.happenings import Happened, happened
from psa.tickets.models import OPEN, Ticket

DAYS = 30
WEEKS = 4


@dataclass(frozen=True, slots=True)
class Usual:
    """What the last four days of this weekday were, the median of each; None where too little is known.

    ``first_answer`` is that of the last thirty days, in seconds.
    """

    opened: int | None
    first_answer: float | None


def keep_figures() -> None:
    """Write down today so far, and whatever day of the last thirty is missing or was cut short. Commits."""
    today = clock.today()
    kept = {one.day: one for one in last_days(today)}
    newest = max(kept, default=None)
    # A day that was written down before its end is counted once more after it.
    open_count = count_open()
    for day in (today - timedelta(days=back) for back in range(DAYS)):
        if day in kept and newest is not None and day < newest:
            break
        figures = of_day(day)
        row = kept.get(day) or DayFigures(day=day, open_at_end=open_count)
        if day == today:
            row.open_at_end = open_count
        row.opened, row.answered, row.closed = figures.opened, figures.answered, figures.closed
        row.first_answer = None if figures.first_answer is None else round(figures.first_answer)
        db.session.add(row)
        # How it was the evening before, reckoned back: what was kept of that day itself is truer and stays.
        open_count = max(0, row.open_at_end - figures.opened + figures.closed)
    db.session.commit()


def of_day(day: date) -> Happened:
    return happened(clock.midnight(day), clock.midnight(day + timedelta(days=1)))


def last_days(today: date) -> list[DayFigures]:
    """What is kept of the last thirty days, in order."""
    since = today - timedelta(days=DAYS - 1)
    return list(db.session.scalars(select(DayFigures).where(DayFigures.day >= since).order_by(DayFigures.day)))


def usual(today: date) -> Usual:
    before = [one for one in last_days(today) if one.day < today]
    same_weekday = [today - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    opened = [one.opened for one in before if one.day in same_weekday]
    waits = [one.first_answer for one in before if one.first_answer is not None]
    return Usual(
        opened=round(median(opened)) if len(opened) == WEEKS and any(opened) else None,
        first_answer=median(waits) if len(waits) >= WEEKS else None,
    )


def count_open() -> int:
    return db.session.scalar(select(func.count()).select_from(Ticket).where(text(OPEN))) or 0
