"""Tables as CSV files that every spreadsheet opens, and in which it reckons nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from decimal import Decimal

# By this Excel knows that a file is in UTF-8.
MARK = "\ufeff"
GUARD = "'"
# Where a cell begins for some spreadsheet: with decimal commas Excel parts at semicolons, even within our quotes.
BEGINS = r"(^(?={guard}[\t\r])|(?:^|[;\t\r\n] *)(?={guard}[=+\-@＝＋－＠]))"
UNGUARDED, GUARDED = re.compile(BEGINS.format(guard="")), re.compile(BEGINS.format(guard=GUARD) + GUARD)

Cell = str | int | Decimal


def as_csv(rows: Iterable[Iterable[Cell]]) -> str:
    """Rows as text. Texts are guarded; numbers stay as they are, in plain figures."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([written(cell) for cell in row] for row in rows)
    return text.getvalue()


def written(cell: Cell) -> str:
    return guarded(cell) if isinstance(cell, str) else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""
    return UNGUARDED.sub(rf"\1{GUARD}", cell)


def unguarded(cell: str) -> str:
    """A cell as it was before it was guarded."""
    return GUARDED.sub(r"\1", cell)
