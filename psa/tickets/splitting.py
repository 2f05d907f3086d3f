"""A message becomes a ticket of its own, alone or with what was said after it."""

from __future__ import annotations

from psa import clock
from psa.clients.models import Contact
from psa.extensions import db, insert_row, update_row
from psa.tickets import links
from psa.tickets.merging import locked
from psa.tickets.models import Comment, Event, Ticket
from psa.tickets.moving import move_comments, show_last_words
from psa.tickets.operations import Actor


class RefusedSplit(ValueError):
    """A message that cannot be split off; the message says why."""


def split_off(comment_id: int, by: Actor, *, subject: str, with_what_follows: bool) -> int:
    """Open a ticket with a message out of another one; returns its number. Raises RefusedSplit.

    It stands in the same queue with the same assignee, under the client of whoever wrote the message. Answers to what
    moved find it there; the two tickets are linked.
    """
    comment = db.session.get(Comment, comment_id, populate_existing=True)
    if comment is None:
        raise RefusedSplit("This message is gone.")
    (ticket,) = locked(comment.ticket_id)
    assert ticket is not None
    if not may_split(comment):
        raise RefusedSplit("The ticket was opened with this message. Split off what follows it instead.")
    after = db.select(Comment.id).where(Comment.ticket_id == ticket.id, Comment.id > comment_id)
    moving = [comment_id, *(db.session.scalars(after) if with_what_follows else ())]
    now, old_id = clock.now(), ticket.id
    new_id = insert_row(Ticket, **begins_as(ticket, comment, subject), created_at=now, changed_at=now)
    move_comments(moving, old_id, new_id)
    first = db.session.scalar(db.select(db.func.min(Event.id)).where(Event.comment_id == comment_id))
    db.session.execute(db.update(Event).where(Event.id == first).values(kind="opened"))
    update_row(Ticket, old_id, changed_at=now)
    links.link(old_id, new_id, "split", by)
    for ticket_id in (old_id, new_id):
        show_last_words(ticket_id)
    return new_id


def begins_as(ticket: Ticket, comment: Comment, subject: str) -> dict[str, object]:
    """The new ticket: where the old one is, but whose it is goes by who wrote."""
    requester = comment.contact or ticket.requester
    stays = same_client(ticket, requester)
    return {
        "subject": " ".join(subject.split())[:998] or ticket.subject,
        "status": "open" if ticket.status == "closed" else ticket.status,
        "priority": ticket.priority,
        "queue_id": ticket.queue_id,
        "assignee_id": ticket.assignee_id,
        "requester_id": requester.id if requester is not None else None,
        "client_id": ticket.client_id if stays else (requester.client_id if requester is not None else None),
        "project_id": ticket.project_id if stays else None,
    }


def same_client(ticket: Ticket, requester: Contact | None) -> bool:
    """Whether the new ticket is the same client's: a stranger's message that was on it by mistake is not."""
    return requester is None or requester.id == ticket.requester_id or requester.client_id == ticket.client_id


def may_split(comment: Comment) -> bool:
    """Whether something is left of the ticket without the comment and what follows it."""
    before = db.select(Comment.id).where(Comment.ticket_id == comment.ticket_id, Comment.id < comment.id).limit(1)
    return db.session.scalar(before) is not None
