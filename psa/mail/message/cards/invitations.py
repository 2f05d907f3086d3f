"""Meetings in mail: what a calendar file asks, answers or takes back (RFC 5545, RFC 5546), in a summary for people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from typing import Any

from psa.mail.message.cards.content_lines import MAX_BYTES, Line, content_lines
from psa.mail.message.cards.recurrence import in_words
from psa.mail.message.html.links import destination, usable
from psa.mail.message.model import Address, Attachment, Attendee, Invitation
from psa.mail.message.structure.headers import Note
from psa.mail.message.structure.part import Part

MAX_CALENDARS = 20
MAX_EVENTS = 10
MAX_COMPONENTS = 100
MAX_LINES = 1_000
MAX_ATTENDEES = 200
MAX_WORDS = 2_000

TYPES = frozenset({"text/calendar", "text/x-vcalendar", "application/ics", "application/calendar", "text/ics"})
METHODS = frozenset("publish request reply add cancel refresh counter declinecounter".split())

_EVENTS = ("VEVENT", "VTODO")
_KEPT = frozenset({"VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT", *_EVENTS})
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "DELEGATED": "delegated"}
_MEETING = re.compile(
    r"https://[^\s<>\"\\]{0,200}?(?:teams\.(?:microsoft|live)\.com/(?:l/meetup|meet)|zoom(?:gov)?\.(?:us|com)/[jw]/"
    r"|meet\.google\.com/|webex\.com/|gotomeet|meet\.goto\.com|whereby\.com/|bluejeans\.com/|chime\.aws/|/meet\."
    r"|ringcentral\.com/j|join\.skype\.com/|bbb\.|/b/\w+-\w+)[^\s<>\"\\]{0,800}",
    re.I,
)
_WRAPPED = re.compile(r"https://[^\s<>\"]{1,300}(?:safelinks|urldefense)[^\s<>\"]{1,1500}", re.I)
_SIMPLE_RULE = re.compile(r"(?:FREQ=YEARLY|INTERVAL=1|(?:BYDAY|BYMONTH|BYMONTHDAY|UNTIL|WKST)=[\w,+-]{1,60})", re.I)
_OFFSET = re.compile(r"(?:UTC|GMT)\s*([+-])(\d{1,2}):?(\d{2})?")
_LINK_PROPERTIES = (
    "CONFERENCE",
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
)

# What is asked for below, and what the library needs for the zones.
_PROPERTIES = frozenset(
    """DTSTART DTEND DUE DURATION SUMMARY LOCATION DESCRIPTION COMMENT UID STATUS RRULE RECURRENCE-ID ORGANIZER
    ATTENDEE URL TZID TZNAME TZOFFSETFROM TZOFFSETTO""".split()
) | frozenset(_LINK_PROPERTIES)


def is_calendar(kind: str, name: str) -> bool:
    """Is a file of that type and name a calendar?"""
    return kind in TYPES or name.lower().endswith((".ics", ".ical", ".vcs", ".ifb"))


def read_invitations(files: Iterable[Part], inner: Iterable[Attachment], note: Note) -> tuple[Invitation, ...]:
    """The meetings that calendar files among the parts are about; the same one in two files is one.

    `inner` are the files inside parts, as in winmail.dat: read where the parts themselves are about no meeting.
    """
    found: dict[tuple[object, ...], Invitation] = {}
    calendars = [part for part in files if is_calendar(part.type, part.file_name)]
    if len(calendars) > MAX_CALENDARS:
        note(f"There are more than {MAX_CALENDARS} calendars; meetings were looked for in these only.")
    for part in calendars[:MAX_CALENDARS]:
        declared, method = part.parameters.get("charset"), part.parameters.get("method", "")
        for one in read_calendar(part.data, declared, method, part.path, note):
            found.setdefault((one.uid, one.method, one.summary, one.start), one)
    if not found:
        wrapped = [file for file in inner if is_calendar(file.type, file.name)][:MAX_CALENDARS]
        read = (read_calendar(file.data, None, "", file.part, note) for file in wrapped)
        return tuple(one for meetings in read for one in meetings)
    return tuple(found.values())


def read_calendar(
    data: bytes, charset: str | None, method: str, part: str, note: Note = lambda _: None
) -> list[Invitation]:
    """The meetings in a calendar file, the first of a series for all of it; none for what cannot be read.

    `method` is the one of the Content-Type, for files that say none.
    """
    lines = list(content_lines(data, charset))
    told = next((line.value.lower() for line in lines if line.name == "METHOD"), "") or method.lower()
    try:
        calendar = _calendar(lines)
    except Exception:  # the library raises many kinds on what programs write; the file is there all the same
        note(f"The calendar in part {part} cannot be read; it is there as a file.")
        return []
    if len(data) > MAX_BYTES or len(lines) > MAX_LINES:
        note(f"Of the calendar in part {part} only the beginning was read: it is longer than those of meetings.")
    found: list[Invitation] = []
    for event in calendar.walk():
        if event.name not in _EVENTS:
            continue
        if len(found) >= MAX_EVENTS:
            note(f"The calendar in part {part} holds more than {MAX_EVENTS} meetings; the others are only in the file.")
            break
        invitation = _invitation(event, told if told in METHODS else "publish", part)
        is_exception = event.get("RECURRENCE-ID") is not None
        if invitation is not None and not (is_exception and any(i.uid == invitation.uid for i in found)):
            found.append(invitation)
    return found


def _calendar(lines: list[Line]) -> Any:
    """The calendar as the library reads it, from those of its lines that are sound: each BEGIN with its END, nothing
    that is not needed here, and not more than people would look at.
    """
    from icalendar import Calendar  # dear to import, rarely needed

    out = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-"]
    stack: list[str] = []
    skipped = count = 0
    for line in lines:
        component = line.value.strip().upper()
        if line.name == "BEGIN":
            count += 1
            if skipped or component not in _KEPT or count > MAX_COMPONENTS:
                skipped += 1
            elif component != "VCALENDAR":
                stack.append(component)
                out.append(f"BEGIN:{component}")
        elif line.name == "END":
            if skipped:
                skipped -= 1
            elif component in stack:
                at = stack.index(component)
                out += [f"END:{closed}" for closed in reversed(stack[at:])]
                del stack[at:]
        elif stack and not skipped and len(out) < MAX_LINES:
            out += _written(line, stack[-1])
    out += [f"END:{component}" for component in reversed(stack)]
    return Calendar.from_ical("\r\n".join([*out, "END:VCALENDAR", ""]))


def _written(line: Line, component: str) -> list[str]:
    if line.name not in _PROPERTIES:
        return []
    if line.name == "RRULE" and component in ("STANDARD", "DAYLIGHT"):
        # The library walks through all dates of such a rule: one that comes every second would keep it for ever.
        if not all(_SIMPLE_RULE.fullmatch(piece) for piece in line.value.split(";")):
            return []
    elif line.name == "RDATE" and component in ("STANDARD", "DAYLIGHT"):
        return []
    parameters = "".join(
        f';{name}="{value}"' if re.search(r"[:;,]", value) else f";{name}={value}"
        for name, value in line.parameters.items()
        if name not in ("ENCODING", "CHARSET")
    )
    return [f"{line.name}{parameters}:{line.value}".replace("\n", "\\n").replace("\r", "")]


def _invitation(event: Any, method: str, part: str) -> Invitation | None:
    try:
        return _summary(event, method, part)
    except Exception:  # as above: one odd event must not hide the others
        return None


def _summary(event: Any, method: str, part: str) -> Invitation | None:
    start = _moment(event.get("DTSTART"))
    end = _end(event, start)
    if start is None and end is None and not event.get("SUMMARY"):
        return None
    location, description = _words(event.get("LOCATION")), _words(event.get("DESCRIPTION"))
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        method = "cancel"
    return Invitation(
        method=method,
        summary=_words(event.get("SUMMARY")),
        start=start,
        end=end,
        zone=_zone(event.get("DTSTART")),
        recurrence=in_words(event.get("RRULE")),
        location=location,
        online=_online(event, location, description),
        organiser=_person(event.get("ORGANIZER")),
        attendees=_attendees(event),
        description=_words(event.get("COMMENT")) or description,
        uid=str(event.get("UID", ""))[:500],
        part=part,
    )


def _moment(value: Any) -> datetime | date | None:
    try:
        found = getattr(value, "dt", None)
    except Exception:  # a broken value raises of its own kind when it is asked
        return None
    if not isinstance(found, datetime):
        return found if isinstance(found, date) else None
    offset = found.utcoffset()
    if offset is None:
        named = _OFFSET.search(_zone(value))
        if named is None:
            return found.replace(tzinfo=None)
        offset = timedelta(hours=int(named[2]), minutes=int(named[3] or 0)) * (-1 if named[1] == "-" else 1)
    # Of the library's zones only the offset is kept: they know nothing else that matters, and some can raise.
    return found.replace(tzinfo=timezone(offset)) if abs(offset) < timedelta(hours=24) else found.replace(tzinfo=None)


def _end(event: Any, start: datetime | date | None) -> datetime | date | None:
    """When it ends; for whole days the last one, where the file names the day after (RFC 5545, 3.6.1)."""
    end = _moment(event.get("DTEND") or event.get("DUE"))
    length = getattr(event.get("DURATION"), "dt", None)
    if end is None and start is not None and isinstance(length, timedelta):
        end = start + length
    if isinstance(start, datetime) != isinstance(end, datetime) and start is not None:
        return None
    if isinstance(start, datetime) and isinstance(end, datetime) and (start.tzinfo is None) != (end.tzinfo is None):
        return None
    if end is not None and not isinstance(end, datetime):
        return max(end - timedelta(days=1), start or end)
    return end


def _zone(start: Any) -> str:
    return str(getattr(start, "params", {}).get("TZID", ""))[:100]


def _words(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value).strip()[:MAX_WORDS]


def _online(event: Any, location: str, description: str) -> str:
    """The address to join at: in a property of its own, or the first that looks like one in the words."""
    for name in _LINK_PROPERTIES:
        value = _words(event.get(name))
        if value.startswith("https://") and usable(value):
            return value
    for text in (location, _words(event.get("URL")), description):
        wrapped = (destination(match[0]) for match in _WRAPPED.finditer(text))
        found = _MEETING.search(text) or next((m for link in wrapped if (m := _MEETING.match(link))), None)
        if found is not None:
            return found[0].rstrip(".,;)>]")
    return location if location.startswith("https://") and " " not in location else ""


def _person(value: Any) -> Address | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None:
        return None
    email = re.sub(r"^mailto:\s*", "", str(value).strip(), flags=re.I)
    name = str(getattr(value, "params", {}).get("CN", "")).strip(" '\"")
    if "@" not in email:
        email = str(getattr(value, "params", {}).get("EMAIL", ""))
    return Address(name if name != email else "", email[:320]) if name or email else None


def _attendees(event: Any) -> tuple[Attendee, ...]:
    values = event.get("ATTENDEE") or []
    found: dict[str, Attendee] = {}
    for value in (values if isinstance(values, list) else [values])[:MAX_ATTENDEES]:
        person = _person(value)
        params = getattr(value, "params", {})
        if person is None or str(params.get("CUTYPE", "")).upper() in ("ROOM", "RESOURCE"):
            continue
        answer = _ANSWERS.get(str(params.get("PARTSTAT", "")).upper(), "")
        found.setdefault((person.email or person.name).lower(), Attendee(person.name, person.email, answer))
    return tuple(found.values())
