"""How tickets belong together: links, merges, and suggestions that a message belongs to another ticket."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.extensions import Model, UTCDateTime
from psa.tickets.models import Ticket

if TYPE_CHECKING:
    from psa.mail.models import InboundEmail


class TicketLink(Model):
    """Two tickets that belong together. ``kind``: related; split (``other`` was split off from ``ticket``); follows
    (``other`` was opened by a reply to ``ticket``, which was closed).
    """

    __tablename__ = "ticket_links"
    __table_args__ = (CheckConstraint("kind IN ('related', 'split', 'follows')", name="kind"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(10), default="related")
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class Merge(Model):
    """The ticket ``source`` was merged into ``target``. ``was`` is the status that the source had.

    ``moved`` names what moved, so that it can move back: ids by the words of psa.tickets.moving.Moved.
    """

    __tablename__ = "ticket_merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    was: Mapped[str] = mapped_column(String(10))
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Suggestion(Model):
    """A message that may belong to ``ticket`` and was not filed there: ``words`` say by what, and what speaks against.

    One for each message at most; a person accepts or refuses it.
    """

    __tablename__ = "thread_suggestions"
    __table_args__ = (CheckConstraint("state IN ('open', 'accepted', 'refused')", name="state"),)

    inbound_id: Mapped[int] = mapped_column(
        ForeignKey("inbound_emails.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="open")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    inbound: Mapped[InboundEmail] = relationship()
    ticket: Mapped[Ticket] = relationship()
    user: Mapped[User | None] = relationship()
