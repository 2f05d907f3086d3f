"""What each day was, kept so that nobody counts it again."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date
from sqlalchemy.orm import Mapped, mapped_column

from psa.extensions import Model


class DayFigures(Model):
    """Tickets of one day in the server's zone: opened, answered and closed, and how many were open when it ended.

    ``first_answer`` is the median wait for a first answer in seconds, empty when nobody got one that day.
    """

    __tablename__ = "day_figures"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    opened: Mapped[int]
    answered: Mapped[int]
    closed: Mapped[int]
    open_at_end: Mapped[int]
    first_answer: Mapped[int | None]
