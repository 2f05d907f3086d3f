"""Which tickets: the views with their counts, pages of them by key, search, and what is newer than a reader's page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, text, tuple_, union_all
from sqlalchemy.orm import aliased, joinedload, selectinload

from psa import clock
from psa.auth.models import User
from psa.clients.models import Client, Contact, ContactAddress
from psa.extensions import UTCDateTime, db
from psa.mail.blocking.models import IS_JUNK
from psa.mail.models import InboundEmail, MailAccount
from psa.narrowed import Narrowed
from psa.tickets.happenings import HAPPENED, tickets_that
from psa.tickets.models import OPEN, STATUSES, Comment, Event, Queue, Seen, Ticket, TicketTag
from psa.words import pattern

PAGE = 50
LIVE = ("new", "open", "waiting")
VIEWS = {
    "mine": "Mine",
    "unassigned": "Unassigned",
    "open": "All open",
    "waiting": "Waiting on client",
    "closed": "Closed",
}
HELD = ("held", "failed")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# So many numbers below the newest event are looked at again: on PostgreSQL a smaller one may be committed after it.
LATECOMERS = 50


@dataclass(frozen=True, slots=True)
class Wanted(Narrowed):
    """What a reader wants to see: a view, narrowed by filters. ``assignee`` is "", "me", "nobody" or a user's id.

    ``today`` is what happened to them since midnight (psa.tickets.happenings), whatever they are now.
    """

    IN_QUERY = {"queue_id": "queue", "tag_id": "tag", "words": "q"}

    view: str = "open"
    status: str = ""
    queue_id: int | None = None
    assignee: str = ""
    tag_id: int | None = None
    today: str = ""
    words: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Wanted:
        """Read the query of a request; what makes no sense there is left out."""
        view, status, queue, assignee = (args.get(name, "") for name in ("view", "status", "queue", "assignee"))
        tag = args.get("tag", "")
        return cls(
            view=view if view in VIEWS else "open",
            status=status if status in STATUSES else "",
            queue_id=int(queue) if is_key(queue) else None,
            assignee=assignee if assignee in ("me", "nobody") or is_key(assignee) else "",
            tag_id=int(tag) if is_key(tag) else None,
            today=args.get("today", "") if args.get("today", "") in HAPPENED else "",
            words=args.get("q", "").strip()[:200],
        )

    @property
    def is_plain(self) -> bool:
        """Whether this is a view as it stands in the sidebar."""
        return not (self.status or self.queue_id or self.assignee or self.tag_id or self.today or self.words)

    @property
    def is_queue(self) -> bool:
        """Whether this is a queue as it stands in the sidebar."""
        return self.queue_id is not None and replace(self, queue_id=None) == Wanted()

    @property
    def statuses(self) -> tuple[str, ...]:
        if self.status:
            return (self.status,)
        if self.words or self.today:
            return tuple(STATUSES)
        return (self.view,) if self.view in ("waiting", "closed") else LIVE


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket in a list, and whether it has news for the reader."""

    ticket: Ticket
    unread: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, latest first; ``before`` is the key of the next one, "" on the last."""

    rows: list[Row]
    before: str


@dataclass(slots=True)
class Counts:
    """How many tickets wait where, closed ones left out, and how many messages are held."""

    mine: int = 0
    unassigned: int = 0
    open: int = 0
    waiting: int = 0
    held: int = 0
    queues: dict[int, int] = field(default_factory=dict)

    def of(self, wanted: Wanted) -> int | None:
        """How many tickets ``wanted`` holds; None where nobody has counted."""
        if wanted.is_queue and wanted.queue_id is not None:
            return self.queues.get(wanted.queue_id, 0)
        if wanted.is_plain and wanted.view != "closed":
            return int(getattr(self, wanted.view))
        return None


def page_of(wanted: Wanted, user_id: int, before: str = "") -> Page:
    """The page of ``wanted`` that begins after the key ``before``."""
    conditions = conditions_of(wanted, user_id)
    key = read_key(before)
    if key is not None:
        conditions.append(tuple_(Ticket.changed_at, Ticket.id) < tuple_(literal(key[0], UTCDateTime), literal(key[1])))
    # One short walk along the index for each status, instead of sorting all that fit.
    walks = [
        latest_first(select(Ticket.id, Ticket.changed_at).where(Ticket.status == status, *conditions)).subquery()
        for status in wanted.statuses
    ]
    found = union_all(*(select(walk.c.id, walk.c.changed_at) for walk in walks)).subquery()
    ids = db.session.execute(
        select(found.c.id).order_by(found.c.changed_at.desc(), found.c.id.desc()).limit(PAGE + 1)
    ).scalars()
    tickets = in_order(list(ids), user_id)
    more = len(tickets) > PAGE
    return Page(tickets[:PAGE], key_of(tickets[PAGE - 1].ticket) if more else "")


def latest_first(query: Select[int, datetime]) -> Select[int, datetime]:
    return query.order_by(Ticket.changed_at.desc(), Ticket.id.desc()).limit(PAGE + 1)


def conditions_of(wanted: Wanted, user_id: int) -> list[ColumnElement[bool]]:
    """What ``wanted`` asks beside the status."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.words:
        conditions += search(wanted.words)
    elif wanted.view == "mine":
        conditions.append(Ticket.assignee_id == user_id)
    elif wanted.view == "unassigned":
        conditions.append(Ticket.assignee_id.is_(None))
    if wanted.queue_id is not None:
        conditions.append(Ticket.queue_id == wanted.queue_id)
    if wanted.tag_id is not None:
        conditions.append(Ticket.id.in_(select(TicketTag.ticket_id).where(TicketTag.tag_id == wanted.tag_id)))
    if wanted.today:
        conditions.append(Ticket.id.in_(tickets_that(wanted.today, clock.midnight(clock.today()))))
    if wanted.assignee == "nobody":
        conditions.append(Ticket.assignee_id.is_(None))
    elif wanted.assignee:
        conditions.append(Ticket.assignee_id == (user_id if wanted.assignee == "me" else int(wanted.assignee)))
    return conditions


