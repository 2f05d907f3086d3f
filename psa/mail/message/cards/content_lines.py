"""The lines of calendars and contacts, NAME;PARAM=x:VALUE (RFC 5545, 3.1; RFC 6350, 3.3; vCard 2.1)."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from typing import NamedTuple

from psa.mail.message.charsets import charset

MAX_BYTES = 1_000_000
MAX_LINES = 20_000
MAX_VALUE = 20_000
MAX_PARAMETERS = 100  # of a line

_NAME = re.compile(r"(?:[\w-]{1,60}\.)?([A-Za-z][\w-]{0,60})\s*(?=[;:])")
_PARAMETER = re.compile(r";\s*([\w-]{1,60})(?:\s*=\s*(\"[^\"]*\"?|[^\";:,]*(?:,(?:\"[^\"]*\"|[^\";:,]*))*))?")
_ESCAPED = re.compile(r"\\([nN,;:\\])")
# Zones are also named "(UTC+01:00) Berlin" without quotes: of a time the last colon counts.
_TIME = re.compile(r"\s*(DTSTART|DTEND|DUE|RECURRENCE-ID)\s*;(.{0,300}):(\d{8}(?:T\d{4,6}Z?)?)\s*", re.I)
_ZONE = re.compile(r"(?:^|;)\s*TZID\s*=\s*\"?(.+?)\"?\s*(?:;\s*[A-Z-]+=[^;]*)?\Z", re.I)
_SOFT_BREAK = re.compile(r"=[ \t]*\n")


class Line(NamedTuple):
    """One property; names in upper case, the value as written, but for quoted-printable, which is decoded."""

    name: str
    parameters: dict[str, str]
    value: str


def content_lines(data: bytes, declared: str | None) -> Iterator[Line]:
    """The properties in a file; lines that are none are stepped over."""
    text = charset.decode(data[:MAX_BYTES], declared or "utf-8")[0]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", MAX_LINES)
    at = 0
    while at < len(lines):
        line, at = lines[at], at + 1
        if "QUOTED-PRINTABLE" in line.upper():  # vCard 2.1 goes on behind a soft line break instead of folding
            pieces = [line]
            while pieces[-1].endswith("=") and at < len(lines):
                pieces.append(lines[at])
                at += 1
            line = "\n".join(pieces)
        elif at < len(lines) and lines[at][:1] in (" ", "\t"):
            pieces = [line]
            while at < len(lines) and lines[at][:1] in (" ", "\t"):
                pieces.append(lines[at][1:])
                at += 1
            line = "".join(pieces)
        found = _read(line)
        if found is not None:
            yield found


def _read(line: str) -> Line | None:
    time = _TIME.fullmatch(line)
    if time is not None:
        zone = _ZONE.search(time[2])
        parameters: dict[str, str] = {"TZID": zone[1]} if zone else {}
        if len(time[3]) == 8:
            parameters["VALUE"] = "DATE"
        return Line(time[1].upper(), parameters, time[3])
    name = _NAME.match(line.lstrip())
    if name is None:
        return None
    line = line.lstrip()
    at, parameters = name.end(), {}
    for _ in range(MAX_PARAMETERS):
        match = _PARAMETER.match(line, at)
        if match is None:
            break
        if match[2] is None:  # vCard 2.1 writes only the value: TEL;CELL:…
            parameters["TYPE"] = f"{parameters.get('TYPE', '')},{match[1]}".strip(",")
            if match[1].upper() in ("QUOTED-PRINTABLE", "BASE64"):
                parameters["ENCODING"] = match[1]
        else:
            parameters.setdefault(match[1].upper(), match[2].replace('"', ""))
        at = match.end()
    colon = line.find(":", at)
    if colon < 0:
        return None
    value = line[colon + 1 :][:MAX_VALUE]
    if parameters.get("ENCODING", "").upper() in ("QUOTED-PRINTABLE", "Q"):
        raw = quopri.decodestring(_SOFT_BREAK.sub("", value).encode("utf-8", "replace"))
        value = charset.decode(raw, parameters.get("CHARSET"))[0]
    return Line(name[1].upper(), parameters, value.strip())


def unescaped(value: str) -> str:
    """A text value as meant: "\\n" is a line end, "\\," a comma."""
    return _ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], value)


def split_value(value: str, separator: str = ";") -> list[str]:
    """The fields of a structured value, unescaped."""
    return [unescaped(field).strip() for field in re.split(rf"(?<!\\){separator}", value)]
