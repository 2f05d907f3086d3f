"""What moves with a message from one ticket to another: its event, its files, its mail, and the keys that answers find
it by; with all of them the time that was spent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

from sqlalchemy import Table, func

from psa.billing.models import TimeEntry, Timer
from psa.extensions import db, insert_unless_there, run, update_row
from psa.mail.message import parse
from psa.mail.models import InboundEmail, OutboundEmail, ThreadKey
from psa.mail.raw import raw_bytes
from psa.mail.threads import digest_of
from psa.tickets.models import Comment, Event, Ticket
from psa.tickets.operations import preview_of

COMMENTS, EVENTS, KEYS = Comment.__table__, Event.__table__, ThreadKey.__table__
CAME, SENT = InboundEmail.__table__, OutboundEmail.__table__
WORK, TIMERS = TimeEntry.__table__, Timer.__table__
# So many ids go into one statement.
AT_ONCE = 500
Id = TypeVar("Id", int, str)


@dataclass(frozen=True, slots=True)
class Moved:
    """Ids of what moved; ``opening`` are those of events that said that a ticket was opened, as they do there.

    ``watchers`` are the rows of those who follow the other ticket since, and did not before; ``work`` is time.
    ``reopened``: the other ticket was closed, and is open by it.
    ``keys`` are digests; ``shared`` are those that both tickets had, with the strength here and the strength there.
    """

    comments: list[int] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    opening: list[int] = field(default_factory=list)
    came: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    shared: dict[str, list[str]] = field(default_factory=dict)
    watchers: list[int] = field(default_factory=list)
    work: list[int] = field(default_factory=list)
    reopened: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def move_all(from_id: int, to_id: int) -> Moved:
    """Everything that was said on a ticket goes to another one, and everything that answers find it by."""
    moved = Moved(
        comments=ids(COMMENTS, COMMENTS.c.ticket_id == from_id),
        events=ids(EVENTS, EVENTS.c.ticket_id == from_id, EVENTS.c.comment_id.is_not(None)),
        opening=ids(EVENTS, EVENTS.c.ticket_id == from_id, EVENTS.c.kind == "opened"),
        came=ids(CAME, CAME.c.ticket_id == from_id),
        sent=ids(SENT, SENT.c.ticket_id == from_id),
        keys=list(run(db.select(KEYS.c.digest).where(KEYS.c.ticket_id == from_id)).scalars()),
        work=ids(WORK, WORK.c.ticket_id == from_id),
    )
    # A clock that runs goes on where the work goes on.
    run(TIMERS.update().where(TIMERS.c.ticket_id == from_id).values(ticket_id=to_id))
    return carry(moved, from_id, to_id)


def move_comments(comment_ids: Sequence[int], from_id: int, to_id: int) -> Moved:
    """These comments go to another ticket with what belongs to each; what only the ticket is known by stays."""
    comments = sorted(comment_ids)
    inbound = list(run(db.select(COMMENTS.c.inbound_id).where(COMMENTS.c.id.in_(comments))).scalars())
    came = ids(CAME, CAME.c.ticket_id == from_id, CAME.c.id.in_([one for one in inbound if one is not None]))
    sent = ids(SENT, SENT.c.ticket_id == from_id, SENT.c.comment_id.in_(comments))
    of_comments = EVENTS.c.comment_id.in_(comments)
    moved = Moved(
        comments=comments,
        events=ids(EVENTS, EVENTS.c.ticket_id == from_id, of_comments),
        opening=ids(EVENTS, EVENTS.c.ticket_id == from_id, of_comments, EVENTS.c.kind == "opened"),
        came=came,
        sent=sent,
        keys=[digest_of(one) for one in message_ids(came, sent)],
    )
    return carry(moved, from_id, to_id)


def message_ids(came: list[int], sent: list[int]) -> list[str]:
    """All by which these messages are known, also before a relay gave them another id."""
    found = list(run(db.select(SENT.c.message_id).where(SENT.c.id.in_(sent))).scalars())
    for row in run(db.select(CAME.c.message_id, CAME.c.raw_id).where(CAME.c.id.in_(came))):
        found += [row.message_id] if row.message_id else []
        found += parse(raw_bytes(row.raw_id)).former_ids if row.raw_id is not None else ()
    return list(dict.fromkeys(found))


def carry(moved: Moved, from_id: int, to_id: int) -> Moved:
    """Write the new ticket to all that ``moved`` names and that is still where it was; returns it with the keys that
    really went.
    """
    said, mail = ((COMMENTS, moved.comments), (EVENTS, moved.events)), ((CAME, moved.came), (SENT, moved.sent))
    for table, rows in (*said, *mail, (WORK, moved.work)):
        for some in chunks(rows):
            run(table.update().where(table.c.id.in_(some), table.c.ticket_id == from_id).values(ticket_id=to_id))
    for some in chunks(moved.opening):
        run(EVENTS.update().where(EVENTS.c.id.in_(some)).values(kind="commented"))
    keys, shared = carry_keys(moved.keys, from_id, to_id)
    db.session.expire_all()
    return replace(moved, keys=keys, shared=shared)


def carry_keys(digests: Sequence[str], from_id: int, to_id: int) -> tuple[list[str], dict[str, list[str]]]:
    """A key that the other ticket has as well becomes one with it, as strong as the stronger of the two.

    Returns the digests that went, and those that both had, as in Moved.
    """
    went: list[str] = []
    shared: dict[str, list[str]] = {}
    for some in chunks(digests):
        here, there = strengths(some, from_id), strengths(some, to_id)
        both = {digest: [here[digest], there[digest]] for digest in here if digest in there}
        set_strength([digest for digest, of in both.items() if of == ["message", "seen"]], to_id, "message")
        run(KEYS.delete().where(KEYS.c.ticket_id == from_id, KEYS.c.digest.in_(list(both))))
        run(KEYS.update().where(KEYS.c.ticket_id == from_id, KEYS.c.digest.in_(some)).values(ticket_id=to_id))
        went += [digest for digest in here if digest not in both]
        shared |= both
    return went, shared


def part_keys(shared: Mapping[str, Sequence[str]], from_id: int, to_id: int) -> None:
    """Let both tickets have again what they shared before; a key that has left ``to_id`` since stays where it is."""
    for some in chunks(list(shared)):
        kept = strengths(some, to_id)
        for digest in kept:
            insert_unless_there(ThreadKey, digest=digest, ticket_id=from_id, strength=shared[digest][0])
        set_strength([digest for digest in kept if list(shared[digest]) == ["message", "seen"]], to_id, "seen")


def strengths(digests: Sequence[str], ticket_id: int) -> dict[str, str]:
    """How strong each of these keys is that the ticket has."""
    known = db.select(KEYS.c.digest, KEYS.c.strength).where(KEYS.c.ticket_id == ticket_id, KEYS.c.digest.in_(digests))
    return {row.digest: row.strength for row in run(known)}


def set_strength(digests: Sequence[str], ticket_id: int, strength: str) -> None:
    run(KEYS.update().where(KEYS.c.ticket_id == ticket_id, KEYS.c.digest.in_(digests)).values(strength=strength))


def show_last_words(ticket_id: int) -> None:
    """What the list shows of a ticket, and what is news on it, after something has moved."""
    last = db.session.execute(
        db.select(Comment.body, Comment.user_id)
        .where(Comment.ticket_id == ticket_id, Comment.kind == "reply")
        .order_by(Comment.id.desc())
        .limit(1)
    ).first()
    theirs = db.select(func.max(Event.id)).where(
        Event.ticket_id == ticket_id, Event.comment_id.is_not(None), Event.user_id.is_(None)
    )
    update_row(
        Ticket,
        ticket_id,
        preview=preview_of(last.body) if last is not None else "",
        preview_is_ours=last is not None and last.user_id is not None,
        news_id=db.session.scalar(theirs) or 0,
    )
    db.session.expire_all()


def ids(table: Table, *conditions: Any) -> list[int]:
    return list(run(db.select(table.c.id).where(*conditions).order_by(table.c.id)).scalars())


def chunks(rows: Sequence[Id]) -> list[Sequence[Id]]:
    return [rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE)]
