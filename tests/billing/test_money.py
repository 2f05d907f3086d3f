"""Amounts as people write them, and what time is worth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa.billing.currencies import UnknownCurrency, read_currency
from psa.billing.money import (
    LARGEST,
    UnreadableAmount,
    read_amount,
    read_percent,
    read_price,
    read_quantity,
    worth,
)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("120", "120.00"),
        ("120.5", "120.50"),
        ("120,50", "120.50"),
        ("0", "0.00"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1,234,567", "1234567.00"),
        (" 7.05 ", "7.05"),
    ],
)
def test_an_amount_is_read_with_the_marks_of_either_custom(typed, amount):
    assert read_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1.234", "two things"),
        ("1,234", "two things"),
        ("", "Write the amount as"),
        ("-3", "Write the amount as"),
        ("12,34,5", "Write the amount as"),
        ("1,234,567.891", "Write the amount as"),
        ("1.234.50", "Write the amount as"),
        ("1e9", "Write the amount as"),
        ("NaN", "Write the amount as"),
        ("999999999999", "At most"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused(typed, words):
    with pytest.raises(UnreadableAmount, match=words):
        read_amount(typed)


@given(st.decimals(0, LARGEST, places=2))
def test_what_is_shown_can_be_typed_again(amount):
    # Groups of three are shown with commas and always with two places, so nothing in it could mean two things.
    assert read_amount(f"{amount:,.2f}") == amount


@given(st.text(max_size=30))
def test_no_text_does_anything_but_be_read_or_be_refused(typed):
    try:
        assert 0 <= read_amount(typed) <= LARGEST
    except UnreadableAmount as reason:
        assert str(reason).endswith(".")


def test_time_is_worth_its_share_of_an_hour_rounded_half_up():
    assert worth(60, Decimal("119.99"), "EUR") == Decimal("119.99")
    assert worth(15, Decimal("100"), "EUR") == Decimal("25.00")
    assert worth(1, Decimal("100"), "EUR") == Decimal("1.67")
    assert worth(30, Decimal("0.01"), "EUR") == Decimal("0.01")


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("12 €", "EUR", "12.00"),
        ("€12,50", "EUR", "12.50"),
        ("EUR 1.234,56", "EUR", "1234.56"),
        ("1,234.56 usd", "USD", "1234.56"),
        ("$5", "CAD", "5.00"),
        ("1,234", "JPY", "1234"),
        ("¥ 500", "JPY", "500"),
        ("1.234", "KWD", "1.234"),
        ("1,234.500", "KWD", "1234.500"),
    ],
)
def test_the_currency_may_stand_beside_an_amount_and_says_how_many_places_it_has(typed, currency, amount):
    assert str(read_amount(typed, currency)) == amount


@pytest.mark.parametrize(
    ("typed", "currency", "words"),
    [
        ("$12", "EUR", "amounts are in EUR"),
        ("GBP 12", "EUR", "amounts are in EUR"),
        ("€ 12 €", "EUR", "Write the amount as 120"),
        ("12 apples", "EUR", "Write the amount as 120"),
        ("12.50", "JPY", "has no places"),
        ("1,234", "KWD", "two things"),
        ("12.3456", "KWD", "with a point"),
    ],
)
def test_another_currency_and_places_that_it_does_not_have_are_refused(typed, currency, words):
    with pytest.raises(UnreadableAmount, match=words):
        read_amount(typed, currency)


def test_a_price_may_have_four_places_and_be_below_zero():
    assert [read_price(one, "EUR") for one in ("0.0125", "-50", "\N{MINUS SIGN}1.234,5", "- 3 €")] == [
        Decimal("0.0125"),
        Decimal(-50),
        Decimal("-1234.5"),
        Decimal(-3),
    ]
    for typed in ("--3", "3-", "1.23456", "abc", ""):
        with pytest.raises(UnreadableAmount):
            read_price(typed, "EUR")


def test_a_quantity_is_a_figure_or_hours_by_the_clock():
    assert [str(read_quantity(one)) for one in ("3", "1,5", "-1", "0:50", "1:30")] == [
        *("3.0", "1.5", "-1.0", "0.833333", "1.500000"),
    ]
    for typed in ("1.234", "some", "", "0:75", "9999999"):
        with pytest.raises(UnreadableAmount):
            read_quantity(typed)


def test_a_percent_is_from_nothing_to_a_hundred():
    assert [str(read_percent(one)) for one in ("19", "8,1 %", "0", "100")] == ["19.00", "8.10", "0.00", "100.00"]
    for typed in ("101", "-1", "x", ""):
        with pytest.raises(UnreadableAmount):
            read_percent(typed)


@given(st.text(max_size=30), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_no_text_does_anything_to_a_price_but_be_read_or_be_refused(typed, currency):
    for read in (lambda: read_price(typed, currency), lambda: read_quantity(typed), lambda: read_percent(typed)):
        try:
            assert isinstance(read(), Decimal)
        except UnreadableAmount as reason:
            assert str(reason).endswith(".")


def test_a_currency_is_three_letters_that_one_has():
    assert read_currency(" eur ") == "EUR"
    for typed in ("", "EURO", "XXX", "€"):
        with pytest.raises(UnknownCurrency):
            read_currency(typed)


def test_dong_are_read_as_well_as_euros():
    assert read_amount("2,450,000,000", "VND") == Decimal(2_450_000_000)
    with pytest.raises(UnreadableAmount, match="At most 9,999,999,999"):
        read_price("10000000000", "VND")
