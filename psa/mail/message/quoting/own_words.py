"""What a text repeats of the texts that it answers, found by comparing words: robust against new line breaks, marks of
quoting, link targets and what becomes of HTML. In linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

MAX_WORDS = 200_000
SHINGLE = 4
MOST_PLACES = 16
ENOUGH_LETTERS = 40
FEWEST_LETTERS = 12

# What mail programs put into a text or take out of it: link targets, addresses, the names of pictures.
_NOISE = re.compile(
    r"<?(?:https?|ftp|tel|mailto|cid)[:.]\S*|\[(?:cid|image|https?|mailto)[^\]\n]{0,200}\]|<image\S{0,40}>|(?<!\S)[^\s@]{1,64}@\S+"
    r"|www\.\S+|(?<!\S)[^\s/]{1,80}\.[a-z]{2,12}/\S+",
    re.I,
)
# Only where one of these stands there may be noise. Looking for it is dear, and most lines have none.
_OF_NOISE = (
    *("@", "/", "[", "<image", "www."),
    *(f"{scheme}{sign}" for scheme in ("http", "https", "ftp", "tel", "mailto", "cid") for sign in ":."),
)
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")

Words = tuple[str, ...]
Place = tuple[int, int]  # which of the known texts, and which of its words


def found_again(lines: Sequence[str], answered: Sequence[str]) -> list[bool]:
    """For each line whether it stands in one of the texts `answered` as well.

    Only stretches count that go on as the known text does and are too long for a coincidence: people answer in the
    words in which they were asked. A line without words counts when it lies within such a stretch.
    """
    of_lines = _words_of(lines)
    known = _Known(answered, of_lines)
    found = [False] * len(lines)
    if not known.shingles and not known.lines:
        return found
    for begin, end, text in _stretches(_located(of_lines, known)):
        if sum(map(_weight, of_lines[begin:end])) >= known.enough[text]:
            found[begin:end] = [True] * (end - begin)
    return found


class _Known:
    """The words of the known texts, and where each four of them, and each of their lines, stand that are asked for."""

    def __init__(self, answered: Sequence[str], asked: Sequence[Words]) -> None:
        self.texts: list[Words] = []
        self.enough: list[int] = []
        self.shingles: dict[Words, list[Place]] = {}
        self.lines: dict[Words, list[Place]] = {}
        self.asked_shingles = set(_shingles(_joined(asked)))
        self.asked_lines = set(asked)
        for text in answered:
            of_lines = _words_of(text.split("\n"))
            words = _joined(of_lines)
            if words:
                self._add(words, of_lines)

    def _add(self, words: Words, of_lines: Sequence[Words]) -> None:
        number = len(self.texts)
        self.texts.append(words)
        self.enough.append(max(FEWEST_LETTERS, min(ENOUGH_LETTERS, int(0.6 * _weight(words)))))
        for n, shingle in enumerate(_shingles(words)):
            if shingle in self.asked_shingles:
                self._note(self.shingles, shingle, (number, n))
        at = 0
        for line in of_lines:
            if line and line in self.asked_lines:
                self._note(self.lines, line, (number, at))
            at += len(line)

    @staticmethod
    def _note(table: dict[Words, list[Place]], words: Words, place: Place) -> None:
        places = table.setdefault(words, [])
        if len(places) < MOST_PLACES:
            places.append(place)


@dataclass(slots=True)
class _Located:
    """A line: whether it has words, and if they are known, from which to which place they stand in the known text."""

    has_words: bool
    first: Place | None = None
    last: Place | None = None


def _located(of_lines: Sequence[Words], known: _Known) -> list[_Located]:
    """Each line, given as its words, at its place, as far as most of it is known."""
    places = _places(_joined(of_lines), known)
    located: list[_Located] = []
    at, before = 0, None
    for line in of_lines:
        found = places[at : at + len(line)]
        at += len(line)
        if not line:
            located.append(_Located(False))
            continue
        told = [place for place in found if place is not None]
        weight = _weight([word for word, place in zip(line, found, strict=False) if place is not None])
        if told and weight >= 0.7 * _weight(line):
            located.append(_Located(True, told[0], told[-1]))
        else:
            whole = _closest(known.lines.get(line, ()), before)
            behind = (whole[0], whole[1] + len(line) - 1) if whole else None
            located.append(_Located(True, whole, behind))
        before = located[-1].last
    return located


def _places(words: Words, known: _Known) -> list[Place | None]:
    """For each word where it stands in a known text: as the next one there, or as one of four in a row."""
    places: list[Place | None] = [None] * len(words)
    last: Place | None = None
    for n, word in enumerate(words):
        if last is not None and n and places[n - 1] is not None:
            text, at = last
            if at + 1 < len(known.texts[text]) and known.texts[text][at + 1] == word:
                places[n] = last = (text, at + 1)
                continue
        found = _closest(known.shingles.get(words[n : n + SHINGLE], ()), last)
        if found is not None:
            places[n] = last = found
    return places


def _closest(places: Sequence[Place], before: Place | None) -> Place | None:
    """The next place behind `before` in the same text, else the first one."""
    if before is not None:
        behind = [place for place in places if place[0] == before[0] and place[1] > before[1]]
        if behind:
            return min(behind)
    return places[0] if places else None


def _stretches(located: Sequence[_Located]) -> list[tuple[int, int, int]]:
    """(begin, end, number of the known text): the lines that follow each other as they do in that text."""
    spans: list[tuple[int, int, int]] = []
    begin = end = -1
    last: Place | None = None
    for n, line in enumerate(located):
        if not line.has_words:
            continue
        goes_on = line.first is not None and last is not None and line.first[0] == last[0] and line.first > last
        if not goes_on and last is not None:
            spans.append((begin, end, last[0]))
        if line.first is None:
            last = None
            continue
        if not goes_on:
            begin = n
        end, last = n + 1, line.last
    if last is not None:
        spans.append((begin, end, last[0]))
    return spans


def _words_of(lines: Sequence[str]) -> list[Words]:
    """The words of each line."""
    plain = str.casefold if not _may_be_noisy("\n".join(lines).casefold()) else _without_noise
    return [tuple(_WORD.findall(plain(line))[:MAX_WORDS]) for line in lines]


def _without_noise(line: str) -> str:
    folded = line.casefold()
    return _NOISE.sub(" ", line).casefold() if _may_be_noisy(folded) else folded


def _may_be_noisy(folded: str) -> bool:
    return any(map(folded.__contains__, _OF_NOISE))


def _joined(of_lines: Sequence[Words]) -> Words:
    return tuple(chain.from_iterable(of_lines))[:MAX_WORDS]


def _shingles(words: Words) -> Iterator[Words]:
    """Each four words in a row."""
    return zip(*(words[n:] for n in range(SHINGLE)), strict=False)


def _weight(words: Sequence[str]) -> int:
    """The number of letters; an ideogram says as much as three."""
    letters = "".join(words)
    if letters.isascii():
        return len(letters)
    return len(letters) + 2 * sum(len(word) == 1 and word >= "\u3040" for word in words)
