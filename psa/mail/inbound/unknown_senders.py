"""Mail from somebody who belongs to no client, where a mailbox holds it: why, and the polite answer, once.

Whoever answers strangers by machine is soon answering forged ones, other machines, and himself (RFC 3834), so an answer
leaves only when everything speaks for a person who really wrote.
"""

from __future__ import annotations

from datetime import timedelta

from psa import clock
from psa.admin.operations import firm
from psa.extensions import db
from psa.mail import accounts
from psa.mail.inbound.classify import Kind
from psa.mail.inbound.disposition import Trace
from psa.mail.inbound.receive import Kept
from psa.mail.inbound.routing import Desk
from psa.mail.message import Address, ParsedEmail
from psa.mail.models import OutboundEmail
from psa.mail.outbound.compose import Unwritable, addr_spec, compose
from psa.mail.outbound.outbox import enqueue
from psa.mail.templates import facts
from psa.mail.templates.render import render
from psa.rules.facts import fails_authentication

PURPOSE = "unknown"
ONCE_IN = timedelta(days=14)
# For all strangers together: a wave of spam must not become a wave of answers.
MOST_AN_HOUR = 20


def reason(sender: Address) -> str:
    """Why the message is held."""
    if not sender.email:
        return "The sender is unknown: the mail names none"
    return f"The sender is unknown: neither {sender.email} nor its domain belongs to a client"


def answer(sender: Address, email: ParsedEmail, kind: Kind, kept: Kept, desk: Desk, trace: Trace) -> None:
    """Queue the answer, or say in the trace why there is none. In the caller's transaction."""
    account = accounts.outbound_for(desk.address)
    obstacle = why_not(sender, email, kind, kept, desk) or ("" if account else "no account sends mail yet")
    if obstacle or account is None:
        trace.note("Answer", "None", obstacle)
        return
    about = facts.Message(email.base_subject or "your message", sender.email, desk.address)
    mail = render("unknown_sender", desk.default_queue_id, {"message": about})
    composed = compose(
        sender=(account.display_name or firm().name, account.address),
        to=[(sender.name, sender.email)],
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        pictures=mail.pictures,
        reply_to=account.reply_to,
        in_reply_to=email.message_id,
        references=email.references,
        automatic="auto-replied",
    )
    # No envelope sender: what cannot be delivered must not come back (RFC 3834, 3.3).
    enqueue(
        composed,
        account_id=account.id,
        envelope_sender="",
        recipients=[addr_spec(sender.email)],
        purpose=PURPOSE,
        template="unknown_sender",
    )
    trace.note("Answer", "Queued", f"told {sender.email} that a person looks at it")


def why_not(sender: Address, email: ParsedEmail, kind: Kind, kept: Kept, desk: Desk) -> str:
    """What speaks against an answer, in words; empty when nothing does."""
    if kind is not Kind.PERSON or email.automatic is not None:
        return "neither automatic mail nor a mailing list is ever answered by machine"
    if email.answer_unwanted:
        return f"its sender wants no answer by machine ({email.answer_unwanted})"
    if kept.backlog:
        return "it is from before the PSA was connected"
    if not sender.email:
        return "there is nobody to answer to"
    if sender.domain in desk.own_domains:
        return "it names one of our own addresses as its sender"
    try:
        recipient = addr_spec(sender.email)
    except Unwritable as error:
        return str(error)
    return doubt(sender, email) or too_many(recipient)


def doubt(sender: Address, email: ParsedEmail) -> str:
    """Why the sender may not have written it."""
    headers = [(name.lower(), value) for name, value in email.headers]
    paths = [value.strip(" <>") for name, value in headers if name == "return-path"]
    if paths and paths[0].rpartition("@")[2].lower() != sender.domain:
        return f"it was sent through {paths[0].rpartition('@')[2]}, which is not its sender's domain"
    if fails_authentication(email):
        return "its sender is not proven"
    if any(name in ("x-spam-flag", "x-spam") and value.strip().lower().startswith("yes") for name, value in headers):
        return "a spam filter marked it"
    return ""


def too_many(recipient: str) -> str:
    """Whether ``recipient`` had an answer already, or everybody together had enough of them."""
    now = clock.now()
    answers = db.session.execute(
        db.select(OutboundEmail.queued_at, OutboundEmail.recipients).where(
            OutboundEmail.queued_at > now - ONCE_IN, OutboundEmail.purpose == PURPOSE
        )
    ).all()
    if any(recipient.lower() in (one.lower() for one in row.recipients) for row in answers):
        return f"{recipient} had an answer within the last {ONCE_IN.days} days"
    if sum(row.queued_at > now - timedelta(hours=1) for row in answers) >= MOST_AN_HOUR:
        return f"{MOST_AN_HOUR} strangers had an answer within the hour"
    return ""
