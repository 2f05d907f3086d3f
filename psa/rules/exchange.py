"""Rules as a file: with names instead of ids, so that another PSA can take them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from psa.clients.models import Client
from psa.extensions import db
from psa.projects.models import Project
from psa.rules.conditions import NOT
from psa.rules.engine import ENDS
from psa.rules.models import Rule
from psa.rules.operations import written
from psa.rules.sentences import Names, names_in, sentence
from psa.rules.wording import TARGETS, Asked, Checked, RefusedRule, Wording, check

FORMAT = "psa-rules-1"
MOST_RULES = 500
LARGEST = 1_000_000  # bytes


class UnreadableFile(ValueError):
    """A file that holds no rules; the message says why."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One rule of a file: what it says, or the problem that keeps it from being taken."""

    name: str
    words: str
    checked: Checked | None
    active: bool
    problem: str = ""


def export(rules: Sequence[Rule]) -> dict[str, Any]:
    """The rules in their order, ready to be written as JSON."""
    names = names_in(rules)
    owners = select(Project.id, Client.name).join(Client).where(Project.id.in_(names["project"]))
    clients = dict(db.session.execute(owners).all())
    return {"format": FORMAT, "rules": [exported(rule, names, clients) for rule in rules]}


def exported(rule: Rule, names: Names, clients: Mapping[int, str]) -> dict[str, Any]:
    """One rule; ``clients`` are the names of those whose projects are named."""
    groups: list[dict[str, Any]] = [{"of": kind, "conditions": []} for kind in rule.groups]
    for one in rule.conditions:
        asks_for_client = one["field"].removeprefix(NOT) == "client"
        value = names["client"].get(int(one["value"]), "") if asks_for_client else one["value"]
        groups[one.get("group", 0)]["conditions"].append({"field": one["field"], "value": value})
    return {
        "name": rule.name,
        "active": rule.active,
        "scope": rule.scope,
        "groups": groups,
        "actions": [exported_action(action, names, clients) for action in rule.actions],
        "goes_on": rule.goes_on,
    }


def exported_action(action: Mapping[str, Any], names: Names, clients: Mapping[int, str]) -> dict[str, Any]:
    if "id" not in action:
        return dict(action)
    named = {"set": action["set"], "name": names[action["set"]].get(action["id"], "")}
    # Two clients may have projects of one name.
    return named | {"client": clients.get(action["id"], "")} if action["set"] == "project" else named


def read(text: str) -> list[Offered]:
    """The rules of a file, each checked as if it were typed here. Raises UnreadableFile."""
    if len(text) > LARGEST:
        raise UnreadableFile(f"That file is larger than {LARGEST // 1_000_000} MB. It cannot be one of rules.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile("That is not a file of rules: it is no JSON.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT or not isinstance(content.get("rules"), list):
        raise UnreadableFile(f"That is not a file of rules: it does not say “format”: “{FORMAT}”.")
    if len(content["rules"]) > MOST_RULES:
        raise UnreadableFile(f"That file holds more than {MOST_RULES} rules.")
    return [offered(one) for one in content["rules"]]


def offered(one: Any) -> Offered:
    name = str(one.get("name", ""))[:120] if isinstance(one, dict) else ""
    try:
        checked = check(wording_of(one))
    except RefusedRule as reason:
        return Offered(name or "Without a name", "", None, False, str(reason))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Offered(name or "Without a name", "", None, False, "What the file says of it cannot be read.")
    words = str(sentence(written(Rule(id=0), checked)))
    return Offered(checked.name, words, checked, one.get("active") is not False)


def wording_of(one: dict[str, Any]) -> Wording:
    """What the file says, with the ids of what it names. Raises RefusedRule, and anything for what is no rule."""
    asked = [
        Asked(str(condition["field"]), str(condition["value"]), place)
        for place, group in enumerate(one["groups"])
        for condition in group["conditions"]
    ]
    targets = [(action["set"], id_of(action)) for action in one["actions"] if action["set"] in TARGETS]
    values = [(action["set"], value_of(action)) for action in one["actions"] if action["set"] not in TARGETS]
    kinds = [str(group["of"]) for group in one["groups"]]
    return Wording(
        str(one["name"]), asked, targets, values, kinds, str(one.get("scope", "new")), one.get("goes_on") is True
    )


def value_of(action: dict[str, Any]) -> str:
    value = action.get("value", "")
    if action["set"] == "answer":
        return "on" if value is True else "off"
    return str(value) if action["set"] in (*ENDS, "priority", "forward", "watcher", "tag") else ""


def id_of(action: dict[str, Any]) -> int:
    """The queue, client, project or user that is named. Raises RefusedRule when there is none, or more than one."""
    kind, name = action["set"], str(action["name"])
    model = TARGETS[kind]
    query = select(model.id).where(func.lower(model.name) == name.lower())
    if kind == "project":
        query = query.join(Client, Client.id == Project.client_id).where(
            func.lower(Client.name) == str(action.get("client", "")).lower()
        )
    found = db.session.scalars(query.limit(2)).all()
    kinds = {"assignee": "user"}
    if len(found) != 1:
        many = "There is no" if not found else "There is more than one"
        raise RefusedRule("actions", f"{many} {kinds.get(kind, kind)} called “{name}” here.")
    return found[0]
