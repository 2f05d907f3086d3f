"""Lengths of work as people write them, in whole minutes."""

from __future__ import annotations

import re
from decimal import ROUND_UP, Decimal

# Nobody works longer in a day; what is more was a slip of the hand.
LONGEST = 24 * 60

CLOCK = re.compile(r"(\d{0,3}):([0-5]\d)")
HOURS = re.compile(r"(\d{0,3}(?:[.,]\d{1,4})?)\s*(?:h|hrs?|hours?)\.?")
MINUTES = re.compile(r"(\d{1,4})\s*(?:m|mins?|minutes?)\.?")
BOTH = re.compile(r"(\d{1,3})\s*(?:h|hrs?|hours?)\.?\s*([0-5]?\d)\s*(?:m|mins?|minutes?)?\.?")
DECIMAL = re.compile(r"(\d{0,3})[.,](\d{1,4})")


class UnreadableDuration(ValueError):
    """A length that cannot be read; the message is a sentence for the field."""


def read_duration(text: str) -> int:
    """Minutes, from ``0:15``, ``1.5h``, ``1,5``, ``90 min``, ``1h 15m`` or ``1h15``; a part of a minute counts whole.

    A bare whole number could be either and is asked back. Raises UnreadableDuration, also for nothing and for more
    than a day.
    """
    typed = " ".join(text.split()).lower()
    minutes = minutes_in(typed)
    if minutes is None and typed.isdecimal():
        raise UnreadableDuration(f"{typed} of what? Write {typed}m for minutes or {typed}h for hours.")
    if minutes is None:
        raise UnreadableDuration("Write the time as 0:15, 1.5h or 90m.")
    if minutes == 0:
        raise UnreadableDuration("That is no time at all. Write at least a minute.")
    if minutes > LONGEST:
        raise UnreadableDuration("That is more than a day. Enter each day by itself.")
    return minutes


def minutes_in(typed: str) -> int | None:
    if found := CLOCK.fullmatch(typed):
        return int(found[1] or 0) * 60 + int(found[2])
    if found := BOTH.fullmatch(typed):
        return int(found[1]) * 60 + int(found[2])
    if (found := HOURS.fullmatch(typed)) and found[1].strip(".,"):
        return in_minutes(found[1])
    if DECIMAL.fullmatch(typed):
        return in_minutes(typed)
    if found := MINUTES.fullmatch(typed):
        return int(found[1])
    return None


def in_minutes(hours: str) -> int:
    return int((Decimal(hours.replace(",", ".")) * 60).to_integral_value(ROUND_UP))


def clock_face(minutes: int) -> str:
    """0:15, 12:05: as it is typed."""
    return f"{minutes // 60}:{minutes % 60:02}"


# Fifty people for a year: what is more was a slip of the hand, too.
LARGEST_BUDGET = 100_000 * 60
BARE_HOURS = re.compile(r"(\d{1,6}(?:[.,]\d{1,2})?)\s*(?:h|hrs?|hours?)?\.?")
LONG_CLOCK = re.compile(r"(\d{1,6}):([0-5]\d)")


def read_budget(text: str) -> int | None:
    """Minutes, from ``40``, ``37.5h`` or ``40:30``: a bare number means hours. None for nothing.

    Raises UnreadableDuration, also for zero.
    """
    typed = " ".join(text.split()).lower()
    if not typed:
        return None
    if found := LONG_CLOCK.fullmatch(typed):
        minutes = int(found[1]) * 60 + int(found[2])
    elif found := BARE_HOURS.fullmatch(typed):
        minutes = in_minutes(found[1])
    else:
        raise UnreadableDuration("Write the budget in hours: 40 or 37.5.")
    if not 0 < minutes <= LARGEST_BUDGET:
        raise UnreadableDuration("A budget is more than nothing and at most 100,000 hours. Leave it empty for none.")
    return minutes


def spoken_hours(minutes: int) -> str:
    """40, 37.5, 0.25: hours as they are said, with at most two places."""
    places = f"{Decimal(minutes) / 60:,.2f}"
    return places.rstrip("0").rstrip(".")
