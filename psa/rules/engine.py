"""The rules, evaluated. Pure: the dry run is the real run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class RuleLike(Protocol):
    """What the engine needs of a rule; rules.models.Rule is one, and so is a rule that nobody has saved."""

    @property
    def id(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def goes_on(self) -> bool: ...

    @property
    def conditions(self) -> list[dict[str, Any]]: ...

    @property
    def actions(self) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class FrozenRule:
    """A rule as it was when somebody looked; what happens to its row in the meantime does not reach it."""

    id: int
    name: str
    goes_on: bool
    conditions: list[dict[str, Any]]
    actions: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a message when the rules are asked. Domains and tags in lower case."""

    sender_domain: str
    subject_tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Considered:
    """One rule that was looked at: did it match, and in words why or why not."""

    rule_id: int
    name: str
    matched: bool
    words: str


@dataclass(slots=True)
class Outcome:
    """What the rules decided: ids, or None where they said nothing; the first rule to set something wins."""

    queue_id: int | None = None
    client_id: int | None = None
    project_id: int | None = None
    considered: list[Considered] = field(default_factory=list)


def evaluate(rules: Sequence[RuleLike], facts: Facts) -> Outcome:
    """Walk the rules in order; the first one whose conditions all hold acts, and ends the walk unless it goes on."""
    outcome = Outcome()
    for rule in rules:
        answers = [answer(condition, facts) for condition in rule.conditions]
        matched = bool(answers) and all(holds for holds, _ in answers)
        words = "; ".join(words for holds, words in answers if holds == matched) or "it has no condition"
        outcome.considered.append(Considered(rule.id, rule.name, matched, words))
        if matched:
            act(rule.actions, outcome)
            if not rule.goes_on:
                break
    return outcome


def answer(condition: dict[str, Any], facts: Facts) -> tuple[bool, str]:
    """Whether a condition holds, and in words why or why not."""
    value = str(condition["value"]).lower()
    if condition["field"] == "sender_domain":
        domain = value.lstrip("@")
        holds = facts.sender_domain == domain or facts.sender_domain.endswith("." + domain)
        return holds, f"Sender Domain is {facts.sender_domain or 'missing'}" + ("" if holds else f", not {domain}")
    if condition["field"] == "subject_tag":
        tag = value.strip("[] ")
        holds = tag in facts.subject_tags
        return holds, f"Subject Tags {'contain' if holds else 'do not contain'} [{condition['value'].strip('[] ')}]"
    raise ValueError(f"no such condition: {condition['field']}")


def act(actions: Sequence[dict[str, Any]], outcome: Outcome) -> None:
    for action in actions:
        field_name = f"{action['set']}_id"
        if getattr(outcome, field_name) is None:
            setattr(outcome, field_name, action["id"])
