"""What comes back from our mail is written where it belongs: message, ticket, address."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound import addresses
from psa.tickets import notifications, operations
from psa.tickets.models import Event
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter

DANA = "dana@harbor-dental.example"


@pytest.fixture
def sent(mailroom, cast) -> OutboundEmail:
    """Tom's answer to Dana, on its way."""
    inbound = mailroom.receive(letter(subject="Projector"))
    comment_id = operations.add_reply(inbound.ticket_id, Said(body="On my way."), Actor(user_id=cast.tom.id))
    outbound_id = notifications.reply_added(comment_id)
    db.session.execute(db.update(OutboundEmail).values(status="sent"))
    db.session.commit()
    return db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)


def report(email: OutboundEmail, address: str, status: str, words: str) -> str:
    """A bounce as Postfix writes it."""
    return f"""\
From: MAILER-DAEMON@mx.northwind.example (Mail Delivery System)
To: support@northwind.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <{status}.{abs(hash(address))}@mx.northwind.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message could not be delivered to {address}.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.northwind.example

Final-Recipient: rfc822; {address}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {words}
--b
Content-Type: text/rfc822-headers

From: support@northwind.example
To: {address}
Message-ID: <{email.message_id}>
Subject: Re: Projector
--b--
"""


def complaint(email: OutboundEmail) -> str:
    return f"""\
From: feedback@provider.example
To: support@northwind.example
Subject: Complaint about a message
Message-ID: <complaint@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an email abuse report.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1
Version: 1
--b
Content-Type: message/rfc822

From: support@northwind.example
To: {DANA}
Message-ID: <{email.message_id}>
Subject: Re: Projector

On my way.
--b--
"""


def test_a_hard_bounce_stands_at_the_message_the_ticket_and_the_address(mailroom, sent):
    inbound = mailroom.receive(report(sent, DANA, "5.1.1", "550 5.1.1 User unknown").encode())
    db.session.refresh(sent)
    assert (inbound.status, inbound.ticket_id) == ("reported", sent.ticket_id)
    assert sent.status == "bounced"
    assert sent.results[DANA]["state"] == "bounced"
    state = addresses.state_of(DANA)
    assert (state.reason, state.inbound_id, state.outbound_id) == ("hard_bounce", inbound.id, sent.id)
    event = db.session.scalars(db.select(Event).order_by(Event.id.desc())).first()
    assert event.detail["to"] == DANA


def test_a_soft_bounce_is_counted_and_the_next_mail_leaves_all_the_same(mailroom, sent):
    mailroom.receive(report(sent, DANA, "5.2.2", "552 5.2.2 Mailbox full").encode())
    state = addresses.state_of(DANA)
    assert (state.soft_bounces, state.suppressed_at) == (1, None)
    assert addresses.suppressed([DANA]) == {}


def test_a_complaint_suppresses_the_address(mailroom, sent):
    inbound = mailroom.receive(complaint(sent).encode())
    assert inbound.status == "reported"
    assert addresses.state_of(DANA).reason == "complaint"


def test_a_complaint_that_names_nobody_blames_none_of_several(mailroom, sent):
    sent.recipients = [DANA, "ruben@vega-logistics.example"]
    db.session.commit()
    inbound = mailroom.receive(complaint(sent).replace(f"To: {DANA}\n", "").encode())
    assert "does not say who" in inbound.reason
    assert addresses.suppressed(sent.recipients) == {}


def test_a_forged_report_about_a_stranger_touches_nobody(mailroom, sent, cast):
    sent.recipients = [DANA, "ruben@vega-logistics.example"]
    sent.results = {}
    db.session.commit()
    mailroom.receive(report(sent, "mara@northwind.example", "5.1.1", "550 5.1.1 User unknown").encode())
    assert addresses.suppressed(["mara@northwind.example", *sent.recipients]) == {}
    db.session.refresh(sent)
    assert sent.status == "sent"


def test_one_of_two_recipients_bounces_and_the_message_is_still_sent(mailroom, sent):
    sent.recipients = [DANA, "ruben@vega-logistics.example"]
    sent.results = {address: {"state": "sent", "words": ""} for address in sent.recipients}
    db.session.commit()
    mailroom.receive(report(sent, DANA, "5.1.1", "550 5.1.1 User unknown").encode())
    db.session.refresh(sent)
    assert sent.status == "sent"
    assert [sent.results[address]["state"] for address in sent.recipients] == ["bounced", "sent"]


def test_a_server_that_names_the_mailbox_behind_an_alias_means_the_one_we_wrote_to(mailroom, sent):
    mailroom.receive(report(sent, "dw1974@internal.harbor-dental.example", "5.1.1", "550 5.1.1 User unknown").encode())
    assert addresses.suppressed([DANA])
