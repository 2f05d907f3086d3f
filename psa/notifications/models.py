"""What is switched on for whom, what has happened that nobody was told of yet, and what was told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from psa import clock
from psa.extensions import Model, UTCDateTime

WAITING = "left_at IS NULL"


class NoticeSwitch(Model):
    """Whether the firm sends a kind of notice (psa.notifications.kinds): for all queues, or otherwise for one."""

    __tablename__ = "notice_switches"
    __table_args__ = (
        UniqueConstraint("kind", "queue_id"),
        # To a constraint no NULL is like another one.
        Index(
            "uq_notice_switches_kind_for_all",
            "kind",
            unique=True,
            sqlite_where=text("queue_id IS NULL"),
            postgresql_where=text("queue_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id", ondelete="CASCADE"))
    is_on: Mapped[bool]


class Hearing(Model):
    """How a user hears of things: each by itself, or together every hour or every day at a minute of the day.

    Without a row it is each by itself. ``daily_at`` counts from midnight in the server's zone.
    """

    __tablename__ = "hearings"
    __table_args__ = (
        CheckConstraint("rhythm IN ('single', 'hourly', 'daily')", name="rhythm"),
        CheckConstraint("daily_at >= 0 AND daily_at < 1440", name="daily_at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    rhythm: Mapped[str] = mapped_column(String(10), default="single")
    daily_at: Mapped[int] = mapped_column(default=8 * 60)


class UnheardKind(Model):
    """A kind of notice that a user does not want."""

    __tablename__ = "unheard_kinds"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)


class HeardQueue(Model):
    """A queue of whose new tickets a user wants to hear."""

    __tablename__ = "heard_queues"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey("queues.id", ondelete="CASCADE"), primary_key=True, index=True)


class UnheardTopic(Model):
    """A topic (tickets, projects, invoices) of which a contact is told nothing."""

    __tablename__ = "unheard_topics"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(20), primary_key=True)


class Untold(Model):
    """An event of a ticket of which it is not settled yet who hears; written with the event, gone with the answer."""

    __tablename__ = "untold"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class Notice(Model):
    """What a user or a contact was told, or what waits for the user's digest: then ``left_at`` is empty.

    ``words`` says what happened, as it stands in a digest, and ``path`` is the page that it leads to where that is no
    ticket's: /projects/3/tasks/12. ``left_at`` is when its mail was queued.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (contact_id IS NULL)", name="recipient"),
        Index("ix_notices_user_id_left_at", "user_id", "left_at"),
        Index("ix_notices_contact_id_left_at", "contact_id", "left_at"),
        Index("ix_notices_made_at", "made_at"),
        Index(
            "ix_notices_waiting",
            "user_id",
            "id",
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Text, default="")
    path: Mapped[str] = mapped_column(String(200), default="")
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outbound_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_emails.id", ondelete="SET NULL"), index=True)
