"""The life of an invoice: draft, issued, credited, void. A door commits.

Every verb first claims the invoice by a conditional UPDATE, which also locks its row: of two at once the second one
finds it changed and is told. What is issued is never changed by hand; it is credited, or made void as long as nobody
has paid.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from psa import clock
from psa.admin.operations import firm
from psa.billing.currencies import money, rounded
from psa.billing.invoices.crediting import (
    Credited,
    Left,
    left_by_line,
    left_by_rate,
    notes_in_force,
    refusals,
    sums_of_lines,
)
from psa.billing.invoices.models import Invoice, InvoiceEvent, InvoiceLine, TaxRate
from psa.billing.invoices.series import next_number
from psa.billing.invoices.sums import Sums, sums_of, with_rest_of_tax
from psa.billing.models import TimeEntry
from psa.clients.models import Client
from psa.clock import today
from psa.extensions import db

# More than this the sums' columns cannot keep.
MOST = Decimal(999_999_999_999)


class RefusedInvoice(ValueError):
    """What cannot be done with an invoice; the message says why and what can."""


def draft(client: Client, by: int | None, *, project_id: int | None = None) -> Invoice:
    """An empty draft, in the client's currency, to be paid in the client's time."""
    ours = firm()
    invoice = Invoice(
        client=client,
        project_id=project_id,
        currency=client.currency or ours.currency,
        payment_days=ours.payment_days if client.payment_days is None else client.payment_days,
        created_by_id=by,
    )
    db.session.add(invoice)
    db.session.flush()
    note(invoice, "Draft made", by)
    return invoice


def issue(
    invoice: Invoice,
    by: int | None,
    on: date | None = None,
    revision: int | None = None,
    at: datetime | None = None,
) -> Invoice:
    """Give the draft its number and fix it as it is: from now on it is sent. Raises RefusedInvoice.

    With ``revision`` only as it was then; ``at`` is the moment that its PDF names, this one without it. The number is
    the next of its series, so the transaction should be short.
    """
    claim(invoice, "draft", revision=revision, refusal="It has been issued already.")
    if invoice.credits is not None:
        lock(invoice.credits)
    sums = reckon(invoice)
    refuse_what_nobody_can_owe(invoice, sums)
    on = on or today()
    invoice.issued_on, invoice.due_on = on, due_day(invoice, on)
    invoice.sent_at = at or clock.now()
    freeze(invoice)
    number = next_number(invoice.kind, on.year, firm())
    if db.session.scalar(db.select(Invoice.id).where(Invoice.number == number)):
        raise RefusedInvoice(f"{number} is taken. Change the pattern of the numbers in Admin, Invoices.")
    invoice.number, invoice.status = number, "sent"
    note(invoice, f"Issued as {number}", by)
    if invoice.credits is not None:
        set_off(invoice, invoice.credits, by)
    settle(invoice, on)
    db.session.flush()
    return invoice


def credit(invoice: Invoice, by: int | None, lines: list[InvoiceLine] | None = None) -> Invoice:
    """A draft of a credit note for what is left of the whole invoice, or of some of its lines. Raises RefusedInvoice.

    Its quantities are below zero; the draft may be changed to credit less.
    """
    if invoice.is_credit_note or invoice.status not in ("sent", "paid"):
        raise RefusedInvoice("Only an invoice that is issued can be credited.")
    left = [one for one in left_by_line(invoice).values() if lines is None or one.line in lines]
    if gone := [one.line.words for one in left if lines is not None and not one.is_something]:
        raise RefusedInvoice(f"All of “{gone[0]}” is credited already.")
    left = [one for one in left if one.is_something]
    if not left:
        raise RefusedInvoice("All of it is credited already.")
    note_of_credit = Invoice(
        client=invoice.client,
        project_id=invoice.project_id,
        kind="credit_note",
        credits=invoice,
        currency=invoice.currency,
        payment_days=invoice.payment_days,
        reference=invoice.reference,
        created_by_id=by,
        lines=[line_against(one, invoice.currency) for one in left],
    )
    db.session.add(note_of_credit)
    reckon(note_of_credit)
    db.session.flush()
    note(note_of_credit, f"Draft made, to credit {invoice.number}", by)
    note(invoice, "Draft of a credit note made", by)
    return note_of_credit


def void(invoice: Invoice, reason: str, by: int | None) -> None:
    """Take back an invoice that nobody has paid: its number stays with the reason, its time can be invoiced again.

    Raises RefusedInvoice.
    """
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise RefusedInvoice("Say why: the number stays in the books with the reason.")
    claim(invoice, "sent", "paid", refusal="Only an invoice that is issued can be void.")
    if invoice.paid or (invoice.credited and not invoice.is_credit_note):
        raise RefusedInvoice("Something has been paid or credited already. Write a credit note instead.")
    if db.session.scalar(db.select(Invoice.id).where(Invoice.credits_id == invoice.id, Invoice.status != "void")):
        raise RefusedInvoice("There is a credit note for it. Delete or void that first.")
    if invoice.credits is not None:
        take_back(invoice, invoice.credits, by)
    invoice.status, invoice.void_reason, invoice.paid_on = "void", reason, None
    note(invoice, f"Made void: {reason}", by)
    give_time_back(invoice, by)
    db.session.flush()


def take_back(credit_note: Invoice, invoice: Invoice, by: int | None) -> None:
    """Undo what a credit note took off; other ones that are still open take their part. Raises RefusedInvoice."""
    others = [one for one in lock_with_open_notes(invoice) if one.id != credit_note.id]
    if invoice.time_returned:
        raise RefusedInvoice(f"The time of {invoice.number} can be invoiced again, so what credits it stays in force.")
    invoice.credited += credit_note.credited
    credit_note.credited = Decimal(0)
    settle(invoice, today())
    note(invoice, f"Credit note {credit_note.number} is void", by)
    set_off_all(others, invoice, by)


def dispute(invoice: Invoice, disputed: bool, by: int | None) -> None:
    """Say that the client disputes it, or no longer does: nobody is reminded of a disputed invoice."""
    claim(invoice, "sent", "paid", refusal="Only an invoice that is issued can be disputed.")
    if invoice.disputed != disputed:
        invoice.disputed = disputed
        note(invoice, "Disputed: no reminders" if disputed else "No longer disputed", by)
    db.session.flush()


def delete(invoice: Invoice, revision: int) -> None:
    """Throw a draft away; its time can be invoiced again. Raises RefusedInvoice."""
    claim(invoice, "draft", revision=revision, refusal="It is issued. Credit it, or make it void.")
    db.session.delete(invoice)
    db.session.flush()
    db.session.expire_all()


def return_time(invoice: Invoice, by: int | None) -> None:
    """Let the time of an invoice that is credited in full, or void, be invoiced again. Raises RefusedInvoice.

    From then on its credit notes stay, so that nobody is asked twice for the same hour.
    """
    claim(invoice, "paid", "void", refusal="Its time is asked for by this invoice.")
    if invoice.status == "paid" and not is_credited_in_full(invoice):
        raise RefusedInvoice("Its time is paid for.")
    if give_time_back(invoice, by):
        invoice.time_returned = True
    db.session.flush()


def is_credited_in_full(invoice: Invoice) -> bool:
    """Whether credit notes come to all of it, set off or paid back; never for what came to nothing from the start."""
    return invoice.total > 0 and -credited_by_notes(invoice) == invoice.total


def give_time_back(invoice: Invoice, by: int | None) -> int:
    """Let its time be invoiced again; returns the minutes."""
    lines = db.select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice.id)
    of_invoice = TimeEntry.invoice_line_id.in_(lines)
    minutes: int = db.session.scalar(db.select(db.func.coalesce(db.func.sum(TimeEntry.minutes), 0)).where(of_invoice))
    if minutes:
        values = {"invoice_line_id": None, "revision": TimeEntry.revision + 1}
        db.session.execute(db.update(TimeEntry).where(of_invoice).values(values))
        note(invoice, f"{minutes // 60}:{minutes % 60:02} hours can be invoiced again", by)
    return minutes


def claim(invoice: Invoice, *statuses: str, refusal: str, revision: int | None = None) -> None:
    """Lock the row and count the change; afterwards it is as it is in the database. Raises RefusedInvoice."""
    db.session.flush()
    table = Invoice.__table__
    wanted = [table.c.id == invoice.id, table.c.status.in_(statuses)]
    if revision is not None:
        wanted.append(table.c.revision == revision)
    claimed = db.session.connection().execute(table.update().where(*wanted).values(revision=table.c.revision + 1))
    if claimed.rowcount == 1:
        db.session.expire_all()
        return
    status = db.session.scalar(db.select(Invoice.status).where(Invoice.id == invoice.id))
    if status is None:
        raise RefusedInvoice("Somebody has deleted it.")
    raise RefusedInvoice(refusal if status not in statuses else "Somebody has changed it since you opened it.")


def lock(invoice: Invoice) -> Invoice:
    """The same invoice, locked and read anew."""
    claim(invoice, "sent", "paid", refusal=f"{invoice.name} is not open any more.")
    return invoice


def reckon(invoice: Invoice) -> Sums:
    """Keep what the lines come to. Raises RefusedInvoice for more than can be kept."""
    sums = sums_of_note(invoice, invoice.credits) if invoice.credits is not None else sums_of_lines(invoice)
    if max((abs(figure) for figure in (*sums.nets, sums.net, sums.total)), default=0) > MOST:
        raise RefusedInvoice("That is more than an invoice can hold.")
    for line, net in zip(invoice.lines, sums.nets, strict=True):
        line.net = net
    invoice.net, invoice.tax, invoice.total = sums.net, sums.tax, sums.total
    return sums


def sums_of_note(credit_note: Invoice, invoice: Invoice) -> Sums:
    """What a credit note comes to: crediting line by line takes exactly the tax that was charged, to the last cent."""
    plain = [line.as_line() for line in credit_note.lines]
    lines = with_rest_of_tax(plain, left_by_rate(invoice), invoice.currency)
    for kept, line in zip(credit_note.lines, lines, strict=True):
        kept.tax_rounding = line.tax_rounding
    return sums_of(lines, invoice.currency)


def refuse_what_nobody_can_owe(invoice: Invoice, sums: Sums) -> None:
    if not invoice.lines:
        raise RefusedInvoice("It has no lines yet.")
    if not invoice.is_credit_note:
        if sums.total < 0:
            raise RefusedInvoice("It comes to less than nothing. To give money back, credit the invoice it was on.")
        return
    if sums.total >= 0:
        raise RefusedInvoice("A credit note takes something off: its quantities are below zero.")
    assert invoice.credits is not None
    refused = refusals(invoice.credits, [Credited(line.credits_line_id, line.as_line()) for line in invoice.lines])
    for place, words in refused.items():
        raise RefusedInvoice(f"{invoice.lines[place].words}: {words} Change the draft.")
    left = invoice.credits.total + credited_by_notes(invoice.credits)
    if -sums.total > left:
        raise RefusedInvoice(
            f"It credits more than is left of {invoice.credits.number}: {money(left, invoice.currency)}."
        )


def credited_by_notes(invoice: Invoice) -> Decimal:
    """What issued credit notes come to for an invoice: zero or less."""
    return sum((one.total for one in notes_in_force(invoice)), Decimal(0))


def set_off(credit_note: Invoice, invoice: Invoice, by: int | None) -> None:
    """Take the credit off what is open of the invoice; what is more is owed to the client."""
    taken = min(-credit_note.total, invoice.balance)
    credit_note.credited, invoice.credited = -taken, invoice.credited + taken
    note(invoice, f"Credited by {credit_note.number}: {money(-credit_note.total, invoice.currency)}", by)
    settle(invoice, today())


def lock_with_open_notes(invoice: Invoice) -> list[Invoice]:
    """Lock an issued invoice, and before it, as whoever issues one does, its credit notes that are owed to the client.

    Returns those notes. Raises RefusedInvoice when another one came in this moment.
    """
    notes = [lock(one) for one in notes_in_force(invoice) if one.balance < 0]
    lock(invoice)
    if {one.id for one in notes_in_force(invoice) if one.balance < 0} != {one.id for one in notes}:
        raise RefusedInvoice("Somebody has just credited it. Look at it again.")
    return notes


def set_off_all(credit_notes: Iterable[Invoice], invoice: Invoice, by: int | None) -> None:
    """Take what credit notes still owe to the client off an invoice that is open again."""
    for one in credit_notes:
        taken = min(-one.balance, invoice.balance)
        if taken > 0:
            one.credited, invoice.credited = one.credited - taken, invoice.credited + taken
            note(invoice, f"{money(taken, invoice.currency)} of {one.number} set off", by)
            settle(one, today())
    settle(invoice, today())


def settle(invoice: Invoice, on: date) -> None:
    """Paid when nothing is open any more, else sent."""
    if rounded(invoice.total - invoice.paid - invoice.credited, invoice.currency) == 0:
        invoice.status, invoice.paid_on = "paid", invoice.paid_on or on
    else:
        invoice.status, invoice.paid_on = "sent", None


def due_day(invoice: Invoice, on: date) -> date:
    return date.fromordinal(on.toordinal() + invoice.payment_days)


def freeze(invoice: Invoice) -> None:
    """Copy who it is for and who it is from, so that it says tomorrow what it says today."""
    client, ours = invoice.client, firm()
    invoice.addressee_name = client.name
    invoice.addressee_address, invoice.addressee_tax_id = client.billing_address, client.tax_id
    invoice.firm_name, invoice.firm_address, invoice.firm_tax_id = ours.name, ours.address, ours.tax_id
    invoice.payment_words = ours.payment_words
    names = {line.tax_name for line in invoice.lines}
    rates = db.session.scalars(db.select(TaxRate).where(TaxRate.name.in_(names)).order_by(TaxRate.id))
    invoice.tax_words = "\n".join(rate.words for rate in rates if rate.words)


def line_against(left: Left, currency: str) -> InvoiceLine:
    """What is left of a line, below zero."""
    return InvoiceLine(**left.content(currency), net=-left.net, credits_line_id=left.line.id)


def note(invoice: Invoice, words: str, by: int | None) -> None:
    """A line of its history."""
    db.session.add(InvoiceEvent(invoice_id=invoice.id, words=words[:500], user_id=by))
