"""What comes again: each time once, on the right day, whatever happened to the timetable."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psa.billing.invoices import recurring as recurrence
from psa.billing.invoices.drafts import DraftLine
from psa.billing.invoices.models import Invoice, InvoiceEvent, RecurringInvoice
from psa.billing.invoices.operations import RefusedInvoice
from psa.billing.invoices.recurring import (
    change,
    day_after,
    first_day,
    index_of,
    make_due,
    make_one,
    months_later,
    occurrence,
)
from psa.clients.records import set_active
from psa.clock import today
from psa.extensions import db


def again(starts_on: date, every: int = 1, rhythm: str = "month", ends_on: date | None = None) -> RecurringInvoice:
    return RecurringInvoice(starts_on=starts_on, every=every, rhythm=rhythm, ends_on=ends_on)


@pytest.fixture
def flat_rate(cast, vat):
    """``flat_rate(date(2026, 1, 31))``: Harbor Dental's managed service, 100 each time. Commits."""

    def make(starts_on: date, *, sends: bool = False, price: str = "100", **values: object) -> RecurringInvoice:
        one = RecurringInvoice()
        line = DraftLine(None, "Managed service, {month}", Decimal(1), "", Decimal(price), tax=vat)
        fixed = {"client_id": cast.harbor.id, "name": "Flat rate", "starts_on": starts_on, "sends": sends}
        change(one, (line,), fixed | {"every": 1, "rhythm": "month", "active": True} | values, 1)
        db.session.commit()
        return one

    return make


def made() -> list[Invoice]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(Invoice).order_by(Invoice.period, Invoice.id)))


def test_the_last_day_of_a_month_stays_the_last_one():
    one = again(date(2026, 1, 31))
    days = [occurrence(one, number) for number in range(5)]
    assert [f"{day:%d.%m}" for day in days] == ["31.01", "28.02", "31.03", "30.04", "31.05"]
    assert occurrence(again(date(2024, 2, 29)), 12) == date(2025, 2, 28)
    assert occurrence(again(date(2024, 2, 29)), 48) == date(2028, 2, 29)


@settings(max_examples=80)
@given(
    st.dates(date(2000, 1, 1), date(2050, 1, 1)),
    st.integers(1, 60),
    st.sampled_from(["week", "month"]),
    st.integers(0, 30),
    st.integers(0, 40),
)
def test_every_day_has_its_number_and_is_followed_by_the_next(starts_on, every, rhythm, number, later):
    one = again(starts_on, every, rhythm)
    day = occurrence(one, number)
    assert index_of(one, day) == number and index_of(one, day - timedelta(days=1)) == number - 1
    assert day_after(one, day) == occurrence(one, number + 1) > day
    since = starts_on + timedelta(days=later)
    first = first_day(one, since)
    assert first >= since and all(occurrence(one, earlier) < since for earlier in range(index_of(one, first)))


def test_it_ends_on_its_last_day():
    one = again(date(2026, 1, 31), ends_on=date(2026, 2, 28))
    assert day_after(one, date(2026, 1, 31)) == date(2026, 2, 28)
    assert day_after(one, date(2026, 2, 28)) is None
    assert first_day(again(date(2026, 1, 31), ends_on=date(2026, 1, 30)), date(2026, 1, 1)) is None


def test_what_was_missed_is_caught_up_once_for_each_time(flat_rate):
    one = flat_rate(date(2026, 1, 31))
    assert make_due(today=date(2026, 1, 30)) == 0
    assert make_due(today=date(2026, 4, 2)) == 3
    assert make_due(today=date(2026, 4, 2)) == 0
    assert [(invoice.period, invoice.lines[0].words) for invoice in made()] == [
        (date(2026, 1, 31), "Managed service, January 2026"),
        (date(2026, 2, 28), "Managed service, February 2026"),
        (date(2026, 3, 31), "Managed service, March 2026"),
    ]
    assert one.next_on == date(2026, 4, 30)
    assert {(invoice.status, invoice.total) for invoice in made()} == {("draft", Decimal("119.00"))}


def test_of_two_rounds_at_once_one_makes_it(flat_rate, monkeypatch):
    one = flat_rate(date(2026, 1, 31))
    real = recurrence.day_after

    def meanwhile(recurring: RecurringInvoice, day: date) -> date | None:
        monkeypatch.setattr(recurrence, "day_after", real)
        # Another host makes it between our look and our claim.
        db.session.rollback()
        assert make_one(one.id, date(2026, 2, 1)) is not None
        db.session.commit()
        return real(recurring, day)

    monkeypatch.setattr(recurrence, "day_after", meanwhile)
    assert make_one(one.id, date(2026, 2, 1)) is None
    assert len(made()) == 1


def test_it_is_issued_and_mailed_by_itself_in_one_transaction(flat_rate):
    flat_rate(date(2026, 1, 31), sends=True)
    mailed = []
    make_due(send=lambda invoice: mailed.append(invoice.number), today=date(2026, 2, 1))
    (invoice,) = made()
    assert (invoice.status, [invoice.number]) == ("sent", mailed)


