"""The MIME structure of a message as offsets into its bytes: one pass, no copies, no recursion (RFC 2046, section
5.1).
"""

from __future__ import annotations

import re

from psa.mail.message.model import Fragment
from psa.mail.message.structure.boundaries import DELIMITER, INSTEAD, Boundaries
from psa.mail.message.structure.header_text import decode_raw, one_line
from psa.mail.message.structure.headers import Headers, Note, read_headers
from psa.mail.message.structure.parameters import read_value
from psa.mail.message.structure.part import Part, make_part
from psa.mail.message.structure.transfer import decode_transfer, encoding_of

__all__ = ["MAX_DEPTH", "MAX_PARTS", "Part", "read_tree"]

MAX_PARTS = 1_000
MAX_DEPTH = 50

# What a message is read as that has parts but does not say how they belong together.
_UNTOLD = "multipart/x-untold"
_SAMPLE = 2_000
_WORDS = re.compile(rb"[A-Za-z\x80-\xff]{2}")
_OF_ENVELOPE = re.compile(r"content-|subject\Z|encrypted\Z|mime-version\Z", re.I)


def read_tree(raw: bytes, note: Note) -> Part:
    """The structure of a whole message. `raw` has LF or CRLF line ends."""
    if raw.startswith(b"--"):  # a delimiter stands behind a line end
        raw = b"\n" + raw
    start = 0
    while raw.startswith((b"\n", b"\r\n"), start):  # blank lines before the headers
        start = raw.index(b"\n", start) + 1
    headers, body = read_headers(raw, start, len(raw), note)
    root = make_part(raw, headers, body, len(raw), None, note)
    if root.type == "message/partial":
        root = _first_of_several(root)
    boundary = _boundary(root)
    if not boundary:
        root.path = "1"
        return root
    _Splitter(root, boundary).split()
    if root.type == _UNTOLD:
        both = [part.type for part in root.children] == ["text/plain", "text/html"]
        root.type = "multipart/alternative" if both else "multipart/mixed"
    if not root.children:
        note("No boundary of the multipart message was found; it was read as text.")
        root.type, root.path = "text/plain", "1"
    return root


def _first_of_several(root: Part) -> Part:
    """A message sent in several pieces (RFC 2046, 5.2.2): the first piece holds the headers of the whole."""
    about, note = root.parameters, root.note
    number, total = _count(about.get("number")), _count(about.get("total"))
    note(
        f"This is piece {number or '?'} of {total or '?'} of a longer message; the other pieces come as messages of"
        " their own."
    )
    fragment = Fragment(about.get("id", ""), number, total)
    if number != 1:
        is_code = b" " not in root.encoded[:_SAMPLE].strip()  # from the middle of a file
        root.type, root.fragment = "application/octet-stream" if is_code else "text/plain", fragment
        return root
    inner, body = read_headers(root.raw, root.start, root.end, note)
    whole = Headers()
    for name, value in root.headers.fields:
        if not _OF_ENVELOPE.match(name) or name.lower() == "subject" and "subject" not in inner.index:
            whole.add(name, value)
    for name, value in inner.fields:
        if _OF_ENVELOPE.match(name) or name.lower() not in whole.index:
            whole.add(name, value)
    part = make_part(root.raw, whole, body, root.end, None, note)
    part.fragment = fragment
    return part


def _count(digits: str | None) -> int | None:
    return int(digits) if digits and digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _boundary(root: Part) -> bytes:
    """The boundary that separates the parts of a message, b"" when it has none."""
    declared, told = root.boundary, root.headers.all("content-type")
    if root.type.startswith("multipart/"):
        return _boundary_of_multipart(root, declared)
    if len(told) > 1 or declared:
        return _boundary_of_another_type(root, told)
    if not told and (root.headers.first("mime-version") is not None or _begins_with_delimiter(root)):
        found = Boundaries(root.raw, root.start).likely(root.start, root.end)
        if found:
            root.note("The message does not say that it has parts, but it has.")
            root.type = _UNTOLD
        return found
    return b""


def _boundary_of_multipart(root: Part, declared: bytes) -> bytes:
    lines = Boundaries(root.raw, root.start)
    if not (declared and lines.has(declared)):
        in_code = _boundary_in_code(root)
        if in_code:
            return in_code
    found = lines.real(declared, root.start, root.end, root.note)
    if not found:
        found = lines.closed()
        if found:
            root.note(INSTEAD)
    return found or declared


def _begins_with_delimiter(root: Part) -> bool:
    return root.raw[root.start : root.start + 500].lstrip(b"\r\n").startswith(b"--")


def _boundary_of_another_type(root: Part, told: list[bytes]) -> bytes:
    """The boundary that a second Content-Type names, or one that does not say multipart."""
    lines = Boundaries(root.raw, root.start)
    for value in told[:5]:
        kind, parameters = read_value(value)
        boundary = parameters.get("boundary", "").rstrip().encode("latin-1", "replace")
        if boundary and lines.has(boundary):
            root.note(f"The message says that it is {root.type}, but it has parts.")
            root.type = kind if kind.startswith("multipart/") else _UNTOLD
            return boundary
    return b""


