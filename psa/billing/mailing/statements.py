"""What a client was asked to pay over a time, what came in, and what is open, in each currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psa import clock
from psa.admin.operations import firm
from psa.billing.currencies import figure, money
from psa.billing.documents.document import Cell, Column, Document, Part, Sum, Undrawable
from psa.billing.documents.of_invoice import ON_LETTER, day, letterhead
from psa.billing.invoices.models import KINDS, Invoice, Payment
from psa.billing.mailing.letters import letter, people, write
from psa.clients.models import Client, Contact
from psa.extensions import db, lock_row
from psa.mail.models import OutboundEmail
from psa.mail.outbound.compose import Content, Mailbox, Unwritable, Upload
from psa.mail.outbound.same_press import same_press
from psa.mail.templates import facts

TEMPLATE = "statement"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what happened on a day, how much it adds to what is open (below zero takes off), and what is open."""

    on: date
    words: str
    invoice_id: int
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An invoice that is open on a day, or with an amount below zero a credit note that is to be paid back."""

    invoice: Invoice
    amount: Decimal

    def is_overdue(self, day: date) -> bool:
        return not self.invoice.is_credit_note and self.invoice.due_on is not None and self.invoice.due_on < day


@dataclass(frozen=True, slots=True)
class Account:
    """What happened in one currency: the balance before the first day, the entries, and the balance at the end.

    ``unsettled`` is what that balance consists of, the oldest due day first.
    """

    currency: str
    before: Decimal
    entries: tuple[Entry, ...]
    unsettled: tuple[Unsettled, ...]

    @property
    def balance(self) -> Decimal:
        return self.entries[-1].balance if self.entries else self.before


@dataclass(frozen=True, slots=True)
class Statement:
    """A client's statement from ``since`` to ``until``, both included."""

    client: Client
    since: date
    until: date
    accounts: tuple[Account, ...]

    @property
    def balance(self) -> str:
        """1,200.00 EUR and 30.00 USD; 0.00 EUR when nothing is open."""
        owed = [money(one.balance, one.currency) for one in self.accounts if one.balance]
        return " and ".join(owed) or money(Decimal(0), self.client.currency or firm().currency)

    @property
    def is_settled(self) -> bool:
        return all(not account.balance for account in self.accounts)


# Day, a rank within the day (what is asked for comes before what is paid), id, words, invoice and amount.
Happening = tuple[date, int, int, str, int, Decimal]


class SentJustNow(ValueError):
    """The same button, pressed twice; the message says to whom it was sent."""


def statement_of(client: Client, since: date, until: date) -> Statement:
    """Void invoices are left out: nobody ever owed them."""
    happened: dict[str, list[Happening]] = {}
    issued = db.select(Invoice).where(
        Invoice.client_id == client.id, Invoice.status.in_(("sent", "paid")), Invoice.issued_on <= until
    )
    invoices = db.session.scalars(issued.order_by(Invoice.id)).all()
    for invoice in invoices:
        assert invoice.issued_on is not None
        words = f"{KINDS[invoice.kind]} {invoice.number}"
        one = (invoice.issued_on, 0, invoice.id, words, invoice.id, invoice.total)
        happened.setdefault(invoice.currency, []).append(one)
    paid = (
        db.select(Payment, Invoice.number, Invoice.currency)
        .join(Invoice, Invoice.id == Payment.invoice_id)
        .where(Invoice.client_id == client.id, Invoice.status.in_(("sent", "paid")), Payment.paid_on <= until)
    )
    left = {invoice.id: invoice.total for invoice in invoices}
    for payment, number, currency in db.session.execute(paid):
        words = f"Payment for {number}" if payment.amount >= 0 else f"Paid back for {number}"
        one = (payment.paid_on, 1, payment.id, words, payment.invoice_id, -payment.amount)
        happened.setdefault(currency, []).append(one)
        left[payment.invoice_id] = left.get(payment.invoice_id, Decimal(0)) - payment.amount
    unsettled = set_off(invoices, left)
    accounts = tuple(account_of(currency, happened[currency], since, unsettled) for currency in sorted(happened))
    return Statement(client, since, until, accounts)


