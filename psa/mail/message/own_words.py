"""What a text repeats of the texts that it answers, found by comparing words: robust against new line breaks, marks of
quoting, link targets and what becomes of HTML. In linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_WORDS = 200_000
SHINGLE = 4
ENOUGH_LETTERS = 40
FEWEST_LETTERS = 12

# What mail programs put into a text or take out of it: link targets, addresses, the names of pictures.
_NOISE = re.compile(
    r"<?(?:https?|ftp|tel|mailto|cid)[:.]\S*|\[(?:cid|image|https?|mailto)[^\]\n]{0,200}\]|<image\S{0,40}>|\S+@\S+"
    r"|www\.\S+|[^\s/]{1,80}\.[a-z]{2,12}/\S+",
    re.I,
)
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")


def found_again(lines: Sequence[str], answered: Sequence[str]) -> list[bool]:
    """For each line whether it stands in one of the texts `answered` as well.

    Only stretches long enough to be no coincidence count; a line without words counts when it lies within one.
    """
    known = [words for words in (_words(text) for text in answered) if words]
    found = [False] * len(lines)
    if not known:
        return found
    shingles = {tuple(words[n : n + SHINGLE]) for words in known for n in range(len(words) - SHINGLE + 1)}
    whole = {tuple(_words(line)) for text in answered for line in text.split("\n")} | {tuple(words) for words in known}
    numbered = [(word, n) for n, line in enumerate(lines) for word in _words(line)][:MAX_WORDS]
    covered = _covered([word for word, _ in numbered], shingles)
    letters, hits = [0] * len(lines), [0] * len(lines)
    for (word, n), hit in zip(numbered, covered, strict=True):
        letters[n] += _weight(word)
        hits[n] += _weight(word) if hit else 0
    likely = [
        total > 0 and (hit >= 0.7 * total or tuple(_words(line)) in whole)
        for line, total, hit in zip(lines, letters, hits, strict=True)
    ]
    enough = max(FEWEST_LETTERS, min(ENOUGH_LETTERS, int(0.6 * min(sum(map(_weight, words)) for words in known))))
    for begin, end in _stretches(likely, letters):
        if sum(letters[begin:end]) >= enough:
            found[begin:end] = [True] * (end - begin)
    return found


def _words(text: str) -> list[str]:
    return _WORD.findall(_NOISE.sub(" ", text).casefold())[:MAX_WORDS]


def _weight(word: str) -> int:
    """An ideogram says as much as three letters."""
    return 3 if len(word) == 1 and ord(word) >= 0x3040 else len(word)


def _covered(words: Sequence[str], shingles: set[tuple[str, ...]]) -> list[bool]:
    covered = [False] * len(words)
    for n in range(len(words) - SHINGLE + 1):
        if tuple(words[n : n + SHINGLE]) in shingles:
            covered[n : n + SHINGLE] = [True] * SHINGLE
    return covered


def _stretches(likely: Sequence[bool], letters: Sequence[int]) -> list[tuple[int, int]]:
    """The spans from a likely line to the last likely one, with nothing but lines without words between."""
    spans: list[tuple[int, int]] = []
    begin = end = -1
    for n, is_likely in enumerate(likely):
        if is_likely:
            if begin < 0:
                begin = n
            end = n + 1
        elif letters[n] and begin >= 0:
            spans.append((begin, end))
            begin = -1
    if begin >= 0:
        spans.append((begin, end))
    return spans
