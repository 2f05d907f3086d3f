"""What has happened to tickets becomes notices: who hears of each event, once, after it is certain that it happened.

A verb writes an Untold row beside its event (psa.tickets.operations), in its own transaction. This job takes the row
away in the transaction that queues the mail, so a notice is sent once whatever is killed, a message is filed no later
because of it, and several things at one moment become one mail for each person. No notice leads to another: what
machines write on a ticket is told to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import groupby

from flask import current_app
from sqlalchemy.orm import joinedload

from psa import clock
from psa.auth.models import User
from psa.clients.models import Contact
from psa.extensions import db, durable_later, insert_row, run
from psa.mail.fuse.operations import may_answer
from psa.mail.inbound.loop_letters import SHAPE as OF_A_FULL_LOOP_TEST
from psa.mail.models import InboundEmail
from psa.mail.outbound.compose import Unwritable
from psa.mail.templates import facts
from psa.notifications.audience import Audience, Cause, Hearer, Staff, audience
from psa.notifications.by_itself import by_itself
from psa.notifications.letters import PURPOSE, write_to_requester, write_to_user
from psa.notifications.models import HeardQueue, Notice, Untold
from psa.notifications.telling import Happening, reach
from psa.tickets import operations
from psa.tickets.models import Comment, Event, Ticket
from psa.tickets.notifications import NobodyToWriteTo, facts_of
from psa.tickets.prose import letter_html

UNTOLD = Untold.__table__
AT_ONCE, MOST_PASSED_OVER = 500, 5000
# What nobody could be told for so long is no news any more: the server was off, or the tickets come from elsewhere.
STALE = timedelta(days=1)
# What is looked at of the message that an event came from.
OF_A_MESSAGE = (InboundEmail.backlog, InboundEmail.kind, InboundEmail.message_id)
# When several things concern a person at one moment, they hear of the one that concerns them most.
FIRST = ("user_assigned", "user_new_note", "user_new_reply", "user_new_ticket")


def tell_of_events() -> int:
    """Settle who hears of what has happened since the last round; returns how many notices that makes. Commits.

    A power cut may take a commit back, and then mark and mail together: the next round settles it again.
    """
    with durable_later():
        pass_over_the_unheard()
        return settle_all()


def pass_over_the_unheard() -> None:
    """Take away at once, however many there are, what came with a backlog, and tickets in queues that nobody chose."""
    unchosen = (Event.kind == "opened") & Ticket.queue_id.not_in(db.select(HeardQueue.queue_id))
    ids = db.session.scalars(
        db.select(Event.id)
        .join(Untold, Untold.event_id == Event.id)
        .join(Ticket, Ticket.id == Event.ticket_id)
        .outerjoin(Comment, Comment.id == Event.comment_id)
        .outerjoin(InboundEmail, InboundEmail.id == Comment.inbound_id)
        .where(InboundEmail.backlog | unchosen)
        .limit(MOST_PASSED_OVER)
    ).all()
    if ids:
        run(UNTOLD.delete().where(UNTOLD.c.event_id.in_(ids)))
        db.session.commit()


def settle_all() -> int:
    told, found = 0, waiting()
    if not found:
        return told
    staff = Staff.now()
    for ticket_id, event_ids in found:
        write, give_up = partial(settle, ticket_id, event_ids, staff), partial(take, event_ids)
        told += by_itself(write, give_up, "nobody could be told of what happened to a ticket", ticket=ticket_id)
    return told


def waiting() -> list[tuple[int, list[int]]]:
    """Tickets with their events that nobody was told of. That one is closed can be undone with the reply that did it:
    it waits for as long.
    """
    undone_until = clock.now() - timedelta(seconds=current_app.config["PSA_UNDO_SECONDS"])
    is_certain = (Event.kind != "status") | (Event.created_at <= undone_until)
    rows = db.session.execute(
        db.select(Event.ticket_id, Event.id)
        .join(Untold, Untold.event_id == Event.id)
        .where(is_certain)
        .order_by(Event.ticket_id, Event.id)
        .limit(AT_ONCE)
    ).all()
    return [(ticket_id, [row.id for row in group]) for ticket_id, group in groupby(rows, lambda row: row.ticket_id)]


def take(event_ids: Sequence[int]) -> bool:
    """Take the events off the list; False when another host has been quicker."""
    return run(UNTOLD.delete().where(UNTOLD.c.event_id.in_(event_ids))).rowcount == len(event_ids)


def settle(ticket_id: int, event_ids: Sequence[int], staff: Staff) -> int:
    if not take(event_ids):
        db.session.rollback()
        return 0
    ticket = db.session.get_one(Ticket, ticket_id, populate_existing=True)
    events = db.session.scalars(
        db.select(Event)
        .where(Event.id.in_(event_ids))
        .order_by(Event.id)
        .options(joinedload(Event.comment).joinedload(Comment.inbound).load_only(*OF_A_MESSAGE))
    ).all()
    news = [one for event in events for one in news_of(event, ticket, staff)]
    heard: dict[int, tuple[News, Hearer]] = {}
    told = 0
    for one in sorted(news, key=lambda one: FIRST.index(one.kind) if one.kind in FIRST else -1):
        who = audience(one.kind, ticket, one.cause, staff)
        if one.kind == "ticket_closed":
            told += tell_contact(one, ticket, who)
            continue
        for hearer in who.hearers:
            heard.setdefault(hearer.person.id, (one, hearer))
    return told + sum(tell_user(one, ticket, hearer) for one, hearer in heard.values())


@dataclass(frozen=True, slots=True)
class News:
    """One thing to hear of: its kind, whose doing it was, and what was said."""

    kind: str
    event: Event
    cause: Cause

    @property
    def who(self) -> str:
        event = self.event
        person = event.user.name if event.user is not None else event.contact.display_name if event.contact else ""
        return person or ("Mail delivery" if is_of_a_lost_answer(event) else "A rule")

    def words(self, ticket: Ticket) -> str:
        """What happened, as a line of a digest."""
        about = f"#{ticket.number} {ticket.subject}"
        return {
            "user_new_ticket": f"New in {ticket.queue.name}: {about}",
            "user_assigned": f"{self.who} gave you {about}",
            "user_new_reply": f"{self.who} answered on {about}",
            "user_new_note": f"{self.who} left a note on {about}",
            "ticket_closed": f"Closed: {about}",
        }[self.kind]


def news_of(event: Event, ticket: Ticket, staff: Staff) -> Iterator[News]:
    """What there is to hear of an event; nothing of what is old, imported, a machine's, or not so any more."""
    comment = event.comment
    if event.created_at < clock.now() - STALE or is_quiet(comment):
        return
    cause = cause_of(event)
    if event.kind == "opened" and not is_a_machine_of_ours(ticket, cause, staff):
        yield News("user_new_ticket", event, cause)
    elif event.kind == "commented" and comment is not None and comment.kind == "note":
        yield News("user_new_note", event, cause)
    elif event.kind == "commented" and comment is not None and comment.user_id is None and is_a_persons(comment):
        yield News("user_new_reply", event, cause)
    elif event.kind == "assignee" and is_last(event):
        yield News("user_assigned", event, cause)
    elif is_of_a_lost_answer(event) and is_last(event):
        yield News("user_new_note", event, cause)
    elif event.kind == "status" and ticket.status == "closed" and is_last(event):
        yield News("ticket_closed", event, cause)


