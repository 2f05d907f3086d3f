"""Rule, the messages that rules matched, and who changed which rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.extensions import Model, UTCDateTime

SCOPES = {"new": "New tickets", "replies": "Replies", "both": "Both"}


class Rule(Model):
    """One Auto-Assignment Rule.

    ``conditions`` is a list of ``{"field": key, "value": text}``, where the key is one of conditions.QUESTIONS, with
    "not " before it when the condition must not hold. ``"group"`` (0 when left out) is an index of ``groups``: all of a
    group must hold, or any one; all groups must hold.
    ``actions`` is a list of ``{"set": …}`` with ``"id"`` (queue, client, project, assignee) or ``"value"`` (priority,
    hold and ignore with a reason, answer, forward, watcher, tag). A rule that matched ends the walk unless ``goes_on``.
    """

    __tablename__ = "rules"
    __table_args__ = (CheckConstraint("scope IN ('new', 'replies', 'both')", name="scope"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0, index=True)
    name: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)
    scope: Mapped[str] = mapped_column(String(10), default="new")
    goes_on: Mapped[bool] = mapped_column(default=False)
    groups: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["all"])
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class RuleHit(Model):
    """A rule matched a message; written once, however often the message is dealt with.

    ``rule_id`` is no foreign key: a rule may be deleted while a message is on its way, and that is filed all the same.
    """

    __tablename__ = "rule_hits"
    __table_args__ = (Index("ix_rule_hits_rule_id_at", "rule_id", "at"),)

    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound_emails.id", ondelete="CASCADE"), primary_key=True)
    rule_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class RuleChange(Model):
    """Who did what to a rule. ``before`` and ``after`` are the rule as a sentence, so that it can be read for ever."""

    __tablename__ = "rule_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("rules.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # made, changed, moved, switched on, switched off, deleted
    what: Mapped[str] = mapped_column(String(20))
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    user: Mapped[User | None] = relationship()
