"""Reminders by the schedule: each step once for an invoice, only the latest that is due, and only while it is open.

Nobody is reminded of what is paid, void, credited in full or disputed, nor of what never left from here: an invoice
that was brought in from elsewhere has had its mail elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise

import structlog
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import joinedload

from psa import clock
from psa.billing.invoices.models import Invoice
from psa.billing.invoices.operations import note
from psa.billing.mailing.files import upload_of
from psa.billing.mailing.letters import values_of, write
from psa.billing.mailing.models import Reminder, ReminderStep, UnremindedClient
from psa.billing.mailing.place import NobodyToWriteFrom
from psa.billing.mailing.schedule import day_of, kind_of, steps, words_of
from psa.billing.mailing.sending import hearers
from psa.clients.models import Contact
from psa.clock import today
from psa.extensions import db, insert_unless_there
from psa.mail.models import OutboundEmail
from psa.mail.outbound.compose import Unwritable
from psa.notifications import choices
from psa.notifications.audience import Audience, of_client

log = structlog.get_logger()

# Nobody wants to be reminded in the middle of the night. The hour is the server's.
MORNING = 8
AT_ONCE = 200
# How far ahead the page looks, in days, and how much of it is shown.
AHEAD, SHOWN = 30, 50
NOT_LEFT = ("cancelled", "failed")


@dataclass(frozen=True, slots=True)
class Coming:
    """A reminder that will leave on ``day`` as things are now, and to whom; ``nobody`` says why to no one."""

    day: date
    invoice: Invoice
    days: int
    people: tuple[str, ...]
    nobody: str = ""

    @property
    def words(self) -> str:
        return words_of(self.days)


def remind_of_what_is_due() -> int:
    """Send each reminder that is due; returns of how many invoices somebody was reminded. Commits one by one.

    After days without a run the latest step of an invoice leaves, and the earlier ones never do.
    """
    if clock.now().astimezone().hour < MORNING:
        return 0
    return sum(1 for days, invoice_id in list(due(today())) if try_to_remind(invoice_id, days))


def due(now: date, invoice: Invoice | None = None) -> Iterator[tuple[int, int]]:
    """The steps that are due, as days and id of the invoice: of each invoice the latest one, if it has not left."""
    for step, later in pairwise([*steps(), None]):
        assert step is not None
        query = remindable(step, invoice).where(Invoice.due_on <= day_of(now, -step.days))
        if later is not None:
            query = query.where(Invoice.due_on > day_of(now, -later.days))
        if choices.is_on(kind_of(step.days)):
            for invoice_id in db.session.scalars(query.order_by(Invoice.due_on, Invoice.id).limit(AT_ONCE)):
                yield step.days, invoice_id


def remindable(step: ReminderStep, invoice: Invoice | None) -> Select[int]:
    """The open invoices that left from here, and have a day for this step that is still to come or was not heeded."""
    had = db.exists().where(Reminder.invoice_id == Invoice.id, Reminder.days == step.days)
    spared = db.exists().where(UnremindedClient.client_id == Invoice.client_id)
    wanted: Select[int] = db.select(Invoice.id).where(
        *is_open(),
        # A new step is not for days that were over before anybody had thought of it.
        Invoice.due_on >= day_of(step.since, -step.days),
        # On the day of the invoice itself, or before it, there is nothing to be reminded of.
        Invoice.payment_days > -step.days,
        ~had,
        ~spared,
        has_left(),
    )
    return wanted if invoice is None else wanted.where(Invoice.id == invoice.id)


def is_open() -> tuple[ColumnElement[bool], ...]:
    return Invoice.status == "sent", Invoice.kind == "invoice", ~Invoice.disputed


def has_left() -> ColumnElement[bool]:
    left: ColumnElement[bool] = db.exists().where(
        OutboundEmail.invoice_id == Invoice.id,
        OutboundEmail.template == "invoice",
        OutboundEmail.status.not_in(NOT_LEFT),
    )
    return left


def try_to_remind(invoice_id: int, days: int) -> bool:
    """Remind of one invoice and commit; what goes wrong with it keeps no other one back."""
    try:
        reminded = remind(invoice_id, days)
        db.session.commit()
        return reminded
    except (NobodyToWriteFrom, Unwritable) as reason:
        db.session.rollback()
        log.warning("nobody could be reminded", invoice=invoice_id, reason=str(reason))
        return False


def remind(invoice_id: int, days: int) -> bool:
    """Send a step of an invoice, once whoever asks; returns whether anybody was told. The caller commits.

    Raises NobodyToWriteFrom, and Unwritable.
    """
    if not insert_unless_there(Reminder, invoice_id=invoice_id, days=days):
        return False
    invoice = db.session.get_one(Invoice, invoice_id, populate_existing=True)
    if invoice.status != "sent" or invoice.disputed:
        # Paid in this very moment.
        db.session.rollback()
        return False
    contacts, nobody = whom_to_remind(invoice, of_client(kind_of(days), invoice.client_id))
    count = number_of(invoice_id)
    if contacts:
        file = upload_of(invoice)
        for contact in contacts:
            write(contact, kind_of(days), values_of(invoice, contact, count), file, invoice_id=invoice_id)
        words = f"Reminder {count}, {words_of(days)}, to {', '.join(contact.email for contact in contacts)}"
    else:
        words = f"A reminder {words_of(days)} was not sent: {nobody}"
    this = db.update(Reminder).where(Reminder.invoice_id == invoice_id, Reminder.days == days)
    db.session.execute(this.values(left=bool(contacts), words=words[:500]))
    note(invoice, words, None)
    db.session.flush()
    return bool(contacts)


def whom_to_remind(invoice: Invoice, audience: Audience) -> tuple[list[Contact], str]:
    """Those who got the invoice and are told of such things; when none of them is, all who are. And why nobody is."""
    told = hearers(audience)
    got = recipients_of(invoice.id)
    chosen = [contact for contact in told if contact.email.lower() in got] or told
    return chosen, audience.nobody or "no contact of the client is told of invoices."


def recipients_of(invoice_id: int) -> set[str]:
    of_invoice = db.select(OutboundEmail.recipients).where(
        OutboundEmail.invoice_id == invoice_id, OutboundEmail.template == "invoice"
    )
    return {address.lower() for recipients in db.session.scalars(of_invoice) for address in recipients}


def number_of(invoice_id: int) -> int:
    """Which reminder the latest one is: 1 for the first. What never left is none to the client."""
    counted = db.select(db.func.count()).where(Reminder.invoice_id == invoice_id, Reminder.left)
    return db.session.scalar(counted) or 0


def reminders_of(invoice_id: int) -> Sequence[Reminder]:
    return db.session.scalars(db.select(Reminder).where(Reminder.invoice_id == invoice_id).order_by(Reminder.id)).all()


def coming(now: date, invoice: Invoice | None = None) -> list[Coming]:
    """What will leave next as things are now, the first day first: of all invoices, or of one."""
    found = []
    for step in steps():
        if not choices.is_on(kind_of(step.days)):
            continue
        query = remindable(step, invoice).where(
            Invoice.due_on > day_of(now, -step.days), Invoice.due_on <= day_of(now, AHEAD - step.days)
        )
        found += [(step.days, number) for number in db.session.scalars(query.order_by(Invoice.due_on).limit(SHOWN))]
    found += due(now, invoice)
    with_clients = db.select(Invoice).options(joinedload(Invoice.client))
    invoices = {
        one.id: one for one in db.session.scalars(with_clients.where(Invoice.id.in_({number for _, number in found})))
    }
    rows = [(max(day_of(due_on_of(invoices[number]), days), now), days, invoices[number]) for days, number in found]
    rows.sort(key=lambda row: (row[0], row[2].id))
    # One client has many invoices, and its people are asked for once.
    audience = cache(of_client)
    return [one_coming(*row, audience(kind_of(row[1]), row[2].client_id)) for row in rows[:SHOWN]]


def one_coming(day: date, days: int, invoice: Invoice, audience: Audience) -> Coming:
    contacts, nobody = whom_to_remind(invoice, audience)
    return Coming(day, invoice, days, tuple(one.display_name for one in contacts), "" if contacts else nobody)


def due_on_of(invoice: Invoice) -> date:
    assert invoice.due_on is not None
    return invoice.due_on
