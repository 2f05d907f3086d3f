"""Who hears of something: the same answer for the mail that leaves and for the preview on the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import selectinload

from psa import clock
from psa.auth.models import User
from psa.clients.models import Contact
from psa.extensions import db
from psa.mail.blocking.operations import blocked_among, find_block
from psa.mail.models import InboundEmail
from psa.mail.outbound import addresses
from psa.notifications import choices
from psa.notifications.choices import Choice, Switches
from psa.notifications.kinds import NAMED, Kind
from psa.notifications.models import Notice
from psa.tickets.models import Comment, Ticket
from psa.tickets.watchers import watching_users

# Users whom something may concern, and why.
Concerned = list[tuple[User, str]]
# Whoever has so many tickets closed within an hour need not hear of each: somebody tidies up.
MOST_TO_A_CONTACT = 5


@dataclass(frozen=True, slots=True)
class Cause:
    """Whose doing it was, and what a note said. Nothing of it is known when it has not happened yet."""

    user_id: int | None = None
    emails: frozenset[str] = frozenset()
    note: str = ""

    def is_of(self, user: User) -> bool:
        """Whether the user did it, here or by mail."""
        return user.id == self.user_id or user.email.lower() in self.emails


@dataclass(frozen=True, slots=True)
class Hearer:
    """One who hears, and why: a user or a contact. ``later`` is in words when their digest comes; "" for at once."""

    person: User | Contact
    why: str
    later: str = ""

    @property
    def name(self) -> str:
        return self.person.name if isinstance(self.person, User) else self.person.display_name


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who hear, those who could have and why they don't, and why it is nobody at all."""

    hearers: tuple[Hearer, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    nobody: str = ""

    @property
    def contact(self) -> Contact | None:
        return next(iter(self.contacts), None)

    @property
    def contacts(self) -> list[Contact]:
        """The contacts among those who hear."""
        return [one.person for one in self.hearers if isinstance(one.person, Contact)]


@dataclass(frozen=True, slots=True)
class Staff:
    """All who could hear, what each has chosen, and what is switched on: read once for many tickets."""

    users: list[User]
    chosen: dict[int, Choice]
    switches: Switches

    @classmethod
    def now(cls) -> Staff:
        users = choices.active_users()
        return cls(users, choices.choices_of([user.id for user in users]), choices.switches())


def audience(kind: str, ticket: Ticket, cause: Cause, staff: Staff) -> Audience:
    """Who hears of ``kind`` about a ticket as it is now. Raises KeyError for what is no kind of notice."""
    if not choices.is_on(kind, ticket.queue_id, staff.switches):
        return Audience(nobody=f"It is switched off for {ticket.queue.name}.")
    if kind == "ticket_opened" and ticket.queue.auto_reply == "off":
        return Audience(nobody=f"{ticket.queue.name} wants no auto-reply.")
    if not NAMED[kind].is_for_users:
        return of_requester(NAMED[kind], ticket)
    return of_users(kind, ticket, cause, staff)


def of_requester(kind: Kind, ticket: Ticket) -> Audience:
    contact = ticket.requester
    if contact is None or not contact.email:
        return Audience(nobody="The ticket has no requester with an address.")
    why_not = why_not_contact(kind, ticket, contact)
    if why_not:
        return Audience(left_out=((contact.display_name, why_not),))
    return Audience((Hearer(contact, "the requester"),))


def why_not_contact(kind: Kind, ticket: Ticket, contact: Contact) -> str:
    """Why this person is not told, in words after their name; "" when they are."""
    if ticket.automatic:
        return "wrote by machine, and machines are not answered"
    if was_forged(ticket):
        return "seems not to have written the message: its sender was forged"
    if find_block(contact.email) is not None:
        return "is blocked"
    if not choices.is_told(contact.id, kind.topic):
        return f"is told nothing of {kind.topic}"
    held = addresses.suppressed([contact.email])
    if held:
        return addresses.why(next(iter(held.values())))
    if told_this_hour(contact.id) >= MOST_TO_A_CONTACT:
        return f"had {MOST_TO_A_CONTACT} notices within the hour"
    return ""


def of_client(kind: str, client_id: int) -> Audience:
    """Which contacts of a client hear of a project update, an invoice or a reminder. Raises KeyError for no kind."""
    if not choices.is_on(kind):
        return Audience(nobody="It is switched off.")
    people = db.session.scalars(
        db.select(Contact)
        .where(Contact.client_id == client_id, Contact.merged_into_id.is_(None))
        .order_by(Contact.name, Contact.id)
        .options(selectinload(Contact.addresses))
    ).all()
    topic = NAMED[kind].topic
    deaf = choices.not_told(topic, [person.id for person in people]) if topic else set()
    known = [person.email for person in people if person.email]
    held, blocked = addresses.suppressed(known), blocked_among(known)
    hearers: list[Hearer] = []
    left_out: list[tuple[str, str]] = []
    for person in people:
        if not person.email:
            left_out.append((person.display_name, "has no address"))
        elif person.id in deaf:
            left_out.append((person.display_name, f"is told nothing of {topic}"))
        elif person.email.lower() in held:
            left_out.append((person.display_name, addresses.why(held[person.email.lower()])))
        elif person.email.lower() in blocked:
            left_out.append((person.display_name, "is blocked"))
        else:
            hearers.append(Hearer(person, f"is told of {topic}" if topic else "is a contact"))
    return Audience(tuple(hearers), tuple(left_out), "" if people else "The client has no contact yet.")


def of_user(kind: str, user: User, cause: Cause) -> Audience:
    """Whether one user hears of what concerns them alone, such as a task. Raises KeyError for what is no kind."""
    if not choices.is_on(kind):
        return Audience(nobody="It is switched off.")
    if not user.active:
        return Audience(left_out=((user.name, "has left"),))
    return those_who_want([(user, "the assignee")], kind, cause, {user.id: choices.choice_of(user.id)})


def was_forged(ticket: Ticket) -> bool:
    """Whether the sender of its first message was found to be somebody else: what we say would go to a stranger."""
    verdict: str | None = db.session.scalar(
        db.select(InboundEmail.trust)
        .join(Comment, Comment.inbound_id == InboundEmail.id)
        .where(Comment.ticket_id == ticket.id)
        .order_by(Comment.id)
        .limit(1)
    )
    return verdict == "failed"


def told_this_hour(contact_id: int) -> int:
    since = clock.now() - timedelta(hours=1)
    counted = db.select(db.func.count()).select_from(Notice)
    return db.session.scalar(counted.where(Notice.contact_id == contact_id, Notice.left_at > since)) or 0


def of_users(kind: str, ticket: Ticket, cause: Cause, staff: Staff) -> Audience:
    concerned = CONCERNED[kind](ticket, cause, staff)
    if not concerned:
        return Audience(nobody=NOBODY[kind].format(queue=ticket.queue.name))
    return those_who_want(concerned, kind, cause, staff.chosen)


def those_who_want(concerned: Concerned, kind: str, cause: Cause, chosen: Mapping[int, Choice]) -> Audience:
    held = addresses.suppressed([user.email for user, _ in concerned])
    hearers: list[Hearer] = []
    left_out: list[tuple[str, str]] = []
    for user, why in concerned:
        state = held.get(user.email.lower())
        if cause.is_of(user):
            left_out.append((user.name, "did it"))
        elif kind in chosen[user.id].unheard:
            left_out.append((user.name, "does not want to hear of it"))
        elif state is not None:
            left_out.append((user.name, addresses.why(state)))
        else:
            rhythm = chosen[user.id].rhythm
            later = "" if rhythm == "single" else choices.RHYTHMS[rhythm]
            hearers.append(Hearer(user, why, later))
    return Audience(tuple(hearers), tuple(left_out))


def who_has_the_queue(ticket: Ticket, cause: Cause, staff: Staff) -> Concerned:
    return [
        (user, f"has chosen {ticket.queue.name}")
        for user in staff.users
        if ticket.queue_id in staff.chosen[user.id].queues
    ]


def who_has_the_ticket(ticket: Ticket, cause: Cause, staff: Staff) -> Concerned:
    return [(user, "the assignee") for user in staff.users if user.id == ticket.assignee_id]


def who_follows(ticket: Ticket, cause: Cause, staff: Staff) -> Concerned:
    """The assignee, and the users who watch."""
    watching = watching_users(ticket.id)
    others = [
        (user, "watches the ticket") for user in staff.users if user.id in watching and user.id != ticket.assignee_id
    ]
    return [*who_has_the_ticket(ticket, cause, staff), *others]


def whom_a_note_concerns(ticket: Ticket, cause: Cause, staff: Staff) -> Concerned:
    followers = who_follows(ticket, cause, staff)
    known = {user.id for user, _ in followers}
    named = [user for user in staff.users if user.id not in known and is_named(user, staff.users, cause.note)]
    return [*followers, *((user, "is named in the note") for user in named)]


CONCERNED: dict[str, Callable[[Ticket, Cause, Staff], Concerned]] = {
    "user_new_ticket": who_has_the_queue,
    "user_assigned": who_has_the_ticket,
    "user_new_reply": who_follows,
    "user_new_note": whom_a_note_concerns,
}
NOBODY = {
    "user_new_ticket": "Nobody has chosen to hear of new tickets in {queue}.",
    "user_assigned": "The ticket is nobody’s.",
    "user_new_reply": "The ticket is nobody’s, and nobody watches it.",
    "user_new_note": "The ticket is nobody’s, nobody watches it, and the note names nobody.",
}


def is_named(user: User, users: Iterable[User], note: str) -> bool:
    """Whether a note says @Tom Okafor, @TomOkafor, or @Tom where no other user has that first name."""
    first = first_name(user)
    names = [user.name, "".join(user.name.split())]
    if sum(first_name(one) == first for one in users) == 1:
        names.append(first)
    return any(re.search(rf"(?<!\w)@{re.escape(name)}(?!\w)", note, re.IGNORECASE) for name in names if name)


def first_name(user: User) -> str:
    return next(iter(user.name.lower().split()), "")
