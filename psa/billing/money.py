"""Amounts of money: read as people write them, kept as Decimal with two places, rounded half away from zero."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
LARGEST = Decimal("999999999.99")

# 1,234.50 and 1.234,50, 1 234,50 and 1'234.50: groups of three, then at most two places.
GROUPED = re.compile(r"\d{1,3}(?:([.,' \u00a0\u202f\u2019])\d{3})(?:\1\d{3})*(?:[.,]\d{1,2})?")
PLAIN = re.compile(r"\d{1,12}(?:[.,]\d{1,2})?")


class UnreadableAmount(ValueError):
    """An amount that cannot be read; the message is a sentence for the field."""


def read_amount(text: str) -> Decimal:
    """An amount of zero or more. Raises UnreadableAmount, also for three places after the point: that could be 1,234.

    Both ``1,234.50`` and ``1.234,50`` are read, since the last mark with two digits behind it ends the whole units.
    """
    typed = text.strip()
    if re.fullmatch(r"\d{1,3}[.,]\d{3}", typed):
        raise UnreadableAmount(f"{typed} could mean two things. Write it without a mark, or with two places.")
    if not PLAIN.fullmatch(typed) and not unambiguous(typed):
        raise UnreadableAmount("Write the amount as 120 or 120.50.")
    whole, places = split(typed)
    amount = Decimal(f"{whole}.{places or '0'}").quantize(CENT)
    if amount > LARGEST:
        raise UnreadableAmount(f"At most {LARGEST:,}.")
    return amount


def unambiguous(typed: str) -> bool:
    """Whether the marks between groups and the one before the places differ."""
    found = GROUPED.fullmatch(typed)
    if found is None:
        return False
    _, places = split(typed)
    return not places or typed[-len(places) - 1] != found[1]


def split(typed: str) -> tuple[str, str]:
    """The whole units without their marks, and the places."""
    found = re.fullmatch(r"(.*?)(?:[.,](\d{1,2}))?", typed)
    assert found is not None
    return re.sub(r"\D", "", found[1]), found[2] or ""


def worth(minutes: int, rate: Decimal) -> Decimal:
    """What so many minutes cost at ``rate`` an hour."""
    return (rate * minutes / 60).quantize(CENT, ROUND_HALF_UP)
