"""The lines of a form: as typed, moved about before they are kept, and read with a sentence for each field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from werkzeug.datastructures import MultiDict

from psa.billing.invoices.drafts import LINES_MAX, DraftLine
from psa.billing.invoices.models import LineColumns, TaxRate
from psa.billing.invoices.quantities import plain, shown_quantity
from psa.billing.invoices.sums import Line
from psa.billing.money import UnreadableAmount, read_percent, read_price, read_quantity

KEPT = "kept"
# More than can be kept, so that who has written too many is told.
LINES_READ = LINES_MAX * 5
# Fields of a line in the form, each once for each line.
FIELDS = ("id", "words", "quantity", "unit", "price", "discount", "tax")
LENGTHS = {"words": 1000, "unit": 20}


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line as it stands in the form. ``tax`` is a rate's id, empty for none, or KEPT for the tax that it has."""

    id: str = ""
    words: str = ""
    quantity: str = "1"
    unit: str = ""
    price: str = ""
    discount: str = ""
    tax: str = ""
    # The tax that a line has and no rate stands for any more, in words.
    kept_tax: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nothing was typed into it, so it is left out."""
        return not (self.words or self.price or self.id)


def lines_in(form: MultiDict[str, str], there: Mapping[int, LineColumns], rates: Sequence[TaxRate]) -> list[TypedLine]:
    """The lines of a form that was sent; ``there`` are those that it may change."""
    columns = [form.getlist(f"line_{name}") for name in FIELDS]
    lines = []
    for values in list(zip(*columns, strict=False))[:LINES_READ]:
        typed = TypedLine(**dict(zip(FIELDS, (value.strip() for value in values), strict=True)))
        kept = there.get(int(typed.id)) if typed.id.isdecimal() and len(typed.id) < 10 else None
        lines.append(replace(typed, id=typed.id if kept else "", kept_tax=words_of_tax(kept, rates)))
    return lines


def lines_of(kept: Sequence[LineColumns], rates: Sequence[TaxRate]) -> list[TypedLine]:
    """Lines that are kept, as the form shows them."""
    return [
        TypedLine(
            id=str(line.id),
            words=line.words,
            quantity=shown_quantity(line.quantity),
            unit=line.unit,
            price=plain(line.unit_price, 2),
            discount=plain(line.discount_percent, 0) if line.discount_percent else "",
            tax=KEPT if words_of_tax(line, rates) else str(line.tax_rate_id or ""),
            kept_tax=words_of_tax(line, rates),
        )
        for line in kept
    ]


def words_of_tax(line: LineColumns | None, rates: Sequence[TaxRate]) -> str:
    """The name of a tax that no rate of today stands for, with which the line may stay."""
    if line is None or not line.tax_name:
        return ""
    same = (rate for rate in rates if rate.id == line.tax_rate_id and rate.percent == line.tax_percent)
    return "" if next(same, None) is not None else f"{line.tax_name}, as it was"


def arranged(lines: list[TypedLine], wish: str, fresh: TypedLine) -> list[TypedLine]:
    """The lines after one press: ``add``, or ``remove``, ``up`` or ``down`` with the line’s place, as in ``up-2``."""
    what, _, place = wish.partition("-")
    lines = list(lines)
    if what == "add":
        return [*lines, fresh]
    at = int(place) if place.isdecimal() and len(place) < 4 else len(lines)
    if at >= len(lines):
        return lines
    line = lines.pop(at)
    if what == "up":
        lines.insert(max(at - 1, 0), line)
    elif what == "down":
        lines.insert(at + 1, line)
    elif what != "remove":
        lines.insert(at, line)
    return lines


def read_lines(
    lines: Sequence[TypedLine], currency: str, rates: Sequence[TaxRate]
) -> tuple[list[TypedLine], tuple[DraftLine, ...] | None]:
    """The lines with a sentence at each field that cannot be read, and what they say, None if there is any such."""
    shown, read = [], []
    for line in lines:
        if line.is_empty:
            continue
        found, errors = read_line(line, currency, rates)
        shown.append(replace(line, errors=errors))
        if found is not None:
            read.append(found)
    return shown, tuple(read) if len(read) == len(shown) else None


def read_line(
    line: TypedLine, currency: str, rates: Sequence[TaxRate], *, without_words: bool = False
) -> tuple[DraftLine | None, dict[str, str]]:
    """What a line says, or None, and the sentence at each of its fields. Sums need no words."""
    errors: dict[str, str] = {}
    quantity = figure_of(errors, "quantity", read_quantity, line.quantity)
    price = figure_of(errors, "price", partial(read_price, currency=currency), line.price)
    discount = figure_of(errors, "discount", read_percent, line.discount or "0")
    for name, longest in LENGTHS.items():
        if len(getattr(line, name)) > longest:
            errors[name] = f"Up to {longest} characters."
    if not line.words and not without_words:
        errors["words"] = "What is it for?"
    tax = next((rate for rate in rates if str(rate.id) == line.tax), None)
    if tax is None and line.tax not in ("", KEPT if line.kept_tax else ""):
        errors["tax"] = "There is no such tax rate any more."
    if errors:
        return None, errors
    line_id, keeps = int(line.id) if line.id else None, line.tax == KEPT
    return DraftLine(line_id, line.words, quantity, line.unit, price, discount, tax, keeps), errors


def figure_of(errors: dict[str, str], name: str, read: Callable[[str], Decimal], text: str) -> Decimal:
    """The figure, or zero with a sentence among the errors."""
    try:
        return read(text)
    except UnreadableAmount as reason:
        errors[name] = str(reason)
        return Decimal(0)


def as_line(read: DraftLine, there: Mapping[int, LineColumns]) -> Line:
    """What counts of a line that is not kept yet."""
    kept = there.get(read.id or 0) if read.keeps_tax else None
    tax = kept.as_line() if kept is not None else None
    name = tax.tax_name if tax else read.tax.name if read.tax else ""
    percent = tax.tax_percent if tax else read.tax.percent if read.tax else Decimal(0)
    return Line(read.quantity, read.unit_price, read.discount_percent, name, percent)
