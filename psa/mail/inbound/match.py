"""Which ticket does this message belong to? Several independent keys, the strongest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam

from psa.extensions import db, rows_of
from psa.mail.message import ParsedEmail
from psa.mail.outbound.compose import SUBJECT_TAG, ticket_of
from psa.mail.threads import ticket_of_any
from psa.prepared import Prepared
from psa.tickets.models import Comment, Ticket

MOST_LOOKED_UP = 50
TICKET = Prepared(db.select(Ticket.__table__.c.id).where(Ticket.__table__.c.id == bindparam("ticket_id")))


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket that was found, or None; ``words`` tell by which key, or why not by the one that came close."""

    ticket_id: int | None
    words: str


def match_ticket(email: ParsedEmail, contact_id: int | None) -> Match:
    """Find the ticket that ``email``, sent by the contact ``contact_id``, answers.

    Our own signed Message-ID in References or In-Reply-To counts first, then any Message-ID of the ticket, and last a
    ``[#123]`` in the subject, which everybody can write and so counts only from somebody who is on that ticket.
    """
    ids = list(dict.fromkeys([*email.in_reply_to, *reversed(email.references)]))[:MOST_LOOKED_UP]
    for message_id in ids:
        ticket_id = ticket_of(message_id)
        if ticket_id and exists(ticket_id):
            return Match(ticket_id, f"it refers to our message about #{ticket_id}")
    if ids:
        ticket_id = ticket_of_any(ids)
        if ticket_id is not None:
            return Match(ticket_id, f"it refers to a message of #{ticket_id}")
    return by_subject(email.subject or "", contact_id)


def by_subject(subject: str, contact_id: int | None) -> Match:
    tag = SUBJECT_TAG.search(subject)
    if tag is None:
        return Match(None, "it refers to no message of ours and its subject names no ticket")
    ticket_id = int(tag[1])
    if ticket_id >= 2**31 or not exists(ticket_id):
        return Match(None, f"its subject names {tag[0]}, which does not exist")
    if contact_id is not None and is_participant(ticket_id, contact_id):
        return Match(ticket_id, f"its subject names {tag[0]}, and the sender is on that ticket")
    return Match(None, f"its subject names {tag[0]}, but the sender is not on that ticket")


def exists(ticket_id: int) -> bool:
    return bool(rows_of(TICKET, ticket_id=ticket_id))


def is_participant(ticket_id: int, contact_id: int) -> bool:
    """Whether the contact asked for the ticket or has written on it."""
    asked = db.select(Ticket.id).where(Ticket.id == ticket_id, Ticket.requester_id == contact_id)
    wrote = db.select(Comment.id).where(Comment.ticket_id == ticket_id, Comment.contact_id == contact_id)
    return db.session.execute(asked.limit(1)).first() is not None or (
        db.session.execute(wrote.limit(1)).first() is not None
    )
