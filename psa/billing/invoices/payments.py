"""Money that came in for an invoice, or was paid back on a credit note. A door commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psa.billing.currencies import money
from psa.billing.invoices.models import Invoice, Payment
from psa.billing.invoices.operations import RefusedInvoice, claim, lock_with_open_notes, note, set_off_all, settle
from psa.clock import today
from psa.extensions import db

NOT_OPEN = "Only an invoice that is issued can be paid."


@dataclass(frozen=True, slots=True)
class Money:
    """How much was paid on which day; ``words`` say how: a bank’s reference, for example."""

    amount: Decimal
    on: date
    words: str = ""


def add_payment(invoice: Invoice, paid: Money, by: int | None) -> Payment:
    """Write a payment down: the invoice is paid as soon as nothing is open. Raises RefusedInvoice.

    The amount is above zero; on a credit note it is what was paid back.
    """
    claim(invoice, "sent", "paid", refusal=NOT_OPEN)
    if paid.on > today():
        raise RefusedInvoice("That day has not come yet.")
    if paid.amount <= 0:
        raise RefusedInvoice("Write what was paid, more than nothing.")
    if paid.amount > abs(invoice.balance):
        raise RefusedInvoice(open_words(invoice))
    sign = -1 if invoice.is_credit_note else 1
    payment = Payment(
        invoice_id=invoice.id, amount=sign * paid.amount, paid_on=paid.on, words=paid.words[:200], user_id=by
    )
    db.session.add(payment)
    invoice.paid += sign * paid.amount
    # Parts are written down in any order: all is paid on the day of the latest.
    settle(invoice, max([paid.on, *(one.paid_on for one in invoice.payments)]))
    done = "Paid back" if invoice.is_credit_note else "Paid" if invoice.status == "paid" else "Paid in part"
    note(invoice, f"{done}: {money(paid.amount, invoice.currency)}", by)
    db.session.flush()
    return payment


def mark_paid(invoice: Invoice, on: date, by: int | None) -> Payment:
    """All that is open was paid on that day. Raises RefusedInvoice."""
    db.session.refresh(invoice)
    return add_payment(invoice, Money(abs(invoice.balance), on), by)


def remove_payment(payment: Payment, by: int | None) -> None:
    """A payment that was written down by mistake. Raises RefusedInvoice.

    What is open again is set off against the credit notes for it first: nobody is asked for what was credited.
    """
    invoice, payment_id = payment.invoice, payment.id
    if invoice.is_credit_note:
        claim(invoice, "sent", "paid", refusal=NOT_OPEN)
    charged = invoice.credits or invoice
    notes = lock_with_open_notes(charged)
    kept = db.session.get(Payment, payment_id, populate_existing=True)
    if kept is None:
        raise RefusedInvoice("Somebody has removed that payment already.")
    amount = kept.amount
    db.session.delete(kept)
    invoice.paid -= amount
    invoice.paid_on = None
    settle(invoice, today())
    note(invoice, f"Payment of {money(abs(amount), invoice.currency)} removed", by)
    set_off_all({*notes, invoice} - {charged}, charged, by)
    db.session.flush()
    db.session.expire(invoice, ["payments"])


def open_words(invoice: Invoice) -> str:
    if not invoice.balance:
        return "Nothing of it is open."
    return f"Only {money(abs(invoice.balance), invoice.currency)} of it is open."
