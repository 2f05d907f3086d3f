"""What may still be credited of an invoice: of each of its lines, and of all that bears one rate of tax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psa.billing.currencies import money
from psa.billing.invoices.models import Invoice, InvoiceLine
from psa.billing.invoices.quantities import shown_quantity
from psa.billing.invoices.sums import Line, Rate, Sums, left_to_credit, net_of, sums_of
from psa.extensions import db


@dataclass(frozen=True, slots=True)
class Left:
    """What credit notes have left of a line: its quantity, and its net in the invoice's currency.

    A note at the line's own price takes off both; at any other price, as for a part that was no good, the net alone.
    """

    line: InvoiceLine
    quantity: Decimal
    net: Decimal

    @property
    def is_something(self) -> bool:
        """Not so after notes that took too much, as they could once."""
        return is_left(self.line.net, self.net) if self.line.net else is_left(self.line.quantity, self.quantity)

    @property
    def is_all(self) -> bool:
        return (self.quantity, self.net) == (self.line.quantity, self.line.net)

    def is_at_its_price(self, credited: Line) -> bool:
        own = self.line.as_line()
        return (credited.unit_price, credited.discount_percent) == (own.unit_price, own.discount_percent)

    def after(self, credited: Line, currency: str) -> Left:
        """What is left when a credit note takes ``credited``, whose quantity is below zero."""
        quantity = credited.quantity if self.is_at_its_price(credited) else Decimal(0)
        return Left(self.line, self.quantity + quantity, self.net + net_of(credited, currency))

    def content(self, currency: str) -> dict[str, Any]:
        """The line of a credit note that takes all of it: at its own price, or as one amount if that misses a cent."""
        content = self.line.content() | {"quantity": -self.quantity}
        own = self.line.as_line()
        if net_of(Line(self.quantity, own.unit_price, own.discount_percent), currency) == self.net:
            return content
        unit = self.line.unit if abs(self.quantity) == 1 else ""
        return content | {"quantity": Decimal(-1), "unit": unit, "unit_price": self.net, "discount_percent": Decimal(0)}


@dataclass(frozen=True, slots=True)
class Credited:
    """A line of a credit note: the line of the invoice that it takes off, None for none, and what counts of it."""

    line_id: int | None
    line: Line


def left_by_line(invoice: Invoice) -> dict[int, Left]:
    """What issued credit notes have left of each line of an issued invoice, by the line's id."""
    left = {line.id: Left(line, line.quantity, line.net) for line in invoice.lines}
    for credit_note in notes_in_force(invoice):
        for line in credit_note.lines:
            if line.credits_line_id in left:
                left[line.credits_line_id] = left[line.credits_line_id].after(line.as_line(), invoice.currency)
    return left


def left_by_rate(invoice: Invoice) -> dict[Rate, tuple[Decimal, Decimal]]:
    """Net and tax of each rate that issued credit notes have left of it."""
    return left_to_credit(sums_of_lines(invoice), [sums_of_lines(one) for one in notes_in_force(invoice)])


def refusals(invoice: Invoice, credited: Sequence[Credited]) -> dict[int, str]:
    """Why lines of a credit note cannot be, by their place in ``credited``; empty when all of them can."""
    refused: dict[int, str] = {}
    by_line, currency = left_by_line(invoice), invoice.currency
    for place, one in enumerate(credited):
        left = by_line.get(one.line_id or 0)
        if left is None:
            continue
        if words := refusal_of_line(left, one.line, currency):
            refused[place] = words
        by_line[left.line.id] = left.after(one.line, currency)
    return refused or refusals_of_rates(invoice, [one.line for one in credited], by_line)


def refusal_of_line(left: Left, credited: Line, currency: str) -> str:
    if not left.is_something:
        return "All of it is credited already."
    charged, after = left.line, left.after(credited, currency)
    if credited.quantity * charged.quantity > 0 or is_left(charged.net, after.net - left.net):
        side = "below" if charged.quantity > 0 else "above"
        return f"A credit note takes something off: write a quantity {side} zero."
    if left.is_at_its_price(credited) and is_left(-charged.quantity, after.quantity):
        return left_in_words(left)
    if is_left(-charged.net, after.net) or (after.net and not charged.net):
        return f"Only {money(left.net, currency)} of it is left to be credited."
    return ""


def refusals_of_rates(invoice: Invoice, lines: Sequence[Line], after: Mapping[int, Left]) -> dict[int, str]:
    """The tax that is credited is tax that was charged: it ends where all is credited that bears its rate.

    ``after`` is what the note leaves of each line of the invoice.
    """
    currency, left = invoice.currency, left_by_rate(invoice)
    charged = {(tax.percent, tax.name): tax.net for tax in sums_of_lines(invoice).taxes}
    refused = {}
    for tax in sums_of(lines, currency).taxes:
        rate = (tax.percent, tax.name)
        bearing = f"with {tax.name}" if tax.name else "without tax"
        place = next(place for place, line in enumerate(lines) if line.rate == rate)
        if rate not in charged:
            refused[place] = f"{invoice.number} has nothing {bearing}."
        elif is_left(-charged[rate], left[rate][0] + tax.net) or (not charged[rate] and left[rate][0] + tax.net < 0):
            still = f"Only {money(left[rate][0], currency)} {bearing} is left to be credited"
            refused[place] = still + unless_also_credited(rate, charged[rate], after, currency)
    return refused


def unless_also_credited(rate: Rate, charged: Decimal, after: Mapping[int, Left], currency: str) -> str:
    """The end of the sentence: which lines, its discounts mostly, leave a rate less than its other lines come to."""
    lessening = [
        f"“{left.line.words}” ({money(left.net, currency)})"
        for left in after.values()
        if left.line.as_line().rate == rate and left.net * (charged or 1) < 0
    ]
    if not lessening:
        return "."
    is_not = "is not credited" if len(lessening) == 1 else "are not credited"
    return f", as {' and '.join(lessening)} {is_not}: draft the note anew with that ticked too, or credit less here."


def is_left(charged: Decimal, figure: Decimal) -> bool:
    """Whether the figure is on the side of zero on which the charge is."""
    return charged * figure > 0


def left_in_words(left: Left) -> str:
    """“2 of 3 are left to be credited.”"""
    are = "is" if abs(left.quantity) == 1 else "are"
    return f"{shown_quantity(left.quantity)} of {shown_quantity(left.line.quantity)} {are} left to be credited."


def notes_in_force(invoice: Invoice) -> Sequence[Invoice]:
    """Its issued credit notes, in their order."""
    of_invoice = db.select(Invoice).where(Invoice.credits_id == invoice.id, Invoice.status.in_(("sent", "paid")))
    return db.session.scalars(of_invoice.order_by(Invoice.id)).all()


def sums_of_lines(invoice: Invoice) -> Sums:
    return sums_of([line.as_line() for line in invoice.lines], invoice.currency)