def set_off(invoices: Sequence[Invoice], left: dict[int, Decimal]) -> list[Unsettled]:
    """What is open of ``invoices``, of which payments up to a day have ``left`` so much, by id: the due day first.

    What was set off by then is kept nowhere, so each credit note is taken off its invoice here as when it was issued.
    """
    left = dict(left)
    for note in sorted(invoices, key=lambda one: (one.issued_on or date.min, one.id)):
        if note.credits_id in left:
            taken = max(Decimal(0), min(-left[note.id], left[note.credits_id]))
            left[note.id] += taken
            left[note.credits_id] -= taken
    unsettled = [Unsettled(one, left[one.id]) for one in invoices if left[one.id]]
    return sorted(unsettled, key=lambda one: (one.invoice.due_on or date.min, one.invoice.id))


def account_of(currency: str, happened: list[Happening], since: date, unsettled: Sequence[Unsettled]) -> Account:
    happened.sort()
    before = sum((one[5] for one in happened if one[0] < since), Decimal(0))
    entries, balance = [], before
    for on, _, _, words, invoice_id, amount in happened:
        if on >= since:
            balance += amount
            entries.append(Entry(on, words, invoice_id, amount, balance))
    of_currency = tuple(one for one in unsettled if one.invoice.currency == currency)
    return Account(currency, before, tuple(entries), of_currency)


def document_of(statement: Statement, made_at: datetime) -> Document:
    ours, client = firm(), statement.client
    settled = statement.is_settled
    return Document(
        title="Statement of account",
        letterhead=letterhead(ours),
        addressee=(client.name, *client.billing_address.splitlines()),
        facts=(
            ("From", day(statement.since)),
            ("To", day(statement.until)),
            ("Open", statement.balance),
        ),
        parts=tuple(part_of(account, statement) for account in statement.accounts),
        words="" if statement.accounts else "Nothing was invoiced up to that day.",
        payment=() if settled else tuple(filter(None, (f"Open: {statement.balance}.", ours.payment_words or ""))),
        made_at=made_at,
        letter_size=ours.currency in ON_LETTER,
    )


def part_of(account: Account, statement: Statement) -> Part:
    code = account.currency
    columns = (Column("Day", 34), Column("What"), Column("Amount", 32, True), Column("Open", 32, True))
    rows = [(Cell(day(statement.since)), Cell("Open before"), Cell(""), Cell(figure(account.before, code)))]
    rows += [
        (Cell(day(one.on)), Cell(one.words), Cell(figure(one.amount, code)), Cell(figure(one.balance, code)))
        for one in account.entries
    ]
    heading = code if len(statement.accounts) > 1 else ""
    return Part(columns, tuple(rows), (Sum("Open", money(account.balance, code), strong=True),), heading)


def pdf_of_statement(statement: Statement) -> bytes:
    # The library is only for this: no server loads it before.
    from psa.billing.documents.pdf import pdf_of

    try:
        return pdf_of(document_of(statement, clock.now()))
    except Undrawable as reason:
        raise Unwritable(str(reason)) from reason


def file_name(statement: Statement) -> str:
    return f"Statement {statement.since} to {statement.until}.pdf"


def values_of(statement: Statement, contact: Contact | None) -> dict[str, object]:
    """What the template may speak of."""
    about = facts.Statement(statement.since, statement.until, statement.balance, statement.is_settled)
    return people(statement.client, contact) | {"statement": about}


def refuse_same_press(client: Client, contacts: Sequence[Contact]) -> None:
    """Of two presses at once the second waits for the first, and then sees what that one has sent."""
    lock_row(Client, client.id)
    lately = db.select(OutboundEmail.recipients).where(same_press(), OutboundEmail.template == TEMPLATE)
    just_now = {recipient for recipients in db.session.scalars(lately) for recipient in recipients}
    again = [contact.display_name for contact in contacts if Mailbox("", contact.email).spec in just_now]
    if again:
        raise SentJustNow(f"A statement was sent to {' and '.join(again)} just now.")


def preview(statement: Statement, contact: Contact | None) -> Content:
    return letter(TEMPLATE, values_of(statement, contact))


def send_statement(statement: Statement, contacts: Sequence[Contact]) -> list[int]:
    """Queue it for each of ``contacts``; returns the ids of the mails.

    Raises SentJustNow, NobodyToWriteFrom, and Unwritable.
    """
    # Drawn first: afterwards nobody else can write until it is sent.
    file = Upload(file_name(statement), "application/pdf", pdf_of_statement(statement))
    refuse_same_press(statement.client, contacts)
    client = statement.client
    return [
        write(contact, TEMPLATE, values_of(statement, contact), file, statement_of_id=client.id) for contact in contacts
    ]
