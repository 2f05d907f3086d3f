"""Amounts as people write them, and what time is worth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa.billing.money import LARGEST, UnreadableAmount, read_amount, worth


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
    assert worth(60, Decimal("119.99")) == Decimal("119.99")
    assert worth(15, Decimal("100")) == Decimal("25.00")
    assert worth(1, Decimal("100")) == Decimal("1.67")
    assert worth(30, Decimal("0.01")) == Decimal("0.01")
