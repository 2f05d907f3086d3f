"""A notice as a message: from its template, with the header fields by which programs sort it, thread it and stop it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app

from psa.auth.models import User
from psa.clients.models import Contact
from psa.mail.author import author_of
from psa.mail.models import MailAccount
from psa.mail.outbound.compose import Composed, Mailbox, compose, new_message_id
from psa.mail.outbound.outbox import enqueue
from psa.mail.templates import facts as values
from psa.mail.templates.render import render
from psa.notifications.unsubscribing import EVERYTHING, Subscription, headers_of
from psa.tickets.models import Ticket
from psa.tickets.notifications import keys_of, last_from_client, sender_for

PURPOSE = "notice"
# In the id of the message that never was, to which all notices of a ticket refer.
THREAD_OF_NOTICES = "notices00000"


def write_to_user(user: User, kind: str, ticket: Ticket, facts: Mapping[str, object]) -> int:
    """Queue a notice about a ticket; returns the id of the OutboundEmail.

    Its Message-ID names the ticket, so an answer finds it. All notices of a ticket refer to one message that never was,
    so the user's mail program shows them together (RFC 5322, 3.6.4).
    Raises NobodyToWriteTo, and Unwritable for an address that no message can be sent to.
    """
    account = sender_for(ticket)
    mail = render(kind, ticket.queue_id, {**facts, "user": facts_of_user(user)})
    composed = compose(
        mail,
        sender=author_of(account),
        to=[(user.name, user.email)],
        reply_to=account.reply_to,
        ticket_id=ticket.id,
        in_reply_to=new_message_id(ticket.id, domain_of(account), THREAD_OF_NOTICES),
        automatic="auto-generated",
        headers=[list_id(kind, account), *headers_of(Subscription(user, kind))],
    )
    return queue(composed, account, user.email, kind, ticket_id=ticket.id)


def write_about_work(user: User, kind: str, account: MailAccount, facts: Mapping[str, object]) -> int:
    """Queue a notice about what is no ticket, such as a task; returns the OutboundEmail's id. Raises Unwritable."""
    mail = render(kind, None, {**facts, "user": facts_of_user(user)})
    composed = compose(
        mail,
        sender=author_of(account),
        to=[(user.name, user.email)],
        automatic="auto-generated",
        headers=[list_id(kind, account), *headers_of(Subscription(user, kind))],
    )
    return queue(composed, account, user.email, kind)


def write_digest(user: User, account: MailAccount, facts: values.Digest) -> int:
    """Queue what a user is told together; returns the id of the OutboundEmail. Raises Unwritable."""
    mail = render("user_digest", None, {"digest": facts, "user": facts_of_user(user)})
    composed = compose(
        mail,
        sender=author_of(account),
        to=[(user.name, user.email)],
        automatic="auto-generated",
        headers=[list_id("user_digest", account), *headers_of(Subscription(user, EVERYTHING))],
    )
    return queue(composed, account, user.email, "user_digest")


def write_to_requester(contact: Contact, kind: str, ticket: Ticket, facts: Mapping[str, object]) -> int:
    """Queue a notice for a client, in the thread of their conversation; returns the id of the OutboundEmail.

    Raises NobodyToWriteTo and Unwritable.
    """
    account = sender_for(ticket)
    mail, references = render(kind, ticket.queue_id, facts), keys_of(ticket.id)
    composed = compose(
        mail,
        sender=author_of(account),
        to=[(contact.name, contact.email)],
        reply_to=account.reply_to,
        ticket_id=ticket.id,
        in_reply_to=last_from_client(ticket.id) or (references[-1] if references else None),
        references=references,
        automatic="auto-generated",
        headers=headers_of(Subscription(contact, "tickets")),
    )
    # No envelope sender: what cannot be delivered must not come back and open a ticket (RFC 3834, 3.3).
    return queue(composed, account, contact.email, kind, ticket_id=ticket.id, envelope_sender="")


def queue(
    composed: Composed,
    account: MailAccount,
    email: str,
    template: str,
    *,
    ticket_id: int | None = None,
    envelope_sender: str | None = None,
) -> int:
    return enqueue(
        composed,
        account_id=account.id,
        envelope_sender=account.address if envelope_sender is None else envelope_sender,
        recipients=[Mailbox("", email).spec],
        purpose=PURPOSE,
        ticket_id=ticket_id,
        template=template,
    )


def list_id(kind: str, account: MailAccount) -> tuple[str, str]:
    """By which a user's mail program sorts all notices of a kind (RFC 2919)."""
    return "List-Id", f"<{kind.replace('_', '-')}.notices.{Mailbox('', account.address).spec.rpartition('@')[2]}>"


def domain_of(account: MailAccount) -> str:
    return account.address.rpartition("@")[2] or "localhost"


def facts_of_user(user: User) -> values.User:
    base = str(current_app.config["PSA_BASE_URL"]).rstrip("/")
    return values.User.of(user.name, f"{base}/account/notifications")
