"""The MIME structure of a message as offsets into its bytes: one pass, no copies, no recursion (RFC 2046, section
5.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from psa.mail.message.headers import Headers, Note, read_headers
from psa.mail.message.parameters import read_value
from psa.mail.message.transfer import decode_transfer

MAX_PARTS = 1_000
MAX_DEPTH = 50

_DELIMITER = re.compile(rb"^--([^\r\n]*)", re.M)
_LIKELY_BOUNDARY = re.compile(rb"^--([^\r\n]{3,200}?)[ \t]*\r?\n(?:content-[a-z-]+|mime-version)[ \t]*:", re.M | re.I)


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
    parent: Part | None = None
    children: list[Part] = field(default_factory=list)

    @property
    def encoded(self) -> bytes:
        return self.raw[self.start : self.end]

    @property
    def data(self) -> bytes:
        """The bytes behind the Content-Transfer-Encoding."""
        encoding = self.headers.first("content-transfer-encoding")
        if encoding is None:
            return self.encoded
        return decode_transfer(
            self.encoded, encoding.split(b";")[0].split(b"(")[0].strip(b" \t\"'").decode("ascii", "replace").lower()
        )

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


def read_tree(raw: bytes, note: Note) -> Part:
    """The structure of a whole message. `raw` has LF or CRLF line ends."""
    start = 0
    while raw.startswith((b"\n", b"\r\n"), start):  # blank lines before the headers
        start = raw.index(b"\n", start) + 1
    headers, body = read_headers(raw, start, len(raw), note)
    root = _part(raw, headers, body, len(raw), None)
    boundary = _boundary(root, note)
    if boundary is None:
        root.path = "1"
        return root
    _split(root, boundary, note)
    if not root.children:
        note("No boundary of the multipart message was found; it was read as text.")
        root.type, root.path = "text/plain", "1"
    return root


def _part(raw: bytes, headers: Headers, start: int, end: int, parent: Part | None) -> Part:
    declared = headers.first("content-type")
    kind, parameters = read_value(declared) if declared is not None else ("", {})
    if "/" not in kind:
        kind = {"text": "text/plain", "html": "text/html", "multipart": "multipart/mixed"}.get(kind, "")
        kind = kind or ("message/rfc822" if parent is not None and parent.type == "multipart/digest" else "text/plain")
    told = headers.first("content-disposition")
    disposition, details = read_value(told) if told is not None else ("", {})
    path = (
        ""
        if parent is None
        else f"{parent.path}.{len(parent.children) + 1}"
        if parent.path
        else str(len(parent.children) + 1)
    )
    return Part(raw, headers, start, end, path, kind, parameters, disposition, details, parent)


def _boundary(part: Part, note: Note) -> bytes | None:
    """The boundary that separates the children of a part, or None when it has no children."""
    declared = part.parameters.get("boundary", "").rstrip()
    if part.type.startswith("multipart/"):
        name = declared.encode("utf-8", "replace")
        if name and (part.parent is not None or part.raw.find(b"--" + name, max(part.start - 1, 0)) >= 0):
            return name
        likely = _LIKELY_BOUNDARY.search(part.raw, part.start, part.end)
        if likely:
            note("The boundary that the message names is missing; the one that its parts really have was taken.")
            return likely[1]
        return name or None
    if (
        part.parent is None
        and part.headers.first("content-type") is None
        and part.headers.first("mime-version") is not None
    ):
        likely = _LIKELY_BOUNDARY.search(part.raw, part.start, part.end)
        if likely:
            note("The message does not say that it has parts, but it has.")
            part.type = "multipart/mixed"
            return likely[1]
    return None


def _split(root: Part, boundary: bytes, note: Note) -> None:
    """Hang all parts below `root`: each line that begins with two hyphens is
    looked up among the open boundaries, once.
    """
    raw = root.raw
    open_parts: list[tuple[bytes, Part]] = [(boundary, root)]
    depth_of = {boundary: 0}
    current: Part | None = None
    count = 0
    resume = root.start
    for match in _DELIMITER.finditer(raw, root.start):
        if match.start() < resume:
            continue
        name = match[1].rstrip()
        depth, closing = depth_of.get(name), False
        if depth is None and name.endswith(b"--"):
            depth, closing = depth_of.get(name[:-2]), True
        if depth is None:
            continue
        if current is not None:
            current.end = _before_line_end(raw, match.start(), current.start)
            current = None
        for closed, _ in open_parts[depth + 1 :]:
            if depth_of.get(closed, -1) > depth:
                del depth_of[closed]
        del open_parts[depth + 1 :]
        parent = open_parts[depth][1]
        if closing:
            if depth:  # what follows is an epilogue, until an outer boundary
                del open_parts[depth], depth_of[name[:-2]]
            continue
        count += 1
        if count > MAX_PARTS:
            note(f"The message has more than {MAX_PARTS} parts; the others were not read.")
            return
        begin = min(match.end() + (2 if raw.startswith(b"\r\n", match.end()) else 1), len(raw))
        headers, body = _part_headers(raw, begin, note)
        current = _part(raw, headers, body, len(raw), parent)
        parent.children.append(current)
        resume = body
        if current.type.startswith("multipart/"):
            inner = _inner_boundary(current, body)
            if len(open_parts) >= MAX_DEPTH:
                note(f"The parts are nested more than {MAX_DEPTH} deep; those below were kept as one file.")
            elif inner in depth_of:
                note("Two nested parts share one boundary.")
                parent.children.pop()
                current = None
            elif inner:
                depth_of[inner] = len(open_parts)
                open_parts.append((inner, current))
                current = None
    if current is not None:
        note("The last boundary is missing; the message may have been cut off.")


def _inner_boundary(part: Part, body: int) -> bytes:
    declared = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
    if declared:
        return declared
    likely = _LIKELY_BOUNDARY.search(part.raw, body, body + 2000)
    return likely[1] if likely else b""


def _part_headers(raw: bytes, begin: int, note: Note) -> tuple[Headers, int]:
    """The headers of a part.

    The next line that could be a delimiter ends the block: so a part may be empty, and time stays linear.
    """
    fence = raw.find(b"\n--", begin - 1)
    if fence == begin - 1:
        return Headers(), begin
    return read_headers(raw, begin, len(raw) if fence < 0 else fence + 1, note, nested=True)


def _before_line_end(raw: bytes, at: int, start: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    if at > start and raw[at - 1 : at] == b"\n":
        at -= 1
        if at > start and raw[at - 1 : at] == b"\r":
            at -= 1
    return at
