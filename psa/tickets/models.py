"""Queue, Ticket, Comment, Attachment, Event, and what each user has seen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.clients.models import Client, Contact
from psa.extensions import Model, UTCDateTime
from psa.projects.models import Project, Update

if TYPE_CHECKING:
    from psa.billing.invoices.models import Invoice
    from psa.mail.models import InboundEmail, OutboundEmail

STATUSES = {"new": "New", "open": "Open", "waiting": "Waiting on client", "closed": "Closed"}
MERGED = "merged_into_id IS NOT NULL"
OPEN = "status <> 'closed'"
PRIORITIES = {"normal": "Normal", "high": "High", "urgent": "Urgent"}
# Whom of the people in To and Cc a client's mail brings along.
CC_PEOPLE = {"client": "people of the same client", "all": "everybody", "none": "nobody"}

# What a client's reply to a closed ticket of a queue does.
REOPENINGS = {
    "always": "reopens it",
    "within": "reopens it for some days",
    "never": "opens a new linked one",
}


AUTO_REPLIES = {"mailbox": "as the mailbox has it", "on": "on: the text “Auto-reply”", "off": "off"}


def where_there_is(column: str) -> dict[str, Any]:
    """An index of the few rows that have one, for either database."""
    there = text(f"{column} IS NOT NULL")
    return {"sqlite_where": there, "postgresql_where": there}


class Queue(Model):
    """Holds tickets (never mail) until somebody takes them."""

    __tablename__ = "queues"
    __table_args__ = (
        CheckConstraint("cc_people IN ('client', 'all', 'none')", name="cc_people"),
        CheckConstraint("reopening IN ('always', 'within', 'never')", name="reopening"),
        CheckConstraint("auto_reply IN ('mailbox', 'on', 'off')", name="auto_reply"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    # The sending address that writes about its tickets; empty for the one of the mailbox that they came by.
    address: Mapped[str] = mapped_column(String(320), default="")
    # Who of a mail's To and Cc watches its ticket from then on, by CC_PEOPLE.
    cc_people: Mapped[str] = mapped_column(String(10), default="client")
    # What a client's reply to a closed ticket does, by REOPENINGS; the days count from when it was closed.
    reopening: Mapped[str] = mapped_column(String(10), default="always")
    reopen_days: Mapped[int] = mapped_column(default=14)
    # Whether who opens a ticket by mail hears the auto-reply: on, off, or as the mailbox has it.
    auto_reply: Mapped[str] = mapped_column(String(10), default="mailbox")


class Ticket(Model):
    """One thing that a client wants. Its ``id`` is the number that people see."""

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("status IN ('new', 'open', 'waiting', 'closed')", name="status"),
        CheckConstraint("priority IN ('normal', 'high', 'urgent')", name="priority"),
        # Each list is one walk along one of these; the id makes the order total, so pages are cut by key.
        Index("ix_tickets_status_changed", "status", "changed_at", "id"),
        Index("ix_tickets_queue_status_changed", "queue_id", "status", "changed_at", "id"),
        Index("ix_tickets_assignee_status_changed", "assignee_id", "status", "changed_at", "id"),
        Index("ix_tickets_client_changed", "client_id", "changed_at", "id"),
        # How much is open for each client of a list and in the sidebar, without a look at a ticket.
        Index(
            "ix_tickets_open_client_id",
            *("client_id", "queue_id", "status", "assignee_id"),
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index("ix_tickets_merged_into_id", "merged_into_id", sqlite_where=text(MERGED), postgresql_where=text(MERGED)),
        *(Index(f"ix_tickets_{one}", one, **where_there_is(one)) for one in ("invoice_id", "update_id")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(998), default="")
    status: Mapped[str] = mapped_column(String(10), default="new")
    priority: Mapped[str] = mapped_column(String(10), default="normal")
    queue_id: Mapped[int] = mapped_column(ForeignKey("queues.id"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id", ondelete="SET NULL"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"), index=True)
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"), index=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    # The last thing that was said, for the list, and whether it was us.
    preview: Mapped[str] = mapped_column(String(200), default="")
    preview_is_ours: Mapped[bool] = mapped_column(default=False)
    automatic: Mapped[bool] = mapped_column(default=False)
    # Where its messages and its answers are now, when it was merged into another one.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"))
    # The id of the last event that came from the client's side: newer than what a user has seen means unread.
    news_id: Mapped[int] = mapped_column(default=0)
    # What it is an answer to, where it was opened by one to mail of ours that was about no ticket.
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id", ondelete="SET NULL"))
    update_id: Mapped[int | None] = mapped_column(ForeignKey("updates.id", ondelete="SET NULL"))

    queue: Mapped[Queue] = relationship()
    client: Mapped[Client | None] = relationship()
    project: Mapped[Project | None] = relationship()
    requester: Mapped[Contact | None] = relationship()
    assignee: Mapped[User | None] = relationship()
    invoice: Mapped[Invoice | None] = relationship()
    update: Mapped[Update | None] = relationship()
    comments: Mapped[list[Comment]] = relationship(back_populates="ticket", order_by="Comment.id")
    events: Mapped[list[Event]] = relationship(back_populates="ticket", order_by="Event.id")
    tags: Mapped[list[Tag]] = relationship(secondary="ticket_tags", order_by="Tag.name", viewonly=True)

    @property
    def number(self) -> int:
        return self.id


class Comment(Model):
    """What somebody said on a ticket: a public ``reply`` or an internal ``note``, by a contact or by a user."""

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint("kind IN ('reply', 'note')", name="kind"),
        # What a contact has said last, and all of it.
        Index("ix_comments_contact_id", "contact_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_emails.id", ondelete="SET NULL"), index=True)
    # What was written now; the quoted text and the signature are folded beside it and never lost.
    body: Mapped[str] = mapped_column(Text, default="")
    folded: Mapped[str] = mapped_column(Text, default="")
    signature: Mapped[str] = mapped_column(Text, default="")
    has_html: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    ticket: Mapped[Ticket] = relationship(back_populates="comments")
    user: Mapped[User | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    inbound: Mapped[InboundEmail | None] = relationship(foreign_keys=[inbound_id])
    attachments: Mapped[list[Attachment]] = relationship(back_populates="comment", order_by="Attachment.id")
    outbound: Mapped[list[OutboundEmail]] = relationship(
        back_populates="comment", foreign_keys="OutboundEmail.comment_id", order_by="OutboundEmail.id"
    )

    @property
    def is_ours(self) -> bool:
        return self.user_id is not None


class Attachment(Model):
    """A file of a comment. Its bytes stay in the message that carried it: part ``part`` of ``raw_id``."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), index=True)
    raw_id: Mapped[int] = mapped_column(ForeignKey("raw_messages.id"))
    part: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content_id: Mapped[str | None] = mapped_column(String(998))
    inline: Mapped[bool] = mapped_column(default=False)

    comment: Mapped[Comment] = relationship(back_populates="attachments")


