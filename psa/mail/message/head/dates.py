"""Dates as mail programs write them, right and wrong, in all languages (RFC 5322, sections 3.3 and 4.3)."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from psa.mail.message.head.date_words import month_of, zone_of
from psa.mail.message.structure.headers import Headers, Note, decode_words

# "Tue, 03 Mar 2026 09:15:00 +0100 (CET)", as nearly all write it.
_USUAL = re.compile(
    r"(?:[A-Za-z]{3},? )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d{1,2}):(\d\d)(?::(\d\d))? ([+-]\d{4}|GMT)(?: \([^()]*\))?\Z"
)
_ENGLISH = {m: n for n, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_COMMENT = re.compile(r"\(([^()]*)\)?")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}) ?: ?(\d{1,2})(?: ?: ?(\d{1,2}))?(?:[.,]\d{1,9})?(?!\d)")
_DOTTED_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})(?:[.h]|[时時시点點] ?)(\d{2})(?!\d)(?:(?:[.m]|[分분] ?)(\d{2}))?", re.I
)  # 09.15.00, 9h15, 9时15分
_AFTERNOON = re.compile(r"\bp\.? ?m\b|下午|晚上|午後|오후|μ\.?μ|\bÖS\b|\bCH\b|\bم\b", re.I)
_MORNING = re.compile(r"\ba\.? ?m\b|上午|早上|凌晨|午前|오전|π\.?μ|\bÖÖ\b|\bSA\b|\bص\b", re.I)
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})(?:([-/.])|[年년][ .]*) ?(\d{1,2})(?:\2|[月월][ .]*) ?(\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([-/.]) ?(\d{1,2})\2 ?(\d{2,4})(?!\d)")
_FULL_YEAR = re.compile(r"(?<!\d)(?:19|2[05])\d\d(?!\d)")
_VIETNAMESE = re.compile(r"(\d{1,2}) th(?:áng|g)\.? (\d{1,2}),?(?: năm)? (\d{4})")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(?!\d)")
_SECONDS = re.compile(r"(\d{9,10})(?:\d{3})?(?:\.\d+)?\Z")
_OFFSET = re.compile(r"\s*(?:[AaPp][Mm]\b)?\s*(?:GMT|UTC|UT)?\s?([+\-−]) ?(\d{1,2})(?::?(\d{2}))?(?!\d)")
_WORD = re.compile(r"[^\s\d.,;:/()'\"+-]+(?:\.[^\s\d.,;:/()'\"+-]+)*")
_DIGITS = re.compile(r"\d+")
_WEEKDAY = re.compile(r"\s*(mon|tue|wed|thu|fri|sat|sun)", re.I)
_WEEKDAYS = {name: n for n, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}

Day = tuple[int, int, int]


def read_sent_date(headers: Headers, note: Note) -> datetime | None:
    """The sender's own date, aware; failing that, the time at which the last server received the mail."""
    for value in headers.all("date"):
        found = read_date(decode_words(value))
        if found is not None:
            return found
    for name in ("x-original-date", "resent-date"):
        found = read_date(headers.text(name))
        if found is not None:
            note(f"The date is missing or unreadable; {name.title()} was taken.")
            return found
    for value in headers.all("received")[:3] + headers.all("delivery-date")[:1]:
        found = read_date(decode_words(value.rpartition(b";")[2]))
        if found is not None:
            note("The date is missing or unreadable; that of the receiving server was taken.")
            return found
    return None