def search(words: str) -> list[ColumnElement[bool]]:
    """Tickets by number (``#12``), or those with each word in the subject, in the last words said, or in the names."""
    number = re.fullmatch(r"\[?#?(\d{1,9})\]?", words)
    if number:
        return [Ticket.id == int(number[1])]
    return [
        or_(
            Ticket.subject.ilike(pattern(word), escape="\\"),
            Ticket.preview.ilike(pattern(word), escape="\\"),
            Ticket.requester_id.in_(people(word)),
            Ticket.client_id.in_(firms(word)),
        )
        for word in words.split()[:8]
    ]


def people(word: str) -> Select[Any]:
    is_named = Contact.name.ilike(pattern(word), escape="\\")
    has_address = ContactAddress.email.ilike(pattern(word), escape="\\")
    return select(Contact.id).outerjoin(ContactAddress).where(or_(is_named, has_address))


def firms(word: str) -> Select[Any]:
    return select(Client.id).where(Client.name.ilike(pattern(word), escape="\\"))


def in_order(ids: list[int], user_id: int) -> list[Row]:
    """The tickets with these ids, in this order, with all that a row shows."""
    seen = aliased(Seen)
    rows = db.session.execute(
        select(Ticket, func.coalesce(seen.event_id, 0) < Ticket.news_id)
        .outerjoin(seen, (seen.ticket_id == Ticket.id) & (seen.user_id == user_id))
        .where(Ticket.id.in_(ids))
        .options(
            joinedload(Ticket.queue),
            joinedload(Ticket.client),
            joinedload(Ticket.assignee),
            selectinload(Ticket.tags),
            joinedload(Ticket.requester).selectinload(Contact.addresses),
        )
    ).all()
    found = {ticket.id: Row(ticket, unread) for ticket, unread in rows}
    return [found[id] for id in ids if id in found]


def key_of(ticket: Ticket) -> str:
    """Where a page ends: the moment of the last change in microseconds, and the number."""
    return f"{(ticket.changed_at - EPOCH) // timedelta(microseconds=1)}-{ticket.id}"


def read_key(before: str) -> tuple[datetime, int] | None:
    """The key that ``key_of`` wrote; None for nothing and for nonsense."""
    parts = re.fullmatch(r"(\d{1,17})-(\d{1,9})", before)
    return (EPOCH + timedelta(microseconds=int(parts[1])), int(parts[2])) if parts else None


def is_key(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,9}", text) is not None


