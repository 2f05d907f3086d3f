"""Dates as mail programs write them, right and wrong (RFC 5322, sections 3.3 and 4.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?")
_ZONE = re.compile(r"([+-])(\d{1,2}):?(\d{2})\s*(?:\(|\Z)")


def read_date(value: str) -> datetime | None:
    """An aware time; UTC where the zone is missing or "-0000". None when it cannot be read."""
    value = value.strip()[:200]
    iso = _ISO.search(value)
    try:
        if iso:
            year, month, day, hour, minute, second = (int(x or 0) for x in iso.groups()[:6])
            return datetime(year, month, day, hour, minute, second, tzinfo=_zone(iso[7]))
        found = parsedate_tz(
            re.sub(r"(\d)\.(\d\d)\.(\d\d)\b", r"\1:\2:\3", re.sub(r"\s*\((?!.*\().*?\)?\Z", "", value))
        )
        if found is None:
            return None
        year, month, day, hour, minute, second = found[:6]
        if hour == 24 and not minute:
            hour = 0
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_offset(found[9]))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _zone(text: str | None) -> timezone:
    if not text or text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _offset(seconds: int | None) -> timezone:
    """Zones beyond a day are nonsense that `datetime` refuses; the clock is then read as UTC."""
    return timezone(timedelta(seconds=seconds)) if seconds and abs(seconds) < 86_400 else UTC
