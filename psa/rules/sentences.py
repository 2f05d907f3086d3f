"""How a rule reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from psa.extensions import db
from psa.rules.conditions import NOT, QUESTIONS, shown
from psa.rules.engine import groups_of
from psa.rules.models import Rule
from psa.rules.wording import TARGETS
from psa.tickets.models import PRIORITIES

Names = dict[str, dict[int, str]]
VERBS = {
    "queue": "put it in",
    "client": "it belongs to",
    "project": "file it under",
    "assignee": "assign",
    "priority": "priority",
    "forward": "forward it to",
    "watcher": "watched by",
    "tag": "add the tag",
}
# How the second group is joined to the first.
GROUP = "and also"
FOR = {"new": "", "replies": "reply", "both": "message"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence: how it is ``joined`` to the one before, what is asked or done, and with which value.

    ``about`` is what a condition asks for (Sender Domain), the beginning of what it says; ``closed`` the mark behind.
    """

    joined: str
    about: str
    says: str
    value: str
    closed: str = ""

    def __str__(self) -> str:
        return " ".join(word for word in (self.joined, self.about, self.says, self.value) if word) + self.closed


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is asked, what is done, and for which messages when not only for those that open a ticket."""

    conditions: list[Part]
    actions: list[Part]
    about: str
    goes_on: bool

    def __str__(self) -> str:
        asked, done = (" ".join(map(str, parts)) for parts in (self.conditions, self.actions))
        scope = f"For each {self.about}: if" if self.about else "If"
        return f"{scope} {asked} → {done}{' and go on' if self.goes_on else ''}"


def sentences(rules: Sequence[Rule]) -> dict[int, Sentence]:
    """How the rules read, by their ids."""
    names = names_in(rules)
    return {rule.id: sentence_of(rule, names) for rule in rules}


def sentence(rule: Rule) -> Sentence:
    """How one rule reads, also one that nobody has saved."""
    return sentence_of(rule, names_in([rule]))


def sentence_of(rule: Rule, names: Names) -> Sentence:
    actions = [action_in_words(action, names) for action in rule.actions]
    conditions = closed(list(conditions_in_words(rule, names)))
    return Sentence(conditions, closed(actions), FOR[rule.scope], rule.goes_on)


def closed(parts: Sequence[Part]) -> list[Part]:
    """With a comma between them, and a semicolon where another group begins."""
    following = [*(one.joined for one in parts[1:]), None]
    marks = {None: "", GROUP: ";"}
    return [replace(one, closed=marks.get(after, ",")) for one, after in zip(parts, following, strict=True)]


def conditions_in_words(rule: Rule, names: Names) -> Iterable[Part]:
    clients = {str(id): name for id, name in names["client"].items()}
    for place, group in enumerate(groups_of(rule.conditions, rule.groups, clients)):
        for index, one in enumerate(group.conditions):
            between = "or" if group.of == "any" else "and"
            joined = between if index else (GROUP if place else "")
            question = QUESTIONS.get(one.field.removeprefix(NOT))
            if question is None:
                yield Part(joined, one.field, "", one.value)
                continue
            words = question.no if one.field.startswith(NOT) else question.yes
            about = question.about if words.startswith(question.about) else ""
            yield Part(joined, about, words[len(about) :].strip(), shown(question.takes, one.label or one.value))


def action_in_words(action: dict[str, Any], names: Names) -> Part:
    name = action["set"]
    if name in names:
        gone = "a user" if name == "assignee" else f"a {name}"
        return Part("", "", VERBS[name], names[name].get(action["id"], f"{gone} that has been removed"))
    value = action.get("value", "")
    if name == "hold":
        return Part("", "", "hold it for a person" + (", because" if value else ""), f"“{value}”" if value else "")
    if name == "ignore":
        return Part("", "", "ignore it, because", f"“{value}”")
    if name == "answer":
        return Part("", "", "send the auto-reply" if value else "send no auto-reply", "")
    if name == "priority":
        return Part("", "", VERBS[name], PRIORITIES.get(value, value))
    return Part("", "", VERBS.get(name, name), str(value))


def names_in(rules: Sequence[Rule]) -> Names:
    """The names of what the rules set and ask for, in one statement for each kind."""
    ids = {target: {a["id"] for rule in rules for a in rule.actions if a["set"] == target} for target in TARGETS}
    ids["client"] |= client_ids(rules)
    return {target: names_of(target, ids[target]) for target in TARGETS}


def client_names(rules: Sequence[Rule]) -> dict[str, str]:
    """The names of the clients that the rules ask for, by their ids as text."""
    return {str(id): name for id, name in names_of("client", client_ids(rules)).items()}


def client_ids(rules: Sequence[Rule]) -> set[int]:
    asked = (one for rule in rules for one in rule.conditions if one["field"].removeprefix(NOT) == "client")
    return {int(one["value"]) for one in asked if str(one["value"]).isdecimal()}


def names_of(target: str, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    model = TARGETS[target]
    rows = db.session.execute(select(model.id, model.name).where(model.id.in_(ids)))
    return {row.id: row.name for row in rows}
