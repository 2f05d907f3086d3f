"""What is sent again, and the page of an invoice, ask for what is still open; the document stays as it was issued."""

from __future__ import annotations

from decimal import Decimal

import pytest

from psa.billing.documents.of_invoice import document_of
from psa.billing.invoices.operations import credit, issue, void
from psa.billing.invoices.payments import Money, add_payment, mark_paid
from psa.billing.mailing.sending import preview
from psa.clock import today
from psa.extensions import db


def mailed(invoice, contact) -> str:
    return " ".join(preview(invoice, contact).text.split())


@pytest.fixture
def page_of(sign_in):
    agent = sign_in("agent")
    return lambda invoice: agent.get(f"/invoices/{invoice.id}").text


def test_what_is_paid_in_part_is_asked_for_the_rest(cast, make_invoice, page_of):
    invoice = make_invoice("100")
    assert "Please pay 119.00 EUR" in page_of(invoice)
    add_payment(invoice, Money(Decimal(19), today()), cast.tom.id)
    db.session.commit()
    assert "We ask you to pay 100.00 EUR by" in mailed(invoice, cast.dana)
    page = page_of(invoice)
    assert "Please pay 100.00 EUR by" in page and "Please pay 119.00" not in page
    assert document_of(invoice).payment[0].startswith("Please pay 119.00 EUR by")


def test_nobody_is_asked_to_pay_what_is_paid(cast, make_invoice, page_of):
    invoice = make_invoice("100")
    mark_paid(invoice, today(), cast.tom.id)
    db.session.commit()
    mail, page = mailed(invoice, cast.dana), page_of(invoice)
    for words in (mail, page):
        assert "This invoice is paid. Thank you." in words
    assert "We ask you to pay" not in mail and "Please pay" not in page


def test_what_was_credited_is_asked_of_nobody(cast, make_invoice, page_of):
    invoice = make_invoice("100", "50")
    issue(credit(invoice, cast.tom.id, invoice.lines[1:]), cast.tom.id)
    db.session.commit()
    assert "Please pay 119.00 EUR by" in page_of(invoice)
    issue(credit(invoice, cast.tom.id, invoice.lines[:1]), cast.tom.id)
    db.session.commit()
    mail, page = mailed(invoice, cast.dana), page_of(invoice)
    for words in (mail, page):
        assert "There is nothing to pay." in words and "is paid" not in words
    assert "Please pay" not in page and "Credited in full on" in page


def test_a_void_one_asks_for_nothing(cast, make_invoice, page_of):
    invoice = make_invoice("100")
    void(invoice, "Sent to the wrong client", cast.tom.id)
    db.session.commit()
    assert "Please pay" not in page_of(invoice)
