"""The rule editor: a sentence with fields in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from werkzeug.datastructures import MultiDict

from psa.rules.conditions import NOT, QUESTIONS, shown
from psa.rules.engine import ENDS
from psa.rules.models import SCOPES, Rule
from psa.rules.wording import CONDITIONS_MAX, GROUPS_MAX, KINDS, TARGETS, Asked, RefusedRule, Wording, takes

LINES_MIN = 2
EMPTY = ("subject_tag", "")
VALUES = ("priority", "end", "reason", "answer", "forward", "watcher", "tag")


@dataclass(slots=True)
class Group:
    """Lines of (field, value), of which all or any must hold. An empty line is one to fill in."""

    of: str = "all"
    lines: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class RuleForm:
    """What stands in the editor, all of it text; "" for what the rule leaves alone. ``targets`` holds ids."""

    name: str = ""
    scope: str = "new"
    groups: list[Group] = field(default_factory=lambda: [Group(lines=[EMPTY] * LINES_MIN)])
    targets: dict[str, str] = field(default_factory=lambda: dict.fromkeys(TARGETS, ""))
    values: dict[str, str] = field(default_factory=lambda: dict.fromkeys(VALUES, ""))
    goes_on: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rule: Rule, clients: Mapping[str, str]) -> RuleForm:
        """The editor as a saved rule fills it; ``clients`` are the names of those that it asks for, by their ids."""
        form = cls(name=rule.name, scope=rule.scope, goes_on=rule.goes_on)
        groups = [Group(kind) for kind in rule.groups or ["all"]]
        for one in rule.conditions:
            name, value = one["field"], str(one["value"])
            words = clients.get(value, "a removed one") if takes(name) == "client" else shown(takes(name), value)
            groups[min(one.get("group", 0), len(groups) - 1)].lines.append((name, words))
        form.groups = groups
        for action in rule.actions:
            form.take_over(action["set"], action)
        return form

    def take_over(self, name: str, action: dict[str, object]) -> None:
        if name in self.targets:
            self.targets[name] = str(action["id"])
        elif name in ENDS:
            self.values["end"], self.values["reason"] = name, str(action["value"])
        elif name == "answer":
            self.values[name] = "on" if action["value"] else "off"
        elif name in self.values:
            self.values[name] = str(action["value"])

    @classmethod
    def from_request(cls, sent: MultiDict[str, str]) -> RuleForm:
        """The editor as it was sent: ``of`` once for each group; ``field``, ``value`` and ``group`` for each line."""
        form = cls(name=sent.get("name", ""), goes_on=sent.get("after") == "on")
        form.scope = sent.get("scope", "new") if sent.get("scope") in SCOPES else "new"
        form.groups = [Group(kind if kind in KINDS else "all") for kind in sent.getlist("of")[:GROUPS_MAX] or ["all"]]
        lines = zip_longest(sent.getlist("field"), sent.getlist("value"), sent.getlist("group"), fillvalue="")
        for name, value, number in list(lines)[:CONDITIONS_MAX]:
            if name.removeprefix(NOT) in QUESTIONS:
                place = int(number) if number in ("1", "2", "3") else 0
                form.groups[min(place, len(form.groups) - 1)].lines.append((name, value))
        form.targets = {target: sent.get(target, "") for target in TARGETS}
        form.values = {name: sent.get(name, "") for name in VALUES}
        return form

    def rearrange(self, sent: MultiDict[str, str]) -> bool:
        """Add or take away a line or a group, when one of those buttons was pressed; returns whether it was."""
        more, less = sent.get("more"), sent.get("less", "")
        if more == "group":
            if len(self.groups) < GROUPS_MAX:
                self.groups.append(Group("any", [EMPTY]))
        elif more is not None:
            place = int(more) if more in ("1", "2", "3") else 0
            if sum(len(group.lines) for group in self.groups) < CONDITIONS_MAX:
                self.groups[min(place, len(self.groups) - 1)].lines.append(EMPTY)
        elif "less" in sent:
            self.take_away(less)
        return more is not None or "less" in sent

    def take_away(self, which: str) -> None:
        """Remove the line "group.line"; with its last line a group goes too, but for the first one."""
        group, _, line = which.partition(".")
        places = [(group, line)] if group.isdecimal() and line.isdecimal() else []
        for one, other in ((int(one), int(other)) for one, other in places):
            if one < len(self.groups) and other < len(self.groups[one].lines):
                del self.groups[one].lines[other]
        kept = [group for place, group in enumerate(self.groups) if group.lines or not place]
        self.groups = kept
        if not self.groups[0].lines:
            self.groups[0].lines.append(EMPTY)

    def wording(self) -> Wording:
        """What it says; lines that nobody filled in say nothing."""
        targets = [(target, int(id)) for target, id in self.targets.items() if id.isdecimal() and len(id) < 10]
        kept = ("priority", "answer", "forward", "watcher", "tag")
        values = [(name, self.values[name]) for name in kept if self.values[name].strip()]
        if self.values["end"] in ENDS:
            values.append((self.values["end"], self.values["reason"]))
        asked = [
            Asked(name, value, place)
            for place, group in enumerate(self.groups)
            for name, value in group.lines
            if value.strip() or takes(name) == ""
        ]
        kinds = [group.of for group in self.groups]
        return Wording(self.name, asked, targets, values, kinds, self.scope, self.goes_on)

    @property
    def first(self) -> tuple[str, str]:
        """The first line, for the rule in one line."""
        return next((line for group in self.groups for line in group.lines), ("", ""))

    def refuse(self, reason: RefusedRule) -> None:
        self.errors[reason.field] = str(reason)
