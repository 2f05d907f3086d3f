"""The numbers of invoices: one after the other, none left out.

A number is given in the transaction that issues. Its row is locked until that ends, so that of two who issue at once
the second waits, and a transaction that is rolled back gives its number back. Drafts have none.
"""

from __future__ import annotations

import re

from psa.admin.models import Firm
from psa.billing.invoices.models import NumberSeries
from psa.extensions import db, insert_unless_there

LONGEST = 40
NUMBER = re.compile(r"\{number(?::0([1-9]))?\}")


class RefusedPattern(ValueError):
    """A pattern that makes no numbers; the message is a sentence for the field."""


def read_pattern(text: str) -> str:
    """``{year}-{number:04}``: the number, once, perhaps filled up with zeros, the year, and what else one likes.

    With the year the numbers begin at 1 each year, without it they go on. Raises RefusedPattern.
    """
    pattern = text.strip()
    if len(pattern) > LONGEST:
        raise RefusedPattern(f"Up to {LONGEST} characters.")
    if len(NUMBER.findall(pattern)) != 1:
        raise RefusedPattern("Write {number} in it once, or {number:04} for four digits at least.")
    rest = NUMBER.sub("", pattern).replace("{year}", "")
    if not re.fullmatch(r"[\w ./#-]*", rest, re.ASCII):
        raise RefusedPattern("Beside {year} and {number} it may have letters, digits, spaces and - . / # _.")
    return pattern


def number_by(pattern: str, year: int, number: int) -> str:
    digits = NUMBER.sub(lambda found: f"{number:0{found[1] or 1}}", pattern)
    return digits.replace("{year}", str(year))


def series_of(kind: str, firm: Firm) -> tuple[str, str]:
    """Which series a kind takes its numbers from, and by which pattern: credit notes may share the invoices'."""
    if kind == "credit_note" and firm.credit_pattern:
        return "credit_note", firm.credit_pattern
    return "invoice", firm.invoice_pattern


def next_number(kind: str, year: int, firm: Firm) -> str:
    """Take the next number of the series. It is gone when the transaction is committed, and there again if not."""
    series, pattern = series_of(kind, firm)
    counted_in = year if "{year}" in pattern else 0
    insert_unless_there(NumberSeries, kind=series, year=counted_in, last=0)
    table = NumberSeries.__table__
    number = db.session.connection().execute(
        table.update()
        .where(table.c.kind == series, table.c.year == counted_in)
        .values(last=table.c.last + 1)
        .returning(table.c.last)
    )
    return number_by(pattern, year, number.scalar_one())


def last_number(kind: str, year: int, firm: Firm) -> int:
    """The last number that was given, 0 before the first."""
    series, pattern = series_of(kind, firm)
    row = db.session.get(NumberSeries, (series, year if "{year}" in pattern else 0), populate_existing=True)
    return row.last if row is not None else 0


def go_on_after(kind: str, year: int, firm: Firm, last: int) -> None:
    """Begin behind the numbers that another program gave. Only before the first one: later it would leave numbers out.

    Raises RefusedPattern.
    """
    if last_number(kind, year, firm):
        raise RefusedPattern("Numbers have been given already. They go on from the last one.")
    series, pattern = series_of(kind, firm)
    db.session.merge(NumberSeries(kind=series, year=year if "{year}" in pattern else 0, last=last))
    db.session.flush()
