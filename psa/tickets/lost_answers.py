"""An answer that reached nobody: its ticket, which only waits because of it, is somebody's again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select

from psa import clock
from psa.clients.models import Contact
from psa.extensions import db, update_row
from psa.mail.models import OutboundEmail
from psa.tickets.models import STATUSES, Comment, Event, Ticket
from psa.tickets.operations import Actor, change_standing, note_event

# A change of status that came with a reply has the reply's time, but for the work in between.
TOGETHER = timedelta(seconds=2)
LOST = ("failed", "bounced")


def open_again(outbound_id: int, why: str) -> bool:
    """Open the ticket that waits for the client because of a reply that reached nobody, with an event that says ``why``
    (a cause in words), as news; returns whether it did. The caller commits.

    Not while one recipient has the reply, not when we have answered anew or somebody has changed the status since, and
    not for what machines write. When the same reply leaves after all, by “Try again”, the ticket stays open: whoever
    pressed that has it before them, and decides.
    """
    email = db.session.execute(
        db.select(OutboundEmail.ticket_id, OutboundEmail.comment_id, OutboundEmail.recipients).where(
            OutboundEmail.id == outbound_id,
            OutboundEmail.purpose == "reply",
            OutboundEmail.status.in_(LOST),
            OutboundEmail.ticket_id.is_not(None),
            OutboundEmail.comment_id.is_not(None),
        )
    ).first()
    if email is None or not waits_because_of(email.ticket_id, email.comment_id, email.recipients):
        return False
    now, words = clock.now(), f"Open again: the answer did not reach {', '.join(email.recipients)}: {why}"
    change_standing(email.ticket_id, status="open", changed_at=now)
    detail = {"from": STATUSES["waiting"], "to": STATUSES["open"], "words": words[:1000]}
    update_row(Ticket, email.ticket_id, news_id=note_event(email.ticket_id, "status", Actor(), now, detail=detail))
    return True


def waits_because_of(ticket_id: int, comment_id: int, recipients: Sequence[str]) -> bool:
    """Whether a ticket waits for the client since this reply of ours to these recipients, and nobody has done anything
    about that since. Its row is locked until the end of the transaction.
    """
    locked = db.select(Ticket.status, Ticket.requester_id).where(Ticket.id == ticket_id).with_for_update()
    ticket = db.session.execute(locked).one()
    if ticket.status != "waiting" or not is_among(ticket.requester_id, recipients):
        return False
    later = db.select(Comment.id).where(
        Comment.ticket_id == ticket_id, Comment.id > comment_id, Comment.kind == "reply", Comment.user_id.is_not(None)
    )
    told = db.session.execute(moments().where(Event.comment_id == comment_id)).first()
    if told is None or db.session.execute(later.limit(1)).first() is not None:
        return False
    after = moments().where(Event.ticket_id == ticket_id, Event.kind == "status", Event.id > told.id)
    return all(came_with(told, changed) for changed in db.session.execute(after.limit(2)))


def is_among(requester_id: int | None, recipients: Sequence[str]) -> bool:
    """Whether the requester is written to: what is passed on to others they have already, from its writer's hand."""
    requester = db.session.get(Contact, requester_id) if requester_id is not None else None
    return requester is not None and requester.email.lower() in {one.lower() for one in recipients}


def moments() -> Select[Any]:
    events: Select[Any] = db.select(Event.id, Event.user_id, Event.created_at).order_by(Event.id)
    return events


def came_with(told: Row[Any] | Event, changed: Row[Any] | Event) -> bool:
    """Whether the change of status ``changed`` was made with the reply that the event ``told`` tells of."""
    return bool(changed.user_id == told.user_id and changed.created_at <= told.created_at + TOGETHER)
