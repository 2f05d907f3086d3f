"""What a rule would have changed: before it is saved, the engine of production tries it on the latest messages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from psa.extensions import db
from psa.mail.inbound.explain import Explanation, Rehearsal
from psa.mail.models import InboundEmail
from psa.rules.engine import FrozenRule

LATEST = 500
# Ids of the rule that is tried, and of what it was before, which only tells whether it would have matched.
DRAFT, FORMER = -1, -2


@dataclass(frozen=True, slots=True)
class Difference:
    """A message that would end otherwise: what is, what would be, and as a hint the other rule that has it now."""

    inbound: InboundEmail
    before: str
    after: str
    taken_from: str = ""


@dataclass(slots=True)
class Progress:
    """How far a dry run has come: ``looked_at`` messages, of which ``changed``; ``next_id`` is None at the end."""

    looked_at: int = 0
    changed: int = 0
    seconds: float = 0.0
    next_id: int | None = None
    matched: int = 0
    differences: list[Difference] = field(default_factory=list)


def rules_with(draft: FrozenRule, rules: Sequence[FrozenRule], place: int | None) -> tuple[FrozenRule, ...]:
    """The rules with ``draft`` as number ``place`` (from 0) instead of the one there; last when there is none."""
    if place is None:
        return (*rules, draft)
    former = replace(rules[place], id=FORMER, actions=(), goes_on=True)
    return (*rules[:place], former, draft, *rules[place + 1 :])


def dry_run(
    before: tuple[FrozenRule, ...], after: tuple[FrozenRule, ...], progress: Progress, patience: float | None = None
) -> Progress:
    """Go on with the latest messages, from ``progress.next_id`` backwards; returns how far it has come.

    ``after`` is made by rules_with. Stops after ``patience`` seconds, so that a page can show the progress. Each
    message has a transaction of its own, so nobody waits for the database longer than for one message.
    """
    began = time.monotonic()
    came = Progress(progress.looked_at, progress.changed, progress.seconds, None, progress.matched)
    rehearsal = Rehearsal()
    ids = message_ids(progress.next_id, LATEST - progress.looked_at)
    for place, inbound_id in enumerate(ids):
        difference, matched = compare(rehearsal, inbound_id, before, after)
        came.looked_at += 1
        came.matched += matched
        if difference is not None:
            came.changed += 1
            came.differences.append(difference)
        if patience is not None and time.monotonic() - began > patience and place + 1 < len(ids):
            came.next_id = ids[place + 1]
            break
    came.seconds += time.monotonic() - began
    return came


def message_ids(from_id: int | None, number: int) -> list[int]:
    """The latest messages whose bytes are here, newest first, from ``from_id`` on."""
    query = db.select(InboundEmail.id).where(InboundEmail.raw_id.is_not(None)).order_by(InboundEmail.id.desc())
    if from_id is not None:
        query = query.where(InboundEmail.id <= from_id)
    return list(db.session.scalars(query.limit(number)))


def compare(
    rehearsal: Rehearsal, inbound_id: int, before: tuple[FrozenRule, ...], after: tuple[FrozenRule, ...]
) -> tuple[Difference | None, bool]:
    """What would be otherwise about a message, and whether the rule that is tried matches it.

    Where neither that rule nor its former self matches, all the others say what they said before: so those two are
    asked alone first.
    """
    if not rehearsal.may_match(inbound_id, tuple(rule for rule in after if rule.id in (DRAFT, FORMER))):
        return None, False
    would_be, hits = rehearsal.of(inbound_id, after)
    is_now, had = rehearsal.of(inbound_id, before)
    if would_be is None or is_now is None:
        return None, False
    here, there = in_words(is_now, would_be), in_words(would_be, is_now)
    if here == there:
        return None, DRAFT in hits
    inbound = db.session.get_one(InboundEmail, inbound_id)
    others = {rule.id for rule in after}
    names = [rule.name for rule in before if rule.id in had & others and rule.actions]
    return Difference(inbound, here, there, names[0] if names else ""), DRAFT in hits


def in_words(this: Explanation, other: Explanation) -> str:
    """Where a message ends, and what of the rest differs from the ``other`` end."""
    if this.ticket is None:
        return f"{this.disposition.capitalize()}: {this.reason}"
    words = [this.queue or ""] if this.ticket == "new" else [f"#{this.ticket} in {this.queue}"]
    for name, nothing in (("client", "no client"), ("project", "no project"), ("assignee", "nobody")):
        if getattr(this, name) != getattr(other, name) and other.ticket is not None:
            words.append(getattr(this, name) or nothing)
    if this.priority != other.priority and other.ticket is not None:
        words.append(f"priority {(this.priority or '').lower()}")
    if bool(this.said("Answer", "Queued")) is not bool(other.said("Answer", "Queued")) and other.ticket is not None:
        words.append("answered" if this.said("Answer", "Queued") else "not answered")
    for step, said in (("Tags", "tagged"), ("Watchers", "watched by")):
        if named(this, step) and named(this, step) != named(other, step):
            words.append(f"{said} {' and '.join(named(this, step))}")
    return ", ".join(words + [f"forwarded {to}" for to in this.said("Forward", "Forwarded")])


def named(this: Explanation, step: str) -> list[str]:
    """The tags, or the watchers, that a step of the trace names."""
    return [one["verdict"] for one in this.steps if one["step"] == step and one["verdict"] != "Nobody"]
