"""How far the set-up of a new client has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.clients.models import Client
from psa.extensions import Model, UTCDateTime

UNFINISHED = "finished_at IS NULL"


class ClientSetup(Model):
    """The guided path for one client: what was done on it, so that anybody can go on where somebody has stopped.

    ``steps`` says of each step that was left what became of it: ``{"domains": "done", "welcome": "skipped"}``.
    ``ticket_id`` is the ticket of a sender whom nobody knew, where the path began with one. ``test_outbound_id`` is the
    latest test message.
    """

    __tablename__ = "client_setups"
    __table_args__ = (
        Index(
            "ix_client_setups_unfinished",
            "created_at",
            sqlite_where=text(UNFINISHED),
            postgresql_where=text(UNFINISHED),
        ),
    )

    client_id: Mapped[int] = mapped_column(
        ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    steps: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    test_outbound_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbound_emails.id", ondelete="SET NULL"), index=True
    )
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    client: Mapped[Client] = relationship()
    started_by: Mapped[User | None] = relationship()
