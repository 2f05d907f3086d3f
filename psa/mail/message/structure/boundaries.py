"""Which lines of a message delimit its parts, whatever boundary it names (RFC 2046, section 5.1.1)."""

from __future__ import annotations

import re
from collections.abc import Container

from psa.mail.message.structure.headers import Note

MAX_NAMES = 10_000
NEARBY = 65_536
INSTEAD = "The boundary that the message names is missing; the one that its parts really have was taken."

DELIMITER = re.compile(rb"\n--([^\r\n]*)")
_LIKELY = re.compile(rb"\n--([^\r\n]{1,200})\r?\n(?:content-[a-z-]+|mime-version)[ \t]*:", re.I)


class Boundaries:
    """The lines of a message that could delimit parts. They are collected only when a named boundary is not at hand."""

    def __init__(self, raw: bytes, start: int) -> None:
        self.raw, self.start = raw, start
        self._names: dict[bytes, None] | None = None

    def real(self, declared: bytes, at: int, end: int, note: Note, others: Container[bytes] = ()) -> bytes:
        """The boundary of the parts between `at` and `end`: the declared one, else the one that stands there and is not
        among `others`. b"" for none.
        """
        if declared and self.has(declared, at):
            return declared
        found = self._written_otherwise(declared) or self.likely(at, end)
        if not found or found in others:
            return b""
        note(INSTEAD)
        return found

    def has(self, name: bytes, at: int = 0) -> bool:
        """Is there such a delimiter?"""
        if self._names is None and self.raw.find(b"\n--" + name, max(at, self.start) - 1, at + NEARBY) >= 0:
            return True
        names = self._all()
        return name in names or name + b"--" in names or len(names) >= MAX_NAMES

    def _all(self) -> dict[bytes, None]:
        if self._names is None:
            self._names = {}
            for match in DELIMITER.finditer(self.raw, max(self.start - 1, 0)):
                self._names[match[1].rstrip()] = None
                if len(self._names) >= MAX_NAMES:
                    break
        return self._names

    def _written_otherwise(self, declared: bytes) -> bytes:
        """The same boundary in other letters, with a comment, or with blanks that folding put into it."""
        if not declared:
            return b""
        meant = {_squeezed(declared), _squeezed(re.split(rb"[\s;]", declared, maxsplit=1)[0])} - {b""}
        return next((name for name in self._all() if _squeezed(name) in meant), b"")

    def likely(self, at: int, end: int) -> bytes:
        """The first line between `at` and `end` that stands above the headers of a part, b"" for none."""
        likely = _LIKELY.search(self.raw, max(at - 1, 0), end)
        return likely[1].rstrip() if likely else b""

    def closed(self) -> bytes:
        """The first line that opens and, with two hyphens more, closes; b"" for none."""
        names = self._all()
        return next((n[:-2] for n in names if n.endswith(b"--") and len(n) > 2 and n[:-2] in names), b"")


def _squeezed(name: bytes) -> bytes:
    return b"".join(name.split()).strip(b"\"'").lower()
