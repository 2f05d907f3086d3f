"""Patterns that an admin writes: searched within a limit of time, since a regular expression can take for ever."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]

LENGTH_MAX = 300
# In seconds of work, so that a busy machine changes nothing: for one search, and for all in one message together.
ONE_SEARCH = 0.05
ONE_MESSAGE = 0.25
# A pattern that needs longer for a made-up text than this would need too long for a real one some day.
TRIAL = 0.03
TRIAL_LENGTH = 3000
# A pattern within itself, "(?R)" or "(?1)": that takes memory without a limit.
RECURSION = re.compile(r"\(\?(?:R|[+-]?\d|&|P>)")


class BadPattern(ValueError):
    """A pattern that cannot be kept; the message is a sentence."""


class TooSlow(Exception):
    """A search that was given up."""


@dataclass(slots=True)
class Allowance:
    """How many seconds the patterns may still take for one message."""

    left: float = ONE_MESSAGE

    def search(self, pattern: str, text: str) -> bool:
        """Whether ``pattern`` is found in ``text``. Raises TooSlow, and BadPattern for one that is none."""
        if self.left <= 0:
            raise TooSlow
        began = time.thread_time()
        try:
            return compiled(pattern).search(text, timeout=min(ONE_SEARCH, self.left)) is not None
        except (TimeoutError, MemoryError) as error:
            raise TooSlow from error
        finally:
            self.left -= time.thread_time() - began


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Any:
    """The pattern made ready, letters in either case. Raises BadPattern."""
    if RECURSION.search(pattern):
        raise BadPattern(f"“{pattern}” contains itself. Write it without (?R) and the like.")
    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except (regex.error, RecursionError, OverflowError) as error:
        raise BadPattern(f"“{pattern}” is not a regular expression: {error}.") from error


def checked_pattern(pattern: str) -> str:
    """``pattern``, when it can be kept: it means something, finds not everything, and is quick. Raises BadPattern."""
    if len(pattern) > LENGTH_MAX:
        raise BadPattern(f"That pattern has {len(pattern)} characters. Use at most {LENGTH_MAX}.")
    ready = compiled(pattern)
    if ready.fullmatch(""):
        raise BadPattern(f"“{pattern}” is found in every text, because it allows for nothing at all.")
    for text in trials(pattern):
        try:
            ready.search(text, timeout=TRIAL)
        except TimeoutError as error:
            raise BadPattern(
                f"“{pattern}” can take very long: a repetition in it contains another one. Write it more plainly."
            ) from error
    return pattern


def trials(pattern: str) -> list[str]:
    """Texts that a careless pattern stumbles over: its own letters, again and again, and then something else."""
    letters = dict.fromkeys([*(one for one in pattern if one.isalnum()), "a", "1", " ", "-", "."])
    words = "".join(one for one in pattern if one.isalnum() or one in " @.-_")
    pieces = [*list(letters)[:12], "a ", "a1", "a.", words or "a"]
    # The letters stand at the end too: a text that lacks what must be there is dismissed without a search.
    return [(piece * TRIAL_LENGTH)[:TRIAL_LENGTH] + "\x00" + words for piece in pieces]
