"""A rate is a figure in one currency, and stands on an invoice of that currency only."""

from __future__ import annotations

from decimal import Decimal

import pytest

from psa.billing.invoices.drafts import Content, DraftLine, draft_from_time, write
from psa.billing.invoices.models import Invoice
from psa.billing.invoices.operations import RefusedInvoice
from psa.billing.rates import set_rate
from psa.extensions import db


def content(invoice: Invoice, currency: str, price: str) -> Content:
    lines = tuple(DraftLine(line.id, line.words, line.quantity, "h", Decimal(price)) for line in invoice.lines)
    return Content(currency, 14, "", "", None, lines)


def test_a_draft_that_begins_with_time_is_in_the_currency_of_its_rates(cast, vat, worked, sign_in):
    entry = worked(90)
    cast.harbor.currency = "USD"
    db.session.commit()

    browser = sign_in("agent")
    asked = {"client": cast.harbor.name, "entry": str(entry.id), "grouping": "ticket"}
    page = browser.get(browser.post("/invoices", data=asked).location).text

    assert "The draft is in EUR, as the rates of this time are." in page
    assert db.session.scalars(db.select(Invoice)).one().currency == "EUR"


def test_time_at_the_firms_rate_is_not_taken_on_an_invoice_in_dollars(cast, vat, worked):
    in_euros = worked(90)
    cast.harbor.currency = "USD"
    set_rate(Decimal(110), client_id=cast.harbor.id)
    with pytest.raises(RefusedInvoice, match="1:30 hours were written down at a rate in EUR, and this is in USD"):
        draft_from_time(cast.harbor, [worked(60), in_euros], None, tax=vat)


@pytest.mark.parametrize("of_project", [False, True])
def test_time_at_a_rate_of_the_clients_own_is(cast, vat, worked, of_project):
    cast.harbor.currency = "USD"
    set_rate(Decimal(110), **({"project_id": cast.managed_service.id} if of_project else {"client_id": cast.harbor.id}))
    entry = worked(60)
    # A new price changes no work of the past.
    set_rate(Decimal(120), client_id=cast.harbor.id)
    invoice = draft_from_time(cast.harbor, [entry], None, tax=vat)
    assert (invoice.currency, invoice.net) == ("USD", Decimal(110))


def test_a_draft_with_time_changes_its_currency_together_with_its_prices(cast, vat, worked):
    invoice = draft_from_time(cast.harbor, [worked(60)], None, tax=vat)
    db.session.commit()
    with pytest.raises(RefusedInvoice, match="The prices of its time are in EUR: write them in USD"):
        write(invoice, content(invoice, "USD", "100"), invoice.revision, None)
    db.session.rollback()
    write(invoice, content(invoice, "USD", "108"), invoice.revision, None)
    assert (invoice.currency, invoice.net) == ("USD", Decimal(108))
