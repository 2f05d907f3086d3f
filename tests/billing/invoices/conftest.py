"""Northwind IT with what its invoices need: an address, a tax rate, and somebody to bill."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from psa.admin.operations import firm
from psa.billing.entries import Work, book_on_project
from psa.billing.invoices.drafts import Content, DraftLine, write
from psa.billing.invoices.models import Invoice, TaxRate
from psa.billing.invoices.operations import draft, issue
from psa.billing.invoices.tax_rates import add_rate
from psa.billing.models import TimeEntry
from psa.billing.rates import set_rate
from psa.extensions import db
from tests.factories import Cast
from tests.tickets.conftest import browser, second_browser

__all__ = ["browser", "second_browser"]


@pytest.fixture
def vat(cast: Cast) -> TaxRate:
    """19 %, on a firm that has an address."""
    ours = firm()
    ours.address, ours.tax_id = "Harbour Road 4\n20457 Hamburg", "DE123456789"
    ours.payment_words = "Pay to DE02 1203 0000 0000 2020 51."
    rate = add_rate("VAT 19 %", Decimal(19))
    db.session.commit()
    return rate


@pytest.fixture
def make_draft(cast: Cast, vat: TaxRate) -> Callable[..., Invoice]:
    """``make_draft("100", "50.25")``: a draft for Harbor Dental with a line for each price, all with tax. Commits."""

    def make(*prices: str, currency: str = "EUR") -> Invoice:
        invoice = draft(cast.harbor, cast.tom.id)
        lines = [typed_line(price, vat) for price in prices]
        write(invoice, Content(currency, 14, "", "", None, tuple(lines)), invoice.revision, cast.tom.id)
        db.session.commit()
        return invoice

    return make


@pytest.fixture
def make_invoice(cast: Cast, make_draft: Callable[..., Invoice]) -> Callable[..., Invoice]:
    """The same, issued on a day. Commits."""

    def make(*prices: str, on: date | None = None, currency: str = "EUR") -> Invoice:
        invoice = issue(make_draft(*(prices or ("100",)), currency=currency), cast.tom.id, on)
        db.session.commit()
        return invoice

    return make


@pytest.fixture
def worked(cast: Cast) -> Callable[..., TimeEntry]:
    """``worked(50, "Backups")``: so many minutes of Tom's on Harbor Dental's project, at 100 an hour. Commits."""

    def work(minutes: int, words: str = "", day: date = date(2026, 11, 2), rate: int = 100) -> TimeEntry:
        set_rate(Decimal(rate))
        entry = book_on_project(cast.tom.id, cast.managed_service, Work(day, minutes, words))
        db.session.commit()
        return entry

    return work


def typed_line(price: str, tax: TaxRate | None, words: str = "Work", quantity: str = "1") -> DraftLine:
    return DraftLine(None, words, Decimal(quantity), "", Decimal(price), tax=tax)
