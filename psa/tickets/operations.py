"""What can be done with a ticket. The same verbs serve the browser and the mail; a door commits.

Each verb leaves an Event. They write Core statements: a mail on its way in passes here, and there the ORM would be the
dearest step; pages read the result back as objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from psa import clock
from psa.extensions import change_rows, db, insert_row, insert_unless_there, rows_of, update_row
from psa.locks import on_postgresql
from psa.notifications.models import Untold
from psa.prepared import Prepared
from psa.tickets.models import PRIORITIES, STATUSES, Attachment, Comment, Event, Queue, Ticket

PREVIEW_LENGTH = 200
# Of these kinds of events somebody may want to hear (psa/notifications), and of a ticket that is closed.
HEARD_OF = ("opened", "commented", "assignee")
FIRST_QUEUES = ("Support", "Billing")
TICKETS, EVENTS = Ticket.__table__, Event.__table__
STATUS = Prepared(db.select(TICKETS.c.status).where(TICKETS.c.id == bindparam("ticket_id")))


class MergedAway(Exception):
    """The ticket is part of another one: nothing more is said on it, and nothing of it is changed."""

    def __init__(self, ticket_id: int) -> None:
        super().__init__(f"#{ticket_id} is part of another ticket now")
        self.ticket_id = ticket_id


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: a user, a contact, or neither when the machine does."""

    user_id: int | None = None
    contact_id: int | None = None

    @property
    def is_ours(self) -> bool:
        return self.user_id is not None


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message: part ``part`` (a MIME path such as ``2.1``) of the kept message ``raw_id``."""

    raw_id: int
    part: str
    name: str
    type: str
    size: int
    sha256: str
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a comment says: the words of now, the folded quotes, the signature, and the files."""

    body: str
    folded: str = ""
    signature: str = ""
    has_html: bool = False
    inbound_id: int | None = None
    files: tuple[File, ...] = ()


def make_first_queues() -> None:
    """What a new firm begins with, so that its first mail has somewhere to go."""
    for position, name in enumerate(FIRST_QUEUES):
        insert_row(Queue, name=name, position=position)


def open_ticket(
    *,
    subject: str,
    queue_id: int,
    said: Said,
    by: Actor,
    requester_id: int | None = None,
    client_id: int | None = None,
    project_id: int | None = None,
    automatic: bool = False,
    number: int | None = None,
) -> tuple[int, int]:
    """A new ticket with its first comment; returns the ids of both. ``number`` is given where the next must stay."""
    now = clock.now()
    ticket_id = insert_row(
        Ticket,
        subject=subject[:998],
        queue_id=queue_id,
        requester_id=requester_id,
        client_id=client_id,
        project_id=project_id,
        automatic=automatic,
        created_at=now,
        changed_at=now,
        preview=preview_of(said.body),
        preview_is_ours=by.is_ours,
        **({} if number is None else {"id": number}),
    )
    comment_id = say(ticket_id, "reply", said, by, now)
    note_news(ticket_id, "opened", by, now, comment_id)
    return ticket_id, comment_id


def add_reply(ticket_id: int, said: Said, by: Actor, *, then: str | None = None) -> int:
    """A public reply. A client's one reopens what was closed or waiting; ours sets ``then`` (a status), else open.

    ``then="keep"`` leaves the status alone, for automatic mail. Returns the comment's id. Raises MergedAway.
    """
    now = clock.now()
    # The ticket first: its row is locked from here on, so the events of one ticket are committed in the order of their
    # ids, and nobody who has seen the later one misses the earlier.
    change_standing(ticket_id, changed_at=now, preview=preview_of(said.body), preview_is_ours=by.is_ours)
    comment_id = say(ticket_id, "reply", said, by, now)
    note_news(ticket_id, "commented", by, now, comment_id)
    if then != "keep":
        before = status_of(ticket_id)
        change_status(ticket_id, before, then or ("new" if before == "new" and not by.is_ours else "open"), by)
    return comment_id


def add_note(ticket_id: int, said: Said, by: Actor) -> int:
    """An internal note: only we see it, no mail leaves. Returns the comment's id. Raises MergedAway."""
    now = clock.now()
    change_standing(ticket_id, changed_at=now)
    comment_id = say(ticket_id, "note", said, by, now)
    note_event(ticket_id, "commented", by, now, comment_id=comment_id)
    return comment_id


def complete(comment_id: int, said: Said) -> None:
    """Let a comment say the whole of a message of which only the beginning was there."""
    ticket_id = db.session.execute(db.select(Comment.ticket_id).where(Comment.id == comment_id)).scalar_one()
    update_row(
        Comment,
        comment_id,
        body=said.body,
        folded=said.folded,
        signature=said.signature,
        has_html=said.has_html,
    )
    db.session.execute(db.delete(Attachment).where(Attachment.comment_id == comment_id))
    for file in said.files:
        attach(comment_id, file)
    event_id = note_mail(ticket_id, "The whole message was fetched.")
    update_row(Ticket, ticket_id, news_id=event_id)


def note_mail(ticket_id: int, words: str) -> int:
    """Say on the ticket what happened to a mail of it, in a sentence; returns the event's id."""
    now = clock.now()
    update_row(Ticket, ticket_id, changed_at=now)
    return note_event(ticket_id, "mail", Actor(), now, detail={"words": words})


def set_status(ticket_id: int, status: str, by: Actor) -> None:
    """Set the status; no event when it is that already.

    Raises KeyError for a status that does not exist, and as the other facts do MergedAway.
    """
    change_status(ticket_id, status_of(ticket_id), status, by)


