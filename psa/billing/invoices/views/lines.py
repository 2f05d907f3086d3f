"""The lines of a form on its page, and what they come to while they are typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import render_template

from psa.billing.currencies import CODES
from psa.billing.invoices.crediting import left_by_rate
from psa.billing.invoices.drafts import LINES_MAX
from psa.billing.invoices.models import Invoice, LineColumns
from psa.billing.invoices.sums import sums_of, sums_of_credit
from psa.billing.invoices.tax_rates import all_rates, default_rate
from psa.billing.invoices.typed_lines import TypedLine, as_line, read_line

TOO_MANY = f"An invoice holds up to {LINES_MAX} lines. Take some out, or make two of it."


def fresh_line() -> TypedLine:
    default = default_rate()
    return TypedLine(tax=str(default.id) if default is not None else "")


def sums_shown(
    lines: Sequence[TypedLine], there: Mapping[int, LineColumns], currency: str, credits: Invoice | None = None
) -> dict[str, Any]:
    """What the lines come to that can be read, and each of them: None for the others.

    On a credit note, of the invoice ``credits``, as it will be kept.
    """
    rates = all_rates()
    read = [None if line.is_empty else read_line(line, currency, rates, without_words=True)[0] for line in lines]
    lines_read = [as_line(one, there) for one in read if one is not None]
    if credits is not None:
        sums = sums_of_credit(lines_read, left_by_rate(credits), currency)
    else:
        sums = sums_of(lines_read, currency)
    each = iter(sums.nets)
    nets: list[Decimal | None] = [next(each) if one is not None else None for one in read]
    return {"sums": sums, "nets": nets}


def render_sums(
    lines: Sequence[TypedLine], there: Mapping[int, LineColumns], currency: str, credits: Invoice | None = None
) -> str:
    """The fragment with the sums, and beside it what each line comes to."""
    shown = sums_shown(lines, there, currency, credits)
    return render_template("billing/invoices/_sums.html", lines=lines, currency=currency, oob=True, **shown)


def known(currency: str, otherwise: str) -> str:
    """The currency that was typed, if there is such a one yet."""
    code = currency.strip().upper()
    return code if code in CODES else otherwise
