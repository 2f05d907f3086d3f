"""Header blocks and header text: found, unfolded and decoded whatever state they arrive in (RFC 5322 2.2, RFC 2047)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from psa.mail.message import charset, transfer

MAX_FIELDS = 2_000
MAX_FIELD_BYTES = 100_000
MAX_BLOCK_BYTES = 1_000_000

Note = Callable[[str], None]

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_BLANK_LINE = re.compile(rb"\n\r*\n|\n\r*\Z")
# What makes a line after a broken one believable as a header rather than as "Hello: here is" in a text.
_KNOWN = re.compile(
    rb"(?:from|to|cc|bcc|date|subject|message-id|reply-to|sender|received|return-path|mime-version|content-[a-z-]+|references"
    rb"|in-reply-to|delivered-to|dkim-signature|authentication-results|list-[a-z]+|precedence|auto-submitted"
    rb"|x-[a-z0-9-]+)[ \t]*:",
    re.I,
)
_WORD = re.compile(r"=\?([^?\s=]{1,80})\?([bBqQ])\?")
_UNFOLD = re.compile(rb"\r*\n[ \t]*|\r")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(slots=True)
class Headers:
    """The fields of one block in order, names as written and values as raw unfolded bytes."""

    fields: list[tuple[str, bytes]] = field(default_factory=list)
    index: dict[str, list[bytes]] = field(default_factory=dict)

    def add(self, name: str, value: bytes) -> None:
        self.fields.append((name, value))
        self.index.setdefault(name.lower(), []).append(value)

    def first(self, name: str) -> bytes | None:
        """The raw value of the first such field; `name` is lower case."""
        values = self.index.get(name)
        return values[0] if values else None

    def all(self, name: str) -> list[bytes]:
        return self.index.get(name, [])

    def text(self, name: str) -> str:
        """The decoded value of the first such field, "" when there is none."""
        values = self.index.get(name)
        return decode_words(values[0]) if values else ""


def read_headers(raw: bytes, start: int, stop: int, note: Note, *, nested: bool = False) -> tuple[Headers, int]:
    """The header block that begins at `start`, and where the body behind it begins (at most `stop`).

    A `nested` block is that of a MIME part: one that begins with no header at all is a body.
    """
    blank = _BLANK_LINE.search(raw, max(start - 1, 0), stop) if start else _BLANK_LINE.search(raw, 0, stop)
    if raw.startswith((b"\n", b"\r\n"), start):  # the blank line comes at once: a block without fields
        return Headers(), raw.index(b"\n", start) + 1
    end, body = (blank.start() + 1, min(blank.end(), stop)) if blank else (stop, stop)
    if end - start > MAX_BLOCK_BYTES:
        note(f"The header block has {end - start} bytes; only its first {MAX_BLOCK_BYTES} were read.")
        end = start + MAX_BLOCK_BYTES
    headers, broke_off = _read_fields(raw[start:end], note, nested)
    if broke_off is not None:
        body = start + broke_off
    return headers, body


def _read_fields(block: bytes, note: Note, nested: bool) -> tuple[Headers, int | None]:
    """The fields, and the offset where the body begins when no blank line tells it."""
    headers = Headers()
    name, parts, at, broken = b"", [], 0, False
    for line in block.split(b"\n"):
        began, at = at, at + len(line) + 1
        if line[:1] in (b" ", b"\t") and name:
            parts.append(line)
            continue
        match = _FIELD.match(line)
        if match is None:
            if not line.strip() or not name and line.startswith((b"From ", b">From ")):
                continue  # an mbox separator is no header and no text
            if not _KNOWN.search(block, at) or not _header_follows(block, at):
                if not name and not nested:
                    note("The message does not begin with headers; all of it was read as text.")
                elif name:
                    note("The headers end without a blank line.")
                if name:
                    _finish(headers, name, parts, note)
                return headers, began
            if not broken:
                note("A line between the headers is no header; it was read as the continuation of the one before.")
                broken = True
            if name:
                parts.append(b" " + line)
            continue
        if name:
            _finish(headers, name, parts, note)
            if len(headers.fields) >= MAX_FIELDS:
                note(f"There are more than {MAX_FIELDS} headers; the others were not read.")
                return headers, None
        name, parts = match[1], [line[match.end() :]]
    if name:
        _finish(headers, name, parts, note)
    return headers, None


def _header_follows(block: bytes, at: int) -> bool:
    """Does a well-known header begin one of the next lines? Only a few are looked at, to stay linear."""
    return any(_KNOWN.match(line) for line in block[at : at + 4000].split(b"\n", 12)[:12])


def _finish(headers: Headers, name: bytes, parts: list[bytes], note: Note) -> None:
    value = b"\n".join(parts) if len(parts) > 1 else parts[0]
    if len(value) > MAX_FIELD_BYTES:
        note(f"The header {name.decode('ascii')} has {len(value)} bytes; only its first {MAX_FIELD_BYTES} were read.")
        value = value[:MAX_FIELD_BYTES]
    headers.add(name.decode("ascii"), _UNFOLD.sub(b" ", value).strip(b" \t\0"))


def decode_words(value: bytes, fallback: str | None = None) -> str:
    """Header bytes as one line of text: encoded words decoded wherever they stand, raw 8-bit text guessed.

    `fallback` is the charset of the body, the best guess for raw bytes.
    """
    text = value.decode("ascii") if value.isascii() else decode_raw(value, fallback)
    return one_line(decode_encoded_words(text))


def one_line(text: str) -> str:
    """Without line breaks and control characters, runs of blanks at either end removed."""
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text.replace("\t", " ")).encode("utf-8", "replace").decode("utf-8")
    return text.strip()


def decode_raw(value: bytes, fallback: str | None) -> str:
    """8-bit header bytes as text, encoded words left as they stand. `fallback` is the charset of the body."""
    if b"\x1b" in value:  # raw ISO-2022 escapes are never anything else
        return charset.decode(value, "iso-2022-jp")[0]
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return charset.decode(value, fallback if fallback and fallback.lower() not in ("us-ascii", "utf-8") else None)[
            0
        ]


def decode_encoded_words(text: str) -> str:
    """RFC 2047 as it is practised: words inside quotes, with blanks in them,
    split within a character, without an end.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []  # adjacent words: characters may be split between them
    at, unended = 0, False
    for _ in range(5000):
        match = _WORD.search(text, at)
        if match is None:
            break
        stop = -1 if unended else text.find("?=", match.end())
        if stop < 0:
            unended = True
            stop = len(text) if text.find(" ", match.end()) < 0 or match[2] in "qQ" else text.find(" ", match.end())
        # A word that ends in "==?=" or "=?=": the first "?=" may belong to "=?=" only at its very end, so nothing
        # to do.
        gap = text[at : match.start()]
        if gap.strip() or not pending:
            _flush(pending, out)
            out.append(gap)
        payload = text[match.end() : stop]
        pending.append((match[1].split("*")[0], _payload(payload, match[2])))
        at = min(stop + 2, len(text))
    _flush(pending, out)
    out.append(text[at:])
    return "".join(out)


def _payload(payload: str, kind: str) -> bytes:
    data = payload.encode("utf-8", "surrogateescape")
    if kind in "bB":
        return transfer.decode_base64(data)
    return binascii.a2b_qp(data.replace(b"=\n", b"").replace(b"\n", b""), header=True)


def _flush(pending: list[tuple[str, bytes]], out: list[str]) -> None:
    """Decode adjacent words together where they share a charset, or where one ends within a character."""
    at = 0
    while at < len(pending):
        name, data = pending[at]
        at += 1
        codec = charset.codec_for(name)
        while at < len(pending) and charset.codec_for(pending[at][0]) == codec and not _complete(data, codec):
            data += pending[at][1]
            at += 1
        if codec and codec.startswith("iso2022"):
            out.append(data.decode(codec, "replace"))
        else:
            out.append(charset.decode(data, name)[0])
    pending.clear()


def _complete(data: bytes, codec: str | None) -> bool:
    if codec is None:
        return False
    try:
        data.decode(codec)
    except (UnicodeError, ValueError):
        return False
    return True
