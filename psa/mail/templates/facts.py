"""What templates may speak of: frozen values, made by those who send. No object of the database gets here."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

from markupsafe import Markup, escape

from psa.billing.currencies import money


def told(meaning: str) -> Any:
    """A field with its meaning, as the editor and the guide show it."""
    return field(metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class Rich:
    """Words with a shape: they stand as HTML in the HTML of a mail, and as text everywhere else."""

    html: Markup
    text: str

    def __html__(self) -> str:
        return self.html

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text.strip())


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency: 412.50 EUR, 1,200 JPY."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return money(self.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Firm:
    name: str = told("The name of your firm")


@dataclass(frozen=True, slots=True)
class Contact:
    name: str = told("The person at the client, or their address when we know no name")
    first_name: str = told("The first of their names; empty when we know none")
    email: str = told("Their address")

    @classmethod
    def of(cls, name: str, email: str) -> Contact:
        name = " ".join(name.split())
        return cls(name or email, first_name(name), email)


@dataclass(frozen=True, slots=True)
class Client:
    name: str = told("The company that the person belongs to; empty when nobody knows")


@dataclass(frozen=True, slots=True)
class Ticket:
    number: int = told("The ticket's number")
    subject: str = told("Its subject, without our number")
    status: str = told("New, Open, Waiting on client or Closed")
    priority: str = told("Normal, High or Urgent")
    queue: str = told("The queue it is in")
    url: str = told("Its page, for users who can sign in")
    reference: str = told("A line by which an answer that quotes it finds the ticket")


@dataclass(frozen=True, slots=True)
class Agent:
    name: str = told("Who of us writes or acts")
    first_name: str = told("The first of their names")

    @classmethod
    def of(cls, name: str) -> Agent:
        return cls(name, first_name(name))


@dataclass(frozen=True, slots=True)
class User:
    name: str = told("Who of us it goes to")
    first_name: str = told("The first of their names")
    choices_url: str = told("The page where they choose what they hear about")

    @classmethod
    def of(cls, name: str, choices_url: str = "") -> User:
        return cls(name, first_name(name), choices_url)


@dataclass(frozen=True, slots=True)
class Reply:
    words: Rich = told("What was written, with its paragraphs and links")


@dataclass(frozen=True, slots=True)
class Note:
    words: Rich = told("What the internal note says")


@dataclass(frozen=True, slots=True)
class Account:
    address: str = told("The address that the mail leaves from")
    signature: Rich = told("The signature of the sending account; the firm's name where it has none")

    @classmethod
    def of(cls, address: str, signature: str) -> Account:
        return cls(address, lines(signature))


@dataclass(frozen=True, slots=True)
class Message:
    subject: str = told("The subject of the message that came in")
    sender: str = told("The address it came from")
    mailbox: str = told("The address it came to")


@dataclass(frozen=True, slots=True)
class Original:
    sender: str = told("Who wrote the message, with name and address")
    subject: str = told("The subject of the message")
    sent: str = told("When it was written, as its writer's clock says; empty when it names no date")
    mailbox: str = told("The address it came to")
    words: Rich = told("What was written, without what it quotes")


@dataclass(frozen=True, slots=True)
class Project:
    name: str = told("The project's name")


@dataclass(frozen=True, slots=True)
class Update:
    title: str = told("What the update is about")
    words: Rich = told("What was written, with its paragraphs and links")
    greeting: str = told("The line with which it greets, as Hi Dana; empty when it begins without one")
    news: Rich = told("What was written, without that line")


@dataclass(frozen=True, slots=True)
class Task:
    title: str = told("What is to be done")
    due: datetime.date | None = told("Until when; empty when no day is set")
    url: str = told("Its page")


@dataclass(frozen=True, slots=True)
class Line:
    description: str = told("What was done or delivered")
    quantity: str = told("How much of it, with its unit")
    amount: Money = told("What it costs")


@dataclass(frozen=True, slots=True)
class Invoice:
    number: str = told("The invoice's number")
    date: datetime.date = told("The day it was written")
    due: datetime.date = told("The day it is due")
    total: Money = told("Its total, with tax")
    balance: Money = told("What is still open of it")
    to_pay: str = told("What to pay and by when, that it is paid, or that there is nothing to pay: always right")
    is_settled: bool = told("Whether nothing of it is open")
    is_paid: bool = told("Whether nothing of it is open, and some of that was paid rather than credited")
    days_left: int = told("Days until it is due, 0 from that day on")
    days_overdue: int = told("Days since it was due, 0 until then")
    credits: str = told("The number of the invoice that a credit note credits; empty for an invoice")
    lines: tuple[Line, ...] = told("Its lines, to go through with {% for %}")
    table: Rich = told("Its lines, tax and total as a table")


@dataclass(frozen=True, slots=True)
class Reminder:
    count: int = told("Which reminder of this invoice it is: 1 for the first")


@dataclass(frozen=True, slots=True)
class Statement:
    since: datetime.date = told("The first day of the statement")
    until: datetime.date = told("Its last day")
    balance: str = told("What is open on that day, in each currency")
    is_settled: bool = told("Whether nothing is open")


@dataclass(frozen=True, slots=True)
class Alert:
    title: str = told("What is wrong, as a sentence without its full stop")
    words: str = told("What it means and what to do")
    url: str = told("The page where that is done; empty when there is none")


@dataclass(frozen=True, slots=True)
class Alerts:
    headline: str = told("The alert, or how many there are, in one line")
    news: tuple[Alert, ...] = told("What has gone wrong, to go through with {% for %}")
    over: tuple[Alert, ...] = told("What is over, to go through with {% for %}")
    url: str = told("The page of all alerts")


@dataclass(frozen=True, slots=True)
class Notice:
    words: str = told("What has happened, in one line with the ticket's number and subject")
    url: str = told("The page of the ticket")
    at: str = told("When it happened: day and time in your zone")


@dataclass(frozen=True, slots=True)
class Digest:
    headline: str = told("How many things have happened, in words")
    notices: tuple[Notice, ...] = told("What has happened, the oldest first, to go through with {% for %}")
    more: int = told("How many there are beyond those; 0 for none")


# The names that stand before the point: {{ contact.name }}.
FACTS: dict[str, type] = {
    "firm": Firm,
    "contact": Contact,
    "client": Client,
    "ticket": Ticket,
    "agent": Agent,
    "user": User,
    "reply": Reply,
    "note": Note,
    "account": Account,
    "message": Message,
    "original": Original,
    "project": Project,
    "update": Update,
    "task": Task,
    "invoice": Invoice,
    "reminder": Reminder,
    "statement": Statement,
    "alerts": Alerts,
    "digest": Digest,
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a template may show. ``members`` are what each entry of a list has."""

    path: str
    meaning: str
    members: tuple[Variable, ...] = ()


