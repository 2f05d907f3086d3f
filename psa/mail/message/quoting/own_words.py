"""What a text repeats of the texts that it answers, found by comparing words: robust against new line breaks, marks of
quoting, link targets and what becomes of HTML. In linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

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
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")

Place = tuple[int, int]  # which of the known texts, and which of its words


def found_again(lines: Sequence[str], answered: Sequence[str]) -> list[bool]:
    """For each line whether it stands in one of the texts `answered` as well.

    Only stretches count that go on as the known text does and are too long for a coincidence: people answer in the
    words in which they were asked. A line without words counts when it lies within such a stretch.
    """
    known = _Known(answered)
    found = [False] * len(lines)
    if not known.texts:
        return found
    for begin, end, text in _stretches(_located(lines, known)):
        if sum(_letters(line) for line in lines[begin:end]) >= known.enough[text]:
            found[begin:end] = [True] * (end - begin)
    return found


class _Known:
    """The words of the known texts, and where each four of them, and each of their lines, stand."""

    def __init__(self, answered: Sequence[str]) -> None:
        self.texts = [words for words in map(_words, answered) if words]
        self.enough = [
            max(FEWEST_LETTERS, min(ENOUGH_LETTERS, int(0.6 * sum(map(_weight, words))))) for words in self.texts
        ]
        self.shingles: dict[tuple[str, ...], list[Place]] = {}
        self.lines: dict[tuple[str, ...], list[Place]] = {}
        for number, words in enumerate(self.texts):
            for n in range(len(words) - SHINGLE + 1):
                self._note(self.shingles, words[n : n + SHINGLE], (number, n))
        for number, text in enumerate(text for text in answered if _words(text)):
            at = 0
            for line in text.split("\n"):
                words = _words(line)
                if words:
                    self._note(self.lines, words, (number, at))
                at += len(words)

    @staticmethod
    def _note(table: dict[tuple[str, ...], list[Place]], words: list[str], place: Place) -> None:
        places = table.setdefault(tuple(words), [])
        if len(places) < MOST_PLACES:
            places.append(place)


@dataclass(slots=True)
class _Located:
    """A line: whether it has words, and if they are known, from which to which place they stand in the known text."""

    has_words: bool
    first: Place | None = None
    last: Place | None = None


def _located(lines: Sequence[str], known: _Known) -> list[_Located]:
    """Each line at its place, as far as most of it is known."""
    of_lines = [_words(line) for line in lines]
    words = [word for line in of_lines for word in line][:MAX_WORDS]
    places = _places(words, known)
    located: list[_Located] = []
    at, before = 0, None
    for line in of_lines:
        told = [place for place in places[at : at + len(line)] if place is not None]
        weight = sum(_weight(w) for w, p in zip(line, places[at : at + len(line)], strict=False) if p is not None)
        at += len(line)
        if not line:
            located.append(_Located(False))
            continue
        if told and weight >= 0.7 * sum(map(_weight, line)):
            located.append(_Located(True, told[0], told[-1]))
        else:
            whole = _closest(known.lines.get(tuple(line), ()), before)
            behind = (whole[0], whole[1] + len(line) - 1) if whole else None
            located.append(_Located(True, whole, behind))
        before = located[-1].last
    return located


def _places(words: Sequence[str], known: _Known) -> list[Place | None]:
    """For each word where it stands in a known text: as the next one there, or as one of four in a row."""
    places: list[Place | None] = [None] * len(words)
    last: Place | None = None
    for n, word in enumerate(words):
        if last is not None and n and places[n - 1] is not None:
            text, at = last
            if at + 1 < len(known.texts[text]) and known.texts[text][at + 1] == word:
                places[n] = last = (text, at + 1)
                continue
        found = _closest(known.shingles.get(tuple(words[n : n + SHINGLE]), ()), last)
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


def _words(text: str) -> list[str]:
    return _WORD.findall(_NOISE.sub(" ", text).casefold())[:MAX_WORDS]


def _letters(line: str) -> int:
    return sum(map(_weight, _words(line)))


def _weight(word: str) -> int:
    """An ideogram says as much as three letters."""
    return 3 if len(word) == 1 and ord(word) >= 0x3040 else len(word)
