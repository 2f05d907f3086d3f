"""Which part of a message a reference in its HTML means: by Content-ID (RFC 2392), by Content-Location (RFC 2557), and
by file name where programs leave both out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from psa.mail.message.html.markup import unescape
from psa.mail.message.structure.header_text import decode_words
from psa.mail.message.structure.tree import Part

MAX_REFERENCE = 2_000

# For the pictures that stand between texts and that no text names.
BY_PATH = "x-part:"
_REFERENCE = re.compile(r"""(?:\b(?:src|background|poster)\s*=|url\()[\s"'(]{0,10}([^\s"'()<>]{1,2000})""", re.I)


class Pictures:
    """The parts that can be shown in the HTML of a message."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.by_id: dict[str, str] = {}
        self.by_location: dict[str, str] = {}
        self.by_name: dict[str, str] = {}
        self.paths: set[str] = set()
        for part in parts:
            location = decode_words(part.headers.first("content-location") or b"")
            self.add(part.path, part.headers.text("content-id"), part.file_name, location)
            self.add(part.path, part.headers.text("x-attachment-id"))

    def add(self, path: str, content_id: str, name: str = "", location: str = "") -> None:
        self.paths.add(path)
        if content_id:
            self.by_id.setdefault(plain_id(content_id), path)
        if location:
            self.by_location.setdefault(_plain_location(location), path)
        if name:
            self.by_name.setdefault(name.casefold(), path)

    def part(self, reference: str) -> str | None:
        """The path of the part that `reference`, the value of a src or url(), means; None for one outside."""
        reference = reference.strip()
        if not self.paths or len(reference) > MAX_REFERENCE:
            return None
        lower = reference[:10].lower()
        if lower.startswith(BY_PATH):
            path = reference[len(BY_PATH) :]
            return path if path in self.paths else None
        if lower.startswith("cid:"):
            named = plain_id(reference[4:])
            return self.by_id.get(named) or self._named(named) or self._named(named.partition("@")[0])
        location = _plain_location(reference)
        if found := self.by_location.get(location):
            return found
        if ":" in location or location.startswith("//"):
            return None
        # A picture beside the page, as editors that save web pages write it.
        name = location.rpartition("/")[2]
        return self._named(name) or self.by_location.get(name) or self.by_id.get(name)

    def _named(self, name: str) -> str | None:
        return self.by_name.get(name.casefold()) if name else None

    def shown_in(self, markup: str | None) -> frozenset[str]:
        """The paths of the parts that the HTML shows in their places."""
        if not markup or not self.paths:
            return frozenset()
        found = (self.part(unescape(match[1])) for match in _REFERENCE.finditer(markup))
        return frozenset(path for path in found if path)


def plain_id(value: str) -> str:
    """A Content-ID to compare: without brackets, quotes and percent signs, whichever side wrote them."""
    return unquote(value).strip().strip("<>\"' ").casefold()


def _plain_location(value: str) -> str:
    return unquote("".join(value.split())).strip("<>\"'").removeprefix("./")
