"""What a firm has made of the Default Templates, what they were before, and what an admin is just looking at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.extensions import Model, UTCDateTime


class EmailTemplate(Model):
    """A Default Template that somebody changed, for all queues or for one; without a row the built-in text is sent.

    ``text`` is made from ``html`` where it is empty. ``revision`` is raised by every change.
    """

    __tablename__ = "email_templates"
    __table_args__ = (
        UniqueConstraint("name", "queue_id"),
        # To a constraint no NULL is like another one.
        Index(
            "uq_email_templates_name_for_all",
            "name",
            unique=True,
            sqlite_where=text("queue_id IS NULL"),
            postgresql_where=text("queue_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    # Why and when it could not be used the last time: then the built-in text was sent. Gone with the next change.
    fault: Mapped[str] = mapped_column(Text, default="")
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    # Whoever changes a row that is not any more what they read raises StaleDataError.
    __mapper_args__ = {"version_id_col": revision}


class EmailTemplateVersion(Model):
    """What a template was before a change, and who made the change."""

    __tablename__ = "email_template_versions"
    __table_args__ = (Index("ix_email_template_versions_name_queue_id", "name", "queue_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    replaced_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    user: Mapped[User | None] = relationship()


class EmailTemplatePreview(Model):
    """The page that a user looks at while writing: the frame that shows it asks for it under its own policy."""

    __tablename__ = "email_template_previews"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
