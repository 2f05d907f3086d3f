"""A meeting that Outlook wrapped in winmail.dat, written as the calendar file that other programs would have sent
(MS-OXOCAL, 2.2; RFC 5545).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

MAX_PEOPLE = 200
MAX_TEXT = 10_000
FOLD = 70

# Named properties: the first four bytes of their set, then their number there.
_START, _END, _LOCATION = 0x0006_2002_820D, 0x0006_2002_820E, 0x0006_2002_8208
_ALL_DAY, _PATTERN = 0x0006_2002_8215, 0x0006_2002_8232
_IDENTITY, _SERIES = 0x6ED8_DA90_0003, 0x6ED8_DA90_0023
_SUBJECT, _START_DATE, _END_DATE, _TO, _CC = 0x0037, 0x0060, 0x0061, 0x0E04, 0x0E03
# How classes of messages end, today's and those of old: the method, and the answer that is one.
_METHODS = (
    (("meeting.request", "mtgreq"), "REQUEST", ""),
    (("meeting.canceled", "mtgcncl"), "CANCEL", ""),
    (("meeting.resp.pos", "mtgrespp"), "REPLY", "ACCEPTED"),
    (("meeting.resp.neg", "mtgrespn"), "REPLY", "DECLINED"),
    (("meeting.resp.tent", "mtgrespa"), "REPLY", "TENTATIVE"),
    (("ipm.appointment",), "PUBLISH", ""),
)


def meeting_as_calendar(
    message_class: str,
    about: Mapping[int, Any],
    said: Callable[[int], str],
    sender: tuple[str, str],
    text: Callable[[], str],
) -> bytes | None:
    """The iCalendar file for the message of that class; None for one that is about no meeting, or does not say when.

    `about` holds its properties by number, `said` gives one in words; `sender` is (name, email), either may be "".
    """
    kind = message_class.strip().lower()
    method, answer = next(((m, a) for ends, m, a in _METHODS if kind.endswith(ends)), ("", ""))
    start, end = (about.get(named) or about.get(plain) for named, plain in ((_START, _START_DATE), (_END, _END_DATE)))
    if not method or not isinstance(start, datetime):
        return None
    whole_days = about.get(_ALL_DAY) is True
    people = [_person("ATTENDEE", name.strip(), "") for key in (_TO, _CC) for name in said(key).split(";")]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//winmail.dat//EN", f"METHOD:{method}", "BEGIN:VEVENT"]
    lines += [_property("UID", _identity(about)), _moment("DTSTART", start, whole_days)]
    if isinstance(end, datetime):
        lines.append(_moment("DTEND", end, whole_days))
    lines += [_property("SUMMARY", said(_SUBJECT)), _property("LOCATION", said(_LOCATION))]
    lines.append(_property("DESCRIPTION", "\n\n".join(filter(None, (said(_PATTERN), text())))))
    if answer:
        lines.append(_person("ATTENDEE", *sender, answer))
    else:
        lines += [_person("ORGANIZER", *sender), *people[:MAX_PEOPLE]]
    lines += ["END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(_folded(line) for line in lines if line or line is lines[-1]).encode()


def _moment(name: str, moment: datetime, whole_days: bool) -> str:
    if not whole_days:
        return f"{name}:{moment:%Y%m%dT%H%M%SZ}"
    # Midnight where it was written: wherever that is, half a day later it is that day in UTC, too.
    return f"{name};VALUE=DATE:{moment + timedelta(hours=12):%Y%m%d}"


def _identity(about: Mapping[int, Any]) -> str:
    """The id of the meeting: the one that another calendar gave it is kept inside Outlook's."""
    raw = next((v for key in (_SERIES, _IDENTITY) if isinstance(v := about.get(key), bytes)), b"")
    foreign = raw.partition(b"vCal-Uid\x01\0\0\0")[2].rstrip(b"\0")
    return foreign.decode("utf-8", "replace")[:500] if foreign else raw[:500].hex().upper()


def _person(name: str, called: str, email: str, answer: str = "") -> str:
    if not called and not email:
        return ""
    common = f';CN="{called.translate(_UNQUOTED)}"' if called else ""
    return f"{name}{common}{f';PARTSTAT={answer}' if answer else ''}:{f'mailto:{email}' if email else 'invalid:nomail'}"


_UNQUOTED = str.maketrans('"\r\n', "'  ")
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def _property(name: str, value: str) -> str:
    return f"{name}:{value.strip()[:MAX_TEXT].translate(_ESCAPES)}" if value.strip() else ""


def _folded(line: str) -> str:
    """RFC 5545, 3.1: lines of at most 75 octets; characters are counted as if they had one, but never cut in two."""
    return "\r\n ".join(line[at : at + FOLD] for at in range(0, len(line), FOLD)) if len(line) > FOLD else line