class Event(Model):
    """What happened to a ticket. Its id grows with every change anywhere, so it also tells a page whether it is stale.

    ``kind`` is one of opened, commented, status, assignee, queue, priority, client, reopened, mail; ``detail`` holds
    the words of it (``{"from": "Open", "to": "Closed"}``, for mail ``{"words": "A sentence."}``).
    """

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_created_at", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    ticket: Mapped[Ticket] = relationship(back_populates="events")
    comment: Mapped[Comment | None] = relationship()
    user: Mapped[User | None] = relationship()
    contact: Mapped[Contact | None] = relationship()


class Seen(Model):
    """Up to which event a user has seen a ticket."""

    __tablename__ = "seen"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    event_id: Mapped[int]


class Tag(Model):
    """A word that tickets are marked with. ``folded`` is its name without regard to case, and so it exists once."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    folded: Mapped[str] = mapped_column(String(120), unique=True)


class TicketTag(Model):
    """A ticket has a tag."""

    __tablename__ = "ticket_tags"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True)


class Watcher(Model):
    """A user or a contact who follows a ticket; ``because`` says in words how they came to it.

    Whom a person has taken out stays as ``gone``, so that the next mail with the same Cc does not bring them back.
    """

    __tablename__ = "watchers"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (contact_id IS NULL)", name="one_person"),
        UniqueConstraint("ticket_id", "user_id"),
        UniqueConstraint("ticket_id", "contact_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    because: Mapped[str] = mapped_column(String(200), default="")
    gone: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    user: Mapped[User | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
