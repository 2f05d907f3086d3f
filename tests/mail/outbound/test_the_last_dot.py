"""Up to the dot that ends it, a message is not the server's; from there on only the server's answer can tell."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound import claims, transport
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
    assert waited.count(600) == 2
    assert set(waited) == {30, 600}
    assert delivery.LEASE.total_seconds() > 600


def test_an_answer_that_is_none_leaves_it_unconfirmed(queue, smtp_server):
    smtp_server.answers["MESSAGE"] = "2x0 who knows"
    email = queue()
    deliver_due()
    assert email.status == "unconfirmed"


def test_a_sender_that_was_thought_dead_sends_nothing_any_more(queue, smtp_server, monkeypatch):
    """Its body was so slow that another took the message over: of the two only the other may end it with the dot."""
    email = queue()
    body = transport.SteppedSMTP.send_body

    def too_slow(self: SteppedSMTP, raw: bytes) -> None:
        body(self, raw)
        monkeypatch.setattr(transport.SteppedSMTP, "send_body", body)
        db.session.execute(db.update(OutboundEmail).values(claimed_until=clock.now() - timedelta(seconds=1)))
        db.session.commit()
        claims.recover(delivery.GIVE_UP_AFTER)
        deliver(email.id)

    monkeypatch.setattr(transport.SteppedSMTP, "send_body", too_slow)
    deliver(email.id)
    db.session.refresh(email)
    assert (email.status, email.attempts, len(smtp_server.received)) == ("sent", 2, 1)
    assert deliver_due() == 0


def test_while_a_server_thinks_the_message_is_nobody_elses(queue, smtp_server):
    smtp_server.answers["MESSAGE"] = HANG
    email = queue()
    claim = claims.claim(email.id, timedelta(seconds=-1))
    assert claim is not None
    assert claims.hand_over([claim], delivery.LEASE) == [True]
    assert claims.recover(delivery.GIVE_UP_AFTER) == 0


def test_of_two_who_claimed_it_because_the_database_forgot_the_first_one_only_the_second_ends_it(queue, smtp_server):
    """A PostgreSQL that crashed has lost the last commits that did not wait for its disk; who made them lives on."""
    email = queue()
    first = claims.claim(email.id, delivery.LEASE)
    db.session.execute(db.update(OutboundEmail).values(status="queued", attempts=0, claimed_until=None))
    db.session.commit()
    second = claims.claim(email.id, delivery.LEASE)
    assert first is not None and second is not None
    assert claims.hand_over([first], delivery.LEASE) == [False]
    assert claims.hand_over([second], delivery.LEASE) == [True]
