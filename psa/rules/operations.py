"""Making, changing and ordering Auto-Assignment Rules; each change is noted with who made it. A door commits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from psa.extensions import db
from psa.rules.engine import FrozenRule
from psa.rules.models import Rule, RuleChange, RuleHit
from psa.rules.sentences import client_names, sentence
from psa.rules.wording import Checked, Wording, check

LATEST = 50


def all_rules() -> list[Rule]:
    """The rules in the order in which they are asked."""
    return list(db.session.scalars(select(Rule).order_by(Rule.position, Rule.id)))


def frozen(rules: Sequence[Rule]) -> tuple[FrozenRule, ...]:
    """The rules as the engine takes them, those that are on."""
    clients = client_names(rules)
    return tuple(FrozenRule.of(rule, clients) for rule in rules if rule.active)


def make_rule(wording: Wording, by: int | None) -> Rule:
    """A new rule, asked last; ``by`` is the id of the user. Raises RefusedRule."""
    return add_rule(check(wording), by)


def add_rule(checked: Checked, by: int | None, *, active: bool = True) -> Rule:
    last = db.session.scalar(select(func.max(Rule.position))) or 0
    rule = written(Rule(position=last + 1, active=active), checked)
    db.session.add(rule)
    db.session.flush()
    note(rule, "made", by, after=str(sentence(rule)))
    return rule


def change_rule(rule: Rule, wording: Wording, by: int | None) -> None:
    """Give a rule other words. Raises RefusedRule."""
    checked = check(wording)
    before, name = str(sentence(rule)), rule.name
    written(rule, checked)
    db.session.flush()
    after = str(sentence(rule))
    if name != rule.name:
        before, after = f"{name}: {before}", f"{rule.name}: {after}"
    if before != after:
        note(rule, "changed", by, before, after)


def wording_of(rule: Rule) -> dict[str, object]:
    """All that is said by it."""
    return {name: getattr(rule, name) for name in ("name", "scope", "goes_on", "groups", "conditions", "actions")}


def written(rule: Rule, checked: Checked) -> Rule:
    """``rule`` with the words of ``checked``."""
    rule.name, rule.scope, rule.goes_on = checked.name, checked.scope, checked.goes_on
    rule.groups, rule.conditions, rule.actions = checked.groups, checked.conditions, checked.actions
    return rule


def move_rule(rule: Rule, steps: int, by: int | None) -> None:
    """Move a rule down by ``steps`` places, or up when negative, as far as there are places."""
    rules = all_rules()
    place = rules.index(rule)
    rules.insert(max(0, min(place + steps, len(rules) - 1)), rules.pop(place))
    put_in_order(rules, rule, place, by)


def place_rule(rule: Rule, place: int, by: int | None) -> None:
    """Ask a rule as number ``place``, counted from 1."""
    rules = all_rules()
    before = rules.index(rule)
    rules.insert(max(0, min(place - 1, len(rules) - 1)), rules.pop(before))
    put_in_order(rules, rule, before, by)


def put_in_order(rules: Sequence[Rule], moved: Rule, before: int, by: int | None) -> None:
    for position, one in enumerate(rules, start=1):
        one.position = position
    db.session.flush()
    if rules.index(moved) != before:
        note(moved, "moved", by, f"number {before + 1}", f"number {rules.index(moved) + 1}")


def switch_rule(rule: Rule, active: bool, by: int | None) -> None:
    """A rule that is off is not asked, and keeps its place."""
    if rule.active is not active:
        rule.active = active
        note(rule, "switched on" if active else "switched off", by)


def delete_rule(rule: Rule, by: int | None) -> None:
    note(rule, "deleted", by, before=str(sentence(rule)))
    # The id may be given to another rule one day, which has matched nothing then.
    db.session.execute(delete(RuleHit).where(RuleHit.rule_id == rule.id))
    db.session.delete(rule)
    db.session.flush()


def note(rule: Rule, what: str, by: int | None, before: str = "", after: str = "") -> None:
    db.session.add(RuleChange(rule_id=rule.id, name=rule.name, user_id=by, what=what, before=before, after=after))
    db.session.flush()


def changes(rule: Rule | None = None) -> list[RuleChange]:
    """The latest changes of one rule, or of all, the newest first."""
    query = select(RuleChange).order_by(RuleChange.id.desc()).limit(LATEST)
    return list(db.session.scalars(query if rule is None else query.where(RuleChange.rule_id == rule.id)))
