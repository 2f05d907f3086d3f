"""Which rules name a client, a project or a queue: said before it is removed, for then they do nothing about it."""

from __future__ import annotations

from typing import Any

from psa.extensions import db
from psa.rules.models import Rule


def rules_that_name(kind: str, row_id: int) -> list[str]:
    """The names of the rules that ask about this client, project or queue, or that set it, in their order."""
    rules = db.session.scalars(db.select(Rule).order_by(Rule.position, Rule.id))
    return [rule.name for rule in rules if any(names(part, kind, row_id) for part in (*rule.conditions, *rule.actions))]


def names(part: dict[str, Any], kind: str, row_id: int) -> bool:
    """Whether a condition or an action is about it."""
    if part.get("set") == kind:
        return part.get("id") == row_id
    return str(part.get("field", "")).removeprefix("not ") == kind and str(part.get("value")) == str(row_id)
