"""What an invoice comes to, for any lines at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psa.billing.currencies import figure, money, places_of, rounded
from psa.billing.invoices.sums import Line, hours_of, minutes_of, net_of, sums_of

RATES = [("VAT 19 %", Decimal(19)), ("VAT 7 %", Decimal(7)), ("Reverse charge", Decimal(0)), ("", Decimal(0))]
quantities = st.decimals(-999, 999, places=4) | st.integers(1, 9_999).map(hours_of)
prices = st.decimals(-99_999, 99_999, places=4)
percents = st.decimals(0, 100, places=2)
currencies = st.sampled_from(["EUR", "JPY", "KWD"])
lines = st.builds(
    lambda quantity, price, discount, rate: Line(quantity, price, discount, *rate),
    quantities,
    prices,
    st.just(Decimal(0)) | percents,
    st.sampled_from(RATES) | percents.map(lambda percent: ("Local tax", percent)),
)


@settings(max_examples=60)
@given(st.lists(lines, max_size=8), currencies)
def test_the_sums_are_the_sums_of_what_is_shown(those, currency):
    sums = sums_of(those, currency)
    assert sums.net == sum(sums.nets) == sum(tax.net for tax in sums.taxes)
    assert sums.tax == sum(tax.tax for tax in sums.taxes)
    assert sums.total == sums.net + sums.tax
    for tax in sums.taxes:
        # Tax is reckoned once for a rate, and is off by half of the smallest unit at most.
        assert abs(tax.tax - tax.net * tax.percent / 100) <= Decimal("0.5").scaleb(-places_of(currency))
    for amount in (*sums.nets, sums.net, sums.tax, sums.total):
        assert amount == rounded(amount, currency)


@settings(max_examples=60)
@given(st.lists(lines, max_size=8), currencies)
def test_an_invoice_and_its_credit_note_come_to_nothing_at_each_rate(those, currency):
    against = [replace(one, quantity=-one.quantity) for one in those]
    charged, credited = sums_of(those, currency), sums_of(against, currency)
    assert charged.total + credited.total == 0
    assert [(one.name, -one.net, -one.tax) for one in charged.taxes] == [
        (one.name, one.net, one.tax) for one in credited.taxes
    ]


@settings(max_examples=60)
@given(st.lists(lines, min_size=1, max_size=8), st.randoms(), currencies)
def test_the_order_of_the_lines_changes_nothing(those, random, currency):
    mixed = list(those)
    random.shuffle(mixed)
    before, after = sums_of(those, currency), sums_of(mixed, currency)
    assert (before.taxes, before.total) == (after.taxes, after.total)


@settings(max_examples=100)
@given(st.integers(1, 100_000), st.decimals(0, 9_999, places=2))
def test_time_is_worth_its_exact_share_of_an_hour(minutes, price):
    assert minutes_of(hours_of(minutes)) == minutes
    assert net_of(Line(hours_of(minutes), price), "EUR") == rounded(price * minutes / 60, "EUR")


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "net"),
    [
        ("1", "0.005", "0", "0.01"),
        ("-1", "0.005", "0", "-0.01"),
        ("0.833333", "0.03", "0", "0.03"),
        ("3", "33.3333", "0", "100.00"),
        ("2", "50", "12.5", "87.50"),
        ("1", "50", "100", "0.00"),
    ],
)
def test_half_a_cent_is_rounded_away_from_nothing(quantity, price, discount, net):
    assert net_of(Line(Decimal(quantity), Decimal(price), Decimal(discount)), "EUR") == Decimal(net)


def test_tax_is_reckoned_on_the_sum_and_not_on_each_line():
    line = Line(Decimal(1), Decimal("0.03"), tax_name="VAT 19 %", tax_percent=Decimal(19))
    # 0.0057 on each would be 0.03 on three of them.
    assert sums_of([line] * 3, "EUR").tax == Decimal("0.02")


def test_amounts_have_the_places_of_their_currency():
    assert [money(Decimal("1234.5"), one) for one in ("EUR", "JPY", "KWD")] == [
        "1,234.50 EUR",
        "1,235 JPY",
        "1,234.500 KWD",
    ]
    assert figure(Decimal("-0.5"), "EUR") == "−0.50" and figure(Decimal("-0.4"), "JPY") == "0"
