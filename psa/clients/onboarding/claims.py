"""What a client would get by mail domains that are typed, before any of them is given to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psa.clients.models import Client
from psa.clients.operations import Refused
from psa.clients.would_move import would_move
from psa.extensions import db
from psa.tickets.models import Comment
from psa.words import counted


@dataclass(frozen=True, slots=True)
class Claims:
    """Open tickets as (number, subject), people as (name, address), and how many messages are on those tickets."""

    tickets: tuple[tuple[int, str], ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    messages: int = 0

    def __bool__(self) -> bool:
        return bool(self.tickets or self.people)

    @property
    def words(self) -> str:
        """1 ticket and 3 messages would become theirs."""
        found = [(len(self.tickets), "ticket"), (self.messages, "message")]
        if not self.tickets:
            found = [(len(self.people), "past sender")]
        parts = [counted(number, noun) for number, noun in found if number]
        return f"{' and '.join(parts)} would become theirs."


def claims(client: Client, names: Sequence[str]) -> Claims:
    """What giving the domains ``names`` to the client would place there. Those that cannot be are passed over.

    Nothing of it is kept: this rolls back.
    """
    tickets: dict[int, str] = {}
    people: dict[str, str] = {}
    kept = {domain.name for domain in client.domains}
    for name in names:
        if name in kept:
            continue
        try:
            found = would_move(client, name)
        except Refused:
            continue
        tickets |= dict(found.tickets)
        people |= {email: who for who, email in found.people}
    return Claims(
        tuple(sorted(tickets.items(), reverse=True)),
        tuple((who, email) for email, who in people.items()),
        messages_on(tickets) if tickets else 0,
    )


def messages_on(tickets: dict[int, str]) -> int:
    came = Comment.ticket_id.in_(list(tickets)), Comment.inbound_id.is_not(None)
    return db.session.scalar(db.select(db.func.count()).select_from(Comment).where(*came)) or 0
