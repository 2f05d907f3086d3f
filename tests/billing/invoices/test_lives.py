"""What becomes of invoices: paid in parts, credited, void; and what nobody can do with them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psa.admin.operations import firm
from psa.billing.invoices.drafts import draft_from_time
from psa.billing.invoices.models import Invoice, InvoiceLine
from psa.billing.invoices.operations import (
    RefusedInvoice,
    credit,
    delete,
    dispute,
    draft,
    give_time_back,
    issue,
    reckon,
    void,
)
from psa.billing.invoices.payments import Money, add_payment, mark_paid, remove_payment
from psa.billing.invoices.sums import sums_of
from psa.billing.invoices.tax_rates import default_rate, make_default
from psa.clock import today
from psa.extensions import db


def test_what_is_issued_says_tomorrow_what_it_says_today(cast, make_draft):
    cast.harbor.billing_address, cast.harbor.tax_id, cast.harbor.payment_days = "Quay 1", "DE999", 30
    invoice = issue(make_draft("100"), cast.tom.id, date(2026, 1, 31))
    cast.harbor.name, cast.harbor.billing_address = "Harbor Group", "Elsewhere"
    firm().address = "Moved"
    db.session.commit()
    db.session.refresh(invoice)
    assert (invoice.addressee_name, invoice.addressee_address, invoice.addressee_tax_id) == (
        "Harbor Dental",
        "Quay 1",
        "DE999",
    )
    assert invoice.firm_address.startswith("Harbour Road 4")
    assert (invoice.number, invoice.due_on) == ("2026-0001", date(2026, 2, 14))


def test_a_draft_takes_its_currency_and_its_days_from_the_client_or_the_firm(cast):
    assert (draft(cast.vega, None).currency, draft(cast.vega, None).payment_days) == ("EUR", 14)
    cast.vega.currency, cast.vega.payment_days = "USD", 0
    assert (draft(cast.vega, None).currency, draft(cast.vega, None).payment_days) == ("USD", 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=6))
def test_parts_that_come_to_the_whole_pay_it_and_no_part_before(make_invoice, parts):
    total = Decimal(sum(parts)) / 100
    invoice = make_invoice(str(total))
    invoice.lines[0].tax_percent = Decimal(0)
    reckon(invoice)
    for number, part in enumerate(parts):
        assert (invoice.status, invoice.balance) == ("sent", total - Decimal(sum(parts[:number])) / 100)
        add_payment(invoice, Money(Decimal(part) / 100, today()), None)
    assert (invoice.status, invoice.balance, invoice.paid_on) == ("paid", 0, today())
    remove_payment(invoice.payments[0], None)
    assert (invoice.status, invoice.balance) == ("sent", Decimal(parts[0]) / 100)


def test_nobody_pays_more_than_is_open_or_on_a_day_to_come(make_invoice, make_draft):
    invoice = make_invoice("100")
    for money, words in [
        (Money(Decimal("119.01"), today()), "Only 119.00 EUR of it is open"),
        (Money(Decimal(1), today() + timedelta(days=1)), "has not come yet"),
        (Money(Decimal(0), today()), "more than nothing"),
        (Money(Decimal(-5), today()), "more than nothing"),
    ]:
        with pytest.raises(RefusedInvoice, match=words):
            add_payment(invoice, money, None)
        db.session.rollback()
    mark_paid(invoice, today(), None)
    with pytest.raises(RefusedInvoice, match="Nothing of it is open"):
        add_payment(invoice, Money(Decimal(1), today()), None)
    with pytest.raises(RefusedInvoice, match="Only an invoice that is issued"):
        add_payment(make_draft("1"), Money(Decimal(1), today()), None)


def test_an_invoice_and_its_whole_credit_note_come_to_nothing(make_invoice):
    invoice = make_invoice("33.33", "0.05", "-3")
    note = issue(credit(invoice, None), None)
    assert (note.net + invoice.net, note.tax + invoice.tax, note.total + invoice.total) == (0, 0, 0)
    taxes = [sums_of([line.as_line() for line in one.lines], "EUR").taxes for one in (invoice, note)]
    assert [one.net + other.net for one, other in zip(*taxes, strict=True)] == [0]
    assert {(one.status, one.balance) for one in (invoice, note)} == {("paid", 0)}


def test_what_is_paid_already_is_owed_back(make_invoice):
    invoice = make_invoice("100")
    add_payment(invoice, Money(Decimal("100"), today()), None)
    note = issue(credit(invoice, None), None)
    assert (invoice.status, invoice.balance) == ("paid", 0)
    assert (note.status, note.balance) == ("sent", Decimal(-100))
    add_payment(note, Money(Decimal(100), today()), None)
    assert (note.status, note.balance) == ("paid", 0)


def test_no_more_is_credited_than_was_charged(make_invoice):
    invoice = make_invoice("100", "50")
    whole = credit(invoice, None)
    issue(credit(invoice, None, invoice.lines[:1]), None)
    db.session.commit()
    with pytest.raises(RefusedInvoice, match="Work: All of it is credited already"):
        issue(whole, None)
    db.session.rollback()
    assert whole.is_draft
    whole.lines[0].quantity = Decimal(1)
    with pytest.raises(RefusedInvoice, match="quantities are below zero"):
        issue(whole, None)


def test_a_void_credit_note_leaves_the_invoice_as_it_was(make_invoice):
    invoice = make_invoice("100")
    note = issue(credit(invoice, None), None)
    with pytest.raises(RefusedInvoice, match="paid or credited already"):
        void(invoice, "Mistake", None)
    db.session.rollback()
    db.session.expire_all()
    invoice = db.session.get_one(Invoice, invoice.id)
    note = issue(credit(invoice, None), None)
    void(note, "Not agreed", None)
    assert (invoice.status, invoice.balance, note.status) == ("sent", Decimal("119.00"), "void")
    void(invoice, "Wrong client", None)
    assert (invoice.status, invoice.balance) == ("void", 0)


def test_what_was_paid_is_not_made_void(make_invoice):
    invoice = make_invoice("100")
    add_payment(invoice, Money(Decimal(1), today()), None)
    with pytest.raises(RefusedInvoice, match="Write a credit note instead"):
        void(invoice, "Mistake", None)


def test_time_goes_back_with_a_void_invoice_and_after_a_whole_credit(cast, worked, vat):
    first, second = worked(50), worked(70)
    invoice = issue(draft_from_time(cast.harbor, [first, second], None, tax=vat, grouping="one"), None)
    assert [str(line.net) for line in invoice.lines] == ["200.00"]
    void(invoice, "Twice", None)
    db.session.expire_all()
    assert first.invoice_line_id is None
    again = issue(draft_from_time(cast.harbor, [first, second], None, grouping="entry"), None)
    issue(credit(again, None), None)
    assert give_time_back(again, None) == 120
    db.session.expire_all()
    assert second.invoice_line_id is None


@pytest.mark.parametrize(("grouping", "lines"), [("ticket", 2), ("person", 2), ("entry", 3), ("one", 2)])
def test_time_becomes_lines_by_what_it_was_for_and_always_by_its_price(cast, worked, vat, grouping, lines):
    entries = [worked(10), worked(20, rate=90), worked(30)]
    invoice = draft_from_time(cast.harbor, entries, None, grouping=grouping)
    assert len(invoice.lines) == lines
    assert all(entry.invoice_line_id for entry in entries)


def test_time_of_another_client_or_not_billable_is_not_taken(cast, worked):
    entry = worked(10)
    with pytest.raises(RefusedInvoice, match="invoiced or changed meanwhile"):
        draft_from_time(cast.vega, [entry], None)
    db.session.rollback()
    entry.billable = False
    db.session.commit()
    with pytest.raises(RefusedInvoice, match="invoiced or changed meanwhile"):
        draft_from_time(cast.harbor, [entry], None)


def test_what_nobody_can_owe_is_not_issued(cast, make_draft):
    for prices, words in [((), "no lines yet"), (("-5",), "less than nothing")]:
        with pytest.raises(RefusedInvoice, match=words):
            issue(make_draft(*prices), None)
        db.session.rollback()
    huge = make_draft("1")
    huge.lines = [InvoiceLine(position=0, quantity=Decimal(999_999), unit_price=Decimal(999_999_999))]
    with pytest.raises(RefusedInvoice, match="more than an invoice can hold"):
        issue(huge, None)


def test_nothing_to_pay_is_paid(make_invoice):
    assert make_invoice("0").status == "paid"


def test_only_drafts_are_deleted_and_only_issued_ones_disputed(make_draft, make_invoice):
    invoice, other = make_invoice("1"), make_draft("1")
    with pytest.raises(RefusedInvoice, match="Credit it, or make it void"):
        delete(invoice, invoice.revision)
    with pytest.raises(RefusedInvoice, match="Only an invoice that is issued"):
        dispute(other, True, None)
    with pytest.raises(RefusedInvoice, match="Somebody has changed it"):
        delete(other, other.revision - 1)
    delete(other, other.revision)
    assert db.session.get(Invoice, other.id) is None


def test_new_lines_bear_the_tax_that_is_chosen_for_them(vat):
    assert default_rate() is not None
    make_default(None)
    assert default_rate() is None


def test_parts_that_are_written_down_in_any_order_pay_it_on_the_latest_day(make_invoice):
    invoice, day = make_invoice("100"), today()
    add_payment(invoice, Money(Decimal(60), day), None)
    rest = invoice.balance
    add_payment(invoice, Money(rest, day - timedelta(days=5)), None)
    assert (invoice.status, invoice.paid_on) == ("paid", day)
