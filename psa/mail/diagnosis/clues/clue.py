"""What a clue is: notions which, standing together, speak for a cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

# How many words may stand between the notions of a clue.
NEAR, CLOSE = 8, 2
# So often a notion is looked at: an answer that repeats itself says nothing new.
MOST = 10

# (first word, word after the last one)
Spot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Clue:
    """``notions`` must stand near each other (one of each group); with one of ``unless`` anywhere it says nothing.

    ``stages`` (all when empty) are those where it means what it says. ``weight``: 9 and more tells on its own, 5 is
    likely, 3 a hint.
    """

    cause: str
    weight: int
    notions: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...] = ()
    stages: frozenset[str] = frozenset()
    near: int = NEAR

    def find(self, places: Mapping[str, Sequence[Spot]], stage: str) -> tuple[Spot, ...] | None:
        """Where the clue stands, when it does; ``places`` as notions_in() gives them."""
        if self.stages and stage and stage not in self.stages:
            return None
        if any(places.keys().isdisjoint(group) for group in self.notions):
            return None
        if any(notion in places for notion in self.unless):
            return None
        spots = [[spot for notion in group for spot in places.get(notion, ())][:MOST] for group in self.notions]
        chosen = (sorted(one) for one in product(*spots))
        return next((tuple(one) for one in chosen if apart(one) and spread(one) <= self.near), None)


def apart(spots: list[Spot]) -> bool:
    """Whether no word is counted twice: “too long” alone is not a size that is too big."""
    return all(end <= start for (_, end), (start, _) in pairwise(spots))


def spread(spots: list[Spot]) -> int:
    """How many words lie between the first and the last of the spots."""
    return spots[-1][0] - spots[0][1]


def clue(cause: str, weight: int, notions: str, stages: frozenset[str] = frozenset()) -> Clue:
    """``notions`` in short: “mailbox full”, “user|mailbox unknown”, “full !sending”; “~many login” is close by."""
    groups = notions.removeprefix("~").split()
    return Clue(
        cause,
        weight,
        notions=tuple(tuple(group.split("|")) for group in groups if not group.startswith("!")),
        unless=tuple(group[1:] for group in groups if group.startswith("!")),
        stages=stages,
        near=CLOSE if notions.startswith("~") else NEAR,
    )


def clues(cause: str, *lines: tuple[int, str] | tuple[int, str, frozenset[str]]) -> tuple[Clue, ...]:
    return tuple(clue(cause, *line) for line in lines)
