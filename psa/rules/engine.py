"""The rules, evaluated. Pure: the dry run is the real run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psa.rules.conditions import question_of, shown
from psa.rules.facts import Facts
from psa.rules.patterns import BadPattern, TooSlow

if TYPE_CHECKING:
    from psa.rules.models import Rule

ENDS = ("hold", "ignore")
# Of these each rule adds its own to what the others say: action and field of the outcome. Several have ", " between.
GATHERED = {"forward": "forward_to", "watcher": "watchers", "tag": "tags"}
# So many of the conditions that did not hold are named in a trace.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Condition:
    """``field`` is a key of QUESTIONS, with "not " before it when it must not hold; ``label`` the value for people."""

    field: str
    value: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which ``all`` must hold, or ``any`` one."""

    of: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class FrozenRule:
    """A rule as it was when somebody looked; what happens to its row in the meantime does not reach it.

    All of its groups must hold. ``scope`` is new, replies or both.
    """

    id: int
    name: str
    groups: tuple[Group, ...]
    actions: tuple[dict[str, Any], ...]
    scope: str = "new"
    goes_on: bool = False

    @classmethod
    def of(cls, rule: Rule, clients: Mapping[str, str], rule_id: int | None = None) -> FrozenRule:
        """``clients`` are the names of those that the rule asks for, by their ids as text."""
        return cls(
            id=rule.id if rule_id is None else rule_id,
            name=rule.name,
            groups=groups_of(rule.conditions, rule.groups, clients),
            actions=tuple(rule.actions),
            scope=rule.scope,
            goes_on=rule.goes_on,
        )

    def is_for(self, facts: Facts) -> bool:
        return self.scope == "both" or self.scope == ("replies" if facts.is_reply else "new")


def groups_of(
    conditions: Sequence[dict[str, Any]], kinds: Sequence[str], clients: Mapping[str, str]
) -> tuple[Group, ...]:
    """The groups in which conditions are kept as a flat list; each says by ``group`` to which one it belongs."""
    members: dict[int, list[Condition]] = {}
    for one in conditions:
        value = str(one["value"])
        label = clients.get(value, "a removed one") if one["field"].endswith("client") else ""
        condition = Condition(one["field"], value, label)
        members.setdefault(int(one.get("group", 0)), []).append(condition)
    return tuple(
        Group(kinds[number] if number < len(kinds) else "all", tuple(members[number])) for number in sorted(members)
    )


@dataclass(frozen=True, slots=True)
class Considered:
    """One rule that was looked at: did it match, and in words why or why not."""

    rule_id: int
    name: str
    matched: bool
    words: str


@dataclass(slots=True)
class Outcome:
    """What the rules decided: None where they said nothing; the first rule to set something wins.

    ``end`` is hold or ignore, with its ``reason``; ``answer`` switches the auto-reply. ``forward_to`` and ``watchers``
    are addresses, with ``tags`` all that the rules name. ``by`` is the name of the rule that set each of the others.
    """

    queue_id: int | None = None
    client_id: int | None = None
    project_id: int | None = None
    assignee_id: int | None = None
    priority: str | None = None
    end: str | None = None
    reason: str = ""
    answer: bool | None = None
    forward_to: list[str] = field(default_factory=list)
    watchers: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    by: dict[str, str] = field(default_factory=dict)
    considered: list[Considered] = field(default_factory=list)


class Undecided(Exception):
    """A condition without an answer; the message says why. Its rule does not match."""


def evaluate(rules: Sequence[FrozenRule], facts: Facts) -> Outcome:
    """Walk the rules in order; the first one whose groups all hold acts, and ends the walk unless it goes on."""
    outcome = Outcome()
    for rule in rules:
        if not rule.is_for(facts):
            continue
        try:
            matched, words = answer_of(rule.groups, facts)
        except Undecided as reason:
            matched, words = False, str(reason)
        outcome.considered.append(Considered(rule.id, rule.name, matched, words))
        if matched:
            act(rule, outcome)
            if not rule.goes_on:
                break
    return outcome


def answer_of(groups: Sequence[Group], facts: Facts) -> tuple[bool, str]:
    """Whether all groups hold, and in words what decided it."""
    if not groups:
        return False, "it has no condition"
    reasons = []
    for group in groups:
        holds, words = answer_of_group(group, facts)
        if not holds:
            return False, words
        reasons.append(words)
    return True, "; ".join(reasons)


def answer_of_group(group: Group, facts: Facts) -> tuple[bool, str]:
    """Asks no further than it must: the first Yes decides for any, the first No for all."""
    decisive = group.of == "any"
    reasons = []
    for condition in group.conditions:
        holds, words = answer(condition, facts)
        if holds is decisive:
            return holds, words
        reasons.append(words)
    more = len(reasons) - MOST_NAMED
    if decisive and more > 0:
        reasons = [*reasons[:MOST_NAMED], f"nor do {more} more hold"]
    return not decisive, "; ".join(reasons)


def answer(condition: Condition, facts: Facts) -> tuple[bool, str]:
    """Whether a condition holds, and in words why or why not. Raises Undecided."""
    try:
        question, negated = question_of(condition.field)
    except KeyError:
        raise Undecided(f"this version cannot ask for {condition.field}") from None
    value = shown(question.takes, condition.label or condition.value)
    try:
        is_so = question.holds(facts, condition.value)
    except TooSlow:
        raise Undecided(f"the pattern {value} took too long and was given up") from None
    except (BadPattern, ValueError):
        raise Undecided(f"{question.yes} {value}: that cannot be read") from None
    words = f"{question.yes if is_so else question.no} {value}".rstrip()
    if not is_so and question.found is not None:
        words += f" but {question.found(facts)}"
    return is_so is not negated, words


def act(rule: FrozenRule, outcome: Outcome) -> None:
    for action in rule.actions:
        name = action["set"]
        if name in GATHERED:
            gathered = getattr(outcome, GATHERED[name])
            gathered += [one for one in action["value"].split(", ") if one not in gathered]
        elif name in ENDS:
            if decide(outcome, "end", name, rule):
                outcome.reason = action.get("value", "")
        elif "id" in action:
            decide(outcome, f"{name}_id", action["id"], rule)
        else:
            decide(outcome, name, action["value"], rule)


def decide(outcome: Outcome, what: str, value: Any, rule: FrozenRule) -> bool:
    """Set it unless an earlier rule has; returns whether it was free."""
    if what in outcome.by or what not in Outcome.__slots__:
        return False
    setattr(outcome, what, value)
    outcome.by[what] = rule.name
    return True
