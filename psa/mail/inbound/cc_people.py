"""Whom a client's mail brings along: the people in To and Cc follow its ticket, as far as the ticket's queue wants it.

So does a colleague who answers on somebody else's ticket, who would otherwise never hear our answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam

from psa.auth.models import User
from psa.clients import operations as clients
from psa.clients.operations import FREE_MAIL, Person
from psa.extensions import db, rows_of
from psa.mail.blocking.operations import find_block
from psa.mail.inbound.classify import Kind
from psa.mail.inbound.disposition import Trace
from psa.mail.inbound.people import known_contact
from psa.mail.inbound.trust import DOUBTFUL, FAILED, Trust
from psa.mail.message import Address, ParsedEmail
from psa.mail.models import MailAccount
from psa.prepared import Prepared
from psa.tickets.models import Queue, Ticket
from psa.tickets.operations import Actor
from psa.tickets.watchers import copy_in, watch

if TYPE_CHECKING:
    from psa.mail.inbound.routing import Desk

# A mail to more people than this is a circular, and none of them has asked to follow a ticket.
MOST_NAMED = 15
# Nobody reads what is written to them.
NO_PERSON = re.compile(
    r"(?:.*[-_.+])?(?:(?:no|do-?not|never)[-_.]?reply|mailer-daemon|postmaster|bounces?|daemon|listserv|majordomo)"
    r"(?:[-_.+].*)?",
    re.IGNORECASE,
)
TICKETS, QUEUES = Ticket.__table__, Queue.__table__
TICKET = Prepared(
    db.select(TICKETS.c.requester_id, TICKETS.c.client_id, QUEUES.c.cc_people)
    .select_from(TICKETS.join(QUEUES, QUEUES.c.id == TICKETS.c.queue_id))
    .where(TICKETS.c.id == bindparam("ticket_id"))
)


@dataclass(frozen=True, slots=True)
class Talk:
    """The ticket that people come to: whose it is, and whom its queue lets in (a key of CC_PEOPLE)."""

    ticket_id: int
    requester_id: int | None
    client_id: int | None
    lets_in: str


@dataclass(frozen=True, slots=True)
class Here:
    """What of a mail's addresses is ours: the users by their addresses, and mailboxes that are read or forwarded here.

    All in lower case.
    """

    users: dict[str, tuple[int, str]]
    mailboxes: frozenset[str]
    own_domains: frozenset[str]

    @classmethod
    def of(cls, email: ParsedEmail, named: list[Address], desk: Desk) -> Here:
        emails = {one.email.lower() for one in named}
        users = db.session.execute(db.select(User.email, User.id, User.name).where(User.email.in_(emails), User.active))
        accounts = db.session.scalars(db.select(MailAccount.address).distinct())
        # Where it was delivered on its way to us is another name of ours, unless somebody we know has it.
        delivered = {address.lower() for address in email.delivered_to} & emails
        other_names = {address for address in delivered if clients.find_person(address) == Person(None, None)}
        return cls(
            users={address: (id, name) for address, id, name in users},
            mailboxes=frozenset({desk.address.lower(), *(one.lower() for one in accounts), *other_names}),
            # At a provider of the whole world the domain tells nothing.
            own_domains=desk.own_domains - FREE_MAIL,
        )

    def is_ours(self, one: Address) -> bool:
        """Whether it is a mailbox of ours, also with a tag behind a plus (RFC 5233). A user is a person, and is not."""
        address = one.email.lower()
        local, _, domain = address.rpartition("@")
        if address in self.users:
            return False
        return bool({address, f"{local.partition('+')[0]}@{domain}"} & self.mailboxes) or domain in self.own_domains


def bring_along(
    ticket_id: int,
    contact_id: int | None,
    email: ParsedEmail,
    kind: Kind,
    trust: Trust,
    desk: Desk,
    trace: Trace,
    *,
    is_reply: bool,
    weak: bool = False,
) -> None:
    """Let those whom the mail of the contact ``contact_id`` names follow the ticket, and say in the trace who does.

    ``weak``: it found its ticket by a key that anybody could have written.
    """
    named = [one for one in (*email.to, *email.cc) if one.email and one.email.lower() != desk.address.lower()]
    if kind is not Kind.PERSON or email.automatic is not None or (not named and not is_reply):
        return
    [values] = rows_of(TICKET, ticket_id=ticket_id)
    talk = Talk(ticket_id, *values)
    if not named and contact_id == talk.requester_id:
        return
    obstacle = why_nobody_comes(trust, weak=weak)
    if obstacle:
        trace.note("Watchers", "Nobody", obstacle)
        return
    came = [*the_sender(talk, contact_id, email, desk), *people_beside_us(talk, named, email, desk, trace)]
    if came:
        trace.note("Watchers", ", ".join(came), "they follow the ticket from now on")


def why_nobody_comes(trust: Trust, *, weak: bool) -> str:
    """Why a mail brings nobody along; "" when it may. Who follows a ticket gets all our answers, so nobody lets in
    himself by writing another's name.
    """
    if trust.verdict == FAILED:
        return "the sender seems to be forged, and who follows gets all our answers"
    if trust.verdict == DOUBTFUL:
        return "the sender looks like another, and who follows gets all our answers"
    if weak and not trust.is_proven:
        return "anybody could have named the ticket, and nothing proves the sender: who follows gets all our answers"
    return ""


def the_sender(talk: Talk, contact_id: int | None, email: ParsedEmail, desk: Desk) -> Iterator[str]:
    """Whoever answers on another's ticket wants to hear what we say."""
    sender = email.sender
    if contact_id is not None and contact_id != talk.requester_id and sender is not None:
        person = clients.find_person(sender.email, desk.client_of_domain)
        if is_let_in(talk, person.client_id):
            because = "answered on the ticket"
            name = sender.name or sender.email
            if copy_in(talk.ticket_id, contact_id=contact_id, name=name, because=because, by=Actor()):
                yield name


