"""Messages are taken in batches: what is left of one when its owner stops or dies is not kept waiting."""

from __future__ import annotations

from datetime import timedelta

from psa import clock
from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound import claims, transport
from psa.mail.outbound import deliver as delivery
from psa.mail.outbound.deliver import deliver_due
from psa.mail.outbound.lane import Lane
from psa.mail.raw import raw_bytes


def statuses() -> list[tuple[str, int]]:
    rows = db.session.execute(db.select(OutboundEmail.status, OutboundEmail.attempts).order_by(OutboundEmail.id))
    return [(row.status, row.attempts) for row in rows]


def test_a_batch_is_claimed_in_the_order_that_was_asked_for(queue):
    ids = [queue().id for _ in range(3)]
    taken = claims.claim_all([ids[2], ids[0], ids[1]], delivery.LEASE)
    assert [one.id for one in taken] == [ids[2], ids[0], ids[1]]
    assert claims.claim_all(ids, delivery.LEASE) == []
    assert all(one.raw() == raw_bytes(db.session.get_one(OutboundEmail, one.id).raw_id) for one in taken)


def test_large_bytes_are_not_held_before_their_turn(queue, monkeypatch, smtp_server):
    monkeypatch.setattr(claims, "PACKED", db.null())
    email = queue("Does it light?")
    [taken] = claims.claim_all([email.id], delivery.LEASE)
    assert taken.packed is None
    claims.release([taken])
    assert deliver_due() == 1
    assert smtp_server.received[0].content == raw_bytes(email.raw_id)


def test_what_is_left_of_a_batch_goes_back_untried_when_the_account_pauses(queue, smtp_server):
    for _ in range(8):
        queue()
    # The first one leaves; the batch of two after it meets the limit.
    smtp_server.answers["MAIL"] = [None, "421 4.7.0 Too many messages, slow down"]
    deliver_due()
    assert statuses()[:2] == [("sent", 1), ("queued", 1)]
    assert statuses()[2:] == [("queued", 0)] * 6


def test_what_is_left_of_a_batch_goes_back_when_the_server_has_become_slow(queue, monkeypatch):
    for _ in range(3):
        queue()
    taken = iter(delivery.in_turn([email.id for email in db.session.scalars(db.select(OutboundEmail))], Lane()))
    next(taken), next(taken)
    monkeypatch.setattr(delivery, "SLOW", 0.0)
    assert list(taken) == []
    assert statuses() == [("sending", 1), ("sending", 1), ("queued", 0)]


def test_what_a_dead_sender_had_taken_and_not_begun_leaves_after_a_minute(queue, smtp_server):
    ids = [queue().id for _ in range(3)]
    claims.claim_all(ids, delivery.LEASE)
    assert deliver_due() == 0
    pass_a_minute()
    deliver_due()
    assert deliver_due() == 3
    assert statuses() == [("sent", 2)] * 3
    assert len(smtp_server.received) == 3


def test_what_the_server_may_have_is_not_among_it(queue, smtp_server):
    email = queue()
    [taken] = claims.claim_all([email.id], delivery.LEASE)
    assert all(claims.hand_over([taken], delivery.LEASE))
    pass_a_minute()
    deliver_due()
    assert statuses() == [("sending", 1)]
    assert smtp_server.received == []


def test_who_was_only_slow_sends_nothing_that_others_have_sent(queue, smtp_server, monkeypatch):
    email = queue()
    send_text = transport.SteppedSMTP.send_text

    def too_slow(self: transport.SteppedSMTP, raw: bytes) -> None:
        send_text(self, raw)
        monkeypatch.setattr(transport.SteppedSMTP, "send_text", send_text)
        pass_a_minute()
        deliver_due(), deliver_due()

    monkeypatch.setattr(transport.SteppedSMTP, "send_text", too_slow)
    delivery.deliver(email.id)
    assert (statuses(), len(smtp_server.received)) == ([("sent", 2)], 1)


def pass_a_minute() -> None:
    long_ago = clock.now() + delivery.LEASE - delivery.UNHEARD_OF - timedelta(seconds=1)
    claimed = db.update(OutboundEmail).where(OutboundEmail.status == "sending", OutboundEmail.handed_over_at.is_(None))
    db.session.execute(claimed.values(claimed_until=long_ago))
    db.session.commit()
