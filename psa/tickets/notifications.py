"""Who hears about what: mail to clients about their tickets, queued in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from email.parser import BytesParser
from hashlib import sha256

from flask import current_app

from psa.admin.operations import firm
from psa.extensions import db
from psa.mail import accounts
from psa.mail.author import author_of
from psa.mail.fuse.operations import may_answer
from psa.mail.models import InboundEmail, MailAccount, OutboundEmail
from psa.mail.outbound.compose import SUBJECT_TAG, Composed, Mailbox, Unwritable, Upload, compose
from psa.mail.outbound.outbox import enqueue
from psa.mail.raw import keep_raw
from psa.mail.templates import facts
from psa.mail.templates.render import render
from psa.mail.threads import reference_line
from psa.notifications import choices
from psa.tickets.models import PRIORITIES, STATUSES, Comment, Ticket
from psa.tickets.operations import File, attach
from psa.tickets.prose import letter_html
from psa.tickets.watchers import watching_contacts

# What a requester gets of them by machine.
TO_REQUESTERS = ("ticket_opened", "auto_reply", "ticket_closed")


class NobodyToWriteTo(ValueError):
    """A public reply that would reach no one: the message says why."""


def reply_added(
    comment_id: int,
    files: Sequence[Upload] = (),
    undo: timedelta | None = None,
    copies: Sequence[tuple[str, str]] | None = None,
) -> int:
    """Mail a public reply to the ticket's requester; returns the id of the OutboundEmail.

    ``copies`` are names and addresses for Cc; None: the contacts who watch the ticket. Within ``undo`` it does not
    leave, so that its writer can take it back. The bytes that leave are kept, and the reply's attachments are shown
    from them. Raises NobodyToWriteTo, and Unwritable for an address that no message can be sent to.
    """
    comment = db.session.get_one(Comment, comment_id)
    ticket = comment.ticket
    if ticket.requester is None or not ticket.requester.email:
        raise NobodyToWriteTo("This ticket has no requester with an email address.")
    account, recipient = sender_for(ticket), Mailbox("", ticket.requester.email).spec
    cc = copies_of(ticket, copies, recipient)
    answered = last_from_client(ticket.id) or next(reversed(keys_of(ticket.id)), None)
    composed = compose_reply(comment, account, [(ticket.requester.name, recipient)], cc, answered, files)
    raw_id = keep_raw(composed.raw)
    if files:
        attach_parts(comment_id, raw_id, composed.raw)
    return queue_reply(comment, account, composed, [recipient, *(address for _, address in cc)], raw_id, undo)


def reply_passed_on(
    comment_id: int, to: Sequence[tuple[str, str]], in_reply_to: str | None, files: Sequence[Upload] = ()
) -> int:
    """Mail a public reply that its requester has already to others; returns the id of the OutboundEmail.

    ``to`` are names and addresses. Its files are shown from where the comment has them. Raises as reply_added does.
    """
    comment = db.session.get_one(Comment, comment_id)
    account = sender_for(comment.ticket)
    composed = compose_reply(comment, account, to, (), in_reply_to, files)
    return queue_reply(comment, account, composed, [Mailbox("", address).spec for _, address in to])


def compose_reply(
    comment: Comment,
    account: MailAccount,
    to: Sequence[tuple[str, str]],
    cc: Sequence[tuple[str, str]],
    in_reply_to: str | None,
    files: Sequence[Upload],
) -> Composed:
    ticket = comment.ticket
    mail = render("reply", ticket.queue_id, facts_of_reply(ticket, comment, account))
    return compose(
        mail,
        sender=author_of(account),
        to=to,
        cc=cc,
        reply_to=account.reply_to,
        ticket_id=ticket.id,
        in_reply_to=in_reply_to,
        references=keys_of(ticket.id),
        files=files,
    )


def queue_reply(
    comment: Comment,
    account: MailAccount,
    composed: Composed,
    recipients: Sequence[str],
    raw_id: int | None = None,
    undo: timedelta | None = None,
) -> int:
    return enqueue(
        composed,
        account_id=account.id,
        envelope_sender=account.address,
        recipients=recipients,
        purpose="reply",
        ticket_id=comment.ticket_id,
        comment_id=comment.id,
        raw_id=raw_id,
        template="reply",
        undo=undo,
    )


def copies_of(ticket: Ticket, chosen: Sequence[tuple[str, str]] | None, recipient: str) -> list[tuple[str, str]]:
    """Who stands in Cc, each once and nobody who is in To. Raises Unwritable for one that was chosen."""
    wanted = [(one.name, one.email) for one in watching_contacts(ticket.id)] if chosen is None else chosen
    found: dict[str, tuple[str, str]] = {}
    for name, address in wanted:
        try:
            spec = Mailbox("", address).spec
        except Unwritable:
            if chosen is not None:
                raise
            continue
        if spec.lower() != recipient.lower():
            found.setdefault(spec.lower(), (name, spec))
    return list(found.values())


def ticket_opened(
    ticket_id: int,
    in_reply_to: str | None,
    template: str = "ticket_opened",
    *,
    said: str = "",
    inbound_id: int | None = None,
) -> tuple[bool, str]:
    """Tell the requester that their ticket is open; returns whether a mail was queued, and why or why not.

    ``template`` is ticket_opened or auto_reply; ``said`` is what the requester wrote, in the message ``inbound_id``.
    """
    ticket = db.session.get_one(Ticket, ticket_id)
    if ticket.requester is None or not ticket.requester.email:
        return False, "there is nobody to answer to"
    if template == "ticket_opened" and not choices.is_on(template, ticket.queue_id):
        return False, f"“Ticket opened” is switched off for {ticket.queue.name}"
    if not choices.is_told(ticket.requester.id, "tickets"):
        return False, f"{ticket.requester.email} is told nothing of tickets"
    try:
        account, recipient = sender_for(ticket), Mailbox("", ticket.requester.email).spec
        mail = render(template, ticket.queue_id, facts_of(ticket))
        composed = compose(
            mail,
            sender=author_of(account),
            to=[(ticket.requester.name, recipient)],
            reply_to=account.reply_to,
            ticket_id=ticket.id,
            in_reply_to=in_reply_to,
            automatic="auto-replied",
        )
    except ValueError as error:
        # Nobody to write from, or an address that cannot be written to: the mail that came in is filed all the same.
        return False, str(error)
    blown = may_answer(ticket.requester.email, template, said=said, inbound_id=inbound_id)
    if blown:
        return False, blown
    enqueue(
        composed,
        account_id=account.id,
        # No envelope sender: what cannot be delivered must not come back and open a ticket (RFC 3834, 3.3).
        envelope_sender="",
        recipients=[recipient],
        purpose="opened",
        ticket_id=ticket.id,
        template=template,
    )
    return True, f"told {ticket.requester.email} that the ticket is open"


def facts_of_reply(ticket: Ticket, comment: Comment, account: MailAccount) -> dict[str, object]:
    """What the template of a reply may speak of."""
    author = comment.user.name if comment.user is not None else ""
    body = comment.body.rstrip()
    return facts_of(ticket) | {
        "agent": facts.Agent.of(author),
        "reply": facts.Reply(facts.Rich(letter_html(body), body)),
        "account": facts.Account.of(account.address, account.signature or firm().name),
    }


def facts_of(ticket: Ticket) -> dict[str, object]:
    """What the templates about a ticket may speak of."""
    who = ticket.requester
    return {
        "contact": facts.Contact.of(who.name, who.email) if who is not None else facts.Contact.of("", ""),
        "client": facts.Client(ticket.client.name if ticket.client is not None else ""),
        "ticket": facts.Ticket(
            number=ticket.number,
            subject=own_subject(ticket),
            status=STATUSES[ticket.status],
            priority=PRIORITIES[ticket.priority],
            queue=ticket.queue.name,
            url=f"{current_app.config['PSA_BASE_URL']}/tickets/{ticket.number}",
            reference=reference_line(ticket.number),
        ),
    }


def own_subject(ticket: Ticket) -> str:
    """What a ticket is about, as its mail says it: without the tags of tickets, to which its own is added."""
    return " ".join(SUBJECT_TAG.sub("", ticket.subject).split()) or "(no subject)"


def sender_for(ticket: Ticket) -> MailAccount:
    """The account that writes about a ticket: its queue's, else the one of the mailbox it came by, else the default."""
    came_by = db.session.scalar(
        db.select(MailAccount.address)
        .join(InboundEmail, InboundEmail.account_id == MailAccount.id)
        .where(InboundEmail.ticket_id == ticket.id)
        .order_by(InboundEmail.id.desc())
        .limit(1)
    )
    account = accounts.outbound_for(came_by, queue_address=ticket.queue.address)
    if account is None:
        raise NobodyToWriteTo("No account sends mail yet. An admin can add one under Outbound.")
    return account


