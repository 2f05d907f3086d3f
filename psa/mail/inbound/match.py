"""Which ticket does this message belong to? Several independent keys, the strongest first, and who may use them.

Whoever has seen a mail of ours can write its Message-ID into a mail of their own, and everybody can write a number. So
a key alone files nothing: the sender must be on that ticket, or, for a key that only we could make or that came with a
message of it, be of the ticket's client. Else it becomes a ticket of its own, and a person is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import bindparam

from psa.clients.operations import Person
from psa.extensions import db, rows_of
from psa.mail.message import ParsedEmail
from psa.mail.models import OutboundEmail
from psa.mail.outbound.compose import SUBJECT_TAG, ticket_of
from psa.mail.outbound.signed_addresses import mail_of_address, ticket_of_address
from psa.mail.threads import (
    known_tickets,
    ticket_of_reference,
    tickets_by_their_numbers,
    tickets_of_conversation,
)
from psa.prepared import Prepared
from psa.tickets.models import Comment, Ticket
from psa.tickets.relations import TicketLink
from psa.tickets.watchers import is_watcher

if TYPE_CHECKING:
    from psa.mail.inbound.beyond_tickets import Matter

MOST_LOOKED_UP = 50
# A mail that names more tickets than this wants to be let in somewhere.
MOST_TRIED = 20
# A ticket is merged into one that is merged into another; people do not do that ten times.
MOST_MERGES = 10
LARGEST = 2**31

TICKETS, COMMENTS, LINKS = Ticket.__table__, Comment.__table__, TicketLink.__table__
TICKET = Prepared(
    db.select(
        TICKETS.c.id, TICKETS.c.client_id, TICKETS.c.requester_id, TICKETS.c.status, TICKETS.c.merged_into_id
    ).where(TICKETS.c.id == bindparam("ticket_id"))
)
MAILS = OutboundEmail.__table__
TICKET_OF_MAIL = Prepared(
    db.select(MAILS.c.ticket_id).where(MAILS.c.id == bindparam("outbound_id"), MAILS.c.ticket_id.is_not(None))
)
WROTE = Prepared(
    db.select(COMMENTS.c.id)
    .where(COMMENTS.c.ticket_id == bindparam("ticket_id"), COMMENTS.c.contact_id == bindparam("contact_id"))
    .limit(1)
)
SPLIT_OFF = Prepared(
    db.select(LINKS.c.kind).where(
        LINKS.c.ticket_id == bindparam("ticket_id"), LINKS.c.other_id == bindparam("other_id"), LINKS.c.kind == "split"
    )
)


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket that was found, or None; ``words`` tell by which key, or why not by the one that came close.

    ``suggested_id`` is a ticket that it may belong to: a person decides. ``follows_id`` is a closed ticket that it
    answers and that stays closed: the new one is linked with it. ``weak``: only who is on the ticket may use the key.
    ``about`` is what the mail of ours was about that a message without a ticket answers: an invoice or an update.
    """

    ticket_id: int | None
    words: str
    suggested_id: int | None = None
    follows_id: int | None = None
    is_closed: bool = False
    weak: bool = False
    about: Matter | None = None

    @property
    def verdict(self) -> str:
        if self.ticket_id is not None:
            return f"#{self.ticket_id}"
        if self.follows_id is not None:
            return "A new linked one"
        return "A new one" if self.suggested_id is None else "In doubt"


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket that a key leads to. ``words`` follow “it”; a ``weak`` key counts only from who is on the ticket.

    With a ``doubt`` it files nothing: where the sender could use it, a person is asked.
    """

    ticket_id: int
    words: str
    weak: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket as it stands now, by TICKET."""

    id: int
    client_id: int | None
    requester_id: int | None
    status: str
    merged_into_id: int | None


def match_ticket(email: ParsedEmail, person: Person, decided: int | None = None) -> Match:
    """Find the ticket that ``email``, sent by ``person``, belongs to; ``decided`` is one that a user has named."""
    if decided is not None:
        return Match(decided, "a person has said so")
    doubt: Match | None = None
    nowhere = ""
    for found in islice(unrepeated(keys_of(email)), MOST_TRIED):
        ticket = ticket_now(found.ticket_id)
        if ticket is None:
            nowhere = nowhere or f"it {found.words}, which does not exist"
            continue
        its_words = found.words if ticket.id == found.ticket_id else f"{found.words}, which is part of #{ticket.id} now"
        why = standing(ticket, person, weak=found.weak)
        if found.doubt and why is None:
            continue
        if why is not None and not found.doubt:
            return Match(ticket.id, f"it {its_words}{why}", is_closed=ticket.status == "closed", weak=found.weak)
        doubt = doubt or Match(
            None, f"it may belong to #{ticket.id}: it {its_words}, but {against(email, found)}", ticket.id
        )
    return doubt or Match(None, nowhere or "it refers to no message of ours and its subject names no ticket")


def unrepeated(keys: Iterator[Found]) -> Iterator[Found]:
    """Each ticket once for each strength: a long conversation names the same one again and again."""
    seen: set[tuple[int, bool, bool]] = set()
    for found in keys:
        strength = (found.ticket_id, found.weak, found.doubt != "")
        if strength not in seen:
            seen.add(strength)
            yield found


