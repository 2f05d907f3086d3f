"""The steps of a new client's set-up, in their order, and where one stands on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["done", "skipped", "open"]


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the path: its name in the address, its title, and what the button says that leaves it out."""

    name: str
    title: str
    skip: str = ""


STEPS = (
    Step("company", "Company"),
    Step("domains", "Domains", "They have no domain of their own"),
    Step("contacts", "Contacts", "Nobody to enter yet"),
    Step("project", "Project", "No project for now"),
    Step("queue", "Queue", "Leave it to the mailbox"),
    Step("welcome", "Welcome message", "Send no welcome message"),
    Step("test", "Test message"),
)
NAMED = {step.name: step for step in STEPS}


def state_of(step: Step, left: Mapping[str, str]) -> State:
    """What became of a step; ``left`` is ClientSetup.steps."""
    became = left.get(step.name)
    return "done" if became == "done" else "skipped" if became == "skipped" else "open"


def next_open(left: Mapping[str, str]) -> Step:
    """Where to go on: the first step that nobody has done or left out; the last one when there is none."""
    return next((step for step in STEPS if state_of(step, left) == "open"), STEPS[-1])


def after(step: Step) -> Step:
    """The step that follows; the last one is followed by itself."""
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def before(step: Step) -> Step | None:
    """The step to go back to; None on the first."""
    place = STEPS.index(step)
    return STEPS[place - 1] if place else None