def is_of_a_lost_answer(event: Event) -> bool:
    """Whether the ticket is open again because our answer reached nobody (psa.tickets.lost_answers)."""
    return event.kind == "status" and bool(event.detail.get("words"))


def is_quiet(comment: Comment | None) -> bool:
    """Whether it came with a backlog, or with a full-loop test that takes its ticket away again."""
    inbound = comment.inbound if comment is not None else None
    return inbound is not None and (inbound.backlog or bool(OF_A_FULL_LOOP_TEST.match(inbound.message_id or "")))


def is_a_persons(comment: Comment) -> bool:
    return comment.inbound is None or comment.inbound.kind == "person"


def is_a_machine_of_ours(ticket: Ticket, cause: Cause, staff: Staff) -> bool:
    """Whether an answering machine of one of us has opened the ticket: to tell the others would make a loop."""
    return ticket.automatic and any(user.email.lower() in cause.emails for user in staff.users)


def is_last(event: Event) -> bool:
    """Whether the ticket was not changed again in the same way."""
    later = db.select(Event.id).where(Event.ticket_id == event.ticket_id, Event.kind == event.kind, Event.id > event.id)
    return db.session.scalar(later.limit(1)) is None


def cause_of(event: Event) -> Cause:
    emails = {one.email.lower() for one in event.contact.addresses} if event.contact is not None else set()
    comment = event.comment
    note = comment.body if comment is not None and comment.kind == "note" else ""
    return Cause(event.user_id, frozenset(emails), note)


def tell_user(news: News, ticket: Ticket, hearer: Hearer) -> bool:
    """Write to the user now, or let it wait for their digest."""
    user = hearer.person
    assert isinstance(user, User)
    what = Happening(news.kind, news.words(ticket), ticket_id=ticket.id)
    return reach(hearer, what, lambda: write_to_user(user, news.kind, ticket, facts_of_news(news, ticket)))


def tell_contact(news: News, ticket: Ticket, who: Audience) -> bool:
    """Write to the requester; on the ticket it is said when that cannot be."""
    contact = who.contact
    if contact is None:
        return False
    blown = may_answer(contact.email, PURPOSE)
    if blown:
        operations.note_mail(ticket.id, f"“Ticket closed” was not sent: {blown}.")
        return False
    try:
        outbound_id = write_to_requester(contact, news.kind, ticket, facts_of_news(news, ticket))
    except (NobodyToWriteTo, Unwritable) as reason:
        operations.note_mail(ticket.id, f"“Ticket closed” was not sent: {reason}")
        return False
    note_told(contact, news, ticket, outbound_id)
    return True


def note_told(contact: Contact, news: News, ticket: Ticket, outbound_id: int) -> None:
    insert_row(
        Notice,
        contact_id=contact.id,
        kind=news.kind,
        ticket_id=ticket.id,
        words=news.words(ticket),
        made_at=clock.now(),
        left_at=clock.now(),
        outbound_id=outbound_id,
    )


def facts_of_news(news: News, ticket: Ticket) -> dict[str, object]:
    """What the templates of notices may speak of."""
    comment = news.event.comment
    body = comment.body.rstrip() if comment is not None else str(news.event.detail.get("words", ""))
    said = facts.Rich(letter_html(body), body)
    agent = news.who if news.event.contact is None else ""
    return facts_of(ticket) | {
        "agent": facts.Agent.of(agent) if news.event.user is not None else facts.Agent(agent, agent),
        "reply": facts.Reply(said),
        "note": facts.Note(said),
    }
