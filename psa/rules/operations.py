"""Making, changing and ordering Auto-Assignment Rules, and how a rule reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from psa.clients.models import Client
from psa.clients.operations import FREE_MAIL
from psa.extensions import db
from psa.projects.models import Project
from psa.rules.models import Rule
from psa.tickets.models import Queue

FIELDS = {"sender_domain": "Sender Domain", "subject_tag": "Subject Tags"}
TARGETS: dict[str, type[Queue] | type[Client] | type[Project]] = {"queue": Queue, "client": Client, "project": Project}
TAG = re.compile(r"[^\[\]\r\n]{1,60}")
NAME_LENGTH_MAX = 120


class RefusedRule(ValueError):
    """A rule that cannot be meant; the message is a sentence, ``field`` says which part: name, conditions, actions."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wording:
    """What a rule says, not yet checked: conditions as (field, value), actions as (what to set, id)."""

    name: str
    conditions: Sequence[tuple[str, str]]
    actions: Sequence[tuple[str, int]]
    goes_on: bool = False


def all_rules() -> list[Rule]:
    """The rules in the order in which they are asked."""
    return list(db.session.scalars(select(Rule).order_by(Rule.position, Rule.id)))


def make_rule(wording: Wording) -> Rule:
    """A new rule, asked last. Raises RefusedRule."""
    last = db.session.scalar(select(func.max(Rule.position))) or 0
    rule = Rule(position=last + 1)
    write(rule, wording)
    db.session.add(rule)
    db.session.flush()
    return rule


def change_rule(rule: Rule, wording: Wording) -> None:
    """Give a rule other words. Raises RefusedRule."""
    write(rule, wording)
    db.session.flush()


def write(rule: Rule, wording: Wording) -> None:
    conditions = [checked_condition(field, value) for field, value in wording.conditions if value.strip()]
    if not conditions:
        raise RefusedRule("conditions", "Say when the rule applies: a Sender Domain, or Subject Tags.")
    actions = [checked_action(target, id) for target, id in wording.actions]
    if not actions:
        raise RefusedRule("actions", "Say what the rule does: choose a queue, a client or a project.")
    refuse_free_mail(conditions, actions)
    name = wording.name.strip() or name_for(conditions)
    if len(name) > NAME_LENGTH_MAX:
        raise RefusedRule("name", f"That name has {len(name)} characters. Use at most {NAME_LENGTH_MAX}.")
    rule.name, rule.conditions, rule.actions, rule.goes_on = name, conditions, actions, wording.goes_on


def checked_condition(field: str, value: str) -> dict[str, Any]:
    """One condition as it is kept: the domain in lower case, the tag without its brackets."""
    if field == "sender_domain":
        return {"field": field, "value": checked_domain(value)}
    if field == "subject_tag":
        return {"field": field, "value": checked_tag(value)}
    raise RefusedRule("conditions", "A rule asks for the Sender Domain or for Subject Tags.")


def checked_domain(value: str) -> str:
    """What stands behind the @, also when a whole address was typed."""
    domain = value.strip().lower().rpartition("@")[2].rstrip(".")
    try:
        validate_email(f"anybody@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise RefusedRule(
            "conditions", f"“{value.strip()}” is not a mail domain. Write what stands behind the @."
        ) from error
    return domain


def checked_tag(value: str) -> str:
    """A tag as people write it into a subject, without its brackets."""
    tag = " ".join(value.strip().removeprefix("[").removesuffix("]").split())
    if not TAG.fullmatch(tag):
        raise RefusedRule(
            "conditions", f"“{value.strip()}” is not one Subject Tag. Write one word or a few, such as [Billing]."
        )
    if re.fullmatch(r"#\d+", tag):
        raise RefusedRule("conditions", f"[{tag}] is the number of a ticket: such messages join it before any rule.")
    return tag


def checked_action(target: str, id: int) -> dict[str, Any]:
    model = TARGETS.get(target)
    if model is None or db.session.get(model, id) is None:
        raise RefusedRule("actions", "What the rule names has been removed meanwhile. Choose again.")
    return {"set": target, "id": id}


def refuse_free_mail(conditions: Sequence[dict[str, Any]], actions: Sequence[dict[str, Any]]) -> None:
    """A queue for everybody at gmail.com is fine, a client is not."""
    free = [condition["value"] for condition in conditions if condition["value"] in FREE_MAIL]
    if free and any(action["set"] != "queue" for action in actions):
        raise RefusedRule(
            "conditions",
            f"{free[0]} is used by the whole world, so it cannot tell whose client somebody is. "
            "Add the person as a contact instead, or let the rule choose a queue.",
        )


def name_for(conditions: Sequence[dict[str, Any]]) -> str:
    """What a rule is called whose maker gave it no name."""
    return ", ".join(condition["value"] for condition in conditions)[:NAME_LENGTH_MAX]


def move_rule(rule: Rule, steps: int) -> None:
    """Move a rule down by ``steps`` places, or up when negative, as far as there are places."""
    rules = all_rules()
    place = rules.index(rule)
    rules.insert(max(0, min(place + steps, len(rules) - 1)), rules.pop(place))
    for position, one in enumerate(rules, start=1):
        one.position = position
    db.session.flush()


def switch_rule(rule: Rule, active: bool) -> None:
    """A rule that is off is not asked, and keeps its place."""
    rule.active = active
    db.session.flush()


def delete_rule(rule: Rule) -> None:
    db.session.delete(rule)
    db.session.flush()


@dataclass(frozen=True, slots=True)
class Sentence:
    """How a rule reads: (what is asked, the value) for each condition, (what is done, the name) for each action."""

    conditions: list[tuple[str, str]]
    actions: list[tuple[str, str]]


def sentences(rules: Sequence[Rule]) -> dict[int, Sentence]:
    """How the rules read, by their ids."""
    names = {target: names_of(target, rules) for target in TARGETS}
    return {
        rule.id: Sentence(
            conditions=[condition_in_words(condition) for condition in rule.conditions],
            actions=[action_in_words(action, names) for action in rule.actions],
        )
        for rule in rules
    }


def names_of(target: str, rules: Sequence[Rule]) -> dict[int, str]:
    """The names of the queues, clients or projects that the rules set, in one statement."""
    ids = {action["id"] for rule in rules for action in rule.actions if action["set"] == target}
    model = TARGETS[target]
    rows = db.session.execute(select(model.id, model.name).where(model.id.in_(ids)))
    return {row.id: row.name for row in rows}


def condition_in_words(condition: dict[str, Any]) -> tuple[str, str]:
    if condition["field"] == "sender_domain":
        return "Sender Domain is", condition["value"]
    return "Subject Tags contain", f"[{condition['value'].strip('[] ')}]"


def action_in_words(action: dict[str, Any], names: dict[str, dict[int, str]]) -> tuple[str, str]:
    verb = {"queue": "put it in", "client": "it belongs to", "project": "file it under"}[action["set"]]
    return verb, names[action["set"]].get(action["id"], f"a {action['set']} that has been removed")
