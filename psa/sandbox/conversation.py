"""What the Sandbox page tells of the product: the way that a client's message took, and the ticket it became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement

from psa import clock
from psa.clients.models import ContactAddress
from psa.extensions import db
from psa.mail.models import InboundEmail
from psa.tickets.models import Comment, Event, Ticket

# By now any mailbox that is looked after has been looked into.
LONG = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Sent:
    """A client's message: its Message-ID without brackets, when Send was pressed, when the server had taken it."""

    sender: str
    message_id: str
    at: datetime
    taken_at: datetime

    @property
    def is_long_ago(self) -> bool:
        return clock.now() - self.at > LONG

    def as_words(self) -> list[str]:
        """What the session keeps of it."""
        return [self.sender, self.message_id, self.at.isoformat(), self.taken_at.isoformat()]

    @classmethod
    def from_words(cls, words: Sequence[str]) -> Self:
        sender, message_id, at, taken_at = words
        return cls(sender, message_id, datetime.fromisoformat(at), datetime.fromisoformat(taken_at))


@dataclass(frozen=True, slots=True)
class Hop:
    """A station of a message; ``seconds`` after Send was pressed, None as long as it has not come so far."""

    words: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How far a message has come. ``inbound`` is what the product made of it, None until that is settled."""

    sent: Sent | None
    inbound: InboundEmail | None
    hops: list[Hop]

    @property
    def is_pending(self) -> bool:
        return self.sent is not None and self.inbound is None

    @property
    def stamp(self) -> str:
        """Changes when the message has come to its end."""
        return f"{self.inbound.id}.{self.inbound.status}" if self.inbound is not None else ""


def way_of(sent: Sent | None) -> Way:
    """The way of a message so far; that of no message shows the stations alone."""
    if sent is None:
        return Way(None, None, [Hop(words) for words in ("Sent", "In the mailbox", "Fetched", "Read", "Ticket")])
    inbound = outcome_of(sent.message_id)
    hops = [Hop("Sent", 0.0)]
    if inbound is None or inbound.processed_at is None:
        hops += [Hop("In the mailbox", since(sent, sent.taken_at)), Hop("Fetched"), Hop("Read"), Hop("Ticket")]
        return Way(sent, None, hops)
    end = f"Ticket #{inbound.ticket_id}" if inbound.ticket_id is not None else inbound.status.capitalize()
    # The server may wake the poller before we have read that it has taken the message.
    taken_at = min(sent.taken_at, inbound.kept_at)
    hops += [
        Hop("In the mailbox", since(sent, taken_at)),
        Hop("Fetched", since(sent, inbound.kept_at)),
        Hop("Read", since(sent, read_at(inbound) or inbound.processed_at)),
        Hop(end, since(sent, inbound.processed_at)),
    ]
    return Way(sent, inbound, hops)


def since(sent: Sent, moment: datetime) -> float:
    return max((moment - sent.at).total_seconds(), 0.0)


def outcome_of(message_id: str) -> InboundEmail | None:
    """What became of the message; its Message-ID is known from the moment in which it is filed."""
    query = db.select(InboundEmail).where(InboundEmail.message_id == message_id).order_by(InboundEmail.id)
    return db.session.scalars(query.limit(1)).first()


def read_at(inbound: InboundEmail) -> datetime | None:
    """When it was decided where the message belongs; None when it is on no ticket."""
    query = db.select(Comment.created_at).where(Comment.inbound_id == inbound.id).order_by(Comment.id)
    return db.session.scalars(query.limit(1)).first()


def ticket_of(sender: str, last: InboundEmail | None) -> Ticket | None:
    """The sender's ticket where something happened last; also somebody else's when their ``last`` message is on it."""
    contacts = db.select(ContactAddress.contact_id).where(ContactAddress.email == sender.lower())
    is_theirs: ColumnElement[bool] = Ticket.requester_id.in_(contacts)
    if last is not None and last.ticket_id is not None:
        is_theirs |= Ticket.id == last.ticket_id
    query = db.select(Ticket).where(is_theirs).order_by(Ticket.changed_at.desc(), Ticket.id.desc())
    return db.session.scalars(query.limit(1)).first()


def why(ticket: Ticket, opening: Event | None) -> str:
    """Which client and which queue a ticket has and why, as far as the mail that opened it decided that."""
    comment = opening.comment if opening is not None else None
    trace = comment.inbound.trace if comment is not None and comment.inbound is not None else []
    reasons = {str(step["step"]): step for step in trace}
    client = ticket.client.name if ticket.client is not None else "Unknown"
    rules = [name for name, step in reasons.items() if name.startswith("Rule ") and step["verdict"] == "Matched"]
    by_rule = f"by the rule “{rules[0].removeprefix('Rule ')}”" if rules else ""
    return (
        f"{'No client' if ticket.client is None else client}{reason(reasons.get('Client'), client)}. "
        f"Queue {ticket.queue.name}{reason(reasons.get('Queue'), ticket.queue.name, by_rule)}."
    )


def reason(step: dict[str, Any] | None, value: str, instead: str = "") -> str:
    """Why the step found ``value``; nothing when it found something else and a person has changed it since."""
    if step is None or step["verdict"] != value or not step["detail"]:
        return ""
    return f" ({instead or step['detail']})"
