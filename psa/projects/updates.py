"""Updates: what a person writes about a project, mailed to the client's contacts who want to hear of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from psa import clock
from psa.auth.models import User
from psa.clients.models import Contact
from psa.extensions import db, lock_row
from psa.mail import accounts
from psa.mail.author import author_of
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.outbound.compose import Content, Mailbox, Unwritable, compose
from psa.mail.outbound.outbox import enqueue
from psa.mail.outbound.signed_addresses import UPDATE
from psa.mail.templates import facts
from psa.mail.templates.render import render
from psa.notifications.audience import Audience, of_client
from psa.notifications.unsubscribing import Subscription, headers_of
from psa.projects.greetings import greeting_of
from psa.projects.models import Project, Update
from psa.refusals import Refusal
from psa.tickets.models import Ticket
from psa.tickets.prose import letter_html

TEMPLATE = "project_update"
# Within this time the same words again are an accident.
TWICE = timedelta(minutes=5)


class RefusedUpdate(Refusal):
    """An update that cannot be sent; the message says why."""

    def __init__(self, sentence: str, field: str = "told") -> None:
        super().__init__(sentence, field)


def who_hears(project: Project) -> Audience:
    """Whom an update would reach, and who is left out and why."""
    return of_client(TEMPLATE, project.client_id)


def post_update(project: Project, by: User, subject: str, body: str, told: Collection[int]) -> Update:
    """Keep an update and queue a mail to each of the contacts ``told``, by their ids, in the caller's transaction.

    Only who hears of projects gets one, whatever the ids. Raises RefusedUpdate, and then nothing may be kept.
    """
    update = Update(project_id=project.id, user_id=by.id, subject=titled(subject), body=body.rstrip())
    refuse_twice(update)
    db.session.add(update)
    db.session.flush()
    contacts = [contact for contact in who_hears(project).contacts if contact.id in told]
    if contacts:
        account = sender_for(project)
        for contact in contacts:
            write(update, contact, account)
    return update


def preview(project: Project, by: User, subject: str, body: str, contact: Contact) -> Content:
    """The mail that one of them would get for an update; nothing is kept of it."""
    return letter(project, contact, titled(subject), body.rstrip(), by.name)


def titled(subject: str) -> str:
    return " ".join(subject.split())[:200]


def refuse_twice(update: Update) -> None:
    """A form that is sent a second time, by a double click or by going back, must not write to everybody again.

    Of two at once the second waits for the first, and then sees what that one has kept.
    """
    lock_row(Project, update.project_id)
    columns = (Update.project_id, Update.user_id, Update.subject, Update.body)
    same = [column == getattr(update, column.key) for column in columns]
    just_now = Update.created_at > clock.now() - TWICE
    if db.session.scalar(db.select(Update.id).where(*same, just_now).limit(1)) is not None:
        raise RefusedUpdate("You have sent this very update a moment ago. It is among the project’s updates.")


def sender_for(project: Project) -> MailAccount:
    """The account that writes about a project: its queue's, else the default one. Raises RefusedUpdate."""
    account = accounts.outbound_for(None, queue_address=project.queue.address if project.queue is not None else "")
    if account is None:
        raise RefusedUpdate("No account sends mail yet. An admin can add one under Outbound.")
    return account


def write(update: Update, contact: Contact, account: MailAccount) -> int:
    """Queue the update for one contact; returns the id of the OutboundEmail. Raises RefusedUpdate."""
    by = update.user.name if update.user is not None else ""
    mail = letter(update.project, contact, update.subject, update.body, by)
    try:
        recipient = Mailbox("", contact.email).spec
        composed = compose(
            mail,
            sender=author_of(account),
            to=[(contact.name, recipient)],
            reply_to=account.reply_to,
            about=(UPDATE, update.id),
            headers=headers_of(Subscription(contact, "projects")),
        )
    except Unwritable as reason:
        raise RefusedUpdate(f"{reason} Leave {contact.display_name} out, or correct the address.") from reason
    return enqueue(
        composed,
        account_id=account.id,
        envelope_sender=account.address,
        recipients=[recipient],
        purpose="bulk",
        template=TEMPLATE,
        update_id=update.id,
    )


def letter(project: Project, contact: Contact, subject: str, body: str, by: str) -> Content:
    """What the template makes of an update for one contact; ``by`` is the name of who writes it."""
    greeting, news = greeting_of(body)
    values = {
        "contact": facts.Contact.of(contact.name, contact.email),
        "client": facts.Client(project.client.name),
        "project": facts.Project(project.name),
        "update": facts.Update(subject, rich(body), greeting, rich(news)),
        "agent": facts.Agent.of(by),
    }
    return render(TEMPLATE, project.queue_id, values)


def rich(text: str) -> facts.Rich:
    return facts.Rich(letter_html(text), text)


def mail_of(update: Update) -> Sequence[OutboundEmail]:
    """What left of an update, and how it is now."""
    of_update = db.select(OutboundEmail).where(OutboundEmail.update_id == update.id)
    return db.session.scalars(of_update.order_by(OutboundEmail.id)).all()


def answers_to(update: Update) -> Sequence[Ticket]:
    """The tickets that answers to an update have opened."""
    of_update = db.select(Ticket).where(Ticket.update_id == update.id, Ticket.merged_into_id.is_(None))
    return db.session.scalars(of_update.order_by(Ticket.id)).all()
