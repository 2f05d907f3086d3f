"""winmail.dat opened: the files, the messages and the text that Outlook wrapped in it (MS-OXTNEF).

Read by hand because the libraries for it take all or nothing: here what stands before the damage is kept, and time
and memory stay in proportion to the size.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from psa.mail.message.charsets import charset
from psa.mail.message.files.rtf import MAX_RTF, read_rtf, unpacked
from psa.mail.message.files.tnef_meeting import meeting_as_calendar
from psa.mail.message.html.html_text import html_to_text
from psa.mail.message.plain_text import clean_text
from psa.mail.message.structure.headers import Note

MAX_FILES = 500
MAX_PROPERTIES = 5_000
MAX_DEPTH = 3

_SIGNATURE = b"\x78\x9f\x3e\x22"
_MESSAGE_ID = bytes.fromhex("0703020000000000c000000000000046")  # IID_IMessage
_TITLE, _DATA, _START, _FILE_PROPERTIES = 0x8010, 0x800F, 0x9002, 0x9005
_BODY, _SUBJECT, _CLASS, _PROPERTIES, _CODE_PAGE = 0x800C, 0x8004, 0x8008, 0x9003, 0x9007
_FIXED = {0: 0, 1: 0, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_LONG, _BOOLEAN, _BYTES, _WIDE, _OBJECT, _BINARY, _TIME = 0x03, 0x0B, 0x1E, 0x1F, 0x0D, 0x102, 0x40


@dataclass(frozen=True, slots=True)
class WrappedFile:
    """A file as Outlook names it, and the part number that it gets here. What Outlook says nothing of is ""."""

    part: str
    name: str
    data: bytes
    type: str = ""
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Tnef:
    """What was found: files, and the message's text and HTML as far as they are there."""

    files: tuple[WrappedFile, ...] = ()
    text: str = ""
    html: str | None = None


def is_tnef(kind: str, name: str) -> bool:
    """Is a file of that type and name a winmail.dat?"""
    return kind in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat"


def read_tnef(data: bytes, note: Note, part: str) -> Tnef:
    """The contents of part `part`; what stands before the damage, and a note, for damaged input."""
    wrapped = _read(data, note, part)
    if wrapped is None:
        note("winmail.dat cannot be opened; the file was kept as it is.")
        return Tnef()
    if wrapped.is_cut():
        note(f"The text in winmail.dat is longer than {MAX_RTF} bytes; the rest was left out.")
    return Tnef(tuple(wrapped.files), wrapped.text(), wrapped.html())


