"""A line is credited once, in as many steps as anybody likes: in the end all that was charged, and never more."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest

from psa.billing.invoices.crediting import left_by_line
from psa.billing.invoices.drafts import Content, DraftLine, write
from psa.billing.invoices.models import Invoice, InvoiceLine, TaxRate
from psa.billing.invoices.operations import RefusedInvoice, credit, draft, issue
from psa.billing.invoices.sums import net_of
from psa.billing.invoices.tax_rates import add_rate
from psa.extensions import db
from tests.factories import Cast

Charge = Callable[..., Invoice]


@pytest.fixture
def charge(cast: Cast, vat: TaxRate) -> Charge:
    """``charge(("3", "1234.55", "7"))``: issued, with a line of so many, at a price, with 7 % or with 19 %. Commits."""
    rates = {"19": vat, "7": add_rate("VAT 7 %", Decimal(7))}

    def make(*lines: tuple[str, str, str]) -> Invoice:
        invoice = draft(cast.harbor, None)
        typed = [
            DraftLine(None, "Switch", Decimal(one), "", Decimal(price), tax=rates[tax]) for one, price, tax in lines
        ]
        write(invoice, Content("EUR", 14, "", "", None, tuple(typed)), invoice.revision, None)
        issue(invoice, None)
        db.session.commit()
        return invoice

    return make


def only(credit_note: Invoice, quantity: str) -> Invoice:
    """The draft with so many of its only line."""
    (line,) = credit_note.lines
    rewrite(credit_note, line, Decimal(quantity))
    return credit_note


def rewrite(credit_note: Invoice, line: InvoiceLine, quantity: Decimal) -> None:
    lines = tuple(
        DraftLine(
            one.id,
            one.words,
            quantity if one is line else one.quantity,
            one.unit,
            one.unit_price,
            one.discount_percent,
            keeps_tax=True,
        )
        for one in credit_note.lines
    )
    write(credit_note, Content("EUR", 14, "", "", None, lines), credit_note.revision, None)


def test_a_second_credit_note_is_offered_what_the_first_has_left(charge):
    invoice = charge(("3", "1234.55", "7"), ("10", "100", "19"))
    first = issue(only(credit(invoice, None, invoice.lines[:1]), "-1"), None)
    assert (first.net, first.tax) == (Decimal("-1234.55"), Decimal("-86.42"))
    second = credit(invoice, None, invoice.lines[:1])
    assert [line.quantity for line in second.lines] == [-2]
    assert (second.net, second.tax) == (Decimal("-2469.10"), Decimal("-172.84"))
    only(second, "-3")
    with pytest.raises(RefusedInvoice, match=r"^Switch: 2 of 3 are left to be credited\."):
        issue(second, None)


def test_what_is_credited_whole_is_not_credited_again(charge):
    invoice = charge(("3", "1234.55", "7"), ("10", "100", "19"))
    issue(credit(invoice, None, invoice.lines[:1]), None)
    with pytest.raises(RefusedInvoice, match="All of “Switch” is credited already"):
        credit(invoice, None, invoice.lines[:1])
    rest = credit(invoice, None)
    assert [line.credits_line_id for line in rest.lines] == [invoice.lines[1].id]
    issue(rest, None)
    with pytest.raises(RefusedInvoice, match="All of it is credited already"):
        credit(invoice, None)


def test_a_price_that_is_lowered_leaves_the_rest_of_the_amount(charge):
    invoice = charge(("3", "100", "19"))
    less = credit(invoice, None)
    less.lines[0].unit_price = Decimal(10)
    issue(less, None)
    rest = credit(invoice, None)
    assert (rest.net, rest.tax) == (Decimal(-270), Decimal("-51.30"))
    rest.lines[0].unit_price = Decimal(271)
    with pytest.raises(RefusedInvoice, match=r"Only 270\.00 EUR of it is left to be credited"):
        issue(rest, None)


def test_another_rate_of_tax_than_was_charged_is_not_credited(charge):
    invoice = charge(("1", "100", "7"))
    credit_note = credit(invoice, None)
    credit_note.lines[0].tax_name, credit_note.lines[0].tax_percent = "VAT 19 %", Decimal(19)
    with pytest.raises(RefusedInvoice, match=f"{invoice.number} has nothing with VAT 19 %"):
        issue(credit_note, None)


def test_a_line_of_ones_own_takes_no_more_than_its_rate_has_left(charge):
    invoice = charge(("1", "100", "7"), ("1", "100", "19"))
    issue(credit(invoice, None, invoice.lines[:1]), None)
    again = credit(invoice, None)
    again.lines[0].credits_line_id = None
    again.lines[0].unit_price = Decimal(101)
    with pytest.raises(RefusedInvoice, match=r"Only 100\.00 EUR with VAT 19 % is left"):
        issue(again, None)


def test_a_discount_that_is_left_out_is_named_and_goes_with_its_line(charge):
    invoice = charge(("2", "50", "19"), ("1", "-30", "19"), ("1", "80", "7"))
    invoice.lines[1].words = "Loyalty"
    switches = credit(invoice, None, invoice.lines[:1])
    with pytest.raises(
        RefusedInvoice,
        match=r"Only 70\.00 EUR with VAT 19 % is left .* “Loyalty” \(−30\.00 EUR\) is not credited: draft",
    ):
        issue(switches, None)
    both = issue(credit(invoice, None, invoice.lines[:2]), None)
    assert (both.net, both.tax) == (Decimal(-70), Decimal("-13.30"))


def test_any_steps_credit_all_that_was_charged_and_never_more(charge):
    """Pieces, odd prices and two rates, in an order and in parts that chance chooses; a note too many is refused."""
    for seed in range(4):
        chance = Random(seed)
        prices = chance.sample(["0.335", "33.3333", "1234.55", "0.005", "19.99"], 3)
        lines = [(str(chance.randint(1, 4)), price, chance.choice(["7", "19"])) for price in prices]
        invoice, notes = charge(*lines, ("2", "50", "19")), []
        while lefts := [left for left in left_by_line(invoice).values() if left.is_something]:
            credit_note = credit(invoice, None, [chance.choice(lefts).line])
            line = credit_note.lines[0]
            rewrite(credit_note, line, -Decimal(chance.randint(1, 4)))
            with db.session.begin_nested() as step:
                try:
                    notes.append(issue(credit_note, None))
                except RefusedInvoice:
                    step.rollback()
            for left in left_by_line(invoice).values():
                assert 0 <= left.net <= left.line.net and left.quantity <= left.line.quantity
        assert (
            -sum(note.net for note in notes)
            == invoice.net
            == sum(net_of(one.as_line(), "EUR") for one in invoice.lines)
        )
        assert -sum(note.tax for note in notes) == invoice.tax
        assert -sum(note.total for note in notes) == invoice.total


def test_the_page_says_at_the_line_how_many_are_left(sign_in, charge):
    invoice = charge(("3", "1234.55", "7"), ("1", "100", "19"))
    issue(only(credit(invoice, None, invoice.lines[:1]), "-1"), None)
    second = credit(invoice, None, invoice.lines[:1])
    db.session.commit()
    browser = sign_in("agent")
    assert "2,469.10 left" in browser.get(f"/invoices/{invoice.id}").text
    line = second.lines[0]
    data = {
        "line_id": [line.id],
        "line_words": ["Switch"],
        "line_quantity": ["-3"],
        "line_unit": [""],
        "line_price": ["1234.55"],
        "line_discount": [""],
        "line_tax": [line.tax_rate_id],
        "currency": "EUR",
        "payment_days": "14",
        "revision": second.revision,
    }
    answer = browser.post(f"/invoices/{second.id}/edit", data=data)
    assert answer.status_code == 422 and "Quantity: 2 of 3 are left to be credited." in answer.text
    saved = browser.post(f"/invoices/{second.id}/edit", data=data | {"line_quantity": ["-2"]})
    assert saved.status_code == 303


def test_the_editor_shows_the_tax_that_the_draft_keeps(sign_in, charge):
    """Three times 0.03 bear 0.02 of tax: the last note takes what the others, rounded up, have left."""
    invoice = charge(*[("1", "0.03", "19")] * 3)
    for line in invoice.lines[:2]:
        issue(credit(invoice, None, [line]), None)
    last = credit(invoice, None)
    db.session.commit()
    browser = sign_in("agent")
    assert (invoice.tax, last.tax) == (Decimal("0.02"), 0)
    for page in ("", "/edit"):
        assert "VAT 19 % on −0.03</dt><dd>0.00 EUR" in browser.get(f"/invoices/{last.id}{page}").text
