"""The rule editor: a sentence with fields in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from psa.rules.models import Rule
from psa.rules.operations import FIELDS, TARGETS, RefusedRule, Wording

LINES_MIN = 2
LINES_MAX = 12


@dataclass(slots=True)
class RuleForm:
    """What stands in the editor. ``targets`` holds ids as text, "" for what the rule leaves alone."""

    name: str = ""
    conditions: list[tuple[str, str]] = field(default_factory=list)
    targets: dict[str, str] = field(default_factory=lambda: dict.fromkeys(TARGETS, ""))
    goes_on: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rule: Rule) -> RuleForm:
        """The editor as a saved rule fills it."""
        form = cls(name=rule.name, goes_on=rule.goes_on)
        form.conditions = [(condition["field"], condition["value"]) for condition in rule.conditions]
        form.targets.update({action["set"]: str(action["id"]) for action in rule.actions})
        return form

    @classmethod
    def from_request(cls, sent: MultiDict[str, str]) -> RuleForm:
        """The editor as it was sent: ``field`` and ``value`` once for each condition, then queue, client, project."""
        form = cls(name=sent.get("name", ""), goes_on=sent.get("after") == "on")
        pairs = zip(sent.getlist("field"), sent.getlist("value"), strict=False)
        form.conditions = [(name, value) for name, value in pairs if name in FIELDS][:LINES_MAX]
        form.targets = {target: sent.get(target, "") for target in TARGETS}
        return form

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The conditions with empty lines to fill in."""
        empty = ("subject_tag", "")
        return self.conditions + [empty] * max(0, LINES_MIN - len(self.conditions))

    def add_line(self) -> None:
        self.conditions = [*self.lines, ("subject_tag", "")][:LINES_MAX]

    def wording(self) -> Wording:
        actions = [(target, int(id)) for target, id in self.targets.items() if id.isdecimal() and len(id) < 10]
        return Wording(self.name, self.conditions, actions, self.goes_on)

    def refuse(self, reason: RefusedRule) -> None:
        self.errors[reason.field] = str(reason)
