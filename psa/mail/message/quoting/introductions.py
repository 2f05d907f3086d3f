"""Where the lines of a text introduce another mail. A cheap look at each line spares nearly all of them the close ones,
and what those found is kept for whoever asks next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from psa.mail.message.quoting.attribution import attribution, is_group_wise, may_end_attribution
from psa.mail.message.quoting.header_block import HeaderBlock, header_block, may_begin_block
from psa.mail.message.quoting.wording import (
    cleaned,
    is_forwarded_line,
    is_original_line,
    is_prose,
    is_quoted,
    is_reply_marker,
    unquoted,
    words_above_replies,
)

MAX_LINES = 5_000  # what stands below is one line
MAX_LOOKS = 200  # close ones; who writes more lines that look like introductions means none of them

Span = tuple[int, int]

_UNSEEN, _MARKER, _REPLY_MARKER, _BLOCK, _ATTRIBUTION = -1, 1, 2, 4, 8


class Introductions:
    """The lines of a text without what is invisible, and what on them introduces another mail."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines if all(map(str.isascii, lines)) else list(map(cleaned, lines))
        self.looks = 0
        self._seen = [_UNSEEN] * len(lines)
        self._spans: dict[tuple[int, bool], Span | None] = {}
        self._blocks: dict[int, HeaderBlock | None] = {}

    @property
    def given_up(self) -> bool:
        """Did so many lines look like introductions that the last of them were taken for text?"""
        return self.looks > MAX_LOOKS

    @cached_property
    def marked(self) -> list[bool]:
        """Which lines are quoted by their marks."""
        return [is_quoted(line) and not is_group_wise(line) for line in self.lines]

    @cached_property
    def unmarked(self) -> Introductions:
        """The same without one level of marks."""
        if not any(self.marked):
            return self
        return Introductions(
            [unquoted(line) if marked else line for line, marked in zip(self.lines, self.marked, strict=True)]
        )

    @cached_property
    def _words_above_replies(self) -> list[str]:
        return words_above_replies("\n".join(self.lines))

    def _see(self, n: int) -> int:
        """What line `n` may be."""
        seen = self._seen[n]
        if seen < 0:
            seen = self._seen[n] = _look(self.lines[n], self._words_above_replies)
        return seen

    def places(self, begin: int = 0, but: Sequence[bool] | None = None) -> Iterator[int]:
        """The numbers of the lines from `begin` on that may introduce something, but for those marked in `but`."""
        left = range(begin, len(self.lines))
        return filter(self._see, left if but is None else (n for n in left if not but[n]))

    def is_reply_marker(self, n: int) -> bool:
        return self._see(n) & _REPLY_MARKER != 0

    def is_marker(self, n: int) -> bool:
        """A line that says by itself that another mail follows: "-----Original Message-----" and its kin."""
        return self._see(n) & _MARKER != 0

    def block(self, n: int) -> HeaderBlock | None:
        """The header block whose first label stands on line `n`."""
        if not self._see(n) & _BLOCK:
            return None
        if n not in self._blocks:
            self._blocks[n] = header_block(self.lines, n) if self._may_look() else None
        return self._blocks[n]

    def attribution(self, n: int, is_above_quote: bool = False) -> Span | None:
        """The lines [begin, end) of the introduction whose last line is `n`."""
        if not self._see(n) & _ATTRIBUTION:
            return None
        key = n, is_above_quote
        if key not in self._spans:
            self._spans[key] = attribution(self.lines, n, is_above_quote) if self._may_look() else None
        return self._spans[key]

    def _may_look(self) -> bool:
        self.looks += 1
        return self.looks <= MAX_LOOKS


def _look(line: str, words: Sequence[str]) -> int:
    """What a line may be, as can be told without its neighbours."""
    if not line or line.isspace():
        return 0
    found = _REPLY_MARKER if words and is_reply_marker(line, words) else 0
    if is_prose(line):
        return found
    if is_original_line(line) or is_forwarded_line(line):
        found |= _MARKER
    if may_begin_block(line):
        found |= _BLOCK
    if may_end_attribution(line):
        found |= _ATTRIBUTION
    return found
