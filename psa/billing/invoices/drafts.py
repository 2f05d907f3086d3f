"""Filling a draft: with what was typed, and with time that nobody has been billed for. A door commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from psa import clock
from psa.admin.operations import firm
from psa.billing.currencies import money
from psa.billing.invoices.models import Invoice, InvoiceLine, LineColumns, TaxRate
from psa.billing.invoices.operations import RefusedInvoice, claim, draft, note, reckon
from psa.billing.invoices.sums import hours_of
from psa.billing.models import TimeEntry
from psa.clients.models import Client
from psa.extensions import db

# How time becomes lines, in the words of the form.
GROUPINGS = {
    "ticket": "a line for each ticket or task",
    "person": "a line for each person",
    "entry": "a line for each entry",
    "one": "one line for all",
}
LINES_MAX = 200
# Of a line that is made from time, so that there is room for who did it.
LONGEST_WORDS = 800


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as it was typed. ``id`` is the line that it changes, None for a new one; ``tax`` a rate, or None for none.

    ``keeps_tax``: it bears the tax that it has, whether or not there still is such a rate.
    """

    id: int | None
    words: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount_percent: Decimal = Decimal(0)
    tax: TaxRate | None = None
    keeps_tax: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """All that is typed into a draft."""

    currency: str
    payment_days: int
    reference: str
    words: str
    project_id: int | None
    lines: tuple[DraftLine, ...]


def write(invoice: Invoice, content: Content, revision: int, by: int | None) -> None:
    """Make the draft say ``content``; lines that are not in it go, and give their time back. Raises RefusedInvoice."""
    claim(invoice, "draft", revision=revision, refusal="It has been issued meanwhile, so it stays as it is.")
    if not invoice.is_credit_note and content.currency != invoice.currency:
        refuse_prices_of_another_currency(invoice, content)
        invoice.currency = content.currency
    invoice.payment_days = content.payment_days
    invoice.reference, invoice.words = content.reference, content.words
    invoice.project_id = content.project_id
    there = {line.id: line for line in invoice.lines}
    lines = []
    for position, typed in enumerate(content.lines):
        line = there.get(typed.id or 0) or InvoiceLine()
        fill(line, typed, position)
        lines.append(line)
    invoice.lines = lines
    reckon(invoice)
    note(invoice, "Draft changed", by)
    db.session.flush()


def fill(line: LineColumns, typed: DraftLine, position: int) -> None:
    """Make a line say what was typed."""
    line.position, line.words, line.unit = position, typed.words, typed.unit
    line.quantity, line.unit_price, line.discount_percent = typed.quantity, typed.unit_price, typed.discount_percent
    if not typed.keeps_tax:
        bear(line, typed.tax)


def bear(line: LineColumns, tax: TaxRate | None) -> None:
    """From now on the line bears this tax as it is now, or none."""
    line.tax_rate_id = tax.id if tax is not None else None
    line.tax_name = tax.name if tax is not None else ""
    line.tax_percent = tax.percent if tax is not None else Decimal(0)


def draft_from_time(
    client: Client,
    entries: Sequence[TimeEntry],
    by: int | None,
    *,
    grouping: str = "ticket",
    tax: TaxRate | None = None,
    project_id: int | None = None,
) -> Invoice:
    """A draft with the time of ``entries``, which is now invoiced, and nowhere else. Raises RefusedInvoice.

    Work is in one line with other work of the same price only.
    """
    invoice = draft(client, by, project_id=project_id)
    add_time(invoice, entries, by, grouping=grouping, tax=tax)
    return invoice


def add_time(
    invoice: Invoice,
    entries: Sequence[TimeEntry],
    by: int | None,
    *,
    grouping: str = "ticket",
    tax: TaxRate | None = None,
) -> None:
    """Put time on a draft, below its lines; an empty one takes the currency of the time.

    Raises RefusedInvoice, also for time that somebody has just invoiced.
    """
    claim(invoice, "draft", refusal="It has been issued meanwhile, so it stays as it is.")
    if not invoice.lines:
        invoice.currency = next(iter(currencies_of(entries)), invoice.currency)
    refuse_other_currency(entries, invoice.currency)
    position = len(invoice.lines)
    lots = in_lots(entries, KEYS[grouping])
    said = told_apart([WORDS[grouping](lot) for lot in lots], lots, [line.words for line in invoice.lines])
    for lot, words in zip(lots, said, strict=True):
        line = InvoiceLine(
            position=position,
            words=words,
            quantity=hours_of(sum(entry.minutes for entry in lot)),
            unit="h",
            unit_price=lot[0].rate or Decimal(0),
            discount_percent=Decimal(0),
        )
        bear(line, tax)
        invoice.lines.append(line)
        position += 1
        db.session.flush()
        invoice_time(lot, line, invoice.client_id)
    if position > LINES_MAX:
        raise RefusedInvoice(f"An invoice holds up to {LINES_MAX} lines. Put more time into each, or choose less.")
    reckon(invoice)
    minutes = sum(entry.minutes for entry in entries)
    note(invoice, f"{minutes // 60}:{minutes % 60:02} hours taken in", by)
    db.session.flush()


def currencies_of(entries: Sequence[TimeEntry]) -> dict[str, int]:
    """The currencies of the rates, with the minutes worked at them."""
    ours, minutes = firm().currency, dict[str, int]()
    for entry in entries:
        if entry.rate:
            currency = entry.currency or ours
            minutes[currency] = minutes.get(currency, 0) + entry.minutes
    return minutes