def read_date(value: str) -> datetime | None:
    """An aware time; UTC where the zone is missing or "-0000". None when it cannot be read."""
    value = " ".join(value[:200].split())
    usual = _USUAL.match(value)
    try:
        if usual and usual[2].lower() in _ENGLISH:
            day, name, year, hour, minute, second, zone = usual.groups()
            clock = int(hour), int(minute), int(second or 0)
            return _moment((_year(year), _ENGLISH[name.lower()], int(day)), clock, _offset(zone))
        return _read(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _moment(day: Day, clock: tuple[int, int, int], zone: timezone) -> datetime:
    year, month, number = day
    hour, minute, second = clock
    return datetime(year, month, number, 0 if hour == 24 else hour, minute, min(second, 59), tzinfo=zone)


def _read(value: str) -> datetime | None:
    if not value.isascii():
        value = "".join(str(unicodedata.digit(c, c)) if c.isdigit() else c for c in value)
    comments = _COMMENT.findall(value)
    value = _COMMENT.sub(" ", value)
    clock = _CLOCK.search(value)
    rest, behind = (value[: clock.start()], value[clock.end() :]) if clock else (value, "")
    offset = _OFFSET.match(behind)
    if offset:
        behind = behind[offset.end() :]
    day, others = _day(f"{rest} {behind}")
    if day is None:
        return _since_1970(value)
    if clock is None:
        clock = _DOTTED_CLOCK.search(others)
        offset = _OFFSET.match(others, clock.end()) if clock else None
    hour, minute, second = (int(n or 0) for n in clock.groups()) if clock else (0, 0, 0)
    if hour < 12 and _AFTERNOON.search(value):
        hour += 12
    elif hour == 12 and _MORNING.search(value):
        hour = 0
    return _moment(day, (hour, minute, second), _zone(offset, others, comments))


def _day(value: str) -> tuple[Day | None, str]:
    """(year, month, day), and the value without them."""
    found = _YEAR_FIRST.search(value)
    if found:
        return (_year(found[1]), int(found[3]), int(found[4])), _without(value, found)
    found = _NUMBERS.search(value)
    if found and (len(found[4]) == 4 or not _FULL_YEAR.search(value)):
        return _in_order(found, value), _without(value, found)
    found = _VIETNAMESE.search(value)
    if found:
        return (int(found[3]), int(found[2]), int(found[1])), _without(value, found)
    # The last, for some languages' weekdays look like months: "mar. 3 févr. 2026".
    for word in reversed(list(_WORD.finditer(value))):
        month = month_of(word[0])
        if month is not None:
            numbers = _DIGITS.findall(_DOTTED_CLOCK.sub(" ", value))
            year = next((n for n in numbers if len(n) > 2), None)
            if year is None and len(numbers) > 1:  # 3-Mar-26
                year = numbers[1] if int(numbers[0]) < 32 else numbers[0]
            days = [n for n in numbers if n is not year and len(n) < 3]
            if year is not None and days:
                return (_year(year), month, int(days[0])), value
    found = _COMPACT.search(value)
    if found and 1900 <= int(found[1]) < 2200:
        clock = ".".join(part for part in found.group(4, 5, 6) if part)
        return (int(found[1]), int(found[2]), int(found[3])), f"{clock} {_without(value, found)}"
    return None, value


def _without(value: str, found: re.Match[str]) -> str:
    return f"{value[: found.start()]} {value[found.end() :]}"


def _in_order(found: re.Match[str], value: str) -> Day:
    """Day and month of "3/4/2026": the weekday tells which is which, or AM and PM beside a slash, as in America."""
    first, second, year = int(found[1]), int(found[3]), _year(found[4])
    if first > 12 or second > 12:
        return (year, second, first) if first > 12 else (year, first, second)
    named = _WEEKDAY.match(value)
    if named and found[2] == "/":
        for month, day in ((second, first), (first, second)):
            if datetime(year, month, day).weekday() == _WEEKDAYS[named[1].lower()]:
                return year, month, day
    if found[2] == "/" and (_AFTERNOON.search(value) or _MORNING.search(value)):
        return year, first, second
    return year, second, first


def _year(digits: str) -> int:
    """Two and three digits as RFC 5322, 4.3 reads them; five are 19 and the years since 1900, the bug of 2000."""
    year = int(digits)
    if len(digits) == 5 and digits.startswith("19"):
        return 1900 + int(digits[2:])
    if len(digits) < 4:
        return year + (2000 if year < 50 and len(digits) < 3 else 1900)
    return year - 543 if 2400 < year < 2800 else year  # the Thai calendar


def _zone(offset: re.Match[str] | None, others: str, comments: list[str]) -> timezone:
    if offset:
        return _offset(f"{'+' if offset[1] == '+' else '-'}{offset[2]:0>2}{offset[3] or '00'}")
    for text in (others, *comments):
        for word in _WORD.findall(text):
            seconds = zone_of(word)
            if seconds is not None:
                return timezone(timedelta(seconds=seconds)) if seconds else UTC
    return UTC


@lru_cache(maxsize=128)
def _offset(text: str) -> timezone:
    """Zones beyond a day are nonsense that `datetime` refuses; the clock is then read as UTC."""
    if text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[3:5])
    if not minutes or minutes >= 1440:
        return UTC
    return timezone(timedelta(minutes=minutes if text[0] == "+" else -minutes))


def _since_1970(value: str) -> datetime | None:
    seconds = _SECONDS.match(value.strip())
    return datetime.fromtimestamp(int(seconds[1]), UTC) if seconds else None
