"""Each recipient has an outcome of its own: who was put off is tried again, who is gone is written to no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.outbound import addresses, outbox, outcomes
from psa.mail.outbound.deliver import deliver, deliver_due
from tests.mail.outbound.conftest import DANA

RUBEN, AIKO = "ruben@vega-logistics.example", "aiko@brightwater-hotels.example"
GONE = "550 5.1.1 No such user here"
GREYLISTED = "451 4.7.1 Greylisted, please try again in five minutes"


def states(email: OutboundEmail) -> dict[str, str]:
    db.session.refresh(email)
    return {address: result["state"] for address, result in email.results.items()}


def let_time_pass(email: OutboundEmail) -> None:
    email.next_attempt_at = clock.now()
    db.session.commit()


def test_one_of_three_is_put_off_and_tried_again_alone(queue, smtp_server):
    email = queue(to=(DANA, RUBEN, AIKO))
    smtp_server.answers["RCPT"] = [None, GREYLISTED, None]
    deliver_due()
    assert (email.status, states(email)) == ("queued", {DANA: "sent", RUBEN: "waiting", AIKO: "sent"})
    let_time_pass(email)
    deliver_due()
    assert states(email) == {DANA: "sent", RUBEN: "sent", AIKO: "sent"}
    assert email.status == "sent"
    assert [letter.recipients for letter in smtp_server.received] == [(DANA, AIKO), (RUBEN,)]


def test_a_report_that_comes_while_another_one_is_tried_again_is_not_lost(queue, smtp_server, monkeypatch):
    email = queue(to=(DANA, RUBEN))
    smtp_server.answers["RCPT"] = [None, GREYLISTED]
    deliver_due()
    let_time_pass(email)
    judge, bounced = outcomes.by_recipient, {"state": "bounced", "words": GONE}

    def judge_after_a_report(*arguments, **values):
        db.session.rollback()
        with db.engine.begin() as other:
            results = {DANA: bounced, RUBEN: {"state": "waiting", "words": GREYLISTED}}
            other.execute(db.update(OutboundEmail).values(results=results))
        judge(*arguments, **values)

    monkeypatch.setattr(outcomes, "by_recipient", judge_after_a_report)
    deliver_due()
    assert states(email) == {DANA: "bounced", RUBEN: "sent"}


def test_one_of_two_is_refused_for_good_and_the_other_has_it(queue, smtp_server):
    email = queue(to=(DANA, RUBEN))
    smtp_server.answers["RCPT"] = [None, GONE]
    deliver_due()
    assert (email.status, states(email)) == ("sent", {DANA: "sent", RUBEN: "failed"})
    assert "No such user" in email.results[RUBEN]["words"]
    assert deliver_due() == 0


def test_all_are_put_off_and_all_are_tried_again(queue, smtp_server):
    email = queue(to=(DANA, RUBEN))
    smtp_server.answers["RCPT"] = [GREYLISTED, GREYLISTED]
    deliver_due()
    assert (email.status, email.cause) == ("queued", "greylisted")
    let_time_pass(email)
    deliver_due()
    assert states(email) == {DANA: "sent", RUBEN: "sent"}


def test_to_an_address_that_does_not_exist_nothing_more_is_sent_until_a_person_says_so(queue, smtp_server):
    smtp_server.answers["RCPT"] = [GONE]
    first = queue()
    deliver_due()
    assert first.status == "failed"
    second = queue("Once more")
    assert (second.status, states(second)) == ("failed", {DANA: "suppressed"})
    assert "does not exist any more" in second.reason
    addresses.clear(DANA)
    third = queue("And again")
    deliver_due()
    assert states(third) == {DANA: "sent"}


def test_the_others_get_it_when_one_address_is_suppressed(queue, smtp_server):
    addresses.suppress(RUBEN.upper(), "person", "He asked us to")
    email = queue(to=(DANA, RUBEN))
    deliver_due()
    assert (email.status, states(email)) == ("sent", {DANA: "sent", RUBEN: "suppressed"})
    assert [letter.recipients for letter in smtp_server.received] == [(DANA,)]


@pytest.mark.parametrize("verb", ["MAIL", "DATA"])
def test_a_refusal_of_the_whole_message_suppresses_nobody(queue, smtp_server, verb):
    smtp_server.answers[verb] = "554 5.7.1 Message rejected under our policy"
    email = queue()
    deliver_due()
    assert (email.status, states(email)) == ("failed", {DANA: "failed"})
    assert addresses.state_of(DANA) is None


def test_within_its_time_a_message_can_be_undone_and_does_not_leave(queue, account, smtp_server):
    email = queue()
    email.undo_until = email.next_attempt_at = clock.now() + timedelta(seconds=15)
    db.session.commit()
    assert deliver_due() == 0
    assert outbox.cancel(email.id, "Tom Okafor")
    db.session.commit()
    let_time_pass(email)
    assert deliver_due() == 0
    db.session.refresh(email)
    assert (email.status, email.reason) == ("cancelled", "Tom Okafor cancelled it before it left")
    assert smtp_server.received == []


def test_what_has_left_cannot_be_cancelled(queue, smtp_server):
    email = queue()
    deliver_due()
    assert not outbox.cancel(email.id, "Tom Okafor")
    db.session.refresh(email)
    assert email.status == "sent"


def test_a_failed_message_is_sent_when_somebody_says_so(queue, smtp_server):
    smtp_server.answers["DATA"] = ["554 5.3.4 Too big for today"]
    email = queue()
    deliver_due()
    assert email.status == "failed"
    assert outbox.retry(email.id)
    db.session.commit()
    deliver_due()
    assert states(email) == {DANA: "sent"}


def test_an_unconfirmed_message_leaves_again_only_when_a_person_says_so(queue, smtp_server):
    smtp_server.answers["MESSAGE"] = ["drop"]
    email = queue()
    deliver(email.id)
    db.session.refresh(email)
    assert email.status == "unconfirmed"
    assert deliver_due() == 0
    assert outbox.retry(email.id)
    db.session.commit()
    deliver_due()
    assert len(smtp_server.received) == 1
    assert states(email) == {DANA: "sent"}


def test_a_message_that_everybody_has_got_is_not_sent_again(queue, smtp_server):
    email = queue()
    deliver_due()
    assert not outbox.retry(email.id)


def test_after_an_outage_everything_that_waits_leaves_at_once(queue, account, smtp_server):
    smtp_server.answers["MAIL"] = ["451 4.3.0 Try again later"] * 3
    waiting = [queue(f"Number {number}") for number in range(3)]
    deliver_due()
    assert {email.status for email in waiting} == {"queued"}
    db.session.execute(
        db.update(MailAccount).where(MailAccount.id == account.id).values(paused_until=clock.now() + timedelta(hours=1))
    )
    db.session.commit()
    assert deliver_due() == 0
    assert outbox.retry_all() == 3
    db.session.commit()
    assert deliver_due() == 3
    assert len(smtp_server.received) == 3


def test_a_rate_limit_pauses_the_account_and_not_only_the_message(queue, account, smtp_server):
    smtp_server.answers["MAIL"] = ["452 4.7.28 Sending rate limit exceeded, try again later"]
    for number in range(3):
        queue(f"Number {number}")
    deliver_due()
    db.session.refresh(account)
    assert account.paused_until is not None
    assert account.fault_cause == "rate_limited"


def test_a_rate_limit_pauses_the_account_also_after_messages_that_left(queue, account, smtp_server):
    smtp_server.answers["MAIL"] = [None, None, "452 4.7.28 Sending rate limit exceeded, try again later"]
    for number in range(4):
        queue(f"Number {number}")
    assert deliver_due() == 3
    db.session.refresh(account)
    assert (account.paused_until is not None, account.failures) == (True, 1)
    assert account.last_success_at is not None
    assert deliver_due() == 0


def test_what_a_person_wrote_leaves_before_what_goes_to_many(queue, smtp_server):
    bulk = queue("To many")
    db.session.execute(db.update(OutboundEmail).where(OutboundEmail.id == bulk.id).values(priority=2))
    db.session.commit()
    queue("To one")
    deliver_due()
    assert [b"To one" in letter.content for letter in smtp_server.received] == [True, False]


def test_each_try_keeps_its_steps_without_the_password(queue, smtp_server, account):
    smtp_server.answers["AUTH"] = "535 5.7.8 a long winter is not the password"
    email = queue()
    deliver_due()
    record = email.delivery_attempts[0]
    assert [step["stage"] for step in record.steps][-1] == "auth"
    assert "a long winter" not in str(record.steps)
