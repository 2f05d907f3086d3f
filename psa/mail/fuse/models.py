"""What our machines have answered, and the incidents that stopped them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.extensions import Model, UTCDateTime


class Incident(Model):
    """Too much was answered to one ``value`` of a ``scope``; until ``closed_at`` no machine of ours answers it.

    ``open_key`` names it until then, so that it is open once. ``answers`` is how many had left, ``stopped`` how many
    have not since, the last of them at ``last_at`` and to ``address``.
    """

    __tablename__ = "fuse_incidents"
    __table_args__ = (
        CheckConstraint("scope IN ('address', 'domain', 'words', 'purpose')", name="scope"),
        Index("ix_fuse_incidents_closed_at_opened_at", "closed_at", "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    open_key: Mapped[str | None] = mapped_column(String(340), unique=True)
    scope: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(320))
    address: Mapped[str] = mapped_column(String(320))
    words: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[int] = mapped_column(default=0)
    stopped: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closing_words: Mapped[str] = mapped_column(Text, default="")


class AutomaticAnswer(Model):
    """One answer that a machine of ours wanted to give: ``given``, or stopped by an incident.

    Those that an incident has taken (``incident_id``) are counted no more. ``domain`` is empty where only the address
    counts, ``words`` is the digest of what was answered, empty for what is too short to tell a loop by.
    """

    __tablename__ = "automatic_answers"
    __table_args__ = (
        Index("ix_automatic_answers_address_at", "address", "at"),
        Index("ix_automatic_answers_domain_at", "domain", "at"),
        Index("ix_automatic_answers_words_at", "words", "at"),
        Index("ix_automatic_answers_purpose_at", "purpose", "at"),
        Index("ix_automatic_answers_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(320))
    domain: Mapped[str] = mapped_column(String(253), default="")
    words: Mapped[str] = mapped_column(String(64), default="")
    purpose: Mapped[str] = mapped_column(String(20))
    given: Mapped[bool] = mapped_column(default=True)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_emails.id", ondelete="SET NULL"), index=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("fuse_incidents.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class FuseLimits(Model):
    """What an admin has set the limits to, and when; the last one is in force, so the table is its own history.

    ``limits`` are how many answers within how many minutes, by the keys of psa.mail.fuse.limits.
    """

    __tablename__ = "fuse_limits"

    id: Mapped[int] = mapped_column(primary_key=True)
    limits: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    user: Mapped[User | None] = relationship()
