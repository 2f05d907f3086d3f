"""Invoice, its lines, payments and events; what recurs; tax rates; the series that numbers come from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.billing.invoices.sums import Line, open_balance
from psa.clients.models import Client
from psa.extensions import Model, UTCDateTime
from psa.projects.models import Project

KINDS = {"invoice": "Invoice", "credit_note": "Credit note"}
STATUSES = {"draft": "Draft", "sent": "Sent", "paid": "Paid", "void": "Void"}
RHYTHMS = {"week": "weeks", "month": "months"}

# Three places for the currencies that have them. Fifteen digits are what SQLite's numbers keep exactly.
AMOUNT = Numeric(15, 3)
PRICE = Numeric(14, 4)
# Six places, so that every minute of an hour is told apart: see sums.net_of.
QUANTITY = Numeric(14, 6)
PERCENT = Numeric(5, 2)


class TaxRate(Model):
    """A tax that lines can bear. An invoice line keeps its name and percent, so that a new law changes nothing issued.

    ``words`` stand below the sums of an invoice with such a line: why no tax is asked for, for example.
    """

    __tablename__ = "tax_rates"
    __table_args__ = (CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    percent: Mapped[Decimal] = mapped_column(PERCENT)
    words: Mapped[str] = mapped_column(String(300), default="")
    is_default: Mapped[bool] = mapped_column(default=False)


class NumberSeries(Model):
    """The last number given in a series; ``year`` is 0 where numbers go on over the years. Issuing locks the row."""

    __tablename__ = "number_series"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)


class Invoice(Model):
    """An invoice, or a credit note: an invoice with amounts below zero that credits another one.

    A draft has no number. Issuing gives it one and fixes it: ``status`` is sent, and the addressee, the firm's own data
    and the sums stay as they are then. ``paid`` is the sum of its payments, ``credited`` what credit notes have taken
    off (on a credit note, below zero, what it has taken off its invoice). "Overdue" is not stored: see is_overdue.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind"),
        CheckConstraint("status IN ('draft', 'sent', 'paid', 'void')", name="status"),
        CheckConstraint("(status = 'draft') = (number IS NULL)", name="numbered"),
        CheckConstraint("(kind = 'credit_note') = (credits_id IS NOT NULL)", name="credits"),
        # One invoice for each time that something recurs, however often the job runs.
        UniqueConstraint("recurring_id", "period"),
        Index("ix_invoices_client_id_id", "client_id", "id"),
        Index("ix_invoices_status_id", "status", "id"),
        # With what is summed up, so that open and overdue invoices are without a look at the invoices themselves.
        Index("ix_invoices_owed", "status", "due_on", "kind", "currency", "total", "paid", "credited"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="invoice")
    credits_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    number: Mapped[str | None] = mapped_column(String(60), unique=True)
    status: Mapped[str] = mapped_column(String(10), default="draft")
    disputed: Mapped[bool] = mapped_column(default=False)
    currency: Mapped[str] = mapped_column(String(3))
    issued_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    paid_on: Mapped[date | None] = mapped_column(Date)
    payment_days: Mapped[int]
    reference: Mapped[str] = mapped_column(String(120), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    void_reason: Mapped[str] = mapped_column(String(300), default="")
    # Credited in full, and its time was given back to be invoiced again: what credits it stays in force.
    time_returned: Mapped[bool] = mapped_column(default=False, server_default=false())
    net: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    tax: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    total: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    paid: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    credited: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    # Copies made at issue; empty while a draft.
    addressee_name: Mapped[str] = mapped_column(String(200), default="")
    addressee_address: Mapped[str] = mapped_column(Text, default="")
    addressee_tax_id: Mapped[str] = mapped_column(String(60), default="")
    firm_name: Mapped[str] = mapped_column(String(120), default="")
    firm_address: Mapped[str] = mapped_column(Text, default="")
    firm_tax_id: Mapped[str] = mapped_column(String(60), default="")
    payment_words: Mapped[str] = mapped_column(Text, default="")
    tax_words: Mapped[str] = mapped_column(Text, default="")
    # Counts changes: who saves an older one is told.
    revision: Mapped[int] = mapped_column(default=1)
    recurring_id: Mapped[int | None] = mapped_column(ForeignKey("recurring_invoices.id", ondelete="SET NULL"))
    period: Mapped[date | None] = mapped_column(Date)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    client: Mapped[Client] = relationship()
    project: Mapped[Project | None] = relationship()
    created_by: Mapped[User | None] = relationship()
    credits: Mapped[Invoice | None] = relationship(remote_side="Invoice.id")
    recurring: Mapped[RecurringInvoice | None] = relationship()
    lines: Mapped[list[InvoiceLine]] = relationship(
        back_populates="invoice", cascade="all, delete-orphan", order_by="InvoiceLine.position"
    )
    payments: Mapped[list[Payment]] = relationship(
        back_populates="invoice", cascade="all, delete-orphan", order_by="Payment.id"
    )
    events: Mapped[list[InvoiceEvent]] = relationship(
        back_populates="invoice", cascade="all, delete-orphan", order_by="InvoiceEvent.id"
    )

    @property
    def is_draft(self) -> bool:
        return self.status == "draft"

    @property
    def is_credit_note(self) -> bool:
        return self.kind == "credit_note"

    @property
    def balance(self) -> Decimal:
        """What is still to be paid; below zero what the firm owes. Nothing for a draft and for a void one."""
        return open_balance(self.status, self.total, self.paid, self.credited)

    def is_overdue(self, today: date) -> bool:
        return self.status == "sent" and self.kind == "invoice" and self.due_on is not None and self.due_on < today

    def state(self, today: date) -> str:
        """What it is, in a word, as the list and its file say it; whether it is disputed stands beside it."""
        if self.status in ("draft", "void"):
            return STATUSES[self.status]
        if self.is_credit_note:
            return "Set off" if self.status == "paid" else "To pay back"
        if self.status == "paid":
            return "Credited" if self.credited and self.credited == self.total else "Paid"
        if self.is_overdue(today):
            return "Overdue"
        return "Paid in part" if self.paid or self.credited else "Open"

    @property
    def name(self) -> str:
        """What it is called in a sentence: “Invoice 2026-0007”, “Draft of a credit note”."""
        kind = KINDS[self.kind]
        return f"{kind} {self.number}" if self.number else f"Draft of {'an' if kind[0] == 'I' else 'a'} {kind.lower()}"


CONTENT = (
    *("position", "words", "quantity", "unit", "unit_price", "discount_percent"),
    *("tax_name", "tax_percent", "tax_rate_id"),
)


class LineColumns:
    """What a line says, on an invoice and on one that recurs. ``unit_price`` is without tax."""

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    words: Mapped[str] = mapped_column(String(1000), default="")
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    unit: Mapped[str] = mapped_column(String(20), default="")
    unit_price: Mapped[Decimal] = mapped_column(PRICE)
    discount_percent: Mapped[Decimal] = mapped_column(PERCENT, default=Decimal(0))
    tax_name: Mapped[str] = mapped_column(String(40), default="")
    tax_percent: Mapped[Decimal] = mapped_column(PERCENT, default=Decimal(0))
    tax_rate_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rates.id", ondelete="SET NULL"), index=True)

    def as_line(self) -> Line:
        return Line(self.quantity, self.unit_price, self.discount_percent, self.tax_name, self.tax_percent)

    def content(self) -> dict[str, Any]:
        """What another line of the same says, column by column."""
        return {name: getattr(self, name) for name in CONTENT}


class InvoiceLine(LineColumns, Model):
    """A line of an invoice. ``net`` is what it comes to, in the currency's minor unit."""

    __tablename__ = "invoice_lines"

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"), index=True)
    # The line that a credit note's line takes back.
    credits_line_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_lines.id", ondelete="SET NULL"), index=True)
    net: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    # What a credit note takes less or more of a rate's tax than its own lines bear: see credited_tax.
    tax_rounding: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), server_default="0")

    invoice: Mapped[Invoice] = relationship(back_populates="lines")

    def as_line(self) -> Line:
        return replace(super().as_line(), tax_rounding=self.tax_rounding or Decimal(0))


