"""What the person wrote now, what was quoted and what is signature. Folding sorts the lines of a text into three;
none is ever lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import takewhile

from psa.mail.message.quoting.attribution import introduces
from psa.mail.message.quoting.header_block import with_rule
from psa.mail.message.quoting.introductions import MAX_LINES, Introductions
from psa.mail.message.quoting.own_words import found_again
from psa.mail.message.quoting.phrases import ANSWERS_INLINE
from psa.mail.message.quoting.signature import signature_lines
from psa.mail.message.quoting.wording import (
    RULE_LINE,
    is_forwarded_line,
    is_original_line,
    is_quoted,
    label_of,
    other_mark,
    unquoted,
)

OWN, QUOTE, SIGNATURE = 0, 1, 2

_ANSWERS_INLINE = re.compile(ANSWERS_INLINE, re.I)
_MOST_OWN_ABOVE_INLINE = 8
_DIFF = re.compile(r"(?:\d+(?:,\d+)?[acd]\d+(?:,\d+)?\s*\Z|< )")
_OF_DIFF = re.compile(rf"{_DIFF.pattern}|---\s*\Z")


@dataclass(frozen=True, slots=True)
class Folded:
    """The three stretches of a text."""

    reply: str
    quoted: str
    signature: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What the structure of HTML says of each line: whether it is set off as ">" would do, surely a quote, the
    introduction of one, or signature. From line `cut` on all is the original.
    """

    quoted: Sequence[bool]
    surely: Sequence[bool]
    introduction: Sequence[bool]
    signature: Sequence[bool]
    cut: int | None = None


def fold(text: str, *, is_forward: bool = False, is_answer: bool = True, answered: Sequence[str] = ()) -> Folded:
    """Sort every line of `text`.

    With `is_forward` only the headers of the original are folded: its text is what is to be read. Without `is_answer`
    a header block folds nothing: web forms begin their letters so, and people paste what they want to be read.
    `answered` are the texts of the messages that it answers, where they are known: what stands in one of them as well
    is a quote, however it is introduced, and what stands in none of them among it is an answer.
    """
    lines = text.split("\n", MAX_LINES)
    kinds = sort_lines(Introductions(lines), is_forward=is_forward, is_answer=is_answer, answered=answered)
    return gathered(lines, kinds)


def gathered(lines: Sequence[str], kinds: Sequence[int]) -> Folded:
    """The lines of each kind; a gap where another kind stood between them leaves one blank line."""
    stretches: tuple[list[str], list[str], list[str]] = [], [], []
    for line, kind in zip(lines, kinds, strict=True):
        out, line = stretches[kind], line.rstrip()
        if line or out and out[-1]:
            out.append(line)
    return Folded(*("\n".join(out).strip("\n") for out in stretches))


def sort_lines(
    text: Introductions,
    *,
    is_forward: bool = False,
    is_answer: bool = True,
    answered: Sequence[str] = (),
    marks: Marks | None = None,
) -> list[int]:
    """OWN, QUOTE or SIGNATURE for each line; see `fold`."""
    page = _Page(text, marks, is_answer)
    if is_forward and page.fold_forwarded():
        return page.kinds
    if answered:
        page.again = found_again(page.lines, answered)
    page.fold_original()
    page.fold_signature()
    page.fold_quotes()
    page.show_what_is_only_quoted()
    return page.kinds


