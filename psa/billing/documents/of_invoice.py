"""An invoice or a credit note as a document: what its page and its PDF say, in one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from psa.admin.models import Firm
from psa.admin.operations import firm
from psa.billing.currencies import figure, money, places_of
from psa.billing.documents.document import Cell, Column, Document, Letterhead, Part, Sum, tax_line
from psa.billing.invoices.models import KINDS, Invoice, LineColumns
from psa.billing.invoices.sums import Sums, Tax, minutes_of, sums_of

ROUNDING = "Every amount is rounded to the smallest unit of the currency, half of it away from zero."
NOTHING_TO_PAY = "There is nothing to pay."
TAXED = "Tax is reckoned once for each rate, on the sum of its lines."
# The currencies of countries that print on US Letter.
ON_LETTER = ("USD", "CAD", "MXN")
HOURS = ("h", "hour", "hours")


def document_of(invoice: Invoice) -> Document:
    """What an invoice says: one that is issued as it was fixed then, a draft with what is known now."""
    ours = firm()
    has_tax = any(line.tax_name for line in invoice.lines)
    return Document(
        title=KINDS[invoice.kind],
        number=invoice.number or "",
        letterhead=letterhead_of(invoice, ours),
        addressee=addressee_of(invoice),
        facts=facts_of(invoice),
        words=invoice.words,
        parts=(lines_of(invoice, has_tax),),
        payment=payment_of(invoice, ours),
        notes=(*filter(str.strip, invoice.tax_words.splitlines()), f"{TAXED} {ROUNDING}" if has_tax else ROUNDING),
        mark={"draft": "Draft", "void": "Void"}.get(invoice.status, ""),
        made_at=invoice.sent_at or invoice.created_at,
        letter_size=ours.currency in ON_LETTER,
    )


def letterhead_of(invoice: Invoice, ours: Firm) -> Letterhead:
    now = letterhead(ours)
    if invoice.is_draft:
        return now
    return replace(now, name=invoice.firm_name, address=invoice.firm_address, tax_id=invoice.firm_tax_id)


def letterhead(ours: Firm) -> Letterhead:
    """The firm's paper as it is today. A firm that nobody has described yet has only its name."""
    return Letterhead(
        name=ours.name,
        address=ours.address or "",
        tax_id=ours.tax_id or "",
        logo=ours.logo,
        colour=ours.colour or "#2f5bd0",
        footer=ours.footer or "",
    )


def addressee_of(invoice: Invoice) -> tuple[str, ...]:
    client = invoice.client
    name, address, tax_id = (
        (client.name, client.billing_address, client.tax_id)
        if invoice.is_draft
        else (invoice.addressee_name, invoice.addressee_address, invoice.addressee_tax_id)
    )
    return (name, *address.splitlines(), *tax_line(tax_id))


def facts_of(invoice: Invoice) -> tuple[tuple[str, str], ...]:
    """A draft says where its number and its days will come from."""
    found = [
        ("Number", invoice.number or "given when it is issued"),
        ("Date", day(invoice.issued_on) if invoice.issued_on is not None else "when it is issued"),
    ]
    if not invoice.is_credit_note:
        later = f"{invoice.payment_days} days later"
        found.append(("Due", day(invoice.due_on) if invoice.due_on is not None else later))
    if invoice.credits is not None:
        found.append(("Credits invoice", invoice.credits.number or ""))
    if invoice.reference:
        found.append(("Your order", invoice.reference))
    if invoice.project is not None:
        found.append(("Project", invoice.project.name))
    return tuple(found)


def lines_of(invoice: Invoice, has_tax: bool) -> Part:
    currency = invoice.currency
    columns = [Column("Description"), Column("Quantity", 24, True), Column("Price", 26, True)]
    if has_tax:
        columns.append(Column("Tax", 17, True))
    columns.append(Column(f"Amount, {currency}", 30, True))
    rows = []
    for line in invoice.lines:
        less = f"less {percent(line.discount_percent)}" if line.discount_percent else ""
        row = [Cell(line.words), Cell(quantity(line)), Cell(price(line.unit_price, currency), less)]
        if has_tax:
            row.append(Cell(percent(line.tax_percent) if line.tax_name else ""))
        rows.append((*row, Cell(figure(line.net, currency))))
    sums = sums_of([line.as_line() for line in invoice.lines], currency)
    return Part(tuple(columns), tuple(rows), sums_in_words(sums, currency))


def sums_in_words(sums: Sums, currency: str) -> tuple[Sum, ...]:
    """What lines come to, also while they are typed: net and taxes where there are any, and the total."""
    taxes = [
        Sum(f"{name_of(tax)} on {figure(tax.net, currency)}", money(tax.tax, currency))
        for tax in sums.taxes
        if tax.name
    ]
    net = [Sum("Net", money(sums.net, currency))] if taxes else []
    return (*net, *taxes, Sum("Total", money(sums.total, currency), strong=True))


def name_of(tax: Tax) -> str:
    """VAT 19 %, also of a rate that is only called VAT."""
    return tax.name if percent(tax.percent) in tax.name else f"{tax.name} {percent(tax.percent)}"


def payment_now(invoice: Invoice) -> tuple[str, ...]:
    """What its page asks for below what has come in; the document itself stays as it was issued."""
    if invoice.status == "void":
        return ()
    if invoice.is_credit_note or not (invoice.paid or invoice.credited):
        return payment_of(invoice, firm())
    if invoice.balance:
        return asked(invoice, invoice.balance, firm())
    return ("This invoice is paid. Thank you." if invoice.paid else NOTHING_TO_PAY,)


def payment_of(invoice: Invoice, ours: Firm) -> tuple[str, ...]:
    """How to pay; for a credit note what it does."""
    if invoice.credits is not None:
        amount = money(abs(invoice.total), invoice.currency)
        return (f"We credit you {amount} for invoice {invoice.credits.number}.",)
    return asked(invoice, invoice.total, ours) if invoice.total else (NOTHING_TO_PAY,)


def asked(invoice: Invoice, amount: Decimal, ours: Firm) -> tuple[str, ...]:
    until = f" by {day(invoice.due_on)}" if invoice.due_on is not None else ""
    words = (ours.payment_words or "") if invoice.is_draft else invoice.payment_words
    return (f"Please pay {money(abs(amount), invoice.currency)}{until}.", *([words] if words.strip() else []))


def day(on: date) -> str:
    """30 October 2026."""
    return f"{on.day} {on:%B %Y}"


def percent(number: Decimal) -> str:
    """19 %, 5.5 %."""
    return f"{plain(number)} %"


def plain(number: Decimal) -> str:
    """Without the zeros that say nothing, and with a real minus sign: 3.5, 1,200, −1."""
    shown = f"{abs(number):,f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return f"\N{MINUS SIGN}{shown}" if number < 0 else shown


def quantity(line: LineColumns) -> str:
    """3.5 h, 0:20 h where hours have no short fraction, 11 seats."""
    minutes = minutes_of(line.quantity) if line.unit.lower() in HOURS else None
    shown = plain(line.quantity)
    if minutes is not None and minutes % 3:
        sign = "\N{MINUS SIGN}" if minutes < 0 else ""
        shown = f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02}"
    return f"{shown} {line.unit}".strip()


def price(amount: Decimal, currency: str) -> str:
    """At least with the places of the currency, and all that it has: 35.00, 0.0125."""
    shown = plain(amount)
    places = len(shown.partition(".")[2])
    return figure(amount, currency) if places <= places_of(currency) else shown
