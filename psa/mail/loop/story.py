"""The loop, hop by hop, through the outbox, the transport, the poller and the desk of production."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from psa import clock
from psa.extensions import db
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.inbound.poll import poll
from psa.mail.inbound.process import convert
from psa.mail.journal import Journal, Step
from psa.mail.loop import clearing
from psa.mail.loop.letters import NAME, letter
from psa.mail.loop.remains import Remains
from psa.mail.models import ConnectionTest, InboundEmail, MailAccount, OutboundEmail
from psa.mail.outbound.compose import Composed
from psa.mail.outbound.deliver import deliver
from psa.mail.outbound.outbox import enqueue
from psa.mail.raw import raw_bytes
from psa.tickets import notifications, operations
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor, Said

# How long a mail may be on its way, in seconds, and how often the mailbox is looked into meanwhile.
PATIENCE, PAUSE = 120.0, 1.0
# A letter that nobody has begun to send by then has lost its thread.
HEAD_START = timedelta(minutes=10)
STAGES = (
    "loop_leaves",
    "loop_arrives",
    "loop_ticket",
    "loop_reply",
    "loop_returns",
    "loop_answer",
    "loop_threads",
    "loop_clears",
)


Found = TypeVar("Found")


class HopFailed(Exception):
    """A hop that did not work: ``cause`` is a code of the catalogue, the message what was said."""

    def __init__(self, words: str, cause: str) -> None:
        super().__init__(words)
        self.cause = cause if cause in CAUSES else "unknown"


@dataclass(slots=True)
class Loop:
    """One run. ``test`` is its row, whose ``outbound_id`` is the letter that is on its way.

    ``user_id`` is in whose name the reply is written. ``left_behind`` is what there is to clear away.
    """

    test_id: int
    sender_id: int
    mailbox_id: int
    user_id: int
    journal: Journal
    patience: float = PATIENCE
    left_behind: Remains = field(init=False)
    # The letter as the mailbox's server has it, with what that wrote on top.
    arrived_raw: bytes = b""

    def __post_init__(self) -> None:
        self.left_behind = Remains(self.test_id)

    def run(self) -> None:
        """Go round once. Raises HopFailed; whatever happens, what was made is cleared away, as far as it can be."""
        address = db.session.get_one(MailAccount, self.mailbox_id).address
        self.left_behind.note_contact(address)
        try:
            self.go_round(address)
        except BaseException:
            try:
                self.clear_away()
            except HopFailed:
                pass  # the first fault is the one to tell; what is left is named in the steps
            raise
        self.clear_away()

    def go_round(self, address: str) -> None:
        subject = f"{NAME} {self.test_id}"
        first = letter(
            self.test_id, address, subject, "Does this reach a ticket? It is a test and goes away by itself."
        )
        with self.hop("loop_leaves", "A mail left") as step:
            self.send(first, address, step)
        with self.hop("loop_arrives", "It arrived in the mailbox") as step:
            arrived = self.arrival_of(first.message_id)
            step.detail = place_of(arrived)
            self.arrived_raw = raw_bytes(arrived.raw_id) if arrived.raw_id is not None else b""
        with self.hop("loop_ticket", "It became a ticket") as step:
            ticket_id = self.ticket_of(arrived, step)
        with self.hop("loop_reply", "A reply left") as step:
            reply = self.reply(ticket_id, step)
        with self.hop("loop_returns", "The reply arrived") as step:
            returned = self.arrival_of(reply.message_id)
            step.detail = f"{place_of(returned)}: {returned.reason}"
        answer = letter(self.test_id, address, f"Re: {subject}", "It did.", (first.message_id, reply.message_id))
        with self.hop("loop_answer", "An answer to it left") as step:
            self.send(answer, address, step)
        with self.hop("loop_threads", "The answer joined the ticket") as step:
            came_back = self.arrival_of(answer.message_id)
            self.check_thread(came_back, ticket_id, step)

    @contextmanager
    def hop(self, stage: str, done: str) -> Iterator[Step]:
        """One hop, which is called ``done`` when it worked."""
        with self.journal.step(stage, done) as step:
            yield step

    def send(self, composed: Composed, address: str, step: Step) -> None:
        """Through the outbox and the transport of production, as Send Test Email does."""
        sender = db.session.get_one(MailAccount, self.sender_id)
        outbound_id = enqueue(
            composed, account_id=sender.id, envelope_sender=sender.address, recipients=[address], purpose="test"
        )
        self.left_behind.outbound_ids.add(outbound_id)
        self.left_behind.message_ids.add(composed.message_id)
        db.session.execute(
            db.update(OutboundEmail)
            .where(OutboundEmail.id == outbound_id)
            .values(next_attempt_at=clock.now() + HEAD_START)
        )
        db.session.execute(
            db.update(ConnectionTest).where(ConnectionTest.id == self.test_id).values(outbound_id=outbound_id)
        )
        # In one transaction with the letter: whatever ends us, what it leads to is cleared away.
        self.left_behind.write()
        db.session.commit()
        self.deliver_now(outbound_id, step)

    def deliver_now(self, outbound_id: int, step: Step) -> OutboundEmail:
        """Send it, or wait for the round that has just taken it."""
        deliver(outbound_id)
        email = self.wait_for(lambda: with_outcome(outbound_id))
        if email is None:
            raise HopFailed("It was not sent in time", "server_timeout")
        if email.status != "sent":
            raise HopFailed(email.reason, email.cause)
        attempt = email.delivery_attempts[-1]
        host = email.account.host if email.account is not None else ""
        accepted = str(attempt.steps[-1]["detail"]) if attempt.steps else ""
        step.detail = f"Accepted by {host}: {accepted}" if accepted else f"Accepted by {host}"
        return email

    def arrival_of(self, message_id: str) -> InboundEmail:
        """The message when it is fetched and dealt with by the poller."""

        def look() -> InboundEmail | None:
            looked = poll(self.mailbox_id)
            if looked.fault:
                account = db.session.get_one(MailAccount, self.mailbox_id, populate_existing=True)
                raise HopFailed(looked.fault, account.fault_cause)
            return self.received(message_id)

        found = self.wait_for(look)
        if found is None:
            raise HopFailed(f"It was accepted, but within {self.patience:.0f} seconds it did not arrive", "loop_lost")
        return found

    def received(self, message_id: str) -> InboundEmail | None:
        db.session.rollback()
        query = db.select(InboundEmail).where(
            InboundEmail.account_id == self.mailbox_id,
            InboundEmail.message_id == message_id,
            InboundEmail.status != "new",
        )
        return db.session.scalars(query.execution_options(populate_existing=True)).first()

    def wait_for(self, look: Callable[[], Found | None]) -> Found | None:
        """What ``look`` finds, or None when the patience is over; the page sees that we are still at it."""
        until = time.monotonic() + self.patience
        while (found := look()) is None and time.monotonic() < until:
            self.journal.tell()
            time.sleep(min(PAUSE, self.patience / 10))
        return found

    def ticket_of(self, arrived: InboundEmail, step: Step) -> int:
        """The ticket that the letter opened; what was held is converted, as a person would."""
        held = arrived.reason if arrived.status == "held" else ""
        if held:
            convert(arrived.id)
            db.session.refresh(arrived)
        if arrived.status != "filed" or arrived.ticket_id is None:
            raise HopFailed(f"{arrived.status.capitalize()}: {arrived.reason}", "loop_no_ticket")
        ticket = db.session.get_one(Ticket, arrived.ticket_id, populate_existing=True)
        if ticket.created_at < self.left_behind.since:
            raise HopFailed(f"It was put on ticket #{ticket.number}: {arrived.reason}", "loop_no_ticket")
        self.left_behind.ticket_ids.add(ticket.id)
        step.detail = f"#{ticket.number} in {ticket.queue.name}" + (f". {held}: converted by this test" if held else "")
        return ticket.id

    def reply(self, ticket_id: int, step: Step) -> OutboundEmail:
        """An agent's reply, by the very verbs of the ticket page."""
        try:
            comment_id = operations.add_reply(ticket_id, Said("Yes, it does."), Actor(user_id=self.user_id))
            outbound_id = notifications.reply_added(comment_id)
        except ValueError as error:
            db.session.rollback()
            raise HopFailed(str(error), "unknown") from error
        self.left_behind.comment_ids.add(comment_id)
        self.left_behind.outbound_ids.add(outbound_id)
        self.left_behind.message_ids.add(db.session.get_one(OutboundEmail, outbound_id).message_id)
        self.left_behind.write()
        db.session.commit()
        return self.deliver_now(outbound_id, step)

    def check_thread(self, came_back: InboundEmail, ticket_id: int, step: Step) -> None:
        if came_back.ticket_id is not None and came_back.ticket_id != ticket_id:
            self.left_behind.ticket_ids.add(came_back.ticket_id)
        if came_back.status != "filed" or came_back.ticket_id != ticket_id:
            raise HopFailed(f"{came_back.status.capitalize()}: {came_back.reason}", "loop_not_threaded")
        step.detail = came_back.reason

    def clear_away(self) -> None:
        with self.hop("loop_clears", "Nothing is left behind") as step:
            left = clearing.clear_away(self.left_behind)
            if left.words:
                raise HopFailed(left.words, left.cause)
            step.detail = left.done


def with_outcome(outbound_id: int) -> OutboundEmail | None:
    """The message once it was tried."""
    db.session.rollback()
    email = db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)
    tried = email.status not in ("queued", "sending") or (email.status == "queued" and email.attempts > 0)
    return email if tried else None


def place_of(arrived: InboundEmail) -> str:
    where = f"In {arrived.folder}, number {arrived.uid}" if arrived.uid is not None else "In the mailbox"
    return f"{where}, {arrived.size:,} octets"
