"""What is credited is never asked for again: not after a payment is removed, not by time given back, not by a cent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from psa.billing.invoices.drafts import draft_from_time
from psa.billing.invoices.models import Invoice
from psa.billing.invoices.operations import RefusedInvoice, credit, issue, return_time, void
from psa.billing.invoices.payments import Money, add_payment, mark_paid, remove_payment
from psa.clock import today
from psa.extensions import db


def test_a_payment_that_never_came_leaves_nothing_open_of_what_is_credited(make_invoice):
    invoice = make_invoice("100")
    mark_paid(invoice, today(), None)
    note = issue(credit(invoice, None), None)
    assert (note.status, note.balance) == ("sent", Decimal(-119))
    remove_payment(invoice.payments[0], None)
    assert {(one.status, one.balance) for one in (invoice, note)} == {("paid", 0)}


def test_what_was_not_paid_back_after_all_is_set_off(make_invoice):
    invoice = make_invoice("100")
    mark_paid(invoice, today(), None)
    note = issue(credit(invoice, None), None)
    add_payment(note, Money(Decimal(119), today()), None)
    remove_payment(invoice.payments[0], None)
    assert (invoice.status, invoice.balance) == ("sent", Decimal(119))
    remove_payment(note.payments[0], None)
    assert {(one.status, one.balance) for one in (invoice, note)} == {("paid", 0)}


def test_a_void_credit_note_leaves_its_place_to_another_that_is_open(make_invoice):
    invoice = make_invoice("100", "50")
    first = issue(credit(invoice, None, invoice.lines[:1]), None)
    add_payment(invoice, Money(Decimal("59.50"), today()), None)
    second = issue(credit(invoice, None, invoice.lines[1:]), None)
    assert second.balance == Decimal("-59.50")
    void(first, "Not agreed", None)
    assert (second.balance, invoice.balance, invoice.status) == (0, Decimal("59.50"), "sent")


def test_the_same_hour_is_not_asked_for_twice(cast, vat, worked):
    entry = worked(60)
    invoice = issue(draft_from_time(cast.harbor, [entry], None, tax=vat), None)
    note = issue(credit(invoice, None), None)
    return_time(invoice, None)
    issue(draft_from_time(cast.harbor, [entry], None, tax=vat), None)
    db.session.commit()
    with pytest.raises(RefusedInvoice, match=f"The time of {invoice.number} can be invoiced again"):
        void(note, "Not agreed", None)
    db.session.rollback()
    assert (db.session.get_one(Invoice, invoice.id, populate_existing=True).status, note.status) == ("paid", "paid")


def test_time_is_given_back_when_all_was_credited_and_paid_back(cast, vat, worked):
    entry = worked(60)
    invoice = issue(draft_from_time(cast.harbor, [entry], None, tax=vat), None)
    with pytest.raises(RefusedInvoice, match="asked for by this invoice"):
        return_time(invoice, None)
    mark_paid(invoice, today(), None)
    with pytest.raises(RefusedInvoice, match="paid for"):
        return_time(invoice, None)
    note = issue(credit(invoice, None), None)
    add_payment(note, Money(-note.balance, today()), None)
    return_time(invoice, None)
    assert entry.invoice_line_id is None


def test_time_of_an_invoice_that_came_to_nothing_stays_on_it(cast, vat, worked):
    entry = worked(60, rate=0)
    invoice = issue(draft_from_time(cast.harbor, [entry], None, tax=vat), None)
    assert invoice.status == "paid"
    with pytest.raises(RefusedInvoice, match="paid for"):
        return_time(invoice, None)


@pytest.mark.parametrize("prices", [("0.03",) * 10, ("0.05",) * 3, ("33.33", "33.33", "33.34"), ("0.02", "0.02", "9")])
def test_crediting_line_by_line_takes_all_of_it_to_the_last_cent(make_invoice, prices):
    invoice = make_invoice(*prices)
    notes = [issue(credit(invoice, None, [line]), None) for line in list(invoice.lines)]
    assert sum(note.tax for note in notes) == -invoice.tax
    assert sum(note.total for note in notes) == -invoice.total
    assert {one.status for one in (invoice, *notes)} == {"paid"}
