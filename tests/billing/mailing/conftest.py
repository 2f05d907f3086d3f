"""Northwind IT sends invoices: what tests/billing/invoices has, and Dana, who is told of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from psa.billing.invoices.models import Invoice
from psa.billing.mailing.sending import send_invoice
from psa.extensions import db
from tests.billing.invoices.conftest import browser, make_draft, make_invoice, second_browser, vat
from tests.billing.invoices.test_recurring import flat_rate

__all__ = ["browser", "flat_rate", "make_draft", "make_invoice", "second_browser", "vat"]


@pytest.fixture
def sent(cast, make_invoice: Callable[..., Invoice]) -> Callable[..., Invoice]:
    """``sent("100", on=day)``: an invoice of that day, mailed to Dana. Commits."""

    def send(*prices: str, **more) -> Invoice:
        invoice = make_invoice(*prices, **more)
        send_invoice(invoice, [cast.dana], cast.tom.id)
        db.session.commit()
        return invoice

    return send