def change_status(ticket_id: int, before: str, status: str, by: Actor) -> None:
    if status != before:
        change(ticket_id, "status", by, STATUSES[before], STATUSES[status], status=status)


def set_priority(ticket_id: int, priority: str, by: Actor) -> None:
    """Set the priority. Raises KeyError for one that does not exist."""
    before = db.session.execute(db.select(Ticket.priority).where(Ticket.id == ticket_id)).scalar_one()
    if priority != before:
        change(ticket_id, "priority", by, PRIORITIES[before], PRIORITIES[priority], priority=priority)


def assign(ticket_id: int, assignee_id: int | None, name: str, by: Actor) -> None:
    """Give the ticket to a user (``name`` for the event), or to nobody with None."""
    before = db.session.execute(db.select(Ticket.assignee_id).where(Ticket.id == ticket_id)).scalar_one()
    if assignee_id != before:
        change(ticket_id, "assignee", by, "", name, assignee_id=assignee_id)


def move(ticket_id: int, queue: Queue, by: Actor) -> None:
    """Put the ticket into another queue."""
    before = db.session.execute(
        db.select(Queue.id, Queue.name).join(Ticket, Ticket.queue_id == Queue.id).where(Ticket.id == ticket_id)
    ).one()
    if queue.id != before.id:
        change(ticket_id, "queue", by, before.name, queue.name, queue_id=queue.id)


def give_client(ticket_id: int, client_id: int, name: str, by: Actor, *, project_id: int | None) -> None:
    """Say whose ticket it is (``name`` for the event), and to which of the client's projects it belongs."""
    change(ticket_id, "client", by, "", name, client_id=client_id, project_id=project_id)


def change(ticket_id: int, kind: str, by: Actor, before: str, after: str, **values: Any) -> None:
    """Change columns of a ticket and leave an event that says from what to what. Raises MergedAway."""
    now = clock.now()
    change_standing(ticket_id, changed_at=now, **values)
    note_event(ticket_id, kind, by, now, detail={"from": before, "to": after})


def change_standing(ticket_id: int, **values: Any) -> None:
    """Change columns of a ticket that is no part of another one. Raises MergedAway.

    One statement asks and locks: a merge that is under way is waited for and then seen.
    """
    if change_rows(standing_change(tuple(values)), row_id=ticket_id, **values) == 0:
        raise MergedAway(ticket_id)


@cache
def standing_change(columns: tuple[str, ...]) -> Prepared:
    stands = TICKETS.c.merged_into_id.is_(None)
    return Prepared(TICKETS.update().where(TICKETS.c.id == bindparam("row_id"), stands), *columns)


def say(ticket_id: int, kind: str, said: Said, by: Actor, now: datetime) -> int:
    comment_id = insert_row(
        Comment,
        ticket_id=ticket_id,
        kind=kind,
        user_id=by.user_id,
        contact_id=by.contact_id,
        inbound_id=said.inbound_id,
        body=said.body,
        folded=said.folded,
        signature=said.signature,
        has_html=said.has_html,
        created_at=now,
    )
    for file in said.files:
        attach(comment_id, file)
    return comment_id


def attach(comment_id: int, file: File) -> int:
    """Show a file with a comment; returns the attachment's id."""
    return insert_row(
        Attachment,
        comment_id=comment_id,
        raw_id=file.raw_id,
        part=file.part,
        name=file.name[:255],
        type=file.type[:255],
        size=file.size,
        sha256=file.sha256,
        content_id=file.content_id[:998] if file.content_id else file.content_id,
        inline=file.inline,
    )


def note_event(ticket_id: int, kind: str, by: Actor, now: datetime, **values: Any) -> int:
    values.setdefault("detail", {})
    event_id = insert_row(
        Event, ticket_id=ticket_id, kind=kind, user_id=by.user_id, contact_id=by.contact_id, created_at=now, **values
    )
    if kind in HEARD_OF or values["detail"].get("to") == STATUSES["closed"]:
        insert_unless_there(Untold, event_id=event_id)
    return event_id


def note_news(ticket_id: int, kind: str, by: Actor, now: datetime, comment_id: int) -> None:
    """The event of a public comment; where it comes from the client's side, the ticket has news for us."""
    if by.is_ours:
        note_event(ticket_id, kind, by, now, comment_id=comment_id)
    elif on_postgresql():
        change_rows(
            news(), ticket_id=ticket_id, kind=kind, contact_id=by.contact_id, comment_id=comment_id, created_at=now
        )
    else:
        update_row(Ticket, ticket_id, news_id=note_event(ticket_id, kind, by, now, comment_id=comment_id))


@cache
def news() -> Prepared:
    """Event, mark and news in one statement: to wait for PostgreSQL's answer costs more than what it does."""
    columns = ("ticket_id", "kind", "contact_id", "comment_id", "created_at")
    values = {name: bindparam(name, type_=EVENTS.c[name].type) for name in columns}
    event = insert(EVENTS).values(**values, detail=bindparam("detail", {}, type_=EVENTS.c.detail.type))
    noted = event.returning(EVENTS.c.id).cte("noted")
    marked = insert(Untold).from_select(["event_id"], select(noted.c.id)).cte("marked")
    here = TICKETS.c.id == bindparam("ticket_id")
    return Prepared(update(TICKETS).where(here).values(news_id=select(noted.c.id).scalar_subquery()).add_cte(marked))


def status_of(ticket_id: int) -> str:
    [(status,)] = rows_of(STATUS, ticket_id=ticket_id)
    return str(status)


def preview_of(body: str) -> str:
    """The first words on one line."""
    return " ".join(body[: PREVIEW_LENGTH * 2].split())[:PREVIEW_LENGTH]
