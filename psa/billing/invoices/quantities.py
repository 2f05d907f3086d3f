"""Quantities and percents as they stand in a form and in a sentence."""

from __future__ import annotations

from decimal import Decimal

from psa.billing.durations import clock_face
from psa.billing.invoices.sums import minutes_of


def shown_quantity(quantity: Decimal) -> str:
    """1.5, 3, or 0:50 where the hours have no short decimal."""
    minutes = minutes_of(abs(quantity))
    if minutes is not None and quantity != quantity.quantize(Decimal("0.0001")):
        return f"{'-' if quantity < 0 else ''}{clock_face(minutes)}"
    return plain(quantity, 0)


def plain(figure: Decimal, places: int) -> str:
    """The figure without zeros that say nothing, but with so many places at least: 1.5, 100.00, 0.0125."""
    shown = f"{figure:f}".rstrip("0").rstrip(".") if "." in f"{figure:f}" else f"{figure:f}"
    whole, _, after = shown.partition(".")
    after = after.ljust(places, "0")
    return f"{whole}.{after}" if after else whole