@dataclass(slots=True)
class _File:
    title: bytes = b""
    data: bytes = b""
    properties: dict[int, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Message:
    """A TNEF stream: what its attributes say, and the files, nested messages among them as .eml."""

    code_page: str = "cp1252"
    body: bytes = b""
    subject: bytes = b""
    kind: bytes = b""
    properties: dict[int, Any] = field(default_factory=dict)
    files: list[WrappedFile] = field(default_factory=list)
    _rich: tuple[str, bool] | None = None

    def words(self, value: Any) -> str:
        if isinstance(value, bytes):
            value = value.rstrip(b"\0")
            return charset.decode(value, self.code_page)[0]
        return value if isinstance(value, str) else ""

    def html(self) -> str | None:
        source = self.properties.get(0x1013)
        if isinstance(source, str) and source.strip():
            return clean_text(source)
        if isinstance(source, bytes) and source.strip(b"\0 \r\n"):
            page = self.properties.get(0x3FDE)
            return clean_text(charset.decode(source.rstrip(b"\0"), _codec(page) if page else None)[0])
        text, is_html = self.rich()
        return clean_text(text) if is_html and text.strip() else None

    def text(self) -> str:
        plain = clean_text(self.words(self.properties.get(0x1000)) or self.words(self.body))
        if plain.strip():
            return plain.strip("\n")
        html = self.html()
        return html_to_text(html) if html else clean_text(self.rich()[0]).strip("\n")

    def rich(self) -> tuple[str, bool]:
        if self._rich is None:
            packed = self.properties.get(0x1009)
            self._rich = read_rtf(unpacked(packed)) if isinstance(packed, bytes) else ("", False)
        return self._rich

    def is_cut(self) -> bool:
        """Does it say that its rich text is longer than what is read of it?"""
        packed = self.properties.get(0x1009)
        if not isinstance(packed, bytes) or len(packed) < 8:
            return False
        return int(struct.unpack_from("<I", packed, 4)[0]) > MAX_RTF

    def sender(self) -> tuple[str, str]:
        """Name and address, either may be ""."""
        name, address = self._first(0x0042, 0x0C1A), self._first(0x5D02, 0x5D01, 0x0065, 0x0C1F)
        return (name, "") if "@" not in address or address in name else (name, address)

    def meeting(self) -> bytes | None:
        """The calendar file of the meeting that the message is about."""
        message_class = self._first(0x001A) or self.words(self.kind)
        return meeting_as_calendar(message_class, self.properties, self._first, self.sender(), self.text)

    def _first(self, *numbers: int) -> str:
        return next((words for number in numbers if (words := self.words(self.properties.get(number)))), "")

    def as_mail(self) -> bytes:
        """The message as it might have been sent: always the same bytes for the same message."""
        mail = EmailMessage(policy=SMTP)
        name, address = self.sender()
        headers = {
            "From": f'"{name.replace(chr(34), "")}" <{address}>' if name and address else name or address,
            "To": self._first(0x0E04).replace(";", ","),
            "Cc": self._first(0x0E03).replace(";", ","),
            "Subject": self._first(0x0037) or self.words(self.subject),
        }
        for header, words in headers.items():
            if words.strip():
                mail[header] = " ".join(words.split())[:900]
        sent = self.properties.get(0x0039)
        if isinstance(sent, datetime):
            mail["Date"] = sent
        mail.set_content(self.text())
        html = self.html()
        if html:
            mail.add_alternative(html, subtype="html")
        for file in self.files:
            mail.add_attachment(file.data, maintype="application", subtype="octet-stream", filename=file.name or "file")
        for number, part in enumerate(mail.walk()):
            if part.is_multipart():
                part.set_boundary(f"=_winmail_{number}")
        return mail.as_bytes()


def _read(data: bytes, note: Note, part: str, depth: int = 0) -> _Message | None:
    if not data.startswith(_SIGNATURE):
        return None
    message, files = _Message(), list[_File]()
    for name, value in _attributes(data, note):
        if name == _CODE_PAGE and len(value) >= 4:
            message.code_page = _codec(struct.unpack_from("<I", value)[0])
        elif name == _BODY:
            message.body = value
        elif name == _SUBJECT:
            message.subject = value
        elif name == _CLASS:
            message.kind = value
        elif name == _PROPERTIES:
            message.properties.update(_properties(value, note))
        elif name == _START:
            if len(files) >= MAX_FILES:
                note(f"winmail.dat holds more than {MAX_FILES} files; the others were not read.")
                break
            files.append(_File())
        elif files and name == _TITLE:
            files[-1].title = value
        elif files and name == _DATA:
            files[-1].data = value
        elif files and name == _FILE_PROPERTIES:
            files[-1].properties.update(_properties(value, note))
    for number, file in enumerate(files, 1):
        wrapped = _wrapped(file, f"{part}.t{number}", message, note, depth)
        if wrapped is not None:
            message.files.append(wrapped)
    calendar = message.meeting()
    if calendar is not None:
        message.files.append(WrappedFile(f"{part}.t{len(files) + 1}", "invitation.ics", calendar, "text/calendar"))
    return message


def _wrapped(file: _File, part: str, message: _Message, note: Note, depth: int) -> WrappedFile | None:
    about = file.properties
    title = message.words(file.title)
    names = (message.words(about.get(tag)) for tag in (0x3707, 0x3704))
    name = next((n for n in names if n), "") or title or message.words(about.get(0x3001))
    kind = message.words(about.get(0x370E)).lower()
    held = about.get(0x3701)
    data = held if isinstance(held, bytes) and held else file.data
    if isinstance(held, bytes) and held.startswith(_MESSAGE_ID):
        data, kind = held[16:], "application/ms-tnef"
        if depth >= MAX_DEPTH:
            note(f"winmail.dat holds messages in one another, more than {MAX_DEPTH}; the others were kept as they are.")
        nested = _read(data, note, part, depth + 1) if depth < MAX_DEPTH else None
        if nested is not None:
            subject = nested.words(nested.properties.get(0x0037)) or nested.words(nested.subject) or name
            try:
                return WrappedFile(part, f"{subject or 'message'}.eml", nested.as_mail(), "message/rfc822")
            except Exception as error:  # the library that writes mail refuses odd values in many ways
                note(f"A message inside winmail.dat was kept as it is ({type(error).__name__}).")
    elif isinstance(held, bytes) and about.get(0x3705) == 6 and len(held) > 16:  # an OLE object behind its interface id
        data = held[16:]
    if not data and not name:
        return None
    return WrappedFile(part, name, data, kind, message.words(about.get(0x3712)).strip("<> "))


def _attributes(data: bytes, note: Note) -> Iterator[tuple[int, bytes]]:
    """(name, value) of each attribute: level, name and type, length, value, checksum."""
    at = 6
    while at + 11 <= len(data):
        level, name, _, size = struct.unpack_from("<BHHI", data, at)
        if level not in (1, 2):
            note("winmail.dat is damaged; what stands before the damage was read.")
            return
        value = data[at + 9 : at + 9 + size]
        if len(value) < size:
            note("winmail.dat is cut off; what is there was read.")
        yield name, value
        at += 11 + size


def _properties(value: bytes, note: Note) -> dict[int, Any]:
    """MAPI properties by number: bytes for text in the code page, str for Unicode, int, bool, datetime. The number of
    a named one stands behind the first four bytes of its set; those named in words are stepped over.
    """
    found: dict[int, Any] = {}
    try:
        (count,) = struct.unpack_from("<I", value)
        if count > MAX_PROPERTIES:
            note(f"winmail.dat holds more than {MAX_PROPERTIES} properties; the others were not read.")
        at = 4
        for _ in range(min(count, MAX_PROPERTIES)):
            kind, number = struct.unpack_from("<HH", value, at)
            at += 4
            key: int | None = number
            if number >= 0x8000:
                key, at = _name(value, at)
            content, at = _content(value, at, kind)
            if key is not None and content is not None:
                found.setdefault(key, content)
    except (struct.error, ValueError):
        note("Part of winmail.dat is damaged; what stands before the damage was read.")
    return found


def _name(value: bytes, at: int) -> tuple[int | None, int]:
    """The number of a named property, and the place behind it."""
    (group,), (kind, number) = struct.unpack_from("<I", value, at), struct.unpack_from("<II", value, at + 16)
    if kind == 0:
        return group << 16 | number & 0xFFFF, at + 24
    return None, at + 24 + _padded(number)


def _content(value: bytes, at: int, kind: int) -> tuple[Any, int]:
    """The first value of a property, and the place behind all of its values."""
    is_list, kind = bool(kind & 0x1000), kind & ~0x1000
    if kind in _FIXED and not is_list:
        size = _FIXED[kind]
        raw = value[at : at + size]
        if len(raw) < size:
            raise ValueError
        return _number(kind, raw), at + size
    (count,) = struct.unpack_from("<I", value, at)
    at += 4
    if kind in _FIXED:
        return None, at + count * _FIXED[kind]
    if kind not in (_BYTES, _WIDE, _OBJECT, _BINARY) or count > MAX_PROPERTIES:
        raise ValueError
    first: bytes | None = None
    for _ in range(count):
        (size,) = struct.unpack_from("<I", value, at)
        at += 4
        first = value[at : at + size] if first is None else first
        at += _padded(size)
        if at > len(value) + 3:
            break
    if first is None:
        return None, at
    if kind == _WIDE:
        return first.decode("utf-16-le", "replace").rstrip("\0"), at
    return first.rstrip(b"\0") if kind == _BYTES else first, at


def _number(kind: int, raw: bytes) -> Any:
    if kind == _LONG:
        return struct.unpack("<i", raw)[0]
    if kind == _BOOLEAN:
        return raw[0] != 0
    if kind == _TIME:  # 100 ns since 1601
        try:
            return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=struct.unpack("<Q", raw)[0] // 10)
        except OverflowError:
            return None
    return None


def _padded(size: int) -> int:
    return size + -size % 4


def _codec(number: int) -> str:
    return "utf-8" if number == 65001 else f"cp{number}"