class Payment(Model):
    """Money that came in for an invoice; below zero what was paid back on a credit note."""

    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"), index=True)
    amount: Mapped[Decimal] = mapped_column(AMOUNT)
    paid_on: Mapped[date] = mapped_column(Date)
    words: Mapped[str] = mapped_column(String(200), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    invoice: Mapped[Invoice] = relationship(back_populates="payments")


class InvoiceEvent(Model):
    """Who did what to an invoice, in words; without a user it was the timetable."""

    __tablename__ = "invoice_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(String(500))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    invoice: Mapped[Invoice] = relationship(back_populates="events")
    user: Mapped[User | None] = relationship()


class RecurringInvoice(Model):
    """An invoice that is made again every few weeks or months, beginning on ``starts_on``.

    ``next_on`` is the day of the next one; empty when there are no more. Days are reckoned from ``starts_on``, so that
    the 31st of January is followed by the 28th of February and the 31st of March.
    """

    __tablename__ = "recurring_invoices"
    __table_args__ = (
        CheckConstraint("every BETWEEN 1 AND 60", name="every"),
        CheckConstraint("rhythm IN ('week', 'month')", name="rhythm"),
        Index("ix_recurring_invoices_next_on", "next_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(120), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    every: Mapped[int] = mapped_column(default=1)
    rhythm: Mapped[str] = mapped_column(String(10), default="month")
    starts_on: Mapped[date] = mapped_column(Date)
    next_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    active: Mapped[bool] = mapped_column(default=True)
    # Issued and mailed by itself; else a draft waits for a person.
    sends: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    client: Mapped[Client] = relationship()
    project: Mapped[Project | None] = relationship()
    lines: Mapped[list[RecurringLine]] = relationship(
        back_populates="recurring", cascade="all, delete-orphan", order_by="RecurringLine.position"
    )


class RecurringLine(LineColumns, Model):
    """A line that each of the invoices begins with."""

    __tablename__ = "recurring_lines"

    recurring_id: Mapped[int] = mapped_column(ForeignKey("recurring_invoices.id", ondelete="CASCADE"), index=True)

    recurring: Mapped[RecurringInvoice] = relationship(back_populates="lines")
