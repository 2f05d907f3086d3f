"""Whatever goes wrong with one message is written down at that message; none stays under way for ever."""

from __future__ import annotations

from datetime import timedelta

from psa import clock, signing
from psa.extensions import db
from psa.mail.models import DeliveryAttempt, RawMessage
from psa.mail.outbound import claims, transport
from psa.mail.outbound.deliver import deliver, deliver_due

ONE_LETTER_IS_FOREIGN = "ein langer Winter in München"


def test_a_password_with_an_umlaut_is_the_accounts_fault_and_its_letters_are_told_to_nobody(queue, account):
    account.sealed_password = signing.seal(ONE_LETTER_IS_FOREIGN)
    email = queue()
    deliver_due()
    db.session.refresh(account)
    assert (email.status, email.cause) == ("queued", "non_ascii_unsupported")
    assert (account.fault_stage, account.fault_cause) == ("auth", "non_ascii_unsupported")
    [record] = db.session.scalars(db.select(DeliveryAttempt))
    assert record.stage == "auth"
    assert "letters" in record.words
    assert "ü" not in record.words
    assert "xfc" not in record.words


def test_a_message_that_cannot_be_read_any_more_fails_and_the_next_one_leaves(queue, smtp_server):
    broken, sound = queue("One"), queue("Two")
    db.session.get_one(RawMessage, broken.raw_id).packed = b"not what zlib wrote"
    db.session.commit()
    assert deliver_due() == 2
    assert (broken.status, sound.status) == ("failed", "sent")
    assert broken.reason
    assert broken.claimed_until is None


def test_a_mistake_of_our_own_while_it_leaves_is_written_down_at_the_message(queue, monkeypatch):
    def stumble(*_: object) -> None:
        raise KeyError("size")

    monkeypatch.setattr(transport.SteppedSMTP, "begin", stumble)
    email = queue()
    record = deliver(email.id)
    assert (email.status, record.outcome, record.stage) == ("failed", "failed", "mail_from")
    assert "size" in email.reason


def test_a_message_whose_senders_die_again_and_again_has_failed_after_two_days(queue, smtp_server):
    email = queue()
    claims.claim(email.id, timedelta(seconds=-1))
    email.queued_at = clock.now() - timedelta(days=2, hours=1)
    db.session.commit()
    assert deliver_due() == 0
    db.session.refresh(email)
    assert email.status == "failed"
    assert "stopped" in email.reason
    assert smtp_server.received == []
