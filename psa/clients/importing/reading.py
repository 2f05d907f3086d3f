"""A file as a table: whatever spreadsheet wrote it, in whatever encoding and with whatever separator."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from psa.tables import unguarded

MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 60
SEPARATORS = ",;\t|"
# The byte order marks that Excel and others write; UTF-32 has nobody seen.
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Unreadable(ValueError):
    """A file that is no table; the message says why."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The names of the columns, and the rows: the line in the file, and a cell for each column.

    A row that has more in it than there are columns keeps all of its cells.
    """

    headers: tuple[str, ...]
    rows: Sequence[tuple[int, tuple[str, ...]]]


def read(content: bytes) -> Sheet:
    """The table in a file. Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it into several.")
    text = decoded(content).replace("\0", "")
    if text[:4].lower() == "sep=" and len(text) > 4:
        # Excel's own way of saying it, on a line before the headers.
        separator, text = text[4], text.partition("\n")[2]
        first_line = 2
    else:
        separator, first_line = separator_of(text), 1
    lines = list(parsed(text, separator, first_line))
    if len(lines) < 2:
        raise Unreadable("There is nothing in it but a line of headers." if lines else "The file is empty.")
    headers = tuple(cell.strip() for cell in lines[0][1])
    if len(headers) > MOST_COLUMNS:
        raise Unreadable(f"It has more than {MOST_COLUMNS} columns. Is it a CSV file?")
    if len(lines) > MOST_ROWS + 1:
        raise Unreadable(f"It has more than {MOST_ROWS:,} rows. Split it into several.")
    width = len(headers)
    return Sheet(headers, [(line, fitted(cells, width)) for line, cells in lines[1:]])


def fitted(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """A cell for each column; what is empty beyond them falls away."""
    filled = (*cells, *([""] * (width - len(cells))))
    return filled if any(filled[width:]) else filled[:width]


def decoded(content: bytes) -> str:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    if b"\0" in content[:1000]:
        # Without a mark: Latin letters have their empty byte behind them, or before them.
        return content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def separator_of(text: str) -> str:
    """The one that cuts most of the first lines into equally many cells, more than one."""
    sample = text[:20_000]
    best, score = ",", 0
    for one in SEPARATORS:
        widths = [len(cells) for _, cells in parsed(sample, one, 1)][:20]
        if widths and widths[0] > 1 and (equal := widths.count(widths[0]) * 100 + widths[0]) > score:
            best, score = one, equal
    return best


def parsed(text: str, separator: str, first_line: int) -> list[tuple[int, list[str]]]:
    """Rows that have something in a cell, with the line on which each ends. Raises Unreadable."""
    csv.field_size_limit(MOST_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num + first_line - 1, [unguarded(cell.strip()) for cell in cells]))
    except csv.Error as error:
        raise Unreadable(f"Line {reader.line_num} cannot be read: {error}.") from error
    return rows
