"""The welcome message: sent by a person, one contact at a time, after a look at it; never by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement

from psa import clock
from psa.admin.operations import firm
from psa.clients.models import Contact
from psa.extensions import db, insert_row, lock_row
from psa.mail import accounts
from psa.mail.author import author_of
from psa.mail.fuse.operations import may_answer, stopped
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.outbound import addresses
from psa.mail.outbound.compose import Content, Mailbox, compose
from psa.mail.outbound.outbox import enqueue
from psa.mail.outbound.same_press import LOST, is_same_press
from psa.mail.templates import facts
from psa.mail.templates.render import render
from psa.notifications import choices
from psa.notifications.models import Notice

KIND, PURPOSE = "welcome", "notice"


class NotWelcomed(ValueError):
    """Why no welcome message can be sent, in a sentence."""


def preview(contact: Contact) -> Content:
    """The message as it would leave now."""
    return render(KIND, None, facts_of(contact, accounts.default_outbound()))


def welcome(contact: Contact) -> int:
    """Queue the message; returns the id of the OutboundEmail. Raises NotWelcomed, and Unwritable for a bad address."""
    # Of two presses at once the second waits, and then sees what the first has sent.
    lock_row(Contact, contact.id)
    last = last_sent(Contact.id == contact.id).get(contact.id)
    account, why_not = accounts.default_outbound(), why_not_welcome(contact, last)
    if account is None or why_not:
        raise NotWelcomed(why_not)
    blown = may_answer(contact.email, PURPOSE)
    if blown:
        raise NotWelcomed(f"{blown}.")
    mail = render(KIND, None, facts_of(contact, account))
    recipient = Mailbox("", contact.email).spec
    composed = compose(
        mail,
        sender=author_of(account),
        to=[(contact.name, recipient)],
        reply_to=account.reply_to,
        automatic="auto-generated",
    )
    outbound_id = enqueue(
        composed,
        account_id=account.id,
        envelope_sender=account.address,
        recipients=[recipient],
        purpose=PURPOSE,
        template=KIND,
    )
    now = clock.now()
    insert_row(
        Notice,
        contact_id=contact.id,
        kind=KIND,
        words=f"Welcome message to {contact.display_name}",
        made_at=now,
        left_at=now,
        outbound_id=outbound_id,
    )
    return outbound_id


def why_not_welcome(contact: Contact, last: Sent | None) -> str:
    """What stands in the way of another one after the ``last``, in a sentence; "" when nothing does."""
    if not choices.is_on(KIND):
        return "Welcome messages are switched off under Notifications."
    if accounts.default_outbound() is None:
        return "No account sends mail yet. An admin can add one under Outbound."
    if not contact.email:
        return f"No address of {contact.display_name or 'this contact'} is known."
    held = addresses.suppressed([contact.email])
    if held:
        return f"{addresses.why(next(iter(held.values())))}."
    blown = stopped(contact.email, PURPOSE)
    if blown:
        return f"{blown}."
    if last is not None and is_same_press(last.at, last.email.status if last.email is not None else ""):
        return "It was sent just now."
    return ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The last welcome message to a contact; ``email`` is None once that is cleared away."""

    at: datetime
    email: OutboundEmail | None

    @property
    def is_lost(self) -> bool:
        """Whether it did not arrive, as far as anybody knows."""
        return self.email is not None and self.email.status in LOST


def last_sent(whose: ColumnElement[bool]) -> dict[int, Sent]:
    """The last welcome message to each of these contacts who was sent one, by their id."""
    notices = (
        db.select(Notice.contact_id, Notice.left_at, OutboundEmail)
        .join(Contact, Contact.id == Notice.contact_id)
        .outerjoin(OutboundEmail, OutboundEmail.id == Notice.outbound_id)
        .where(whose, Notice.kind == KIND, Notice.left_at.is_not(None))
        .order_by(Notice.id)
    )
    return {contact_id: Sent(at, email) for contact_id, at, email in db.session.execute(notices)}


def facts_of(contact: Contact, account: MailAccount | None) -> dict[str, object]:
    """What the template may speak of."""
    known = facts.Account.of(account.address, account.signature or firm().name) if account is not None else None
    return {
        "contact": facts.Contact.of(contact.name, contact.email),
        "client": facts.Client(contact.client.name if contact.client is not None else ""),
        "account": known or facts.Account.of("", firm().name),
    }
