"""The lines of a form on its page, and what they come to while they are typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import render_template

from psa.billing.currencies import CODES
from psa.billing.invoices.drafts import LINES_MAX
from psa.billing.invoices.models import LineColumns
from psa.billing.invoices.sums import sums_of
from psa.billing.invoices.tax_rates import all_rates, default_rate
from psa.billing.invoices.typed_lines import TypedLine, as_line, read_line

TOO_MANY = f"An invoice holds up to {LINES_MAX} lines. Take some out, or make two of it."


def fresh_line() -> TypedLine:
    default = default_rate()
    return TypedLine(tax=str(default.id) if default is not None else "")


def sums_shown(lines: Sequence[TypedLine], there: Mapping[int, LineColumns], currency: str) -> dict[str, Any]:
    """What the lines come to that can be read, and each of them: None for the others."""
    rates = all_rates()
    read = [None if line.is_empty else read_line(line, currency, rates, without_words=True)[0] for line in lines]
    sums = sums_of([as_line(one, there) for one in read if one is not None], currency)
    each = iter(sums.nets)
    nets: list[Decimal | None] = [next(each) if one is not None else None for one in read]
    return {"sums": sums, "nets": nets}


def render_sums(lines: Sequence[TypedLine], there: Mapping[int, LineColumns], currency: str) -> str:
    """The fragment with the sums, and beside it what each line comes to."""
    shown = sums_shown(lines, there, currency)
    return render_template("billing/invoices/_sums.html", lines=lines, currency=currency, oob=True, **shown)


def known(currency: str, otherwise: str) -> str:
    """The currency that was typed, if there is such a one yet."""
    code = currency.strip().upper()
    return code if code in CODES else otherwise
