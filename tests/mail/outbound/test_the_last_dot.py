"""Up to the dot that ends it, a message is not the server's; from there on only the server's answer can tell."""

from __future__ import annotations

import socket
from datetime import timedelta
from types import SimpleNamespace

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.journal import Journal
from psa.mail.models import OutboundEmail
from psa.mail.outbound import claims, conversation, transport
from psa.mail.outbound import deliver as delivery
from psa.mail.outbound.deliver import deliver, deliver_due
from psa.mail.outbound.transport import SteppedSMTP
from tests.servers.smtp import HANG


@pytest.fixture
def cut_wire(monkeypatch):
    """The connection breaks with the block of the message that holds these bytes."""

    def cut(at: bytes) -> None:
        send = SteppedSMTP.send

        def send_or_break(self: SteppedSMTP, data: str | bytes) -> None:
            if isinstance(data, bytes) and at in data:
                self.sock.shutdown(socket.SHUT_RDWR)
            send(self, data)

        monkeypatch.setattr(SteppedSMTP, "send", send_or_break)

    return cut


def test_a_connection_that_breaks_within_the_message_is_tried_again(queue, smtp_server, cut_wire):
    email = queue("Does it light?")
    cut_wire(b"Does it light?")
    record = deliver(email.id)
    assert (email.status, record.stage) == ("queued", "data")
    assert email.handed_over_at is None
    assert smtp_server.received == []


def test_a_connection_that_breaks_at_the_dot_leaves_it_unconfirmed(queue, cut_wire):
    email = queue()
    before = clock.now()
    cut_wire(b".\r\n")
    deliver(email.id)
    assert email.status == "unconfirmed"
    assert email.handed_over_at >= before


def test_the_server_has_ten_minutes_to_think_about_a_message(queue, account, monkeypatch):
    waited = []
    reply = SteppedSMTP.getreply
    monkeypatch.setattr(SteppedSMTP, "getreply", lambda self: waited.append(self.sock.gettimeout()) or reply(self))
    first, second = queue(), queue()
    deliver_due()
    assert (first.status, second.status) == ("sent", "sent")
    # The ten minutes run from the dot on, which others that left side by side share.
    assert sorted({30 < seconds <= 600 for seconds in waited}) == [False, True]
    assert sum(seconds > 30 for seconds in waited) == 2
    assert delivery.LEASE.total_seconds() > 600


def test_an_answer_that_is_none_leaves_it_unconfirmed(queue, smtp_server):
    smtp_server.answers["MESSAGE"] = "2x0 who knows"
    email = queue()
    deliver_due()
    assert email.status == "unconfirmed"


def test_a_sender_that_was_thought_dead_sends_nothing_any_more(queue, smtp_server, monkeypatch):
    """Its body was so slow that another took the message over: of the two only the other may end it with the dot."""
    email = queue()
    send_text = transport.SteppedSMTP.send_text

    def too_slow(self: SteppedSMTP, raw: bytes) -> None:
        send_text(self, raw)
        monkeypatch.setattr(transport.SteppedSMTP, "send_text", send_text)
        db.session.execute(db.update(OutboundEmail).values(claimed_until=clock.now() - timedelta(seconds=1)))
        db.session.commit()
        claims.recover(delivery.GIVE_UP_AFTER)
        deliver(email.id)

    monkeypatch.setattr(transport.SteppedSMTP, "send_text", too_slow)
    deliver(email.id)
    db.session.refresh(email)
    assert (email.status, email.attempts, len(smtp_server.received)) == ("sent", 2, 1)
    assert deliver_due() == 0


def test_while_a_server_thinks_the_message_is_nobody_elses(queue, smtp_server):
    smtp_server.answers["MESSAGE"] = HANG
    email = queue()
    claim = claims.claim(email.id, timedelta(seconds=-1))
    assert claim is not None
    assert all(claims.hand_over([claim], delivery.LEASE))
    assert claims.recover(delivery.GIVE_UP_AFTER) == 0


def test_of_two_who_claimed_it_because_the_database_forgot_the_first_one_only_the_second_ends_it(queue, smtp_server):
    """A PostgreSQL that crashed has lost the last commits that did not wait for its disk; who made them lives on."""
    email = queue()
    first = claims.claim(email.id, delivery.LEASE)
    db.session.execute(db.update(OutboundEmail).values(status="queued", attempts=0, claimed_until=None))
    db.session.commit()
    second = claims.claim(email.id, delivery.LEASE)
    assert first is not None and second is not None
    assert claims.hand_over([first], delivery.LEASE) == [None]
    assert all(claims.hand_over([second], delivery.LEASE))


def test_what_the_first_one_came_to_is_not_written_into_the_row_of_the_second(queue, smtp_server):
    """Both are at the same try: only the time until which their claim holds tells them apart."""
    email = queue()
    first = claims.claim(email.id, delivery.LEASE)
    db.session.execute(db.update(OutboundEmail).values(status="queued", attempts=0, claimed_until=None))
    db.session.commit()
    second = claims.claim(email.id, delivery.LEASE)
    assert first is not None and second is not None and first.attempt == second.attempt
    [handed_over] = claims.hand_over([second], delivery.LEASE)
    claims.end_claims([(first, {"status": "failed", "reason": "It took too long."})])
    db.session.commit()
    db.session.refresh(email)
    assert (email.status, email.reason) == ("sending", "")
    claims.end_claims([(handed_over, {"status": "sent"})])
    db.session.commit()
    db.session.refresh(email)
    assert (email.status, email.claimed_until) == ("sent", None)


def test_who_was_given_up_says_what_came_of_it_all_the_same(queue, smtp_server):
    email = queue()
    claim = claims.claim(email.id, delivery.LEASE)
    [handed_over] = claims.hand_over([claim], timedelta(seconds=-1))
    assert claims.recover(delivery.GIVE_UP_AFTER) == 1
    db.session.refresh(email)
    assert email.status == "unconfirmed"
    claims.end_claims([(handed_over, {"status": "sent"})])
    db.session.commit()
    db.session.refresh(email)
    assert email.status == "sent"


def test_those_that_left_side_by_side_share_the_time_to_think(monkeypatch):
    """The first one has been waited for as long as a server may think: the next is only looked at."""
    times, limits = iter([1000.0, 1600.0]), []
    monkeypatch.setattr(conversation.time, "monotonic", lambda: next(times))

    class Wire(SteppedSMTP):
        def __init__(self) -> None:
            self.sock, self.patience, self.journal = self, 600.0, Journal()
            self.settings = SimpleNamespace(timeout=30.0)

        def settimeout(self, seconds: float) -> None:
            limits.append(seconds)

        def send(self, data: bytes) -> None:
            assert data == b".\r\n"

        def getreply(self) -> tuple[int, bytes]:
            return 250, b"2.0.0 Taken"

    ending = Wire().end_message()
    assert next(ending) is conversation.Pause.ENDED
    with pytest.raises(StopIteration):
        next(ending)
    assert limits == [conversation.LAST_LOOK, 30.0]
