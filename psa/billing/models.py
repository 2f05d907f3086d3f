"""TimeEntry, Timer, Rate."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.clients.models import Client
from psa.extensions import Model, UTCDateTime
from psa.projects.models import Project, Task
from psa.tickets.models import Ticket

# Twelve digits before the point are more than any firm earns.
MONEY = Numeric(14, 2)
# What a client pays for and has not been asked to pay.
UNBILLED = text("billable AND invoice_line_id IS NULL")


class TimeEntry(Model):
    """Work that a user has done on a day, on a ticket, on a task or for a project.

    ``rate`` is what an hour of it cost when it was written down (empty when there was no rate), so that a new price
    changes no work of the past; ``currency`` is what that was in, empty for the firm's own. ``revision`` counts
    changes: who saves an older one is told.
    """

    __tablename__ = "time_entries"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
        Index("ix_time_entries_user_id_day", "user_id", "day"),
        # The time of a project by page; with the minutes, so that they are summed up without a look at the entries.
        Index("ix_time_entries_project_id_id", "project_id", "id", "minutes"),
        Index("ix_time_entries_client_id_day", "client_id", "day", "id"),
        # With what it is worth, so that all of it is summed up without a look at the entries.
        Index(
            "ix_time_entries_unbilled",
            *("client_id", "day", "id", "minutes", "rate", "currency", "ticket_id", "task_id", "project_id"),
            sqlite_where=UNBILLED,
            postgresql_where=UNBILLED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"), index=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id", ondelete="SET NULL"))
    day: Mapped[date] = mapped_column(Date)
    minutes: Mapped[int]
    words: Mapped[str] = mapped_column(String(500), default="")
    billable: Mapped[bool] = mapped_column(default=True)
    rate: Mapped[Decimal | None] = mapped_column(MONEY)
    currency: Mapped[str] = mapped_column(String(3), default="", server_default="")
    # Where it is invoiced; a draft that is deleted and an invoice that is void give it back.
    invoice_line_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_lines.id", ondelete="SET NULL"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    user: Mapped[User] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    project: Mapped[Project | None] = relationship()
    task: Mapped[Task | None] = relationship()
    client: Mapped[Client | None] = relationship()


class Timer(Model):
    """A user's running clock, one at a time, on a ticket or a task.

    It runs on the server, so it survives reloads and other machines.
    """

    __tablename__ = "timers"
    __table_args__ = (CheckConstraint("(ticket_id IS NULL) <> (task_id IS NULL)", name="one_place"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    ticket: Mapped[Ticket | None] = relationship()
    task: Mapped[Task | None] = relationship()


class Rate(Model):
    """What an hour costs: for everybody, or for a client, a project, a user, or a user at one of those."""

    __tablename__ = "rates"
    __table_args__ = (
        CheckConstraint("client_id IS NULL OR project_id IS NULL", name="scope"),
        CheckConstraint("amount >= 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Made of the three below, since NULLs are not equal to each other: one rate for one case.
    key: Mapped[str] = mapped_column(String(60), unique=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    amount: Mapped[Decimal] = mapped_column(MONEY)

    client: Mapped[Client | None] = relationship()
    project: Mapped[Project | None] = relationship()
    user: Mapped[User | None] = relationship()
