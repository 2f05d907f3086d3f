"""A report that names the address behind ours, and one that is about our signature: nobody is blamed for either."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound import addresses
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mail.inbound.test_bounces_come_back import DANA, complaint, report
from tests.mailroom import letter

RUBEN = "ruben@vega-logistics.example"


@pytest.fixture
def answer(mailroom, cast):
    """Tom's answer to Dana and Ruben, on its way."""
    inbound = mailroom.receive(letter(subject="Projector"))
    comment_id = operations.add_reply(inbound.ticket_id, Said(body="On my way."), Actor(user_id=cast.tom.id))
    email = db.session.get_one(OutboundEmail, notifications.reply_added(comment_id))
    email.recipients = [DANA, RUBEN]
    email.results = {address: {"state": "sent", "words": ""} for address in email.recipients}
    email.status = "sent"
    db.session.commit()
    return email


def test_the_address_we_wrote_to_is_told_beside_the_one_behind_it(mailroom, answer):
    words = report(answer, "rv@mail.vega-logistics.example", "5.1.1", "550 5.1.1 User unknown")
    mailroom.receive(words.replace("Action: failed", f"Original-Recipient: rfc822;{RUBEN}\nAction: failed").encode())
    db.session.refresh(answer)
    assert [answer.results[address]["state"] for address in answer.recipients] == ["sent", "bounced"]
    assert set(addresses.suppressed([DANA, RUBEN])) == {RUBEN}


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam"])
def test_a_report_about_our_signature_is_no_complaint(mailroom, answer, kind):
    told = complaint(answer).replace("Feedback-Type: abuse", f"Feedback-Type: {kind}\nOriginal-Rcpt-To: {DANA}")
    inbound = mailroom.receive(told.encode())
    assert inbound.status == "reported"
    assert addresses.suppressed([DANA, RUBEN]) == {}


def test_a_person_who_writes_through_a_list_opens_a_ticket_and_is_not_answered(mailroom):
    inbound = mailroom.receive(letter(List_Id="<talk.harbor-dental.example>", List_Post="<mailto:talk@x.example>"))
    assert inbound.status == "filed"
    assert any("through a list" in step["detail"] for step in inbound.trace)
    assert mailroom.outbox == []
