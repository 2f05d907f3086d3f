"""Project."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.clients.models import Client
from psa.extensions import Model, UTCDateTime


class Project(Model):
    """Work for one client. ``active`` until it is closed; a closed one takes no new tickets.

    Where a client has several active ones, its mail belongs to the one that ``takes_mail``.
    """

    __tablename__ = "projects"
    __table_args__ = (UniqueConstraint("client_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    takes_mail: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    client: Mapped[Client] = relationship()
