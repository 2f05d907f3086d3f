"""A rule forwards a message to an address outside: as a file in a letter of our own, once, and within limits.

The letter is ours, so that no authentication breaks; it says that a machine sent it and has no envelope sender, so
that nothing answers it and nothing bounces into the mailbox (RFC 3834, 3.3).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from psa.extensions import db
from psa.mail import accounts
from psa.mail.author import author_of
from psa.mail.fuse.operations import may_answer
from psa.mail.inbound.disposition import Trace
from psa.mail.inbound.receive import Kept
from psa.mail.message import ParsedEmail
from psa.mail.models import OutboundEmail
from psa.mail.outbound.compose import Unwritable, Upload, addr_spec, compose, new_message_id
from psa.mail.outbound.outbox import enqueue
from psa.mail.templates import facts
from psa.mail.templates.render import render
from psa.tickets.prose import letter_html

if TYPE_CHECKING:
    from psa.mail.inbound.routing import Desk

PURPOSE = "forward"
# In bytes; a letter with a larger one would be refused by most servers.
LARGEST = 15_000_000
# Of the sender's words so many letters stand above the message, which has all of them.
WORDS_MAX = 20_000


def forward(address: str, email: ParsedEmail, kept: Kept, desk: Desk, trace: Trace) -> None:
    """Queue a letter to ``address``, or say in the trace why not. In the caller's transaction."""
    try:
        obstacle = queue(addr_spec(address), email, kept, desk)
    except Unwritable as error:
        obstacle = str(error)
    if obstacle:
        trace.note("Forward", "Not forwarded", obstacle)
    else:
        trace.note("Forward", "Forwarded", f"to {address}")


def queue(recipient: str, email: ParsedEmail, kept: Kept, desk: Desk) -> str:
    """Queue the letter, or return what speaks against it. Raises Unwritable."""
    account = accounts.outbound_for(desk.address)
    if account is None:
        return "no account sends mail yet"
    nonce = "" if desk.rehearses else nonce_of(recipient, email, kept)
    if nonce and is_queued(new_message_id(0, account.domain, nonce)):
        return f"it was forwarded to {recipient} before"
    obstacle = why_not(recipient, kept)
    if obstacle:
        return obstacle
    mail = render("forwarded", desk.default_queue_id, {"original": facts_of(email, desk)})
    composed = compose(
        mail,
        sender=author_of(account),
        to=[("", recipient)],
        automatic="auto-generated",
        files=[Upload("message.eml", "application/octet-stream", kept.raw)],
        nonce=nonce,
    )
    enqueue(
        composed,
        account_id=account.id,
        envelope_sender="",
        recipients=[recipient],
        purpose=PURPOSE,
        template="forwarded",
    )
    return ""


def nonce_of(recipient: str, email: ParsedEmail, kept: Kept) -> str:
    """The same for a message and an address each time: so the letter has the same Message-ID, and is queued once."""
    return hashlib.sha256(f"{kept.id} {email.content_hash} {recipient}".encode()).hexdigest()[:16]


def is_queued(message_id: str) -> bool:
    """Whether the outbox has that letter, waiting or gone."""
    query = db.select(OutboundEmail.id).where(OutboundEmail.message_id == message_id)
    return db.session.scalar(query) is not None


def why_not(recipient: str, kept: Kept) -> str:
    """What speaks against forwarding it; empty when nothing does, and then it counts as forwarded."""
    if kept.backlog:
        return "it is from before the PSA was connected"
    if kept.size > LARGEST or not kept.complete:
        return f"it is larger than {LARGEST // 1_000_000} MB"
    return may_answer(recipient, PURPOSE, inbound_id=kept.id)


def facts_of(email: ParsedEmail, desk: Desk) -> facts.Original:
    """What the template may speak of: who wrote when about what, and the sender's own words."""
    sender, words = email.sender, email.reply_text.rstrip()
    if len(words) > WORDS_MAX:
        words = f"{words[:WORDS_MAX].rstrip()} …"
    return facts.Original(
        sender=f"{sender.name} <{sender.email}>".strip() if sender else "nobody",
        subject=email.subject or "(no subject)",
        sent=f"{email.date:%a, %d %b %Y %H:%M %z}" if email.date else "",
        mailbox=desk.address,
        words=facts.Rich(letter_html(words), words),
    )
