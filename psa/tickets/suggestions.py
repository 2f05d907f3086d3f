"""A message that may belong to another ticket: a person says whether it does."""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from psa import clock
from psa.extensions import db, insert_unless_there, run
from psa.mail.models import InboundEmail
from psa.tickets import merging
from psa.tickets.models import Comment
from psa.tickets.moving import move_comments, show_last_words
from psa.tickets.operations import Actor, note_event
from psa.tickets.relations import Suggestion

SUGGESTIONS = Suggestion.__table__


class RefusedSuggestion(ValueError):
    """A suggestion that cannot be followed any more; the message says why."""


def suggest(inbound_id: int, ticket_id: int, words: str) -> None:
    """Ask whether the message belongs to the ticket; what somebody has answered before is not asked again."""
    forget(inbound_id)
    insert_unless_there(Suggestion, inbound_id=inbound_id, ticket_id=ticket_id, words=words)


def forget(inbound_id: int) -> None:
    """What was asked about the message, and is open, is asked no more: it is dealt with anew."""
    run(SUGGESTIONS.delete().where(SUGGESTIONS.c.inbound_id == inbound_id, SUGGESTIONS.c.state == "open"))


def accept(suggestion: Suggestion, by: Actor) -> int:
    """Move the message, which has a ticket of its own, onto the ticket suggested; returns that one's number.

    Answers to it go there too. The ticket that is left without a message is closed as merged. Raises RefusedSuggestion.
    """
    comment = comment_of(suggestion)
    target = merging.standing_ticket(suggestion.ticket_id)
    if target is None:
        raise RefusedSuggestion(f"#{suggestion.ticket_id} does not exist any more.")
    if comment is None:
        raise RefusedSuggestion("The message is on no ticket any more.")
    own_id, target_id = comment.ticket_id, target.id
    if own_id != target_id and others_said(comment):
        move_one(comment.id, own_id, target_id, by)
    elif own_id != target_id:
        merging.merge(own_id, target_id, by)
    decide(suggestion, "accepted", by)
    return target_id


def move_one(comment_id: int, from_id: int, to_id: int, by: Actor) -> None:
    """Move a message to another ticket, and say so on both."""
    merging.locked(from_id, to_id)
    move_comments([comment_id], from_id, to_id)
    for number, other, way in ((from_id, to_id, "away"), (to_id, from_id, "here")):
        note_event(number, "moved", by, clock.now(), detail={"other": other, "way": way})
        show_last_words(number)


def refuse(suggestion: Suggestion, by: Actor) -> None:
    """The message stays where it is, and nobody is asked again."""
    decide(suggestion, "refused", by)


def decide(suggestion: Suggestion, state: str, by: Actor) -> None:
    suggestion.state, suggestion.user_id, suggestion.decided_at = state, by.user_id, clock.now()
    db.session.flush()


def comment_of(suggestion: Suggestion) -> Comment | None:
    """The comment that the message made; None while it is held."""
    comment: Comment | None = db.session.scalar(
        db.select(Comment).where(Comment.inbound_id == suggestion.inbound_id).order_by(Comment.id).limit(1)
    )
    return comment


def others_said(comment: Comment) -> bool:
    """Whether the ticket of a comment holds others as well."""
    other = db.select(Comment.id).where(Comment.ticket_id == comment.ticket_id, Comment.id != comment.id).limit(1)
    return db.session.scalar(other) is not None


def open_suggestions(ticket_id: int) -> list[Suggestion]:
    """What is asked about the messages of a ticket: each may belong to another one."""
    return asked(InboundEmail.ticket_id == ticket_id)


def suggested_for(ticket_id: int) -> list[Suggestion]:
    """The messages elsewhere that may belong to the ticket."""
    return asked(Suggestion.ticket_id == ticket_id)


def open_suggestion_of(inbound_id: int) -> Suggestion | None:
    """What is asked about a message."""
    return next(iter(asked(Suggestion.inbound_id == inbound_id)), None)


def asked(condition: ColumnElement[bool]) -> list[Suggestion]:
    """Open questions; not those about a message that has come to its ticket in another way."""
    elsewhere = InboundEmail.ticket_id.is_distinct_from(Suggestion.ticket_id)
    return list(
        db.session.scalars(
            db.select(Suggestion)
            .join(InboundEmail, InboundEmail.id == Suggestion.inbound_id)
            .where(condition, elsewhere, Suggestion.state == "open")
            .order_by(Suggestion.inbound_id)
            .options(joinedload(Suggestion.inbound), joinedload(Suggestion.ticket))
        )
    )
