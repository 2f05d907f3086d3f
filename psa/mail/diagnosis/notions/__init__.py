"""The notions that an answer speaks of (mailbox, full, password, wrong …), in the languages that servers write.

Here wording becomes meaning: “Postfach voll” and “mailbox is full” speak of the same two notions. What notions mean
together is for the clues to say. The words themselves are data: things.toml, states.toml, sayings.toml, library.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from psa.mail.diagnosis.words import STOP, plain

# How many other words “..” stands for at most.
GAP = 3
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that name a notion. One that ends in “*” stands for all that begin so, “..” for up to three others."""

    notion: str
    words: tuple[str, ...]


def phrases() -> Iterator[Phrase]:
    """All phrases of all languages. Raises KeyError when two files explain the same notion."""
    seen: set[str] = set()
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        for notion, languages in tomllib.loads(path.read_text()).items():
            if notion in seen:
                raise KeyError(notion)
            seen.add(notion)
            for listed in languages.values():
                for phrase in listed.split(","):
                    # Servers that know no umlauts write ae for ä.
                    for written in {phrase, phrase.translate(UMLAUTS)}:
                        yield Phrase(notion, tuple(pattern_words(written)))


def pattern_words(phrase: str) -> Iterator[str]:
    for word in phrase.split():
        if word == "..":
            yield word
        else:
            *before, last = plain(word.removesuffix("*"))
            yield from before
            yield last + "*" * word.endswith("*")


@cache
def by_first_word() -> dict[str, list[Phrase]]:
    """All phrases by their first word; read once, when the first answer is looked at."""
    found: dict[str, list[Phrase]] = {}
    for phrase in phrases():
        found.setdefault(phrase.words[0], []).append(phrase)
    return found


def notions_in(words: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Where each notion stands: (first word, word after the last one), in the order of the words."""
    found: dict[str, list[tuple[int, int]]] = {}
    known = by_first_word()
    for start, word in enumerate(words):
        for first in (word, *(word[:length] + "*" for length in range(1, len(word) + 1))):
            for phrase in known.get(first, ()):
                end = end_of(phrase.words, words, start)
                if end is not None:
                    found.setdefault(phrase.notion, []).append((start, end))
    return found


def end_of(phrase: Sequence[str], words: Sequence[str], at: int) -> int | None:
    """The position after ``phrase`` if it stands in ``words`` at ``at``, else None. A gap crosses no full stop."""
    if not phrase:
        return at
    if phrase[0] == "..":
        for skipped in range(GAP + 1):
            if STOP in words[at : at + skipped]:
                return None
            end = end_of(phrase[1:], words, at + skipped)
            if end is not None:
                return end
        return None
    if at < len(words) and is_word(phrase[0], words[at]):
        return end_of(phrase[1:], words, at + 1)
    return None


def is_word(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern
