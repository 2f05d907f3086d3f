"""Who follows a ticket beside its requester and its assignee: users, and contacts, who get a copy of public replies."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam
from sqlalchemy.orm import joinedload, selectinload

from psa import clock
from psa.clients.models import Contact
from psa.extensions import db, insert_unless_there, rows_of, update_row
from psa.prepared import Prepared
from psa.tickets.models import Ticket, Watcher
from psa.tickets.operations import Actor, note_event

# More are no people of a conversation: every reply would be a circular.
MOST_CONTACTS = 30
WATCHERS = Watcher.__table__
CONTACT_WATCHES = Prepared(
    db.select(WATCHERS.c.id).where(
        WATCHERS.c.ticket_id == bindparam("ticket_id"),
        WATCHERS.c.contact_id == bindparam("contact_id"),
        WATCHERS.c.gone.is_(False),
    )
)


def watching_users(ticket_id: int) -> list[int]:
    """The ids of the active users who watch the ticket."""
    watchers = db.session.scalars(
        db.select(Watcher).where(watches(ticket_id), Watcher.user_id.is_not(None)).options(joinedload(Watcher.user))
    )
    return [one.user_id for one in watchers if one.user_id is not None and one.user is not None and one.user.active]


def is_watcher(ticket_id: int, contact_id: int) -> bool:
    """Whether the contact watches the ticket, and so is one of those who talk on it."""
    return bool(rows_of(CONTACT_WATCHES, ticket_id=ticket_id, contact_id=contact_id))


def watching_contacts(ticket_id: int) -> list[Contact]:
    """The contacts who get a copy of each public reply, in the order in which they came; the requester is none."""
    asked = db.session.scalar(db.select(Ticket.requester_id).where(Ticket.id == ticket_id))
    found = db.session.scalars(
        db.select(Contact)
        .join(Watcher, Watcher.contact_id == Contact.id)
        .where(watches(ticket_id))
        .order_by(Watcher.since, Watcher.id)
        .options(selectinload(Contact.addresses))
    )
    return [contact for contact in found if contact.id != asked and contact.email]


def watchers_of(ticket_id: int) -> list[Watcher]:
    """Everybody who watches the ticket, users first."""
    query = db.select(Watcher).where(watches(ticket_id)).order_by(Watcher.user_id.is_(None), Watcher.id)
    people = joinedload(Watcher.contact).selectinload(Contact.addresses)
    return list(db.session.scalars(query.options(joinedload(Watcher.user), people)))


def watches(ticket_id: int) -> ColumnElement[bool]:
    return and_(Watcher.ticket_id == ticket_id, Watcher.gone.is_(False))


def watch(ticket_id: int, *, user_id: int, name: str, because: str, by: Actor) -> bool:
    """Let a user follow the ticket (``name`` for the event); False when they do already."""
    return follow(ticket_id, {"user_id": user_id}, name, because, by)


def copy_in(ticket_id: int, *, contact_id: int, name: str, because: str, by: Actor) -> bool:
    """Let a contact follow the ticket; False when they do already.

    The machine and a client's mail bring nobody back whom a person has taken out, and no more than MOST_CONTACTS.
    """
    return follow(ticket_id, {"contact_id": contact_id}, name, because, by)


def follow(ticket_id: int, who: dict[str, int], name: str, because: str, by: Actor) -> bool:
    key, person_id = next(iter(who.items()))
    column = getattr(Watcher, key)
    row = db.session.execute(
        db.select(Watcher.id, Watcher.gone).where(Watcher.ticket_id == ticket_id, column == person_id)
    ).one_or_none()
    if row is not None:
        if not row.gone or not by.is_ours:
            return False
        update_row(Watcher, row.id, gone=False, because=because[:200], since=clock.now())
    else:
        if key == "contact_id" and not by.is_ours and number_of_contacts(ticket_id) >= MOST_CONTACTS:
            return False
        if not insert_unless_there(Watcher, ticket_id=ticket_id, because=because[:200], **who):
            return False
    note_event(ticket_id, "watcher", by, clock.now(), detail={"from": "", "to": name, "words": because})
    return True


def unwatch(watcher: Watcher, by: Actor) -> None:
    """Take somebody out; a mail that names them in Cc again does not bring them back, a person can."""
    if watcher.gone:
        return
    watcher.gone = True
    db.session.flush()
    name = watcher.user.name if watcher.user else (watcher.contact.display_name if watcher.contact else "")
    note_event(watcher.ticket_id, "watcher", by, clock.now(), detail={"from": name, "to": "", "words": ""})


def number_of_contacts(ticket_id: int) -> int:
    query = db.select(db.func.count()).where(watches(ticket_id), Watcher.contact_id.is_not(None))
    return db.session.scalar(query) or 0
