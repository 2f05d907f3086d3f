"""What stands on a document, in words and figures: frozen, so that it is drawn without the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


class Undrawable(ValueError):
    """A document with more in one place than a page holds; the message is a sentence for who made it."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose paper it is. ``logo`` are the bytes of a PNG, JPEG or GIF; ``colour`` is #rrggbb."""

    name: str
    address: str = ""
    tax_id: str = ""
    logo: bytes | None = None
    colour: str = "#2f5bd0"
    footer: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands below the name, line by line."""
        return (*filter(str.strip, self.address.splitlines()), *tax_line(self.tax_id))


def tax_line(tax_id: str) -> tuple[str, ...]:
    """A tax number as it stands below an address, or nothing: “VAT 123 4567 89” says what it is, “DE 123” does not."""
    name, _, number = tax_id.partition(" ")
    says_so = number != "" and len(name) > 2 and not any(one.isdigit() for one in name)
    return (tax_id if says_so else f"Tax ID {tax_id}",) if tax_id else ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the lines: its head, how wide it is in millimetres (0: what is left), and whether it has figures."""

    head: str
    width: float = 0
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, and a line in small letters below it."""

    words: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """A line of the sums: what it is, how much, and whether it is what all of it comes to."""

    words: str
    amount: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A table with its sums; a statement has one for each currency. ``heading`` may be empty."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sums: tuple[Sum, ...]
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One document. ``facts`` stand beside the addressee (Number, Date, Due), ``words`` above the lines.

    ``payment`` is how to pay, set apart; ``notes`` are small print below. ``mark`` (Draft, Void) stands across a page.
    ``made_at`` is the moment that the file names: the same document is the same bytes whenever it is drawn.
    """

    title: str
    letterhead: Letterhead
    addressee: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    made_at: datetime
    number: str = ""
    words: str = ""
    payment: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    mark: str = ""
    letter_size: bool = False

    @property
    def name(self) -> str:
        """Invoice 2026-0007."""
        return f"{self.title} {self.number}".strip()
