"""What an attempt is: who tries what by which means, and the story that shows what it got."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.security.world import World

# Tries it in the world, asserts that it did not work, and tells what it got in a sentence.
Story = Callable[["World"], str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """``title`` says what is tried, ``how`` by which means."""

    title: str
    how: str
    story: Story


class Chapter:
    """Attempts of one kind, in the order in which they are entered."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.attempts: list[Attempt] = []

    def __iter__(self) -> Iterator[Attempt]:
        return iter(self.attempts)

    def add(self, title: str, how: str) -> Callable[[Story], Story]:
        def enter(story: Story) -> Story:
            self.attempts.append(Attempt(title, how, story))
            return story

        return enter
