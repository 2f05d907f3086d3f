"""The file of an issued invoice, the schedule of reminders, those that were sent, and the clients who get none."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.billing.invoices.models import Invoice
from psa.extensions import Model, UTCDateTime


class InvoiceFile(Model):
    """The PDF of an issued invoice, as it was sent: a new logo changes nothing that a client has."""

    __tablename__ = "invoice_files"

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"), primary_key=True)
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class ReminderStep(Model):
    """One step of the schedule: ``days`` after the due date, below zero before it. In force since ``since``."""

    __tablename__ = "reminder_steps"
    __table_args__ = (CheckConstraint("days BETWEEN -60 AND 365", name="days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(unique=True)
    since: Mapped[date] = mapped_column(Date)


class Reminder(Model):
    """A step that an invoice has had, once: ``words`` say who was told, or why nobody was (``left`` is false)."""

    __tablename__ = "invoice_reminders"
    __table_args__ = (UniqueConstraint("invoice_id", "days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"))
    days: Mapped[int]
    left: Mapped[bool] = mapped_column(default=True)
    words: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    invoice: Mapped[Invoice] = relationship()


class UnremindedClient(Model):
    """A client whom nobody reminds, since a person has said so."""

    __tablename__ = "unreminded_clients"

    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    since: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    user: Mapped[User | None] = relationship()