def keys_of(email: ParsedEmail) -> Iterator[Found]:
    """The tickets that ``email`` names, whoever wrote it, the strongest key first; looked up only as far as asked."""
    ids = list(dict.fromkeys([*email.in_reply_to, *reversed(email.references)]))[:MOST_LOOKED_UP]
    known = list(by_references(ids)) if ids else []
    answered = next((found for found in known if not found.weak), None)
    for found in by_address(email):
        if answered is not None and is_split_off(answered.ticket_id, found.ticket_id):
            # The address is that of the whole ticket; the message that is answered has been moved since.
            yield answered
        yield found
    yield from (found for found in known if not found.weak)
    yield from by_reference_line(email)
    yield from (found for found in known if found.weak)
    yield from by_conversation(email)
    yield from by_their_number(email)
    yield from by_subject(email.subject or "")


def by_address(email: ParsedEmail) -> Iterator[Found]:
    """By the signed address that we gave our mail for answers, wherever a server noted it."""
    for address in email.recipients:
        if "+" not in address:
            continue
        if (ticket_id := ticket_of_address(address)) is not None and ticket_id < LARGEST:
            yield Found(ticket_id, f"was sent to our address for answers about #{ticket_id}")
        elif (ticket_id := ticket_returned_to(address)) is not None:
            # Machines answer to the return path (RFC 3834, 4).
            yield Found(ticket_id, f"came back to the return address of our mail about #{ticket_id}")


def ticket_returned_to(address: str) -> int | None:
    """The ticket of the mail that comes back to ``address``."""
    outbound_id = mail_of_address(address)
    if outbound_id is None or outbound_id >= LARGEST:
        return None
    found = rows_of(TICKET_OF_MAIL, outbound_id=outbound_id)
    return found[0][0] if found else None


def by_references(ids: list[str]) -> Iterator[Found]:
    """By In-Reply-To and References: where those messages are now, and for ours else the number in their signed id."""
    stored = known_tickets(ids)
    direct = {known.message_id for known in stored if not known.is_seen}
    for message_id in ids:
        number = ticket_of(message_id)
        whose = "our message about" if number is not None else "a message of"
        for known in stored:
            if known.message_id == message_id and not known.is_seen:
                yield Found(known.ticket_id, f"refers to {whose} #{known.ticket_id}")
        if number and number < LARGEST and message_id not in direct:
            yield Found(number, f"refers to our message about #{number}")
    for known in stored:
        if known.is_seen:
            words = f"refers to a message that others on #{known.ticket_id} refer to"
            yield Found(known.ticket_id, words, weak=True)


def by_reference_line(email: ParsedEmail) -> Iterator[Found]:
    """By the line at the foot of our mail, in what was quoted: programs drop headers, and seldom words."""
    ticket_id = ticket_of_reference(email.text)
    if ticket_id is not None and ticket_id < LARGEST:
        yield Found(ticket_id, f"quotes the reference of #{ticket_id}")


def by_conversation(email: ParsedEmail) -> Iterator[Found]:
    for ticket_id in tickets_of_conversation(email):
        yield Found(ticket_id, f"goes on with Outlook’s conversation of #{ticket_id}", weak=True)


def by_their_number(email: ParsedEmail) -> Iterator[Found]:
    """By the number that another help desk gives the matter, in its headers or its subject, between us and them."""
    for ticket_id, number in tickets_by_their_numbers(email):
        words = f"bears {number.number}, their own number, as a message of #{ticket_id} does"
        doubt = "" if number.is_sure else "that alone is not sure"
        yield Found(ticket_id, words, weak=number.is_sure, doubt=doubt)


def by_subject(subject: str) -> Iterator[Found]:
    """By ``[#123]``, the last resort: everybody can write it."""
    for tag in SUBJECT_TAG.finditer(subject):
        ticket_id = int(tag[1])
        yield Found(min(ticket_id, LARGEST), f"names {tag[0]} in its subject", weak=True)


def ticket_now(ticket_id: int) -> Candidate | None:
    """The ticket, or the one that it was merged into; None when it does not exist."""
    for _ in range(MOST_MERGES):
        rows = rows_of(TICKET, ticket_id=ticket_id) if ticket_id < LARGEST else ()
        if not rows:
            return None
        ticket = Candidate(*rows[0])
        if ticket.merged_into_id is None:
            return ticket
        ticket_id = ticket.merged_into_id
    return None


def standing(ticket: Candidate, person: Person, *, weak: bool) -> str | None:
    """What lets ``person`` use a key of the ticket, in words that follow it; None when nothing does."""
    if person.contact_id is not None and is_participant(ticket, person.contact_id):
        return ", and the sender is on that ticket" if weak else ""
    if not weak and person.client_id is not None and person.client_id == ticket.client_id:
        # A colleague who got our mail forwarded.
        return f"; the sender is not on that ticket, but of its client, {person.client_name}"
    return None


def is_participant(ticket: Candidate, contact_id: int) -> bool:
    """Whether the contact asked for the ticket, has written on it, or watches it."""
    return (
        ticket.requester_id == contact_id
        or bool(rows_of(WROTE, ticket_id=ticket.id, contact_id=contact_id))
        or is_watcher(ticket.id, contact_id)
    )


def against(email: ParsedEmail, found: Found) -> str:
    if found.doubt:
        return found.doubt
    who = (email.sender.email if email.sender is not None else "") or "its sender, who is not named,"
    return f"{who} is not on that ticket" if found.weak else f"{who} is neither on that ticket nor of its client"


def is_split_off(ticket_id: int, from_id: int) -> bool:
    return ticket_id != from_id and bool(rows_of(SPLIT_OFF, ticket_id=from_id, other_id=ticket_id))
