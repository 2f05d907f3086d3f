"""How often a meeting comes back, in words (RFC 5545, 3.3.10)."""

from __future__ import annotations

from datetime import date
from typing import Any

_EVERY = {
    "DAILY": "day",
    "WEEKLY": "week",
    "MONTHLY": "month",
    "YEARLY": "year",
    "HOURLY": "hour",
    "MINUTELY": "minute",
}
_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_MONTHS = "January February March April May June July August September October November December".split()
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second to last"}


def in_words(rule: Any) -> str:
    """ "every 2 weeks on Monday and Thursday, until 18 Dec 2026"; "" without a rule."""
    if isinstance(rule, list):
        rule = rule[0] if rule else None
    if not rule:
        return ""
    frequency = str(_first(rule, "FREQ") or "").upper()
    every = _EVERY.get(frequency)
    if every is None:
        return "repeatedly"
    interval = int(_first(rule, "INTERVAL") or 1)
    days = [str(day).upper() for day in _all(rule, "BYDAY")]
    if frequency in ("DAILY", "WEEKLY") and interval == 1 and sorted(days) == sorted(list(_DAYS)[:5]):
        words = "every weekday"
    else:
        words = f"every {every}" if interval == 1 else f"every {interval} {every}s"
        words += _on(rule, days)
    until, count = _first(rule, "UNTIL"), _first(rule, "COUNT")
    if isinstance(until, date):
        words += f", until {until.day} {until:%b %Y}"
    elif count:
        words += f", {count} times" if int(count) != 1 else ", once"
    return words


def _on(rule: Any, days: list[str]) -> str:
    months = [_MONTHS[int(m) - 1] for m in _all(rule, "BYMONTH") if str(m).isdecimal() and 1 <= int(m) <= 12]
    place = _first(rule, "BYSETPOS")
    named = [_day(day, int(place) if place else 0) for day in days if day[-2:] in _DAYS]
    dates = [f"day {number}" if int(number) > 0 else "the last day" for number in _all(rule, "BYMONTHDAY")]
    words = f" on {_and(named or dates)}" if named or dates else ""
    return words + (f" in {_and(months)}" if months else "")


def _day(day: str, place: int) -> str:
    """ "MO", "2TU", "-1FR"."""
    number = day[:-2]
    which = int(number) if number.lstrip("+-").isdecimal() else place
    name = _DAYS[day[-2:]]
    return f"the {_NTH.get(which, f'{which}th')} {name}" if which else name


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _all(rule: Any, name: str) -> list[Any]:
    value = rule.get(name, [])
    return value if isinstance(value, list) else [value]


def _first(rule: Any, name: str) -> Any:
    values = _all(rule, name)
    return values[0] if values else None
