"""Header blocks found and unfolded whatever state they arrive in (RFC 5322, sections 2.2 and 4.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from psa.mail.message.model import Note
from psa.mail.message.structure.header_text import decode_raw, decode_words, one_line

MAX_FIELDS = 2_000
MAX_FIELD_BYTES = 100_000
MAX_JUNK_LINES = 50
MAX_BLOCKS = 20

__all__ = ["Headers", "Note", "decode_words", "one_line", "read_headers"]

# A field with its folded lines. A line of blanks alone does not fold (obs-FWS): too often it ends the headers.
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*+:([^\n]*(?:\n[ \t]++[^\s][^\n]*)*)(?:\n|\Z)")
# What makes a line after a broken one believable as a header rather than as "Hello: here is" in a text.
_KNOWN = re.compile(
    rb"(?:from|to|cc|bcc|date|subject|message-id|reply-to|sender|received|return-path|mime-version|content-[a-z-]+"
    rb"|references|in-reply-to|delivered-to|envelope-to|errors-to|organi[sz]ation|user-agent|importance|priority"
    rb"|thread-(?:topic|index)|dkim-signature|domainkey-signature|received-spf|arc-[a-z-]+|authentication-results"
    rb"|list-[a-z]+|resent-[a-z-]+|precedence|auto-submitted|status|x-[a-z0-9_-]+)[ \t]*:",
    re.I,
)
# What nobody types above a text.
_MACHINE = re.compile(rb"(?:received|return-path|delivered-to|message-id|mime-version|dkim-signature)[ \t]*:", re.I)
_BLANK_LINE = re.compile(rb"\n[ \t\r]*+\n")
_SPACED_NAME = re.compile(
    rb"(message id|reply to|return path|mime version|content (?:type|transfer encoding|disposition|id)|in reply to)"
    rb"[ \t]*:",
    re.I,
)
# "boundary=…" below a line that ends in a semicolon.
_PARAMETER = re.compile(rb";[a-z][a-z0-9*-]{1,40}=", re.I)
# What a stray line would spoil; it goes on only in what can belong to an address.
_STRICT = frozenset(b"from to cc bcc reply-to sender return-path date message-id content-type mime-version".split())
_OF_ADDRESSES = re.compile(rb"[@<>;]|=\?")
_UNFOLD = re.compile(rb"\r?\n[ \t]*|\r")
_ONCE = frozenset(
    "from to cc subject date message-id in-reply-to references reply-to sender return-path auto-submitted"
    " content-type content-transfer-encoding content-disposition mime-version".split()
)


@dataclass(slots=True)
class Headers:
    """The fields of one block in order, names as written and values as raw unfolded bytes."""

    fields: list[tuple[str, bytes]] = field(default_factory=list)
    index: dict[str, list[bytes]] = field(default_factory=dict)

    def add(self, name: str, value: bytes) -> None:
        self.fields.append((name, value))
        self.index.setdefault(name.lower(), []).append(value)

    def first(self, name: str) -> bytes | None:
        """The raw value of the first such field that says anything; `name` is lower case."""
        values = self.index.get(name)
        if values is None:
            return None
        return values[0] or next(filter(None, values), b"")

    def all(self, name: str) -> list[bytes]:
        return self.index.get(name, [])

    def text(self, name: str) -> str:
        """The decoded value of the first such field, "" when there is none."""
        value = self.first(name)
        return decode_words(value) if value else ""


def read_headers(raw: bytes, start: int, stop: int, note: Note, *, nested: bool = False) -> tuple[Headers, int]:
    """The header block that begins at `start`, and where the body behind it begins (at most `stop`).

    A `nested` block is that of a MIME part: one that begins with no header at all is a body.
    """
    block = _Block(raw, stop, note, nested)
    body = block.read(start)
    if not nested:
        body = block.read_on(body)
    elif not block.ended and not any(_KNOWN.match(f"{name}:".encode()) for name, _ in block.headers.fields):
        return Headers(), start  # "Hello: this is a text"
    return block.headers, body


class _Block:
    """One header block while it is read."""

    def __init__(self, raw: bytes, stop: int, note: Note, nested: bool) -> None:
        self.raw, self.stop, self.note, self.nested = raw, stop, note, nested
        self.headers = Headers()
        self.name = b""
        self.pieces: list[bytes] = []  # of the field that a broken line may still continue
        self.junk: list[bytes] = []
        self.ended = False  # by a blank line

    def read(self, at: int) -> int:
        """Read fields from `at` on; the offset of what stands behind the blank line."""
        raw, stop = self.raw, self.stop
        while at < stop:
            match = _FIELD.match(raw, at, stop)
            if match is not None:
                if self.name:
                    self._finish()
                self.name, value = match.groups()
                self.pieces = [value]
                at = match.end()
                continue
            newline = raw.find(b"\n", at, stop)
            end = stop if newline < 0 else newline + 1
            if not raw[at:end].strip(b"\r\n") and (self.headers.fields or self.name or not self.junk):
                at, self.ended = end, True
                break
            if not self._takes(raw[at:end], end):
                if raw[at:end].isspace():
                    at, self.ended = end, True
                break
            at = end
        if self.name:
            self._finish()
        if self.junk:
            words = b" ".join(self.junk)[:300]
            self.note(f"Before the headers stands “{one_line(decode_raw(words, None))}”; it was left out.")
        return at

    def _takes(self, line: bytes, end: int) -> bool:
        """Does a line that is no field belong to the headers all the same?"""
        words = line.strip()
        if line.startswith((b"From ", b">From ")) and not self.nested:
            return True  # an mbox separator is no header and no text
        if not self.name:
            return self._skips(words, end)
        if words.startswith(b"--"):  # no header, but a boundary
            self.note("The headers end without a blank line.")
            return False
        spaced = _SPACED_NAME.match(line)
        if spaced:
            self._finish()
            self.name, self.pieces = b"-".join(spaced[1].split()), [line[spaced.end() :]]
            return True
        if not words:  # blanks alone are the blank line, unless the headers go on
            return self._known_follows(end, 12 if self.raw[end : end + 1] in (b" ", b"\t") else 1)
        if line[:1] not in b" \t" and not _PARAMETER.match(self.pieces[-1].rstrip()[-1:] + words):
            if not self._known_follows(end, 12):
                self.note("The headers end without a blank line.")
                return False
            if self.name.lower() in _STRICT and not _OF_ADDRESSES.search(words):
                self.note(f"“{one_line(decode_raw(words[:200], None))}” between the headers is no header.")
                return True
            self.note("A line between the headers is no header; it was read as the continuation of the one before.")
        self.pieces.append(words)
        return True

    def _skips(self, words: bytes, end: int) -> bool:
        """Before the first field: is this line junk that headers follow, or the text of a message without headers?"""
        if not words:
            return True
        if self.nested or words.startswith(b"--"):  # no header, but a boundary
            return False
        if _KNOWN.match(words):  # indented
            self.name, _, value = words.partition(b":")
            self.name, self.pieces = self.name.rstrip(), [value]
            return True
        if not self._known_follows(end, MAX_JUNK_LINES) and not self._headers_follow_blank(end):
            self.note("The message does not begin with headers; all of it was read as text.")
            return False
        self.junk.append(words[:300])
        return True

    def _known_follows(self, at: int, lines: int) -> bool:
        """Does a well-known header begin one of the next lines, before a blank one? Only so few are looked at that time
        stays linear.
        """
        for _ in range(lines):
            if _KNOWN.match(self.raw, at, self.stop):
                return True
            newline = self.raw.find(b"\n", at, min(self.stop, at + 2000))
            if newline < 0 or not self.raw[at:newline].strip():
                return False
            at = newline + 1
        return False

    def _headers_follow_blank(self, at: int) -> bool:
        """Does a block that only machines write begin behind the next blank line?"""
        blank = _BLANK_LINE.search(self.raw, at - 1, min(self.stop, at + 4000))
        return blank is not None and _MACHINE.match(self.raw, blank.end(), self.stop) is not None

    def read_on(self, body: int) -> int:
        """Where a blank line has split the headers in two, read the second half, too; the offset of the body.

        Scripts that end a header with one line end too many do it: then From, or what tells the parts of the message,
        stands where the text should begin.
        """
        one_each = len(self.headers.fields) == 1
        for _ in range(MAX_BLOCKS):
            if not self.headers.fields or _KNOWN.match(self.raw, body, self.stop) is None:
                break
            rest = _Block(self.raw, self.stop, lambda _: None, True)
            behind = rest.read(body)
            one_each = one_each and len(rest.headers.fields) == 1
            if not rest.ended or not self._continues(rest.headers, one_each):
                break
            self.note("A blank line stands between the headers; those behind it were read, too.")
            for name, value in rest.headers.fields:
                self.headers.add(name, value)
            body = behind
        return body

    def _continues(self, rest: Headers, one_each: bool) -> bool:
        """Is what stands behind the blank line the other half of the headers?"""
        mine, more = self.headers.index.keys(), rest.index.keys()
        if not all(_KNOWN.match(f"{name}:".encode()) for name in more):
            return False
        if "content-type" in more and "content-type" not in mine:
            return all(name.startswith(("content-", "mime-")) or name not in mine for name in more)
        return not mine & more & _ONCE and (one_each or "from" in more and "from" not in mine)

    def _finish(self) -> None:
        label = self.name.decode("ascii")
        value = self.pieces[0] if len(self.pieces) == 1 else b" ".join(piece.rstrip() for piece in self.pieces)
        self.name, self.pieces = b"", []
        if len(value) > MAX_FIELD_BYTES:
            newest_last = label.lower() == "references"
            kept = "last" if newest_last else "first"
            self.note(f"The header {label} has {len(value)} bytes; only its {kept} {MAX_FIELD_BYTES} were read.")
            value = value[-MAX_FIELD_BYTES:] if newest_last else value[:MAX_FIELD_BYTES]
            if newest_last:  # not with half an id
                value = value[max(value.find(b"<"), 0) :]
        if len(self.headers.fields) >= MAX_FIELDS:
            self.note(f"There are more than {MAX_FIELDS} headers; of the others only the most important were read.")
            if label.lower() not in _ONCE or label.lower() in self.headers.index:
                return
        value = value.strip(b" \t\r\n\0")
        if b"\n" in value or b"\r" in value:
            value = _UNFOLD.sub(b" ", value).strip()
        self.headers.add(label, value)
