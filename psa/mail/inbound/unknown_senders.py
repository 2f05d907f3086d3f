"""Mail from somebody who belongs to no client, where a mailbox holds it: why, and the polite answer, once.

Whoever answers strangers by machine is soon answering forged ones, other machines, and himself (RFC 3834), so an answer
leaves only when everything speaks for a person who really wrote.
"""

from __future__ import annotations

from datetime import timedelta

from psa import clock
from psa.mail import accounts
from psa.mail.author import author_of
from psa.mail.fuse.operations import may_answer, was_answered
from psa.mail.inbound.acknowledging import why_never
from psa.mail.inbound.classify import Kind
from psa.mail.inbound.disposition import Trace
from psa.mail.inbound.receive import Kept
from psa.mail.inbound.routing import Desk
from psa.mail.inbound.trust import DOUBTFUL, FAILED, Trust
from psa.mail.message import Address, ParsedEmail
from psa.mail.outbound.compose import Unwritable, addr_spec, compose
from psa.mail.outbound.outbox import enqueue
from psa.mail.templates import facts
from psa.mail.templates.render import render

PURPOSE = "unknown"
ONCE_IN = timedelta(days=14)


def reason(sender: Address) -> str:
    """Why the message is held."""
    if not sender.email:
        return "The sender is unknown: the mail names none"
    return f"The sender is unknown: neither {sender.email} nor its domain belongs to a client"


def answer(sender: Address, email: ParsedEmail, kind: Kind, trust: Trust, kept: Kept, desk: Desk, trace: Trace) -> None:
    """Queue the answer, or say in the trace why there is none. In the caller's transaction."""
    account = accounts.outbound_for(desk.address)
    obstacle = why_not(sender, email, kind, trust, kept, desk) if account is not None else "no account sends mail yet"
    if obstacle or account is None:
        trace.note("Answer", "None", obstacle)
        return
    about = facts.Message(email.base_subject or "your message", sender.email, desk.address)
    mail = render("unknown_sender", desk.default_queue_id, {"message": about})
    composed = compose(
        mail,
        sender=author_of(account),
        to=[(sender.name, sender.email)],
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


def why_not(sender: Address, email: ParsedEmail, kind: Kind, trust: Trust, kept: Kept, desk: Desk) -> str:
    """What speaks against an answer, in words; empty when nothing does, and then it counts as given."""
    never = why_never(sender, email, kind, kept, desk)
    if never:
        return never
    if sender.domain in desk.own_domains:
        return "it names one of our own addresses as its sender"
    try:
        recipient = addr_spec(sender.email)
    except Unwritable as error:
        return str(error)
    if was_answered(recipient, PURPOSE, clock.now() - ONCE_IN):
        return f"{recipient} had an answer within the last {ONCE_IN.days} days"
    return doubt(sender, email, trust) or may_answer(recipient, PURPOSE, said=email.reply_text, inbound_id=kept.id)


def doubt(sender: Address, email: ParsedEmail, trust: Trust) -> str:
    """Why the sender may not have written it."""
    headers = [(name.lower(), value) for name, value in email.headers]
    paths = [value.strip(" <>") for name, value in headers if name == "return-path"]
    if paths and paths[0].rpartition("@")[2].lower() != sender.domain:
        return f"it was sent through {paths[0].rpartition('@')[2]}, which is not its sender's domain"
    if trust.verdict == FAILED:
        return "its sender seems to be forged"
    return "its sender looks like somebody else" if trust.verdict == DOUBTFUL else ""
