"""What an invoice comes to. Nothing but Decimal: no database and no pages.

A line is its quantity times its price, less its discount, rounded to the currency's smallest unit. Tax is reckoned once
for each rate, on the sum of its lines, and rounded likewise; always half away from zero, so that a credit note of the
same lines comes to exactly the same below zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from psa.billing.currencies import rounded

MINUTES = Decimal(60)
# A sixtieth of an hour as it is kept, with six places.
KEPT = Decimal("0.000001")
# A tax rate as lines bear it: its percent and its name.
Rate = tuple[Decimal, str]


@dataclass(frozen=True, slots=True)
class Line:
    """What counts of a line: ``unit_price`` without tax, percents from 0 to 100.

    ``tax_rounding`` is added to the tax of its rate: so the last credit note takes what the earlier ones have left.
    """

    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal = Decimal(0)
    tax_name: str = ""
    tax_percent: Decimal = Decimal(0)
    tax_rounding: Decimal = Decimal(0)

    @property
    def rate(self) -> Rate:
        return self.tax_percent, self.tax_name


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
    by_rate: dict[Rate, Decimal] = {}
    roundings: dict[Rate, Decimal] = {}
    for line, net in zip(lines, nets, strict=True):
        by_rate[line.rate] = by_rate.get(line.rate, Decimal(0)) + net
        roundings[line.rate] = roundings.get(line.rate, Decimal(0)) + line.tax_rounding
    taxes = tuple(
        Tax(name, percent, net, rounded(net * percent / 100, currency) + roundings[percent, name])
        for (percent, name), net in sorted(by_rate.items(), key=lambda one: (-one[0][0], one[0][1]))
    )
    return Sums(nets, taxes, sum(nets, Decimal(0)), sum((tax.tax for tax in taxes), Decimal(0)))


def left_to_credit(charged: Sums, credited: Sequence[Sums]) -> dict[Rate, tuple[Decimal, Decimal]]:
    """Net and tax of each rate that credit notes, which are below zero, have left of an invoice."""
    left = {(tax.percent, tax.name): (tax.net, tax.tax) for tax in charged.taxes}
    for sums in credited:
        for tax in sums.taxes:
            net, amount = left.get((tax.percent, tax.name), (Decimal(0), Decimal(0)))
            left[tax.percent, tax.name] = (net + tax.net, amount + tax.tax)
    return left


def sums_of_credit(lines: Sequence[Line], left: Mapping[Rate, tuple[Decimal, Decimal]], currency: str) -> Sums:
    """What the lines of a credit note come to; ``left`` is what the earlier ones have left of its invoice."""
    return sums_of(with_rest_of_tax(lines, left, currency), currency)


def with_rest_of_tax(lines: Sequence[Line], left: Mapping[Rate, tuple[Decimal, Decimal]], currency: str) -> list[Line]:
    """The lines; the first of each rate bears what its tax is more or less, so that all notes take what was charged."""
    adjusted = [replace(line, tax_rounding=Decimal(0)) for line in lines]
    for tax in sums_of(adjusted, currency).taxes:
        rate = (tax.percent, tax.name)
        if rate in left:
            first = next(place for place, line in enumerate(adjusted) if line.rate == rate)
            adjusted[first] = replace(adjusted[first], tax_rounding=credited_tax(tax, *left[rate]) - tax.tax)
    return adjusted


def credited_tax(tax: Tax, net_left: Decimal, tax_left: Decimal) -> Decimal:
    """What a credit note takes of a rate's tax: that of its own net, but the rest with the last of the net.

    Before that cents that were rounded up may have used it up: never more than is left. A net beyond what is left is
    refused, and bears its own tax until then.
    """
    if net_left + tax.net == 0:
        return -tax_left
    if abs(tax.net) > abs(net_left) or tax.tax * tax_left > 0:
        return tax.tax
    return -tax_left if abs(tax.tax) > abs(tax_left) else tax.tax


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
