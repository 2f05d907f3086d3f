"""Invoices as the pages show them: the list, its sums, a client's, and the time behind one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import joinedload

from psa.billing.invoices.models import Invoice, InvoiceEvent, InvoiceLine, RecurringInvoice
from psa.billing.models import TimeEntry
from psa.billing.queries import IS_UNBILLED
from psa.clients.models import Client
from psa.extensions import db
from psa.words import pattern

PAGE = 50
# So much of a client's time is offered at once.
MOST_TIME = 500

MOST_COUNTED = 100

# What the list can be cut down to, in the words of its tabs.
STATES = {"draft": "Drafts", "open": "Open", "overdue": "Overdue", "paid": "Paid", "void": "Void", "": "All"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which invoices: in a state (a key of STATES), of a client, with words in their number, reference or client."""

    state: str = ""
    client_id: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """What invoices in one currency come to, what of it is open, and how many there are."""

    currency: str
    number: int
    total: Decimal
    balance: Decimal


def page_of(wanted: Wanted, today: date, before: int | None = None) -> tuple[list[Invoice], int | None]:
    """A page of them, the latest first, and the id before which the next one begins (None at the end)."""
    query = chosen(db.select(Invoice), wanted, today)
    if before is not None:
        query = query.where(Invoice.id < before)
    query = query.options(joinedload(Invoice.client), joinedload(Invoice.credits))
    rows = list(db.session.scalars(query.order_by(Invoice.id.desc()).limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def all_of(wanted: Wanted, today: date) -> Iterator[Invoice]:
    """All of them, the oldest first, a few hundred at a time."""
    last = 0
    while True:
        query = chosen(db.select(Invoice), wanted, today).where(Invoice.id > last).options(joinedload(Invoice.client))
        rows = db.session.scalars(query.order_by(Invoice.id).limit(500)).all()
        yield from rows
        if len(rows) < 500:
            return
        last = rows[-1].id
        db.session.expunge_all()


def sums_by_currency(wanted: Wanted, today: date) -> list[Sum]:
    """What they come to; drafts count as what they would be, void ones as nothing.

    Of the whole list what is open is summed up. There are no sums of what is long paid or was searched for: they would
    have to be read one by one for a figure that nobody asks for.
    """
    if wanted == Wanted():
        wanted = Wanted("open")
    if wanted.words or (wanted.client_id is None and wanted.state not in ("draft", "open", "overdue")):
        return []
    counts = Invoice.status != "void"
    is_owed = Invoice.status.in_(("sent", "paid"))
    open_part = db.case((is_owed, Invoice.total - Invoice.paid - Invoice.credited), else_=0)
    columns = (Invoice.currency, db.func.count(), db.func.sum(Invoice.total), db.func.sum(open_part))
    rows = db.session.execute(
        chosen(db.select(*columns), wanted, today).where(counts).group_by(Invoice.currency).order_by(Invoice.currency)
    )
    return [Sum(currency, number, Decimal(str(total)), Decimal(str(open_))) for currency, number, total, open_ in rows]


def chosen(query: Select[Any], wanted: Wanted, today: date) -> Select[Any]:
    match wanted.state:
        case "draft" | "paid" | "void":
            query = query.where(Invoice.status == wanted.state)
        case "open":
            query = query.where(Invoice.status == "sent")
        case "overdue":
            query = query.where(Invoice.status == "sent", Invoice.due_on < today, Invoice.kind == "invoice")
    if wanted.client_id is not None:
        query = query.where(Invoice.client_id == wanted.client_id)
    if wanted.words:
        like = pattern(wanted.words.lower())
        clients = db.select(Client.id).where(db.func.lower(Client.name).like(like, escape="\\"))
        query = query.where(
            db.func.lower(Invoice.number).like(like, escape="\\")
            | db.func.lower(Invoice.reference).like(like, escape="\\")
            | Invoice.client_id.in_(clients)
        )
    return query


def number_overdue(today: date) -> int:
    """How many are overdue; counted up to MOST_COUNTED, for a firm that has more looks at the list."""
    overdue = chosen(db.select(Invoice.id), Wanted("overdue"), today).limit(MOST_COUNTED).subquery()
    number: int = db.session.scalar(db.select(db.func.count()).select_from(overdue))
    return number


def credit_notes_for(invoice: Invoice) -> Sequence[Invoice]:
    return db.session.scalars(db.select(Invoice).where(Invoice.credits_id == invoice.id).order_by(Invoice.id)).all()


def history_of(invoice: Invoice) -> Sequence[InvoiceEvent]:
    """What happened to it, the latest first."""
    of_invoice = db.select(InvoiceEvent).where(InvoiceEvent.invoice_id == invoice.id)
    return db.session.scalars(of_invoice.options(joinedload(InvoiceEvent.user)).order_by(InvoiceEvent.id.desc())).all()


def time_behind(invoice: Invoice) -> dict[int, list[TimeEntry]]:
    """The time that each of its lines was made from, by the line's id, in the order of days."""
    lines = [line.id for line in invoice.lines]
    if not lines:
        return {}
    entries = db.session.scalars(
        db.select(TimeEntry)
        .options(*map(joinedload, (TimeEntry.user, TimeEntry.ticket, TimeEntry.task, TimeEntry.project)))
        .where(TimeEntry.invoice_line_id.in_(lines))
        .order_by(TimeEntry.day, TimeEntry.id)
    )
    found: dict[int, list[TimeEntry]] = {}
    for entry in entries:
        found.setdefault(entry.invoice_line_id or 0, []).append(entry)
    return found


def invoices_with(entries: Iterable[TimeEntry]) -> dict[int, Invoice]:
    """What the time stands on, by the id of the line (TimeEntry.invoice_line_id)."""
    lines = {entry.invoice_line_id for entry in entries if entry.invoice_line_id is not None}
    if not lines:
        return {}
    query = db.select(InvoiceLine).options(joinedload(InvoiceLine.invoice)).where(InvoiceLine.id.in_(lines))
    return {line.id: line.invoice for line in db.session.scalars(query)}


def open_entries_of(client_id: int) -> Sequence[TimeEntry]:
    """A client's time that can be invoiced, the oldest first, up to MOST_TIME entries."""
    query = db.select(TimeEntry).where(TimeEntry.client_id == client_id, IS_UNBILLED)
    shown = map(joinedload, (TimeEntry.user, TimeEntry.ticket, TimeEntry.task, TimeEntry.project))
    return db.session.scalars(query.options(*shown).order_by(TimeEntry.day, TimeEntry.id).limit(MOST_TIME)).all()


def entries_by_ids(client_id: int, ids: Sequence[int]) -> Sequence[TimeEntry]:
    """The client's entries among ``ids``, whether or not they can still be invoiced."""
    those = db.select(TimeEntry).where(TimeEntry.client_id == client_id, TimeEntry.id.in_(ids))
    return db.session.scalars(those.order_by(TimeEntry.day, TimeEntry.id)).all()


def recurring_invoices() -> Sequence[RecurringInvoice]:
    """The next one first, those that have ended last."""
    query = db.select(RecurringInvoice).options(joinedload(RecurringInvoice.client))
    ended = db.case((RecurringInvoice.active & RecurringInvoice.next_on.is_not(None), 0), else_=1)
    return db.session.scalars(query.order_by(ended, RecurringInvoice.next_on, RecurringInvoice.id).limit(500)).all()