def refuse_other_currency(entries: Sequence[TimeEntry], currency: str) -> None:
    """A figure in euros is no figure in dollars. Raises RefusedInvoice."""
    for other, minutes in currencies_of(entries).items():
        if other != currency:
            raise RefusedInvoice(
                f"{minutes // 60}:{minutes % 60:02} hours were written down at a rate in {other}, and this is in "
                f"{currency}. Tick them alone for a draft in {other}; there the currency can be changed, and the prices"
                " written anew. For time to come, give the client a rate of its own."
            )


def refuse_prices_of_another_currency(invoice: Invoice, content: Content) -> None:
    """Prices that rates have made are written anew when the draft changes its currency. Raises RefusedInvoice."""
    of_lines = TimeEntry.invoice_line_id.in_([line.id for line in invoice.lines])
    with_time = set(db.session.scalars(db.select(TimeEntry.invoice_line_id).where(of_lines)))
    made = {line.id: line.unit_price for line in invoice.lines if line.id in with_time and line.unit_price}
    if any(line.id in made and line.unit_price == made[line.id] for line in content.lines):
        raise RefusedInvoice(
            f"The prices of its time are in {invoice.currency}: write them in {content.currency} together with the"
            " new currency."
        )


def invoice_time(entries: Sequence[TimeEntry], line: InvoiceLine, client_id: int) -> None:
    """Mark the time as invoiced, if nobody else has and it is as it was read. Raises RefusedInvoice."""
    table = TimeEntry.__table__
    for entry in entries:
        taken = db.session.connection().execute(
            table.update()
            .where(
                table.c.id == entry.id,
                table.c.revision == entry.revision,
                table.c.client_id == client_id,
                table.c.billable,
                table.c.invoice_line_id.is_(None),
            )
            .values(invoice_line_id=line.id, revision=table.c.revision + 1)
        )
        if taken.rowcount != 1:
            raise RefusedInvoice("Some of this time was invoiced or changed meanwhile. Look at it again.")
        db.session.expire(entry)


Key = tuple[int | None, ...]
Lot = list[TimeEntry]


def in_lots(entries: Sequence[TimeEntry], key: Callable[[TimeEntry], Key]) -> list[Lot]:
    """Entries that go into one line each: alike by ``key`` and of one price, in the order of their first day."""
    lots: dict[tuple[Key, Decimal | None], Lot] = {}
    for entry in sorted(entries, key=lambda entry: (entry.day, entry.id)):
        lots.setdefault((key(entry), entry.rate), []).append(entry)
    return list(lots.values())


KEYS: dict[str, Callable[[TimeEntry], Key]] = {
    "ticket": lambda entry: (
        (entry.ticket_id, None, None)
        if entry.ticket_id
        else (None, entry.task_id, None if entry.task_id else entry.project_id)
    ),
    "person": lambda entry: (entry.user_id,),
    "entry": lambda entry: (entry.id,),
    "one": lambda entry: (),
}


def told_apart(said: Sequence[str], lots: Sequence[Lot], there: Sequence[str]) -> list[str]:
    """What each line says; of those that would read the same also who did the work, or else what an hour of it costs.

    ``there`` is what the lines say that stand on the draft already.
    """
    said = [words[:LONGEST_WORDS] for words in said]
    for tell in (workers_of, price_of):
        told: dict[str, set[str]] = {words: {""} for words in there}
        for words, lot in zip(said, lots, strict=True):
            told.setdefault(words, set()).add(tell(lot))
        said = [
            f"{words}, {tell(lot)}"[:1000] if len(told[words]) > 1 else words
            for words, lot in zip(said, lots, strict=True)
        ]
    return said


def workers_of(lot: Lot) -> str:
    return " and ".join(dict.fromkeys(entry.user.name for entry in lot))


def price_of(lot: Lot) -> str:
    """120.00 EUR an hour."""
    rate = lot[0].rate
    return f"{money(rate, lot[0].currency or firm().currency)} an hour" if rate is not None else "without a rate"


def words_of_place(lot: Lot) -> str:
    """“#12 Scanner in room 3”, a task’s title, or the project’s name."""
    first = lot[0]
    if first.ticket is not None:
        return f"#{first.ticket_id} {first.ticket.subject}".strip()
    if first.task is not None:
        return first.task.title
    return f"Work on {first.project.name}" if first.project is not None else f"Work, {days_of(lot)}"


def words_of_person(lot: Lot) -> str:
    return f"Work by {lot[0].user.name}, {days_of(lot)}"


def words_of_entry(lot: Lot) -> str:
    return f"{days_of(lot)}: {lot[0].words or words_of_place(lot)}"


def words_of_all(lot: Lot) -> str:
    return f"Work, {days_of(lot)}"


WORDS: dict[str, Callable[[Lot], str]] = {
    "ticket": words_of_place,
    "person": words_of_person,
    "entry": words_of_entry,
    "one": words_of_all,
}


def days_of(lot: Lot) -> str:
    """3 Nov 2026, or 3 Nov 2026 to 20 Nov 2026."""
    first, last = lot[0].day, lot[-1].day
    words = clock.in_words(first)
    return words if first == last else f"{words} to {clock.in_words(last)}"
