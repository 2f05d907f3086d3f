"""Cancel, send now, send all after an outage, and write to an address again: each one click in the Mail log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.models import DeliveryAttempt, OutboundEmail
from psa.mail.outbound import addresses
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter

DANA = "dana@harbor-dental.example"


@pytest.fixture
def queued(mailroom, cast) -> OutboundEmail:
    inbound = mailroom.receive(letter(subject="Projector"))
    comment_id = operations.add_reply(inbound.ticket_id, Said(body="On my way."), Actor(user_id=cast.tom.id))
    outbound_id = notifications.reply_added(comment_id)
    db.session.commit()
    return db.session.get_one(OutboundEmail, outbound_id)


def status_of(email: OutboundEmail) -> str:
    db.session.expire_all()
    return db.session.get_one(OutboundEmail, email.id).status


def test_what_waits_is_cancelled_and_sent_after_all(queued, sign_in):
    browser = sign_in("agent")
    browser.post(f"/mail/outbound/{queued.id}/cancellation")
    assert status_of(queued) == "cancelled"
    assert "Tom Okafor cancelled it before it left" in browser.get(f"/mail/outbound/{queued.id}").text
    browser.post(f"/mail/outbound/{queued.id}/attempts")
    assert status_of(queued) == "queued"


def test_what_has_left_is_not_cancelled_and_the_page_says_so(queued, sign_in):
    queued.status = "sent"
    db.session.commit()
    page = sign_in("agent").post(f"/mail/outbound/{queued.id}/cancellation", follow_redirects=True).text
    assert "It was too late" in page
    assert status_of(queued) == "sent"


@pytest.mark.parametrize(
    ("status", "words"), [("sending", "It is leaving just now."), ("sent", "It has left meanwhile.")]
)
def test_what_its_sender_took_up_meanwhile_is_not_tried_again_and_the_page_says_so(queued, sign_in, status, words):
    queued.status = status
    db.session.commit()
    page = sign_in("agent").post(f"/mail/outbound/{queued.id}/attempts", follow_redirects=True).text
    assert words in page
    assert "Nobody is left" not in page
    assert status_of(queued) == status


def test_an_unconfirmed_message_warns_before_it_is_sent_again(queued, sign_in):
    queued.status = "unconfirmed"
    db.session.commit()
    browser = sign_in("agent")
    assert "it may arrive twice" in browser.get(f"/mail/outbound/{queued.id}").text
    browser.post(f"/mail/outbound/{queued.id}/attempts")
    assert status_of(queued) == "queued"


def test_after_an_outage_one_click_tries_everything(queued, sign_in):
    queued.next_attempt_at = clock.now() + timedelta(hours=3)
    db.session.commit()
    browser = sign_in("agent")
    assert "Retry all that wait" in browser.get("/mail").text
    assert "One message is tried now." in browser.post("/mail/retries", follow_redirects=True).text
    db.session.expire_all()
    assert db.session.get_one(OutboundEmail, queued.id).next_attempt_at <= clock.now()


def test_the_ticket_says_that_nothing_is_sent_to_its_requester_and_one_click_ends_it(queued, sign_in):
    addresses.suppress(DANA, "hard_bounce", "550 5.1.1 User unknown")
    db.session.commit()
    browser = sign_in("agent")
    place = f"/tickets/{queued.ticket_id}"
    assert f"Nothing is sent to {DANA}" in browser.get(place).text
    answer = browser.post("/mail/addresses/clearing", data={"address": DANA, "back": place})
    assert answer.location == place
    assert "Nothing is sent to" not in browser.get(place).text


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", ""])
def test_the_way_back_leads_to_our_own_pages_only(queued, sign_in, back):
    answer = sign_in("agent").post("/mail/addresses/clearing", data={"address": DANA, "back": back})
    assert answer.location == "/mail"


def test_the_page_shows_each_recipient_with_the_servers_words(queued, sign_in):
    queued.status, queued.results = "failed", {DANA: {"state": "failed", "words": "550 5.1.1 <b>User</b> unknown"}}
    db.session.commit()
    page = sign_in("agent").get(f"/mail/outbound/{queued.id}").text
    assert "Refused" in page
    assert "550 5.1.1 &lt;b&gt;User&lt;/b&gt; unknown" in page


def test_a_try_that_failed_says_in_words_where(queued, sign_in):
    queued.status = "failed"
    attempt = DeliveryAttempt(outbound_id=queued.id, outcome="failed", stage="rcpt_to", words="550 No such user")
    db.session.add(attempt)
    db.session.commit()
    assert "Try 1: failed at the recipient" in sign_in("agent").get(f"/mail/outbound/{queued.id}").text
