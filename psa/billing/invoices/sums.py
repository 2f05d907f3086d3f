"""What an invoice comes to. Nothing but Decimal: no database and no pages.

A line is its quantity times its price, less its discount, rounded to the currency's smallest unit. Tax is reckoned once
for each rate, on the sum of its lines, and rounded likewise; always half away from zero, so that a credit note of the
same lines comes to exactly the same below zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from psa.billing.currencies import rounded

MINUTES = Decimal(60)
# A sixtieth of an hour as it is kept, with six places.
KEPT = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Line:
    """What counts of a line: ``unit_price`` without tax, percents from 0 to 100."""

    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal = Decimal(0)
    tax_name: str = ""
    tax_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tax:
    """What one rate comes to: the sum of its lines and the tax on it."""

    name: str
    percent: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """What each line comes to, the taxes from the highest rate down, and the sums."""

    nets: tuple[Decimal, ...]
    taxes: tuple[Tax, ...]
    net: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


def sums_of(lines: Sequence[Line], currency: str) -> Sums:
    nets = tuple(net_of(line, currency) for line in lines)
    by_rate: dict[tuple[Decimal, str], Decimal] = {}
    for line, net in zip(lines, nets, strict=True):
        rate = (line.tax_percent, line.tax_name)
        by_rate[rate] = by_rate.get(rate, Decimal(0)) + net
    taxes = tuple(
        Tax(name, percent, net, rounded(net * percent / 100, currency))
        for (percent, name), net in sorted(by_rate.items(), key=lambda one: (-one[0][0], one[0][1]))
    )
    return Sums(nets, taxes, sum(nets, Decimal(0)), sum((tax.tax for tax in taxes), Decimal(0)))


def net_of(line: Line, currency: str) -> Decimal:
    """Quantity times price, less the discount, rounded once at the end."""
    minutes = minutes_of(line.quantity)
    amount = line.unit_price * (100 - line.discount_percent)
    exact = minutes * amount / 6000 if minutes is not None else line.quantity * amount / 100
    return rounded(exact, currency)


def minutes_of(quantity: Decimal) -> int | None:
    """The minutes that a quantity of hours was made from, or None for any other quantity.

    0:20 is kept as 0.333333 and still worth exactly a third of an hour.
    """
    minutes = round(quantity * MINUTES)
    return minutes if hours_of(minutes) == quantity else None


def hours_of(minutes: int) -> Decimal:
    return (minutes / MINUTES).quantize(KEPT)


def open_balance(status: str, total: Decimal, paid: Decimal, credited: Decimal) -> Decimal:
    """What is still to be paid; nothing while nobody owes it."""
    return total - paid - credited if status in ("sent", "paid") else Decimal(0)
