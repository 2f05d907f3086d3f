"""What the firm, its users and its contacts have chosen to send and to hear."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import bindparam, literal_column

from psa.auth.models import User
from psa.clients.models import Contact
from psa.clients.operations import make_contact
from psa.extensions import change_rows, db, insert_unless_there, lock_row
from psa.notifications.kinds import NAMED, TOPICS
from psa.notifications.models import HeardQueue, Hearing, NoticeSwitch, UnheardKind, UnheardTopic
from psa.prepared import Prepared

RHYTHMS = {"single": "each by itself", "hourly": "together, once an hour", "daily": "together, once a day"}


@dataclass(frozen=True, slots=True)
class Choice:
    """How a user hears: the kinds that they do not want, the queues whose new tickets they want, and when."""

    unheard: frozenset[str] = field(default_factory=frozenset)
    queues: frozenset[int] = field(default_factory=frozenset)
    rhythm: str = "single"
    daily_at: int = 8 * 60

    @property
    def daily_time(self) -> str:
        """08:00, as a time field has it."""
        return f"{self.daily_at // 60:02}:{self.daily_at % 60:02}"


NOT_TOLD = UnheardTopic.__table__
TICKETS_ONLY = Prepared(
    NOT_TOLD.insert().values(
        [
            {"contact_id": bindparam("new_contact"), "topic": literal_column(f"'{topic}'")}
            for topic in TOPICS
            if topic != "tickets"
        ]
    )
)
Switches = dict[tuple[str, int | None], bool]


def is_on(kind: str, queue_id: int | None = None, said: Switches | None = None) -> bool:
    """Whether the firm sends it, about a ticket of this queue: the queue's own word, else the one for all.

    ``said`` are the switches, where they are known. Raises KeyError for what is no kind of notice.
    """
    said = switches() if said is None else said
    return said.get((kind, queue_id), said.get((kind, None), NAMED[kind].on))


def is_on_anywhere(kind: str) -> bool:
    """Whether the firm sends it about tickets of any queue."""
    said = switches()
    return is_on(kind, None, said) or any(on for (name, _), on in said.items() if name == kind)


def switches() -> Switches:
    """What an admin has said, by kind and queue; the queue is None for all of them."""
    return {(row.kind, row.queue_id): row.is_on for row in db.session.scalars(db.select(NoticeSwitch))}


def switch(wanted: Mapping[tuple[str, int | None], bool | None]) -> None:
    """Change what the firm sends; None lets a queue do as the others do. Flushes."""
    kept = {(row.kind, row.queue_id): row for row in db.session.scalars(db.select(NoticeSwitch))}
    for (kind, queue_id), on in wanted.items():
        row = kept.get((kind, queue_id))
        if on is None:
            if row is not None:
                db.session.delete(row)
        elif row is not None:
            row.is_on = on
        else:
            db.session.add(NoticeSwitch(kind=kind, queue_id=queue_id, is_on=on))
    db.session.flush()


def choice_of(user_id: int) -> Choice:
    return choices_of([user_id])[user_id]


def choices_of(user_ids: Collection[int]) -> dict[int, Choice]:
    """The choices of some users, in three queries however many they are."""
    hearings = {one.user_id: one for one in db.session.scalars(db.select(Hearing).where(Hearing.user_id.in_(user_ids)))}
    unheard: dict[int, set[str]] = {}
    for one in db.session.scalars(db.select(UnheardKind).where(UnheardKind.user_id.in_(user_ids))):
        unheard.setdefault(one.user_id, set()).add(one.kind)
    queues: dict[int, set[int]] = {}
    for heard in db.session.scalars(db.select(HeardQueue).where(HeardQueue.user_id.in_(user_ids))):
        queues.setdefault(heard.user_id, set()).add(heard.queue_id)
    return {
        user_id: Choice(
            frozenset(unheard.get(user_id, ())),
            frozenset(queues.get(user_id, ())),
            *((hearings[user_id].rhythm, hearings[user_id].daily_at) if user_id in hearings else ()),
        )
        for user_id in user_ids
    }


def choose(user_id: int, choice: Choice) -> None:
    """Let a user hear as they want it from now on. Flushes."""
    hearing = db.session.get(Hearing, user_id)
    if hearing is None:
        hearing = Hearing(user_id=user_id)
        db.session.add(hearing)
    hearing.rhythm, hearing.daily_at = choice.rhythm, choice.daily_at
    db.session.execute(db.delete(UnheardKind).where(UnheardKind.user_id == user_id))
    db.session.execute(db.delete(HeardQueue).where(HeardQueue.user_id == user_id))
    db.session.flush()
    for kind in choice.unheard:
        insert_unless_there(UnheardKind, user_id=user_id, kind=kind)
    for queue_id in choice.queues:
        insert_unless_there(HeardQueue, user_id=user_id, queue_id=queue_id)


def hear_queue(user_id: int, queue_id: int, hears: bool) -> None:
    """Let a user hear of new tickets in one queue, or no more; what else they hear of stays."""
    if hears:
        insert_unless_there(HeardQueue, user_id=user_id, queue_id=queue_id)
        resume_kinds(user_id, ["user_new_ticket"])
    else:
        db.session.execute(db.delete(HeardQueue).where(HeardQueue.user_id == user_id, HeardQueue.queue_id == queue_id))


def stop_kinds(user_id: int, kinds: Iterable[str]) -> None:
    """The user wants nothing more of these kinds."""
    for kind in kinds:
        insert_unless_there(UnheardKind, user_id=user_id, kind=kind)


def resume_kinds(user_id: int, kinds: Collection[str]) -> None:
    db.session.execute(db.delete(UnheardKind).where(UnheardKind.user_id == user_id, UnheardKind.kind.in_(kinds)))


def stop_topic(contact_id: int, topic: str) -> None:
    """The contact wants to hear nothing more of this topic."""
    insert_unless_there(UnheardTopic, contact_id=contact_id, topic=topic)


def resume_topic(contact_id: int, topic: str) -> None:
    one = (UnheardTopic.contact_id == contact_id) & (UnheardTopic.topic == topic)
    db.session.execute(db.delete(UnheardTopic).where(one))


def is_told(contact_id: int, topic: str) -> bool:
    """Whether a contact is told of a topic."""
    return db.session.get(UnheardTopic, (contact_id, topic), populate_existing=True) is None


def not_told(topic: str, contact_ids: Collection[int]) -> set[int]:
    """Those of the contacts who are told nothing of a topic."""
    wanted = UnheardTopic.topic == topic, UnheardTopic.contact_id.in_(contact_ids)
    return set(db.session.scalars(db.select(UnheardTopic.contact_id).where(*wanted)))


def topics_of(contact_id: int) -> set[str]:
    """The topics that a contact is told of."""
    unheard = db.session.scalars(db.select(UnheardTopic.topic).where(UnheardTopic.contact_id == contact_id))
    return set(TOPICS) - set(unheard)


def tell(contact_id: int, topics: Collection[str]) -> None:
    """Tell a contact of these topics from now on and of no other."""
    db.session.execute(db.delete(UnheardTopic).where(UnheardTopic.contact_id == contact_id))
    for topic in TOPICS:
        if topic not in topics:
            insert_unless_there(UnheardTopic, contact_id=contact_id, topic=topic)


def tell_anew(contact_id: int, topics: Collection[str], shown: Collection[str]) -> bool:
    """Tell a contact of these topics, as somebody wants it who was ``shown`` what they are told of now.

    False, and nothing changes, when that has changed since: by a colleague, or by the contact from a mail of theirs.
    """
    lock_row(Contact, contact_id)
    if topics_of(contact_id) not in (set(shown), set(topics)):
        return False
    tell(contact_id, topics)
    return True


def meet_contact(email: str, name: str, client_id: int | None) -> int:
    """A new contact whom nobody has entered as one, but who has written or was written to; returns its id.

    They are told of tickets only: invoices and updates are not for all who ever wrote. Somebody else's address raises
    IntegrityError.
    """
    contact_id = make_contact(email, name, client_id)
    change_rows(TICKETS_ONLY, new_contact=contact_id)
    return contact_id


def active_users() -> list[User]:
    return list(db.session.scalars(db.select(User).where(User.active).order_by(User.name, User.id)))