def counts(user_id: int) -> Counts:
    """All counts of the sidebar, in one statement."""
    mine = func.coalesce(Ticket.assignee_id == user_id, False).label("mine")
    nobody = Ticket.assignee_id.is_(None).label("nobody")
    live = (
        select(Ticket.queue_id, Ticket.status, mine, nobody, func.count().label("number"))
        .where(text(OPEN))
        .group_by(Ticket.queue_id, Ticket.status, mine, nobody)
    )
    held = select(literal(0), literal("held"), literal(False), literal(False), held_count())
    total = Counts()
    for row in db.session.execute(union_all(live, held)):
        if row.status == "held":
            total.held = row.number
            continue
        total.open += row.number
        total.mine += row.number if row.mine else 0
        total.unassigned += row.number if row.nobody else 0
        total.waiting += row.number if row.status == "waiting" else 0
        total.queues[row.queue_id] = total.queues.get(row.queue_id, 0) + row.number
    return total


def held_count() -> Any:
    """How many messages wait for a person, as a scalar for another statement; junk has a list of its own."""
    held = select(func.count()).where(is_held()).correlate(None).scalar_subquery()
    return held - select(func.count()).where(IS_JUNK).correlate(None).scalar_subquery()


def is_held() -> ColumnElement[bool]:
    # The accounts are named so that the index on (account_id, status) is used, however much mail there is.
    return InboundEmail.account_id.in_(select(MailAccount.id)) & InboundEmail.status.in_(HELD)


def held_messages(before: int | None = None) -> list[InboundEmail]:
    """Messages that were held or failed, latest first, at most one more than a page."""
    query = select(InboundEmail).where(is_held(), ~IS_JUNK).options(joinedload(InboundEmail.account))
    if before is not None:
        query = query.where(InboundEmail.id < before)
    return list(db.session.scalars(query.order_by(InboundEmail.id.desc()).limit(PAGE + 1)))


def newest() -> str:
    """A word that changes with every event anywhere and with every message that is held: ``event.latecomers.held``.

    The first number is the id of the newest event.
    """
    last = select(func.coalesce(func.max(Event.id), 0)).scalar_subquery()
    row = db.session.execute(
        select(func.coalesce(func.max(Event.id), 0), func.count(), held_count()).where(Event.id > last - LATECOMERS)
    ).one()
    return ".".join(str(number) for number in row)


def event_of(stamp: str) -> int:
    """The event that a word of ``newest`` begins with; 0 for nonsense."""
    number = stamp.partition(".")[0]
    return int(number) if number.isdecimal() and len(number) < 19 else 0


def changed_since(event_id: int, wanted: Wanted, user_id: int) -> int:
    """How many tickets of ``wanted`` have changed after the event."""
    changed = select(Event.ticket_id).where(Event.id > event_id)
    return (
        db.session.scalar(
            select(func.count()).where(
                Ticket.id.in_(changed), Ticket.status.in_(wanted.statuses), *conditions_of(wanted, user_id)
            )
        )
        or 0
    )


def story(ticket_id: int, after: int = 0) -> list[Event]:
    """What happened to a ticket after an event, in order, with the comments and all that a page shows of them."""
    return list(
        db.session.scalars(
            select(Event)
            .where(Event.ticket_id == ticket_id, Event.id > after)
            .order_by(Event.id)
            .options(
                joinedload(Event.user),
                joinedload(Event.contact).selectinload(Contact.addresses),
                joinedload(Event.comment).options(
                    joinedload(Comment.user),
                    joinedload(Comment.contact).selectinload(Contact.addresses),
                    joinedload(Comment.inbound).joinedload(InboundEmail.account),
                    selectinload(Comment.attachments),
                    selectinload(Comment.outbound),
                ),
            )
        )
    )


def last_event(ticket_id: int) -> int:
    """The id of the newest event of a ticket."""
    return db.session.scalar(select(func.max(Event.id)).where(Event.ticket_id == ticket_id)) or 0


def earlier_tickets(ticket: Ticket, limit: int = 5) -> list[Ticket]:
    """The latest tickets of the same requester before this one."""
    if ticket.requester_id is None:
        return []
    return list(
        db.session.scalars(
            select(Ticket)
            .where(Ticket.requester_id == ticket.requester_id, Ticket.id < ticket.id)
            .order_by(Ticket.id.desc())
            .limit(limit)
        )
    )


def staff() -> list[User]:
    """All users who can be given a ticket, by name."""
    return list(db.session.scalars(select(User).where(User.active).order_by(User.name, User.id)))


def queues() -> list[Queue]:
    """All queues in their order."""
    return list(db.session.scalars(select(Queue).order_by(Queue.position, Queue.id)))