def variables_of(name: str) -> tuple[Variable, ...]:
    """What stands behind one of FACTS: ``contact`` has ``contact.name`` and so on."""
    return members_of(FACTS[name], name)


def members_of(record: type, path: str) -> tuple[Variable, ...]:
    kinds = kinds_of(record)
    return tuple(
        Variable(f"{path}.{one.name}", one.metadata["meaning"], entries_of(kinds[one.name])) for one in fields(record)
    )


def entries_of(kind: Any) -> tuple[Variable, ...]:
    entry = entry_of(kind)
    return members_of(entry, entry.__name__.lower()) if entry is not None else ()


def kinds_of(record: type) -> dict[str, Any]:
    """The fields of one of these classes with the types of their values."""
    return get_type_hints(record)


def entry_of(kind: Any) -> type | None:
    """What a list holds; None for what is no list."""
    return get_args(kind)[0] if get_origin(kind) is tuple else None


def is_record(kind: Any) -> bool:
    """Whether values of ``kind`` have values of their own rather than being shown themselves."""
    return is_dataclass(kind) and kind not in (Rich, Money)


def first_name(name: str) -> str:
    """Dana for Dana Whitfield; nothing for an address."""
    return "" if "@" in name else next(iter(name.split()), "")


def table_of(lines: tuple[Line, ...], taxes: Sequence[tuple[str, Money]], total: Money) -> Rich:
    """The lines of an invoice with its taxes and total, as a table and as lines of text."""
    rows = [*((line.description, line.amount) for line in lines), *taxes, ("Total", total)]
    cell = Markup('<td class="line" style="padding:6px 0;border-bottom:1px solid #dcdce0;{}">{}</td>')
    bold = Markup("<b>{}</b>")
    html = Markup("").join(
        Markup("<tr>{}{}</tr>").format(
            cell.format("text-align:left", bold.format(words) if words == "Total" else words),
            cell.format(
                "padding-left:12px;text-align:right;white-space:nowrap",
                bold.format(amount) if words == "Total" else amount,
            ),
        )
        for words, amount in rows
    )
    style = "border-collapse:collapse;margin:0 0 16px"
    table = Markup(f'<table width="100%" cellpadding="0" cellspacing="0" style="{style}">{{}}</table>')
    return Rich(table.format(html), "\n".join(f"{words}: {amount}" for words, amount in rows))


def lines(text: str) -> Rich:
    """Plain text, each line on its own."""
    text = text.strip()
    return Rich(Markup("<br>\n").join(map(escape, text.splitlines())), text)


def plain(text: str) -> Rich:
    """Plain text as it is, one paragraph."""
    return Rich(Markup("<p>{}</p>").format(escape(text)), text)
