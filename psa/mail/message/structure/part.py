"""One node of a message: what its headers declare, read as it is meant, and its bytes as offsets (RFC 2045)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from psa.mail.message.model import Fragment
from psa.mail.message.structure.headers import Headers, Note
from psa.mail.message.structure.parameters import read_value
from psa.mail.message.structure.transfer import decode_part, encoding_of, sound_base64

_MEANT = {
    "text": "text/plain",
    "plain": "text/plain",
    "text/": "text/plain",
    "plain/text": "text/plain",
    "text-plain": "text/plain",
    "html": "text/html",
    "html/text": "text/html",
    "text-html": "text/html",
    "multipart": "multipart/mixed",
    "multipart/": "multipart/mixed",
    "message": "message/rfc822",
}


@dataclass(slots=True)
class Part:
    """One node. `path` is the number that IMAP would give it ("2.1"); the root of a message without parts is "1"."""

    raw: bytes
    headers: Headers
    start: int
    end: int
    path: str
    type: str
    parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    note: Note
    parent: Part | None = None
    children: list[Part] = field(default_factory=list)
    fragment: Fragment | None = None

    @property
    def encoded(self) -> bytes:
        return self.raw[self.start : self.end]

    @property
    def data(self) -> bytes:
        """The bytes behind the Content-Transfer-Encoding."""
        is_text = self.type.startswith("text/") and self.disposition != "attachment"
        encoding = encoding_of(self.headers)
        whole = sound_base64(self.raw, self.start, self.end) if encoding == "base64" and not is_text else None
        return decode_part(self.encoded, encoding, is_text, self.path, self.note) if whole is None else whole

    @property
    def boundary(self) -> bytes:
        """As declared, which is not always as used; b"" for none."""
        return self.parameters.get("boundary", "").rstrip().encode("latin-1", "replace")

    @property
    def file_name(self) -> str:
        """The name of the file, decoded and as the sender gave it: it may hold a path. "" when there is none."""
        return (
            self.disposition_parameters.get("filename")
            or self.parameters.get("name")
            or self.parameters.get("filename")
            or self.disposition_parameters.get("name")
            or ""
        )

    @property
    def content_id(self) -> str | None:
        value = self.headers.text("content-id").strip().strip("<>").strip()
        return value or None

    def walk(self) -> Iterator[Part]:
        """This part and all below it, in the order of the message."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.children))


def make_part(raw: bytes, headers: Headers, start: int, end: int, parent: Part | None, note: Note) -> Part:
    """A part with what its headers declare, read as it is meant."""
    declared = headers.first("content-type")
    kind, parameters = read_value(declared) if declared is not None else ("", {})
    kind = _MEANT.get(kind, kind)
    if "/" not in kind:
        kind = "message/rfc822" if parent is not None and parent.type == "multipart/digest" else "text/plain"
    told = headers.first("content-disposition")
    disposition, details = read_value(told) if told is not None else ("", {})
    number = "" if parent is None else str(len(parent.children) + 1)
    path = f"{parent.path}.{number}" if parent is not None and parent.path else number
    if kind == "message/external-body":
        place = parameters.get("url") or parameters.get("site") or parameters.get("server") or "another place"
        note(f"Part {path or 1} is not in the message: it says that its content lies at {place[:200]}.")
    return Part(raw, headers, start, end, path, kind, parameters, disposition, details, note, parent)