def test_what_cannot_be_issued_waits_as_a_draft_that_says_why(flat_rate):
    flat_rate(date(2026, 1, 31), sends=True, price="-5")
    assert make_due(today=date(2026, 2, 1)) == 1
    (invoice,) = made()
    words = db.session.scalars(db.select(InvoiceEvent.words)).all()
    assert invoice.status == "draft" and any("Not issued by itself: It comes to less" in one for one in words)


def test_one_that_breaks_keeps_no_other_from_being_made(flat_rate):
    flat_rate(date(2026, 1, 30), sends=True)
    flat_rate(date(2026, 1, 31))

    def broken(invoice: Invoice) -> None:
        raise RuntimeError("no such template")

    assert make_due(send=broken, today=date(2026, 2, 1)) == 1
    assert [invoice.period for invoice in made()] == [date(2026, 1, 31)]
    # The next round finds it as it was.
    assert make_due(today=date(2026, 2, 1)) == 1


def test_a_draft_that_was_deleted_does_not_come_back(flat_rate, sign_in):
    flat_rate(date(2026, 1, 31))
    make_due(today=date(2026, 2, 1))
    (invoice,) = made()
    sign_in("agent").post(f"/invoices/{invoice.id}/removal", data={"revision": str(invoice.revision)})
    assert made() == [] and make_due(today=date(2026, 2, 1)) == 0


def test_it_is_written_on_its_page_and_changed_without_doubles(sign_in, cast, vat):
    browser = sign_in("agent")
    lines = {"id": "", "words": "Flat rate", "quantity": "1", "unit": "", "price": "99", "discount": "", "tax": vat.id}
    data = {f"line_{name}": [value] for name, value in lines.items()}
    data |= {"client": "Harbor Dental", "name": "Managed service", "every": "3", "rhythm": "month", "sends": ""}
    data |= {"starts_on": today().isoformat(), "ends_on": "", "revision": "1"}
    long_ago = today() - timedelta(days=32)
    answer = browser.post("/invoices/recurring/new", data=data | {"starts_on": long_ago.isoformat()})
    assert (answer.status_code, "more than a month ago" in answer.text) == (422, True)
    assert browser.post("/invoices/recurring/new", data=data | {"client": "Nobody"}).status_code == 422
    assert browser.post("/invoices/recurring/new", data=data | {"ends_on": "2025-01-01"}).status_code == 422
    assert browser.post("/invoices/recurring/new", data=data | {"line_price": ["x"]}).status_code == 422
    assert browser.post("/invoices/recurring/new", data=data).status_code == 303
    page = html.unescape(re.sub(r"<[^>]+>|\s+", " ", browser.get("/invoices/recurring").text))
    assert "3 months" in page and "117.81 EUR" in page
    assert make_due() == 1
    one = db.session.scalars(db.select(RecurringInvoice)).one()
    path = f"/invoices/recurring/{one.id}"
    shown = data | {"active": "y", "every": "1", "line_id": [str(one.lines[0].id)]}
    assert browser.post(path, data=shown).status_code == 303
    db.session.expire_all()
    # What was made today is not made again.
    assert (one.next_on, len(one.lines), make_due()) == (months_later(today(), 1), 1, 0)
    answer = browser.post(path, data=shown)
    assert (answer.status_code, "Somebody has changed it" in answer.text) == (422, True)
    assert 'value="Harbor Dental"' in browser.get(path).text
    browser.post(f"{path}/removal")
    assert db.session.scalar(db.select(db.func.count()).select_from(RecurringInvoice)) == 0
    assert [invoice.recurring_id for invoice in made()] == [None]


def test_what_lay_in_a_pause_is_not_made_afterwards(flat_rate):
    one = flat_rate(months_later(today(), -3))
    line = DraftLine(None, "Flat rate", Decimal(1), "", Decimal(5))
    for active in (False, True):
        change(one, (line,), {"active": active}, one.revision)
        db.session.commit()
    assert one.next_on >= today()


def test_what_is_due_and_only_waits_for_the_timetable_is_not_lost_by_a_change(flat_rate):
    due = months_later(today(), -1)
    one = flat_rate(due)
    change(one, (DraftLine(None, "Dearer", Decimal(1), "", Decimal(6)),), {"name": "New name"}, one.revision)
    assert one.next_on == due


def test_who_changes_an_older_one_is_told(flat_rate):
    one = flat_rate(date(2026, 1, 31))
    line = DraftLine(None, "Else", Decimal(1), "", Decimal(5))
    change(one, (line,), {"name": "First"}, one.revision)
    db.session.commit()
    with pytest.raises(RefusedInvoice, match="Somebody has changed it"):
        change(one, (line,), {"name": "Second"}, 1)


def test_a_former_client_is_not_billed_by_itself(cast, flat_rate):
    flat_rate(date(2026, 1, 31), sends=True)
    set_active(cast.harbor, False)
    db.session.commit()
    assert make_due(today=date(2026, 1, 31)) == 1
    (waiting,) = made()
    assert waiting.is_draft
    words = db.session.scalars(db.select(InvoiceEvent.words).where(InvoiceEvent.invoice_id == waiting.id)).all()
    assert "Not issued by itself: Harbor Dental is a former client." in words
