"""An answer that reached nobody: its ticket, which only waits or is closed because of it, is somebody's again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select

from psa import clock
from psa.clients.models import Contact
from psa.extensions import db, insert_unless_there, update_row
from psa.mail.models import OutboundEmail
from psa.notifications.models import Untold
from psa.tickets.models import STATUSES, Comment, Event, Ticket
from psa.tickets.operations import Actor, change_standing, note_event

# A change of status that came with a reply has the reply's time, but for the work in between.
TOGETHER = timedelta(seconds=2)
LOST = ("failed", "bounced")
# What a reply may leave a ticket as so that nobody looks at it.
AT_REST = ("waiting", "closed")


def open_again(outbound_id: int, why: str) -> bool:
    """Open the ticket that waits for the client, or is closed, because of a reply that reached nobody, with an event
    that says ``why`` (a cause in words), as news that its followers hear of; returns whether it did. Caller commits.

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
    if email is None:
        return False
    before = rests_because_of(email.ticket_id, email.comment_id, email.recipients)
    if before is None:
        return False
    now, words = clock.now(), f"Open again: the answer did not reach {', '.join(email.recipients)}: {why}"
    change_standing(email.ticket_id, status="open", changed_at=now)
    detail = {"from": STATUSES[before], "to": STATUSES["open"], "words": words[:1000]}
    event_id = note_event(email.ticket_id, "status", Actor(), now, detail=detail)
    update_row(Ticket, email.ticket_id, news_id=event_id)
    insert_unless_there(Untold, event_id=event_id)
    return True


def rests_because_of(ticket_id: int, comment_id: int, recipients: Sequence[str]) -> str | None:
    """The status of a ticket that waits, or is closed, since this reply of ours to these recipients; None for any other
    ticket, and when somebody has done anything about that since. Its row is locked until the end of the transaction.
    """
    wanted = db.select(Ticket.status, Ticket.requester_id, Ticket.merged_into_id).where(Ticket.id == ticket_id)
    ticket = db.session.execute(wanted.with_for_update()).one()
    if ticket.status not in AT_REST or ticket.merged_into_id is not None:
        return None
    if not is_among(ticket.requester_id, recipients):
        return None
    later = db.select(Comment.id).where(
        Comment.ticket_id == ticket_id, Comment.id > comment_id, Comment.kind == "reply", Comment.user_id.is_not(None)
    )
    told = db.session.execute(moments().where(Event.comment_id == comment_id)).first()
    if told is None or db.session.execute(later.limit(1)).first() is not None:
        return None
    after = moments().where(Event.ticket_id == ticket_id, Event.kind == "status", Event.id > told.id)
    is_untouched = all(came_with(told, changed) for changed in db.session.execute(after.limit(2)))
    return str(ticket.status) if is_untouched else None


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
