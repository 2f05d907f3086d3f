"""Taking a reply back before it leaves."""

from __future__ import annotations

from psa.extensions import db, update_row
from psa.mail.outbound import outbox
from psa.tickets.lost_answers import came_with
from psa.tickets.models import STATUSES, Comment, Event, Ticket
from psa.tickets.operations import preview_of


class RefusedUndo(ValueError):
    """A reply that cannot be taken back; the message says why."""


def take_back(comment_id: int, by: str) -> None:
    """Undo a reply of ours whose mail has not begun to leave. ``by`` is a name. Raises RefusedUndo.

    The ticket is as it was before: the comment, its event and the change of status that came with it are gone.
    """
    comment = db.session.get_one(Comment, comment_id)
    told = db.session.scalars(db.select(Event).where(Event.comment_id == comment_id)).one()
    if told.kind == "opened":
        # It opened the ticket, or was split off since: nothing would be left.
        raise RefusedUndo(f"The reply has opened #{comment.ticket_id}, so it stays. Cancel its mail in the Mail log.")
    queued = [email.id for email in comment.outbound]
    if not queued or not all(outbox.cancel(outbound_id, by) for outbound_id in queued):
        raise RefusedUndo("It was too late: the reply has left.")
    restore_status(comment, told)
    restore_preview(comment)
    db.session.execute(db.delete(Comment).where(Comment.id == comment_id))


def restore_status(comment: Comment, told: Event) -> None:
    """Undo the change of status that came with the reply, unless something has happened since."""
    since = db.session.scalars(
        db.select(Event).where(Event.ticket_id == comment.ticket_id, Event.id > told.id).order_by(Event.id)
    ).all()
    if len(since) != 1:
        return
    changed = since[0]
    before = next((status for status, words in STATUSES.items() if words == changed.detail.get("from")), None)
    if changed.kind == "status" and came_with(told, changed) and before is not None:
        update_row(Ticket, comment.ticket_id, status=before)
        db.session.execute(db.delete(Event).where(Event.id == changed.id))


def restore_preview(comment: Comment) -> None:
    last = db.session.scalars(
        db.select(Comment)
        .where(Comment.ticket_id == comment.ticket_id, Comment.id != comment.id, Comment.kind == "reply")
        .order_by(Comment.id.desc())
    ).first()
    if last is not None:
        ours = last.user_id is not None
        update_row(Ticket, comment.ticket_id, preview=preview_of(last.body), preview_is_ours=ours)