def people_beside_us(talk: Talk, named: list[Address], email: ParsedEmail, desk: Desk, trace: Trace) -> Iterator[str]:
    """Those in To and Cc who are neither we ourselves nor the requester."""
    if not named or talk.lets_in == "none":
        return
    if len(named) > MOST_NAMED:
        trace.note("Watchers", "Nobody", f"it is addressed to {len(named)} people beside us: a circular")
        return
    here = Here.of(email, named, desk)
    others = [one for one in named if not here.is_ours(one)]
    if not others:
        return
    if not any(here.is_ours(one) for one in (*email.to, *email.cc)):
        trace.note("Watchers", "Nobody", "we stand in neither To nor Cc: nobody learns that we have got it")
        return
    sent_by = email.sender.email.lower() if email.sender else ""
    because = f"in To or Cc of a message from {sent_by or 'the client'}"
    for one in dict.fromkeys(others):
        if one.email.lower() != sent_by and NO_PERSON.fullmatch(one.email.rpartition("@")[0]) is None:
            yield from come(talk, one, because, here, desk)


def come(talk: Talk, one: Address, because: str, here: Here, desk: Desk) -> Iterator[str]:
    """Let a user of ours or a contact follow the ticket; yields the name of one who did not."""
    if one.email.lower() in here.users:
        user_id, name = here.users[one.email.lower()]
        if watch(talk.ticket_id, user_id=user_id, name=name, because=because, by=Actor()):
            yield name
        return
    person = clients.find_person(one.email, desk.client_of_domain)
    if not is_let_in(talk, person.client_id) or find_block(one.email) is not None:
        return
    contact_id = known_contact(one, person, person.client_id)
    name = one.name or one.email
    if contact_id is None or contact_id == talk.requester_id:
        return
    if copy_in(talk.ticket_id, contact_id=contact_id, name=name, because=because, by=Actor()):
        yield name


def is_let_in(talk: Talk, client_id: int | None) -> bool:
    if talk.lets_in == "client":
        return client_id is not None and client_id == talk.client_id
    return talk.lets_in == "all"
