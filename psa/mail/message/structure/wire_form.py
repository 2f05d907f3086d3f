"""The bytes of a message in the form that RFC 5322 means: compatible with ASCII, each line ending in LF or CRLF."""

from __future__ import annotations

import codecs

from psa.mail.message.charsets.guess import wide_codec
from psa.mail.message.structure.headers import Note

_SAMPLE = 4096


def to_wire_form(raw: bytes, note: Note) -> bytes:
    """`raw` itself for nearly all mail. A message saved as UTF-16, a byte order mark, and line ends that are a bare CR
    or CR CR LF are put right and noted.
    """
    head = raw[:_SAMPLE]
    if head.startswith(codecs.BOM_UTF8):
        note("The message begins with a byte order mark, which was left out.")
        raw, head = raw[3:], head[3:]
    elif b"\0" in head:
        raw = _from_wide(raw, note)
        head = raw[:_SAMPLE]
    returns = head.count(b"\r")
    bare = returns - head.count(b"\r\n") if returns else 0
    if not bare:
        return raw
    if head.count(b"\r\r\n") * 2 > head.count(b"\n"):
        note("The lines end in CR CR LF; one CR of each was left out.")
        return raw.replace(b"\r\r\n", b"\r\n")
    if bare > head.count(b"\n"):  # old Macintosh
        note("The lines end in a bare CR.")
        return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw


def _from_wide(raw: bytes, note: Note) -> bytes:
    """UTF-16 and UTF-32 as UTF-8; NULs that some servers put before the headers are left out."""
    codec = wide_codec(raw)
    if codec is None:
        return raw.lstrip(b"\0")
    note(f"The message is written in {codec.upper()}; it was read as such.")
    return raw.decode(codec, "replace").lstrip("\ufeff").encode("utf-8", "replace")
