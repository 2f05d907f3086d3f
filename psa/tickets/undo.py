"""Taking a reply back before it leaves."""

from __future__ import annotations

from datetime import timedelta

from psa.extensions import db, update_row
from psa.mail.outbound import outbox
from psa.tickets.models import STATUSES, Comment, Event, Ticket
from psa.tickets.operations import preview_of

# A change of status that came with a reply has the reply's time, but for the work in between.
TOGETHER = timedelta(seconds=2)


def take_back(comment_id: int, by: str) -> bool:
    """Undo a reply of ours whose mail has not begun to leave; False when it has. ``by`` is a name.

    The ticket is as it was before: the comment, its event and the change of status that came with it are gone.
    """
    comment = db.session.get_one(Comment, comment_id)
    queued = [email.id for email in comment.outbound]
    if not queued or not all(outbox.cancel(outbound_id, by) for outbound_id in queued):
        return False
    restore_status(comment)
    restore_preview(comment)
    db.session.execute(db.delete(Comment).where(Comment.id == comment_id))
    return True


def restore_status(comment: Comment) -> None:
    """Undo the change of status that came with the reply, unless something has happened since."""
    told = db.session.scalars(db.select(Event).where(Event.comment_id == comment.id)).one()
    since = db.session.scalars(
        db.select(Event).where(Event.ticket_id == comment.ticket_id, Event.id > told.id).order_by(Event.id)
    ).all()
    if len(since) != 1:
        return
    changed = since[0]
    came_with_it = changed.user_id == comment.user_id and changed.created_at <= told.created_at + TOGETHER
    before = next((status for status, words in STATUSES.items() if words == changed.detail.get("from")), None)
    if changed.kind == "status" and came_with_it and before is not None:
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
