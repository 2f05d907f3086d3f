"""An invoice, a credit note or a reminder as a letter to one contact: its words from the template, the PDF with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from psa.admin.operations import firm
from psa.billing.currencies import money
from psa.billing.documents.of_invoice import name_of, quantity
from psa.billing.invoices.models import Invoice
from psa.billing.invoices.series import last_number, number_by, series_of
from psa.billing.invoices.sums import sums_of
from psa.billing.mailing.place import billing_account, billing_queue
from psa.clients.models import Client, Contact
from psa.clock import in_words, today
from psa.mail.author import author_of
from psa.mail.outbound.compose import Content, Mailbox, Upload, compose
from psa.mail.outbound.outbox import enqueue
from psa.mail.outbound.signed_addresses import INVOICE, STATEMENT
from psa.mail.templates import facts
from psa.mail.templates.facts import Money
from psa.mail.templates.render import render
from psa.notifications.unsubscribing import Subscription, headers_of

TOPIC = "invoices"
PURPOSE = "notice"


def letter(template: str, values: Mapping[str, object]) -> Content:
    """The mail that a template makes: the queue Billing may have one of its own."""
    queue = billing_queue()
    return render(template, queue.id if queue is not None else None, values)


def write(
    contact: Contact,
    template: str,
    values: Mapping[str, object],
    file: Upload,
    *,
    invoice_id: int | None = None,
    statement_of_id: int | None = None,
) -> int:
    """Queue the letter about an invoice, or the statement of a client; returns the id of the OutboundEmail.

    Raises NobodyToWriteFrom, and Unwritable.
    """
    account, recipient = billing_account(), Mailbox("", contact.email).spec
    mail = letter(template, values)
    composed = compose(
        mail,
        sender=author_of(account),
        to=[(contact.name, recipient)],
        reply_to=account.reply_to,
        about=(INVOICE, invoice_id) if invoice_id is not None else (STATEMENT, statement_of_id or 0),
        automatic="auto-generated",
        files=[file],
        headers=headers_of(Subscription(contact, TOPIC)),
    )
    return enqueue(
        composed,
        account_id=account.id,
        envelope_sender=account.address,
        recipients=[recipient],
        purpose=PURPOSE,
        invoice_id=invoice_id,
        statement_of_id=statement_of_id,
        template=template,
    )


def values_of(invoice: Invoice, contact: Contact | None, reminders: int = 0) -> dict[str, object]:
    """What the templates about an invoice may speak of; ``reminders`` is which one it is, where it is one."""
    return people(invoice.client, contact) | {
        "invoice": invoice_facts(invoice),
        "reminder": facts.Reminder(reminders),
    }


def people(client: Client, contact: Contact | None) -> dict[str, object]:
    to = facts.Contact.of(contact.name, contact.email) if contact is not None else facts.Contact.of("", "")
    return {"contact": to, "client": facts.Client(client.name)}


def invoice_facts(invoice: Invoice) -> facts.Invoice:
    """A draft that is looked at has the number and the days that it would get now."""
    now = today()
    issued, due = invoice.issued_on or now, invoice.due_on or date.fromordinal(now.toordinal() + invoice.payment_days)
    currency = invoice.currency
    lines = tuple(facts.Line(line.words, quantity(line), Money(line.net, currency)) for line in invoice.lines)
    taxes = tuple((words, Money(amount, currency)) for words, amount in taxes_of(invoice))
    total, balance = Money(invoice.total, currency), invoice.total if invoice.is_draft else invoice.balance
    return facts.Invoice(
        number=number_of(invoice),
        date=issued,
        due=due,
        total=total,
        balance=Money(balance, currency),
        to_pay=to_pay(invoice, balance, due),
        is_settled=not balance,
        is_paid=bool(not balance and invoice.paid),
        credits=(invoice.credits.number or "") if invoice.credits is not None else "",
        days_left=max((due - now).days, 0),
        days_overdue=max((now - due).days, 0),
        lines=lines,
        table=facts.table_of(lines, taxes, total),
    )


def to_pay(invoice: Invoice, balance: Decimal, due: date) -> str:
    """In a sentence, so that a template of a firm's own says it right without asking."""
    if balance > 0:
        return f"We ask you to pay {money(balance, invoice.currency)} by {in_words(due)}."
    if balance < 0:
        return f"We owe you {money(-balance, invoice.currency)}."
    return "This invoice is paid. Thank you." if invoice.paid else "There is nothing to pay."


def number_of(invoice: Invoice) -> str:
    """Its number; of a draft the one that it gets now, if nobody else takes it before."""
    if invoice.number:
        return invoice.number
    ours, year = firm(), today().year
    _, pattern = series_of(invoice.kind, ours)
    return number_by(pattern, year, last_number(invoice.kind, year, ours) + 1)


def taxes_of(invoice: Invoice) -> list[tuple[str, Decimal]]:
    """What each rate comes to, but for those that come to nothing."""
    taxes = sums_of([line.as_line() for line in invoice.lines], invoice.currency).taxes
    return [(name_of(tax), tax.tax) for tax in taxes if tax.tax]
