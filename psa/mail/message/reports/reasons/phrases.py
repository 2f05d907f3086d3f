"""Many phrases searched at once, and not at all in a text in which no word begins like one of them."""

from __future__ import annotations

import re
import sys
from functools import cached_property, lru_cache

LETTERS = 3  # of each beginning: enough to tell most texts apart

_BEGINNING = re.compile(r"(?<![a-z<])(?=([a-z<][^\n]{0,2}))")
_OTHER_LETTER = re.compile(r"[^\x00-\x7f]")
_ESCAPED = re.compile(r"\\[^\w]")


class Phrases:
    """Phrases that begin where a word begins. They are regular expressions of literals, groups without capture, "?",
    "*" and classes. They are compiled when first asked for: a program that reads no bounce starts without.
    """

    def __init__(self, expressions: list[str]) -> None:
        self.expressions = expressions

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        # One look behind for all of them: most positions within a word are done with at once.
        return re.compile(f"(?<![a-z<])(?:{'|'.join(self.expressions)})")

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """The first letters that a match can have; "" means that it can have any."""
        return frozenset(text for text, _ in _alternatives("|".join(self.expressions)))

    def search(self, text: str, at: int = 0, until: int = sys.maxsize) -> re.Match[str] | None:
        return self.pattern.search(text, at, until) if self.may_be_in(beginnings_in(text)) else None

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        return self.pattern.match(text, at)

    def may_be_in(self, beginnings: frozenset[str]) -> bool:
        """Is a search worth its time in a text with these `beginnings_in` it?"""
        return "" in self.beginnings or not self.beginnings.isdisjoint(beginnings)


@lru_cache(maxsize=4)
def beginnings_in(text: str) -> frozenset[str]:
    """The first one, two and three letters of all words, and every letter that is not ASCII: some scripts write no
    blanks.
    """
    words = set(_BEGINNING.findall(text))
    found = {word[:n] for word in words for n in range(1, LETTERS + 1)}
    return frozenset(found if text.isascii() else found.union(_OTHER_LETTER.findall(text)))


_Begun = set[tuple[str, bool]]  # a text, and whether what follows in the expression still belongs to it


def _alternatives(expression: str) -> _Begun:
    begun: _Begun = set()
    for alternative in _split(expression):
        begun |= _sequence(alternative)
    return begun


def _sequence(expression: str) -> _Begun:
    begun: _Begun = {("", True)}
    at = 0
    while at < len(expression) and any(is_open for _, is_open in begun):
        if expression.startswith("(?:", at):
            end = _closing(expression, at)
            following, at = _alternatives(expression[at + 3 : end]), end + 1
        elif expression.startswith(("(?!", "(?<"), at):  # looks around, and takes nothing
            at = _closing(expression, at) + 1
            continue
        elif expression.startswith("\\b", at):
            at += 2
            continue
        elif _ESCAPED.match(expression, at):
            following, at = {(expression[at + 1], True)}, at + 2
        elif expression[at] in "[\\.$^":
            following, at = {("", False)}, len(expression)
        else:
            following, at = {(expression[at], True)}, at + 1
        is_optional = expression[at : at + 1] in ("?", "*")
        longer = {_joined(text, more) for text, is_open in begun if is_open for more in following}
        closed = {(text, is_open) for text, is_open in begun if not is_open}
        begun = closed | longer | (begun if is_optional else set())
        at += is_optional
    return begun


def _joined(text: str, more: tuple[str, bool]) -> tuple[str, bool]:
    whole = text + more[0]
    if whole and not whole[0].isascii():
        return whole[0], False
    return whole[:LETTERS], more[1] and len(whole) < LETTERS


def _split(expression: str) -> list[str]:
    """Cut at each "|" that stands in no group."""
    parts, depth, begin = [], 0, 0
    at = 0
    while at < len(expression):
        sign = expression[at]
        if sign == "\\":
            at += 1
        elif sign == "[":
            at = expression.index("]", at + 2)
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == "|" and depth == 0:
            parts.append(expression[begin:at])
            begin = at + 1
        at += 1
    return [*parts, expression[begin:]]


def _closing(expression: str, at: int) -> int:
    """Where the group that opens at `at` closes."""
    depth = 0
    while True:
        sign = expression[at]
        if sign == "\\":
            at += 1
        elif sign == "[":
            at = expression.index("]", at + 2)
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return at
        at += 1
