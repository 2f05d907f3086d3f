"""Alerts, open and closed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from psa import clock
from psa.extensions import Model, UTCDateTime


class Alert(Model):
    """Something that is wrong until ``closed_at``. ``open_key`` names it until it has ended, so that it is open once.

    One that a person has dismissed is closed and keeps its name until then. ``told_at`` is when the admins were last
    mailed about it, empty when nobody waits for news of it.
    """

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_closed_at_opened_at", "closed_at", "opened_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    open_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("mail_accounts.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    words: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(String(300), default="")
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closing_words: Mapped[str] = mapped_column(Text, default="")