def keys_of(ticket_id: int) -> list[str]:
    """The Message-IDs of the conversation with the client, oldest first; notices to users are none of it."""
    sent = db.select(OutboundEmail.message_id, OutboundEmail.queued_at.label("at")).where(
        OutboundEmail.ticket_id == ticket_id,
        (OutboundEmail.purpose != "notice") | OutboundEmail.template.in_(TO_REQUESTERS),
    )
    came = db.select(InboundEmail.message_id, InboundEmail.kept_at.label("at")).where(
        InboundEmail.ticket_id == ticket_id, InboundEmail.message_id.is_not(None), InboundEmail.status == "filed"
    )
    rows = db.session.execute(sent.union_all(came).order_by("at")).all()
    return [row.message_id for row in rows]


def last_from_client(ticket_id: int) -> str | None:
    found: str | None = db.session.scalar(
        db.select(InboundEmail.message_id)
        .where(
            InboundEmail.ticket_id == ticket_id, InboundEmail.message_id.is_not(None), InboundEmail.status == "filed"
        )
        .order_by(InboundEmail.id.desc())
        .limit(1)
    )
    return found


def attach_parts(comment_id: int, raw_id: int, raw: bytes) -> None:
    """Show the files of a reply from the message that carries them: part 1 is the text, the files follow."""
    parts = BytesParser().parsebytes(raw).get_payload()
    assert isinstance(parts, list)
    for number, part in enumerate(parts[1:], start=2):
        data = part.get_payload(decode=True) or b""
        name, type_ = part.get_filename() or "attachment", part.get_content_type()
        attach(comment_id, File(raw_id, str(number), name, type_, len(data), sha256(data).hexdigest()))