class _Page:
    """The lines of one text while they are sorted."""

    def __init__(self, text: Introductions, marks: Marks | None, is_answer: bool) -> None:
        self.text = text
        self.lines = lines = text.lines
        size = len(lines)
        none = [False] * size
        self.marks = marks or Marks(none, none, none, none)
        self.is_answer = is_answer
        self.kinds = [OWN] * size
        self.fenced = _fenced(lines)
        self.quoted = [
            not fenced and (marked or told)
            for marked, told, fenced in zip(text.marked, self.marks.quoted, self.fenced, strict=True)
        ]
        self.again = [False] * size
        self.introduced: set[int] = set()  # lines above which an introduction was folded
        self._mend_quoting()
        if marks is not None:
            self._heed_structure()

    # -- what is marked as quoted
    def _mend_quoting(self) -> None:
        lines, quoted = self.lines, self.quoted
        others = [n for n, line in enumerate(lines) if line and other_mark(line) and not self.fenced[n]]
        below = self._first_attribution(others[-1]) if others else None
        for n in others:
            quoted[n] = below is not None and n >= below
        if not any(quoted):
            return
        if any(_DIFF.match(line) for line in lines):
            for n in range(len(lines)):
                quoted[n] = quoted[n] and not self._is_diff(n)
        for n in range(1, len(lines) - 1):
            # A long line that was wrapped on its way, so that its end lost the mark.
            if not quoted[n] and quoted[n - 1] and quoted[n + 1] and lines[n].strip() and len(lines[n - 1]) >= 60:
                quoted[n] = lines[n][0].islower() and len(lines[n]) < 60 and len(unquoted(lines[n - 1]).strip()) > 0

    def _heed_structure(self) -> None:
        """Fold what HTML names: introductions, and the signature unless nothing else was written."""
        for n, introduces_quote in enumerate(self.marks.introduction):
            if introduces_quote:
                self.kinds[n] = QUOTE
                self.introduced.add(n + 1)
        if any(map(self._is_own_unsigned, range(len(self.lines)))):
            self.kinds = [
                SIGNATURE if signed else kind for kind, signed in zip(self.kinds, self.marks.signature, strict=True)
            ]

    def _is_own_unsigned(self, n: int) -> bool:
        return self._is_own(n) and not self.quoted[n] and not self.marks.signature[n]

    def _first_attribution(self, until: int) -> int | None:
        """The line behind the first introduction above `until`: prompts and tables have none."""
        spans = (self.text.attribution(n, is_above_quote=True) for n in takewhile(until.__gt__, self.text.places()))
        return next((span[1] for span in spans if span is not None), None)

    def _is_diff(self, n: int) -> bool:
        """A ">" beside "<" or below "3c3" shows a difference, not a quote."""
        above = n
        while above > 0 and n - above < 50 and self.lines[above].startswith(">"):
            above -= 1
        return _OF_DIFF.match(self.lines[above]) is not None and self.lines[n].startswith("> ")

    # -- everything from some line on
    def fold_original(self) -> None:
        """Fold from the first line on from which all the rest is somebody else's."""
        start, at = 0, self._next_original(0)
        while at is not None:
            if not self.is_answer and not self._says_who_wrote(at):
                return
            below = self._end_of_introduction(at)
            if self._has_own(start, at):
                if not self._is_answered_inline(start, at):
                    self._fold(at, len(self.lines))
                    self._show_answers(at, below)
                    return
                self._fold(at, below)
                return
            # Nothing of the sender's own stands above: what stands below may be the answer, so it is shown.
            self._fold(at, below)
            start = below
            following = self._next_original(below)
            at = following if following is None else max(following, below)

    def _next_original(self, begin: int) -> int | None:
        """The line where the next original begins: a marker, a header block, or an attribution without '>' below."""
        text, lines = self.text, self.lines
        for at in self._places(begin):
            if at == self.marks.cut:
                return with_rule(lines, at)
            if self.quoted[at] or self.fenced[at]:
                continue
            if text.is_marker(at) or text.is_reply_marker(at):
                return at
            block = text.block(at)
            if block is not None:
                return with_rule(lines, block.begin)
            quote_below = self._quote_below(at + 1)
            span = text.attribution(at, quote_below)
            if span is not None:
                if not quote_below:
                    return span[0]
                self._fold(*span)
                self.introduced.add(span[1])
        return None

    def _places(self, begin: int) -> Iterator[int]:
        """The lines from `begin` on where something may be introduced, and that from which HTML says that all is."""
        cut = self.marks.cut
        if cut is None or not begin <= cut < len(self.lines):
            return self.text.places(begin, self.quoted)
        return merge((n for n in self.text.places(begin, self.quoted) if n != cut), [cut])

    def _quote_below(self, at: int) -> bool:
        below = self._next_text(at)
        return below is not None and self.quoted[below]

    def _next_text(self, at: int) -> int | None:
        return next((n for n in range(at, min(at + 6, len(self.lines))) if self.lines[n].strip()), None)

    def _says_who_wrote(self, at: int) -> bool:
        """Does a marker or an "Ann wrote:" begin here, rather than headers that may be anybody's?"""
        if self.text.is_reply_marker(at) or at == self.marks.cut:
            return True
        return any(self.text.attribution(n) for n in range(at, min(at + 5, len(self.lines))))

    def _end_of_introduction(self, at: int) -> int:
        """The line behind the separator, header block or attribution that begins at `at`."""
        end, others = at + 1, 0
        for n in range(at, min(at + 8, len(self.lines))):
            line = self.lines[n]
            if not line.strip() or RULE_LINE.match(line):
                continue
            block = self.text.block(n)
            if block is not None:
                return block.end
            if self.text.attribution(n):
                end = n + 1
            elif n > at:
                others += 1
                if others > 3 or self.text.is_marker(n):
                    break
        return end

    def _has_own(self, start: int, until: int) -> bool:
        return any(self._is_own(n) and not self.quoted[n] and not self.again[n] for n in range(start, until))

    def _is_own(self, n: int) -> bool:
        return self.kinds[n] == OWN and bool(self.lines[n].strip())

    def _is_answered_inline(self, start: int, until: int) -> bool:
        """Does the sender say that the answers stand within the original?"""
        own = [self.lines[n] for n in range(start, until) if self._is_own(n) and not self.quoted[n]]
        return len(own) <= _MOST_OWN_ABOVE_INLINE and any(_ANSWERS_INLINE.search(line[:500]) for line in own)

    def _show_answers(self, at: int, below: int) -> None:
        """Show what stands within the original, but not in the text that is answered, with the original around it."""
        if not any(self.again):
            return
        end = self._next_original(below) or len(self.lines)
        again = [n for n in range(below, end) if self.again[n]]
        if not again:
            return
        within = range(again[0], again[-1] + 1)
        if any(not self.again[n] and not self.quoted[n] and any(map(str.isalnum, self.lines[n])) for n in within):
            self.kinds[again[0] : end] = [OWN] * (end - again[0])
            self.introduced.add(again[0])

    def _fold(self, begin: int, end: int) -> None:
        self.kinds[begin:end] = [QUOTE] * (end - begin)

    # -- block by block
    def fold_quotes(self) -> None:
        """Fold what is marked as quoted or found again; what stands between several answers stays, for the answers
        make no sense without it.
        """
        if not (any(self.quoted) or any(self.again)):
            return
        blocks = self._blocks()
        bounds = [begin for begin, _ in blocks[1:]] + [len(self.lines)]
        answered = [b for b, until in zip(blocks, bounds, strict=False) if any(map(self._is_own, range(b[1], until)))]
        kept = set(answered) if len(answered) > 1 else {b for b in answered if not self._is_surely_quoted(b)}
        for block in blocks:
            begin, end = block
            if block in kept or not self.is_answer and not self._is_surely_quoted(block):
                continue
            self._fold(self._above(begin) if self.again[begin] else begin, end)

    def _blocks(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        at, size = 0, len(self.lines)
        while at < size:
            if not (self.kinds[at] == OWN and self._is_quote(at)):
                at += 1
                continue
            begin = end = at
            while at < size and self.kinds[at] == OWN and (self._is_quote(at) or not self.lines[at].strip()):
                if self.lines[at].strip():
                    end = at
                at += 1
            found.append((begin, end + 1))
        return found

    def _is_quote(self, n: int) -> bool:
        return self.quoted[n] or self.again[n]

    def _is_surely_quoted(self, block: tuple[int, int]) -> bool:
        """Is it introduced, marked by HTML or found again? People mark what they paste by ">" too."""
        begin, end = block
        above = self._last_text(begin - 1)
        return (
            self.introduced.intersection(range((begin if above is None else above), end)) != set()
            or any(self.again[begin:end])
            or any(self.marks.surely[begin:end])
            or introduces(unquoted(self.lines[begin]), is_above_quote=True)
            or label_of(unquoted(self.lines[begin])) is not None
            or is_original_line(self.lines[begin])
            or is_forwarded_line(self.lines[begin])
        )

    def _last_text(self, at: int) -> int | None:
        return next((n for n in range(at, max(at - 4, -1), -1) if self.lines[n].strip()), None)

    def _above(self, begin: int) -> int:
        """Where a quote that was found again begins: with the lines that introduce it, in whatever language."""
        last = self._last_text(begin - 1)
        if last is None or self.kinds[last] != OWN or self._is_quote(last):
            return begin
        if RULE_LINE.match(self.lines[last]):
            return last
        first = last
        while first > 0 and last - first < 12 and self.lines[first - 1].strip() and self.kinds[first - 1] == OWN:
            first -= 1
        span = self.text.attribution(last, is_above_quote=True)
        if span is not None:
            return span[0]
        for n in range(first, last + 1):
            if _introduces_unknown(self.lines[n : last + 1]):
                return with_rule(self.lines, n)
        return begin

    # -- the rest
    def fold_signature(self) -> None:
        quoted, again, fenced = self.quoted, self.again, self.fenced
        own = [
            n
            for n, (line, kind) in enumerate(zip(self.lines, self.kinds, strict=True))
            if kind == OWN and not (quoted[n] or again[n] or fenced[n]) and line and not line.isspace()
        ]
        for n in signature_lines(self.lines, own):
            self.kinds[n] = SIGNATURE

    def show_what_is_only_quoted(self) -> None:
        """A mail that is nothing but a quote shows it, unless it is only what we wrote ourselves."""
        if any(self._is_own(n) for n in range(len(self.lines))):
            return
        shown = [n for n, quoted in enumerate(self.quoted) if quoted and not self.again[n] and self.kinds[n] == QUOTE]
        bare = [unquoted(unquoted(self.lines[n]).lstrip("> ")) for n in shown]
        if all(not text.strip() or introduces(text) for text in bare):
            return
        for n in shown:
            self.kinds[n] = OWN

    def fold_forwarded(self) -> bool:
        """Fold the headers of a forwarded mail; False when there are none."""
        at = self._next_original(0)
        if at is None:
            return not any(line.strip() and not is_quoted(line) for line in self.lines)
        self._fold(at, self._end_of_introduction(at))
        return True


def _fenced(lines: Sequence[str]) -> list[bool]:
    """Which lines stand between two "```": code, whatever it looks like."""
    fences = [n for n, line in enumerate(lines) if line[:1] in " `~" and line.lstrip().startswith(("```", "~~~~"))]
    inside = [False] * len(lines)
    for begin, end in zip(fences[::2], fences[1::2], strict=False):
        inside[begin : end + 1] = [True] * (end + 1 - begin)
    return inside


def _introduces_unknown(lines: Sequence[str]) -> bool:
    """Do these lines look like an attribution or a header block, in a language that nobody taught us?"""
    text = " ".join(line.strip() for line in lines)
    if len(lines) > 2 and sum(":" in line[:40] or "：" in line[:40] for line in lines) > 2:
        return "@" in text or any(c.isdigit() for c in text)
    ends = text.rstrip(" *_").endswith((":", "：", "---", "___", "==="))
    return len(lines) < 5 and len(text) < 400 and ends and ("@" in text or sum(c.isdigit() for c in text) >= 4)
