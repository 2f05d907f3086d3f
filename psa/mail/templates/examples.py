"""What a template is looked at with: a recent ticket or contact, as its mail would have it, or the invented sample."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from psa.admin.operations import firm
from psa.auth.models import User
from psa.clients.models import Contact
from psa.extensions import db
from psa.mail import accounts
from psa.mail.models import MailAccount
from psa.mail.templates import facts
from psa.mail.templates.catalogue import Template
from psa.mail.templates.samples import samples_of
from psa.tickets import notifications
from psa.tickets.models import Comment, Queue, Ticket
from psa.tickets.prose import letter_html

OFFERED = 10
SAMPLE_LABEL = "The invented sample"


@dataclass(frozen=True, slots=True)
class Example:
    """One set of values: its key in the form, what it is called, and to whom the mail would go."""

    key: str
    label: str
    recipient: str
    facts: dict[str, object]


def offered(template: Template, queue: Queue | None) -> list[tuple[str, str]]:
    """The keys and labels to choose from, the newest first and the sample last."""
    if template.lives_with == "ticket":
        tickets = select(Ticket).where(Ticket.requester_id.is_not(None)).order_by(Ticket.id.desc()).limit(OFFERED)
        if queue is not None:
            tickets = tickets.where(Ticket.queue_id == queue.id)
        found = [(f"ticket-{one.id}", f"#{one.number} {one.subject}"[:70]) for one in db.session.scalars(tickets)]
    elif template.lives_with == "contact":
        contacts = select(Contact).where(Contact.client_id.is_not(None)).order_by(Contact.id.desc()).limit(OFFERED)
        found = [(f"contact-{one.id}", one.display_name[:70]) for one in db.session.scalars(contacts)]
    else:
        found = []
    return [*found, ("sample", SAMPLE_LABEL)]


def example(template: Template, key: str, reader: User) -> Example:
    """The values behind a key; the sample's when there is no such thing any more. ``reader`` looks at it."""
    kind, _, number = key.partition("-")
    row_id = int(number) if number.isdecimal() and len(number) < 10 else 0
    choices = f"{current_app.config['PSA_BASE_URL']}/account/notifications"
    made = samples_of(template) | {"user": facts.User.of(reader.name, choices)}
    found: Example | None = None
    if kind == "ticket" == template.lives_with:
        found = of_ticket(row_id, reader, made)
    elif kind == "contact" == template.lives_with:
        found = of_contact(row_id, made)
    return found or Example("sample", SAMPLE_LABEL, recipient_of(template, reader), made)


def of_ticket(ticket_id: int, reader: User, made: dict[str, object]) -> Example | None:
    ticket = db.session.get(Ticket, ticket_id)
    if ticket is None or ticket.requester is None:
        return None
    about = notifications.facts_of(ticket) | {"agent": facts.Agent.of(reader.name)}
    about["account"] = account_facts(accounts.outbound_for(None, queue_address=ticket.queue.address))
    for kind, made_of in (("reply", facts.Reply), ("note", facts.Note)):
        said = last_words(ticket_id, kind)
        if said is not None:
            about[kind] = made_of(said)
    return Example(f"ticket-{ticket_id}", f"#{ticket.number}", written(ticket.requester), made | about)


def last_words(ticket_id: int, kind: str) -> facts.Rich | None:
    """What the last reply or note of the ticket says."""
    last = select(Comment).where(Comment.ticket_id == ticket_id, Comment.kind == kind).order_by(Comment.id.desc())
    comment = db.session.scalars(last.limit(1)).first()
    if comment is None or not comment.body.strip():
        return None
    body = comment.body.rstrip()
    return facts.Rich(letter_html(body), body)


def of_contact(contact_id: int, made: dict[str, object]) -> Example | None:
    contact = db.session.get(Contact, contact_id)
    if contact is None:
        return None
    about: dict[str, object] = {
        "contact": facts.Contact.of(contact.name, contact.email),
        "client": facts.Client(contact.client.name if contact.client is not None else ""),
        "account": account_facts(accounts.default_outbound()),
    }
    return Example(f"contact-{contact_id}", contact.display_name, written(contact), made | about)


def account_facts(account: MailAccount | None) -> facts.Account:
    if account is None:
        return facts.Account.of("", firm().name)
    return facts.Account.of(account.address, account.signature or firm().name)


def written(contact: Contact) -> str:
    return f"{contact.name} <{contact.email}>" if contact.name else contact.email


def recipient_of(template: Template, reader: User) -> str:
    """To whom the sample would go."""
    if template.group == "Users" or "user" in template.facts:
        return f"{reader.name} <{reader.email}>"
    return "Lena Ford <lena@kestrel-foods.example>"
