"""The end of the path: one message to them, and the first one from them, with the way it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, or_

from psa import clock
from psa.admin.operations import firm
from psa.clients.models import Client, Contact, ContactAddress
from psa.clients.onboarding.models import ClientSetup
from psa.extensions import db, lock_row
from psa.mail import accounts
from psa.mail.author import author_of
from psa.mail.fuse.operations import may_answer
from psa.mail.models import InboundEmail, MailAccount, OutboundEmail
from psa.mail.outbound import addresses
from psa.mail.outbound.compose import Content, Mailbox, compose
from psa.mail.outbound.outbox import enqueue
from psa.mail.outbound.same_press import is_same_press
from psa.projects.operations import project_of
from psa.tickets.models import Queue, Ticket

PURPOSE = "notice"
# A message that became no ticket of theirs is looked for by its sender, as far back as that is quick.
LOOKED_BACK = timedelta(days=1)
# So many addresses of contacts without a domain are looked for.
MOST_ADDRESSES = 100


class NotTestable(ValueError):
    """Why no test message can be sent, in a sentence."""


def send_test(setup: ClientSetup, client: Client, name: str, email: str) -> int:
    """Queue one test message to a contact or to ourselves; returns the OutboundEmail's id.

    It leaves by the same way as all mail. Raises NotTestable, and Unwritable for a bad address.
    """
    refuse_same_press(setup, email)
    account = accounts.default_outbound()
    if account is None:
        raise NotTestable("No account sends mail yet. An admin can add one under Outbound.")
    held = addresses.suppressed([email])
    if held:
        raise NotTestable(f"{addresses.why(next(iter(held.values())))}.")
    blown = may_answer(email, PURPOSE)
    if blown:
        raise NotTestable(f"{blown}.")
    composed = compose(
        Content(f"Test message from {firm().name}", test_text(name, answers_to(client, account))),
        sender=author_of(account),
        to=[(name, email)],
        reply_to=account.reply_to,
        automatic="auto-generated",
    )
    setup.test_outbound_id = enqueue(
        composed,
        account_id=account.id,
        envelope_sender=account.address,
        recipients=[Mailbox("", email).spec],
        purpose=PURPOSE,
    )
    db.session.add(setup)
    db.session.flush()
    return setup.test_outbound_id


def refuse_same_press(setup: ClientSetup, email: str) -> None:
    """Of two presses at once the second waits for the first. Raises NotTestable for what has just been sent there."""
    lock_row(Client, setup.client_id)
    db.session.refresh(setup)
    last = db.session.get(OutboundEmail, setup.test_outbound_id) if setup.test_outbound_id is not None else None
    if last is not None and last.recipients == [Mailbox("", email).spec] and is_same_press(last.queued_at, last.status):
        raise NotTestable("It was sent just now.")


def answers_to(client: Client, account: MailAccount) -> str:
    """Where the client writes to: the mailbox that feeds its queue, else the one that we write from."""
    ours = mailboxes(client)
    return ours[0].address if ours else account.address


def test_text(name: str, ours: str) -> str:
    first = name.split()[0] if name and "@" not in name else ""
    return (
        f"Hello{' ' + first if first else ''},\n\n"
        "this is a test, to be sure that our mail reaches you. You can read it, so it does.\n\n"
        f"Please answer it, or write to {ours}: then we know that yours reaches us as well.\n\n"
        f"Kind regards\n{firm().name}\n"
    )


def mailboxes(client: Client) -> list[MailAccount]:
    """The mailboxes that open tickets; those of the client's queue first."""
    reading = [one for one in accounts.in_direction("inbound") if one.parsing]
    return sorted(reading, key=lambda one: one.default_queue_id != client.default_queue_id)


@dataclass(frozen=True, slots=True)
class Arrival:
    """The first message from them, and whether it went where it should: each a word and what is so."""

    message: InboundEmail
    checks: tuple[tuple[bool, str], ...]

    @property
    def is_right(self) -> bool:
        return all(right for right, _ in self.checks)


def first_arrival(setup: ClientSetup, client: Client) -> Arrival | None:
    """The first message from the client's domains and people since the set-up began; None as long as there is none.

    One that became no ticket of theirs counts too, so that its reason is seen.
    """
    message = first_on_a_ticket(client, setup) or first_by_sender(client, setup)
    return Arrival(message, tuple(checks_of(message, client))) if message is not None else None


def first_on_a_ticket(client: Client, setup: ClientSetup) -> InboundEmail | None:
    """Asked by the client's tickets. The order is ours: sorted by its key, a database may walk all mail there is."""
    theirs = db.select(Ticket.id).where(Ticket.client_id == client.id)
    found = db.select(InboundEmail.id).where(
        InboundEmail.ticket_id.in_(theirs), InboundEmail.kept_at >= setup.created_at, is_from(client)
    )
    first = min(db.session.scalars(found), default=None)
    return db.session.get(InboundEmail, first) if first is not None else None


def first_by_sender(client: Client, setup: ClientSetup) -> InboundEmail | None:
    since = max(setup.created_at, clock.now() - LOOKED_BACK)
    return db.session.scalars(
        db.select(InboundEmail)
        .where(InboundEmail.kept_at >= since, InboundEmail.status != "new", is_from(client))
        .order_by(InboundEmail.kept_at, InboundEmail.id)
        .limit(1)
    ).first()


def is_from(client: Client) -> ColumnElement[bool]:
    """Whether a message comes from one of the client's domains or addresses."""
    sender = db.func.lower(InboundEmail.sender_email)
    below = [sender.endswith(mark + domain.name, autoescape=True) for domain in client.domains for mark in ("@", ".")]
    return or_(sender.in_(addresses_of(client)), *below)


def addresses_of(client: Client) -> Sequence[str]:
    theirs = db.select(ContactAddress.email).join(Contact).where(Contact.client_id == client.id)
    return db.session.scalars(theirs.order_by(ContactAddress.id).limit(MOST_ADDRESSES)).all()


def checks_of(message: InboundEmail, client: Client) -> list[tuple[bool, str]]:
    """Where it landed, beside where it should have."""
    ticket = db.session.get(Ticket, message.ticket_id) if message.ticket_id is not None else None
    if ticket is None:
        return [(False, f"It became no ticket: {message.reason or message.status}")]
    whose = ticket.client.name if ticket.client is not None else "nobody"
    found = [(ticket.client_id == client.id, f"Its client is {whose}.")]
    project = project_of(client.id)
    if project is not None:
        name = ticket.project.name if ticket.project is not None else "none"
        found.append((ticket.project_id == project[0], f"Its project is {name}."))
    wanted = db.session.get(Queue, client.default_queue_id) if client.default_queue_id is not None else None
    elsewhere = wanted is not None and wanted.id != ticket.queue_id
    found.append((not elsewhere, f"It lies in {ticket.queue.name}{', where a rule has put it' if elsewhere else ''}."))
    return found
