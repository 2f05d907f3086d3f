"""What goes with outgoing mail: templates, what is known of the addresses we write to, and the keys that sign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from psa import clock
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
    active: Mapped[bool] = mapped_column(default=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    # Why it could not be used the last time: then the built-in text was sent.
    fault: Mapped[str] = mapped_column(Text, default="")


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


class AddressState(Model):
    """What became of mail to an address. While ``suppressed_at`` is set nothing is sent there: ``reason`` says why.

    Soft bounces are only counted; a person clears the row with one click.
    """

    __tablename__ = "address_states"
    __table_args__ = (CheckConstraint("reason IN ('', 'hard_bounce', 'complaint', 'person')", name="reason"),)

    # In lower case.
    address: Mapped[str] = mapped_column(String(320), primary_key=True)
    suppressed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    soft_bounces: Mapped[int] = mapped_column(default=0)
    last_bounce_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_emails.id", ondelete="SET NULL"))
    outbound_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_emails.id", ondelete="SET NULL"))


class DkimKey(Model):
    """A key that signs a domain's mail (RFC 6376), once ``active``; ``verified_at`` is when its record was seen."""

    __tablename__ = "dkim_keys"
    __table_args__ = (UniqueConstraint("domain", "selector"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(253))
    selector: Mapped[str] = mapped_column(String(63))
    sealed_key: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
