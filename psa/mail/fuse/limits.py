"""How many answers machines of ours may give: what each limit means, what is sensible, what is in force, who set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from psa.extensions import db
from psa.mail.fuse.models import FuseLimits

# The windows that can be chosen, in minutes, and how they are called.
WINDOWS = {15: "15 minutes", 60: "an hour", 360: "six hours", 1440: "a day"}


@dataclass(frozen=True, slots=True)
class Budget:
    """At most ``most`` answers within ``window`` to what is the same in ``scope``: address, domain, words, purpose."""

    key: str
    scope: str
    most: int
    window: timedelta

    @property
    def minutes(self) -> int:
        return self.window // timedelta(minutes=1)

    @property
    def within(self) -> str:
        return WINDOWS[self.minutes]


@dataclass(frozen=True, slots=True)
class Limit:
    """A budget that an admin can set: what it means, how it is at first, and how large it may become."""

    key: str
    scope: str
    title: str
    words: str
    most: int
    minutes: int
    highest: int

    @property
    def at_first(self) -> Budget:
        return self.budget(self.most, self.minutes)

    def budget(self, most: int, minutes: int) -> Budget:
        return Budget(self.key, self.scope, most, timedelta(minutes=minutes))


LIMITS = (
    Limit(
        "words",
        "words",
        "To the same words",
        "Whoever sends them: two machines say the same again and again. Numbers in them do not count.",
        most=5,
        minutes=60,
        highest=50,
    ),
    Limit(
        "address",
        "address",
        "To one contact",
        "Whatever is said. A person who writes more than this within so short a time gets no more confirmations.",
        most=10,
        minutes=60,
        highest=100,
    ),
    Limit(
        "address_long",
        "address",
        "To one contact, over a longer time",
        "For machines that answer slowly, as one that looks for mail every half an hour.",
        most=30,
        minutes=1440,
        highest=500,
    ),
    Limit(
        "domain",
        "domain",
        "To one domain",
        "For many addresses of one machine. Gmail and other providers of the whole world are not counted so.",
        most=50,
        minutes=60,
        highest=1000,
    ),
    Limit(
        "strangers",
        "purpose",
        "To strangers, all together",
        "What a mailbox says that holds the mail of unknown senders: a wave of spam must not become one of answers.",
        most=20,
        minutes=60,
        highest=200,
    ),
    Limit(
        "notices",
        "address",
        "Notices to one person",
        "To users, and to contacts who chose to hear of their tickets.",
        most=60,
        minutes=60,
        highest=500,
    ),
    Limit(
        "forwards",
        "address",
        "Passed on to one address",
        "By rules that forward mail.",
        most=60,
        minutes=60,
        highest=500,
    ),
)
FEWEST = 2
LATEST = db.select(FuseLimits.limits).order_by(FuseLimits.id.desc()).limit(1)


class BadLimits(ValueError):
    """What cannot be a limit; ``faults`` are sentences by the keys of the limits that they are about."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults


def in_force() -> dict[str, Budget]:
    """The budgets by their keys: as somebody has set them, else as they are at first."""
    chosen = db.session.scalar(LATEST) or {}
    return {limit.key: limit.budget(*chosen[limit.key]) if limit.key in chosen else limit.at_first for limit in LIMITS}


def set_limits(wanted: Mapping[str, tuple[str, str]], user_id: int) -> bool:
    """Set all limits, each as it was typed (how many, within how many minutes); whether that changes any.

    The caller commits. Raises BadLimits.
    """
    read = {limit.key: read_limit(limit, *wanted[limit.key]) for limit in LIMITS}
    faults = {key: one for key, one in read.items() if isinstance(one, str)}
    if faults:
        raise BadLimits(faults)
    budgets = {key: one for key, one in read.items() if isinstance(one, Budget)}
    if budgets == in_force():
        return False
    values = {key: [budget.most, budget.minutes] for key, budget in budgets.items()}
    db.session.add(FuseLimits(limits=values, user_id=user_id))
    db.session.flush()
    return True


def read_limit(limit: Limit, most: str, minutes: str) -> Budget | str:
    """The budget, or a sentence that says why it can be none."""
    if not (most.strip().isascii() and most.strip().isdigit() and len(most.strip()) < 7):
        return f"Write a number from {FEWEST} to {limit.highest}."
    if not FEWEST <= int(most) <= limit.highest:
        return f"From {FEWEST} to {limit.highest}: " + (
            "below that no person would be answered." if int(most) < FEWEST else "more than that is a loop already."
        )
    if minutes not in map(str, WINDOWS):
        return "Choose how long a time it is for."
    return limit.budget(int(most), int(minutes))


@dataclass(frozen=True, slots=True)
class Change:
    """Who set which limits, from what to what, in words."""

    row: FuseLimits
    words: tuple[str, ...]


def changes(most: int = 20) -> list[Change]:
    """The latest changes, the newest first."""
    rows = list(db.session.scalars(db.select(FuseLimits).order_by(FuseLimits.id.desc()).limit(most + 1)))
    before = [*(row.limits for row in rows[1:]), {}]
    return [Change(row, tuple(differences(old, row.limits))) for row, old in zip(rows, before, strict=False)][:most]


def differences(old: Mapping[str, list[int]], new: Mapping[str, list[int]]) -> list[str]:
    told = []
    for limit in LIMITS:
        was, now = (tuple(one.get(limit.key, (limit.most, limit.minutes))) for one in (old, new))
        if was != now:
            told.append(f"{limit.title}: {in_words(*now)}, was {in_words(*was)}")
    return told


def in_words(most: int, minutes: int) -> str:
    return f"{most} within {WINDOWS.get(minutes, f'{minutes} minutes')}"
