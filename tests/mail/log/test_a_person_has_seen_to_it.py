"""What waits for a person can be ended for good, with who and why in its trace, and taken up again."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.inbound.receive import receive_piped
from psa.mail.log import queries
from psa.mail.models import InboundEmail, OutboundEmail
from psa.mail.outbound import outbox
from psa.tickets import notifications, operations
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter


@pytest.fixture
def held(mailroom, cast) -> InboundEmail:
    cast.inbound.create_tickets = False
    db.session.commit()
    return mailroom.receive(letter(subject="Offer of the month"))


@pytest.fixture
def unconfirmed(mailroom, cast) -> OutboundEmail:
    """Tom's answer, which the server may have or not."""
    inbound = mailroom.receive(letter(subject="Projector"))
    comment_id = operations.add_reply(inbound.ticket_id, Said(body="On my way."), Actor(user_id=cast.tom.id))
    email = db.session.get_one(OutboundEmail, notifications.reply_added(comment_id))
    email.status, email.reason = "unconfirmed", "The connection ended after the message was handed over"
    db.session.commit()
    return email


def end(browser, **ticked: int | list[int] | str):
    return browser.post("/mail/dismissals", data=ticked)


def test_held_mail_is_ignored_for_good_and_its_trace_names_who_and_why(held, sign_in):
    answer = end(sign_in("agent"), message=held.id, why="Spam", back=f"/mail/inbound/{held.id}")
    assert (answer.status_code, answer.location) == (303, f"/mail/inbound/{held.id}")
    db.session.refresh(held)
    assert (held.status, held.reason) == ("ignored", "Tom Okafor: Spam")
    assert held.trace[-1]["verdict"] == "Ignored for good"
    assert queries.waiting_for_a_person() == 0
    page = sign_in("agent").get(f"/mail/inbound/{held.id}").text
    assert "A person ended this message" in page
    assert "Tom Okafor: Spam" in page


def test_without_a_reason_it_says_who_decided(held, sign_in):
    end(sign_in("agent"), message=held.id)
    db.session.refresh(held)
    assert held.reason == "Tom Okafor: nothing is to be done about it"


def test_what_was_ended_can_be_taken_up_again_as_it_was(held, sign_in):
    before, browser = (held.status, held.reason), sign_in("agent")
    end(browser, message=held.id)
    assert "Undo" in browser.get("/mail").text
    browser.post("/mail/dismissals/undoing", data={"message": held.id})
    db.session.refresh(held)
    assert (held.status, held.reason) == before
    assert queries.waiting_for_a_person() == 1
    assert [step["verdict"] for step in held.trace[-2:]] == ["Ignored for good", "Taken up again"]


def test_ended_mail_can_still_become_a_ticket(held, sign_in):
    browser = sign_in("agent")
    end(browser, message=held.id)
    browser.post(f"/mail/inbound/{held.id}/ticket")
    db.session.refresh(held)
    assert held.status == "filed"
    browser.post("/mail/dismissals/undoing", data={"message": held.id})
    db.session.refresh(held)
    assert held.status == "filed"


def test_a_copy_of_ended_mail_in_another_mailbox_is_ignored_too(held, mailroom, cast, sign_in):
    end(sign_in("agent"), message=held.id)
    cast.inbound.create_tickets = True
    db.session.commit()
    raw = letter(subject="Offer of the month", message_id=f"<{held.message_id}>")
    copy = mailroom.receive(raw)
    assert (copy.status, copy.same_as_id) == ("ignored", held.id)


def test_only_what_waits_for_a_person_can_be_ended(mailroom, sign_in):
    filed = mailroom.receive(letter())
    end(sign_in("agent"), message=filed.id)
    db.session.refresh(filed)
    assert filed.status == "filed"


def test_an_unconfirmed_message_is_left_as_it_is_and_nobody_is_reminded(unconfirmed, sign_in):
    assert queries.waiting_for_a_person() == 1
    browser = sign_in("agent")
    end(browser, outbound=unconfirmed.id, why="Dana has it, she phoned")
    db.session.refresh(unconfirmed)
    assert unconfirmed.status == "unconfirmed"
    assert queries.waiting_for_a_person() == 0
    assert "Tom Okafor: Dana has it, she phoned." in browser.get(f"/mail/outbound/{unconfirmed.id}").text
    assert "Tom Okafor: Dana has it" in browser.get("/mail?became=unconfirmed").text
    assert browser.get("/mail?became=person").text.count(f"/mail/outbound/{unconfirmed.id}") == 0

    browser.post("/mail/dismissals/undoing", data={"outbound": unconfirmed.id})
    assert queries.waiting_for_a_person() == 1


def test_what_is_tried_again_and_fails_again_waits_for_a_person_again(unconfirmed, sign_in):
    end(sign_in("agent"), outbound=unconfirmed.id)
    db.session.expire_all()
    assert outbox.retry(unconfirmed.id)
    db.session.execute(db.update(OutboundEmail).values(status="failed"))
    db.session.commit()
    assert queries.waiting_for_a_person() == 1


def test_a_failed_test_mail_needs_nobody(unconfirmed):
    unconfirmed.purpose, unconfirmed.status = "test", "failed"
    db.session.commit()
    assert queries.waiting_for_a_person() == 0


def test_many_are_ended_at_once_in_both_directions(unconfirmed, held, sign_in):
    browser = sign_in("agent")
    page = browser.get("/mail?became=person").text
    assert f'name="message" value="{held.id}"' in page
    assert f'name="outbound" value="{unconfirmed.id}"' in page
    end(browser, message=[held.id], outbound=[unconfirmed.id])
    assert "2 messages need nobody any more" in browser.get("/mail").text
    assert "Needs a person" not in browser.get("/mail").text


def test_what_was_ended_on_its_own_page_is_not_told_of_in_the_list_later(held, sign_in):
    browser = sign_in("agent")
    end(browser, message=held.id, back=f"/mail/inbound/{held.id}?")
    assert "needs nobody any more" not in browser.get("/mail").text


def test_without_a_tick_nothing_is_ended_and_that_is_said(held, sign_in):
    browser = sign_in("agent")
    end(browser)
    assert "No message was chosen." in browser.get("/mail?became=person").text


def test_what_is_new_can_be_ticked_and_processed_at_once(mailroom, cast, sign_in):
    ids = [receive_piped(cast.inbound, letter(subject=f"Number {number}").as_bytes()) for number in range(2)]
    browser = sign_in("agent")
    page = browser.get("/mail?became=new").text
    assert "Process the ticked ones now" in page
    assert f'value="{ids[0]}"' in page
    browser.post("/mail/runs?became=new", data={"message": ids[0]})
    browser.post("/mail/runs?became=new", data={"all": "1"})
    assert list(db.session.scalars(db.select(Ticket.subject))) == ["Number 0", "Number 1"]