def _boundary_in_code(root: Part) -> bytes:
    """RFC 2045, 6.4 forbids to encode the whole. Gateways do so all the same, and then no boundary is to be seen."""
    encoding = encoding_of(root.headers)
    if encoding not in ("base64", "quoted-printable"):
        return b""
    decoded = b"\n" + decode_transfer(root.encoded, encoding)
    boundary = Boundaries(decoded, 1).real(root.boundary, 1, len(decoded), lambda _: None)
    if boundary:
        root.note(f"All parts together are encoded in {encoding}.")
        root.raw, root.start, root.end = decoded, 1, len(decoded)
    return boundary


class _Splitter:
    """Hangs all parts below the root: each line that begins with two hyphens is looked up among the open boundaries,
    once.
    """

    def __init__(self, root: Part, boundary: bytes) -> None:
        self.root, self.raw, self.note = root, root.raw, root.note
        self.lines = Boundaries(root.raw, root.start)
        self.open: list[tuple[bytes, Part]] = []
        self.levels: dict[bytes, list[int]] = {}  # of the open parts, by boundary
        self.current: Part | None = None
        self.count, self.resume = 0, root.start
        self.preamble_end, self.epilogue = root.start, root.end
        self._open(boundary, root)

    def split(self) -> None:
        for match in DELIMITER.finditer(self.raw, max(self.root.start - 1, 0)):
            at = match.start() + 1
            if at < self.resume:
                continue
            level, closes = self._level(match[1].rstrip())
            if level is None:
                continue
            self._end_current(at)
            while len(self.open) > level + 1:
                self._close(at)
            if closes:
                if level:  # what follows is an epilogue, until an outer boundary
                    self._close(at)
                self.epilogue = match.end()
                continue
            if not self.count:
                self.preamble_end = at
            if self.count == MAX_PARTS:
                self._keep_rest(at)
                break
            self._begin(match.end(), self.open[level][1])
        if self.current is not None:
            self.note("The last boundary is missing; the message may have been cut off.")
        if self.count:
            self._look_outside()

    def _level(self, name: bytes) -> tuple[int | None, bool]:
        """How deep the part lies whose delimiter this is, and whether it closes it."""
        levels = self.levels.get(name)
        if levels:
            return levels[-1], False
        levels = self.levels.get(name[:-2]) if name.endswith(b"--") else None
        return (levels[-1], True) if levels else (None, False)

    def _begin(self, behind: int, parent: Part) -> None:
        begin = min(behind + (2 if self.raw.startswith(b"\r\n", behind) else 1), len(self.raw))
        headers, body = _part_headers(self.raw, begin, self.note)
        part = make_part(self.raw, headers, body, len(self.raw), parent, self.note)
        parent.children.append(part)
        self.count, self.resume, self.epilogue = self.count + 1, body, len(self.raw)
        boundary = self._inner_boundary(part) if part.type.startswith("multipart/") or part.boundary else b""
        if boundary:
            self._open(boundary, part)
        else:
            self.current = part

    def _inner_boundary(self, part: Part) -> bytes:
        """The boundary of the parts within a part, b"" when it has none."""
        if len(self.open) >= MAX_DEPTH:
            self.note(f"The parts are nested more than {MAX_DEPTH} deep; those below were kept as one file.")
            return b""
        if not part.type.startswith("multipart/"):
            if not self.lines.has(part.boundary, part.start) or part.boundary in self.levels:
                return b""
            self.note(f"Part {part.path} says that it is {part.type}, but it has parts.")
            part.type = "multipart/alternative" if part.type.endswith("/alternative") else "multipart/mixed"
        boundary = self.lines.real(part.boundary, part.start, part.start + 2000, self.note, self.levels)
        if boundary in self.levels:
            self.note("Two nested parts share one boundary.")
        return boundary

    def _open(self, boundary: bytes, part: Part) -> None:
        self.levels.setdefault(boundary, []).append(len(self.open))
        self.open.append((boundary, part))

    def _close(self, at: int) -> None:
        boundary, part = self.open.pop()
        part.end = _before_line_end(self.raw, at, part.start)
        levels = self.levels[boundary]
        levels.pop()
        if not levels:
            del self.levels[boundary]

    def _end_current(self, at: int) -> None:
        if self.current is not None:
            self.current.end = _before_line_end(self.raw, at, self.current.start)
            self.current = None

    def _keep_rest(self, at: int) -> None:
        self.note(f"The message has more than {MAX_PARTS} parts; the others were kept as one file.")
        rest = make_part(self.raw, Headers(), at, len(self.raw), self.root, self.note)
        rest.disposition, rest.disposition_parameters = "attachment", {"filename": "other parts.txt"}
        self.root.children.append(rest)

    def _look_outside(self) -> None:
        """What stands before the first part is for programs that know no MIME, and behind the last stands nothing; but
        where no part is a text, the text is there.
        """
        root = self.root
        before, behind = self.raw[root.start : self.preamble_end], self.raw[self.epilogue :]
        if not before.strip() and not behind.strip():
            return
        if not any(p.type.startswith("text/") and p.disposition != "attachment" for p in root.walk()):
            for path, start, end in (
                ("0", root.start, self.preamble_end),
                (f"{len(root.children) + 1}", self.epilogue, len(self.raw)),
            ):
                if _WORDS.search(self.raw, start, end):
                    text = make_part(self.raw, Headers(), start, end, root, self.note)
                    text.path = path
                    root.children.insert(0 if path == "0" else len(root.children), text)
                    self.note("The text stands outside of the parts.")
        elif _WORDS.search(behind):
            words = one_line(decode_raw(b" ".join(behind[:300].split()), None))
            self.note(f"Behind the last part stands text that is not shown: “{words}”.")


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
