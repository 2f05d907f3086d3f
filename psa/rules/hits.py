"""Which messages the rules matched: written on a message's way in, counted for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func

from psa import clock
from psa.extensions import db, insert_unless_there
from psa.mail.models import InboundEmail
from psa.rules.models import Rule, RuleHit

PERIOD = timedelta(days=30)


def note_hit(rule_id: int, inbound_id: int) -> None:
    """The rule matched the message, for the first time or once more. One statement."""
    insert_unless_there(RuleHit, inbound_id=inbound_id, rule_id=rule_id, at=clock.now())


@dataclass(frozen=True, slots=True)
class Hits:
    """How many messages a rule matched within PERIOD, and when the last one ever; None for never."""

    number: int
    last_at: datetime | None


def hits_of(rules: Sequence[Rule]) -> dict[int, Hits]:
    """By the rules' ids, in one statement: for each rule two looks into one index."""
    of_rule = RuleHit.rule_id == Rule.id
    number = db.select(func.count()).where(of_rule, RuleHit.at > clock.now() - PERIOD).correlate(Rule).scalar_subquery()
    last_at = db.select(func.max(RuleHit.at)).where(of_rule).correlate(Rule).scalar_subquery()
    query = db.select(Rule.id, number, last_at).where(Rule.id.in_([rule.id for rule in rules]))
    return {rule_id: Hits(count, at) for rule_id, count, at in db.session.execute(query)}


def messages_of(rule: Rule, limit: int) -> list[InboundEmail]:
    """The last messages that the rule matched, the newest first."""
    query = (
        db.select(InboundEmail)
        .join(RuleHit, RuleHit.inbound_id == InboundEmail.id)
        .where(RuleHit.rule_id == rule.id)
        .order_by(RuleHit.at.desc(), RuleHit.inbound_id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))
