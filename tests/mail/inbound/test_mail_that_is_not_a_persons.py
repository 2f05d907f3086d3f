"""Automatic mail, delivery reports, our own mail coming back, the same mail twice."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.inbound.process import convert
from psa.mail.models import InboundEmail, OutboundEmail
from psa.tickets import notifications, operations
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter


def tickets() -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(Ticket))


@pytest.fixture
def sent(mailroom, cast) -> OutboundEmail:
    ticket = mailroom.receive(letter()).ticket
    comment_id = operations.add_reply(ticket.id, Said("Does it light?"), Actor(user_id=cast.tom.id), then="waiting")
    outbound_id = notifications.reply_added(comment_id)
    db.session.commit()
    return db.session.get_one(OutboundEmail, outbound_id)


def test_a_vacation_notice_is_filed_on_the_ticket_but_changes_nothing_and_is_never_answered(mailroom, cast, sent):
    cast.inbound.acknowledge = True
    email = mailroom.receive(
        letter("I am away.", subject="Away", answers=f"<{sent.message_id}>", Auto_Submitted="auto-replied")
    )
    assert (email.status, email.kind, email.ticket_id) == ("filed", "automatic", sent.ticket_id)
    assert mailroom.ticket(sent.ticket_id).status == "waiting"
    assert mailroom.outbox == [sent]


def test_automatic_mail_to_nobody_in_particular_opens_a_ticket_that_says_so(mailroom, cast):
    cast.inbound.acknowledge = True
    email = mailroom.receive(letter("2 files skipped.", subject="Backup report", Auto_Submitted="auto-generated"))
    assert email.ticket.automatic
    assert mailroom.outbox == []


def test_a_person_is_told_that_the_ticket_is_open_when_the_mailbox_wants_it(mailroom, cast):
    cast.inbound.acknowledge = True
    email = mailroom.receive(letter())
    [notice] = mailroom.outbox
    message = mailroom.read(notice)
    assert message["Subject"] == f"We have your message: Projector [#{email.ticket_id}]"
    assert message["Auto-Submitted"] == "auto-replied"
    assert notice.envelope_sender == ""


def test_nobody_gets_more_than_five_notices_an_hour(mailroom, cast):
    cast.inbound.acknowledge = True
    for number in range(8):
        mailroom.receive(letter(subject=f"Number {number}"))
    assert len(mailroom.outbox) == 5


def test_a_person_who_writes_through_a_mailing_list_is_a_person_and_is_not_answered_by_machine(mailroom, cast):
    cast.inbound.acknowledge = True
    email = mailroom.receive(letter(List_Id="<admins.harbor-dental.example>"))
    assert (email.kind, email.ticket.automatic) == ("person", False)
    assert mailroom.outbox == []


def test_our_own_mail_that_comes_back_is_ignored(mailroom, sent):
    before = tickets()
    email = mailroom.receive(mailroom.read(sent))
    assert email.status == "ignored"
    assert "make a loop" in email.reason
    assert tickets() == before


def test_a_bounce_is_shown_at_the_message_that_bounced_and_opens_no_ticket(mailroom, sent):
    before = tickets()
    raw = f"""From: MAILER-DAEMON@mx.harbor-dental.example
To: support@northwind.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@mx.harbor-dental.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system. The message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.harbor-dental.example

Final-Recipient: rfc822; dana@harbor-dental.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: message/rfc822

From: support@northwind.example
Message-ID: <{sent.message_id}>
Subject: Re: Projector

Does it light?
--b--
""".replace("\n", "\r\n").encode()
    email = mailroom.receive(raw)
    assert (email.status, email.ticket_id) == ("reported", sent.ticket_id)
    db.session.refresh(sent)
    assert sent.status == "bounced"
    assert "User unknown" in sent.reason
    assert tickets() == before


def test_the_same_mail_in_two_mailboxes_is_one_ticket(mailroom):
    message = letter(message_id="<once@client.example>")
    first = mailroom.receive(b"Delivered-To: support@northwind.example\r\n" + message.as_bytes())
    second = mailroom.receive(b"Delivered-To: billing@northwind.example\r\n" + message.as_bytes())
    assert (second.status, second.same_as_id) == ("ignored", first.id)
    assert tickets() == 1


def test_a_person_whose_mail_asks_for_no_answer_by_machine_gets_none(mailroom, cast):
    cast.inbound.acknowledge = True
    db.session.commit()
    message = letter("Could you look at this today?", subject="Re: Projector", answers="<earlier@client.example>")
    message["X-Auto-Response-Suppress"] = "DR, RN, NRN, OOF, AutoReply"
    message["X-Mailer"] = "Microsoft Outlook 16.0"
    inbound = mailroom.receive(message)
    assert inbound.status == "filed"
    assert mailroom.outbox == []


def test_a_copy_that_is_held_in_one_mailbox_keeps_none_from_the_other(mailroom, cast):
    message = letter(message_id="<both@client.example>").as_bytes()
    cast.inbound.create_tickets = False
    db.session.commit()
    held = mailroom.receive(b"Delivered-To: info@northwind.example\r\n" + message)
    assert held.status == "held"
    cast.inbound.create_tickets = True
    db.session.commit()
    filed = mailroom.receive(b"Delivered-To: support@northwind.example\r\n" + message)
    assert (filed.status, tickets()) == ("filed", 1)
    convert(held.id)
    db.session.refresh(held)
    assert (held.status, held.same_as_id, tickets()) == ("ignored", filed.id, 1)


def test_two_different_mails_with_one_message_id_are_both_kept(mailroom):
    mailroom.receive(letter("One.", message_id="<careless@client.example>"))
    second = mailroom.receive(letter("Two.", message_id="<careless@client.example>"))
    assert second.status == "filed"
    assert db.session.scalar(db.select(db.func.count()).select_from(InboundEmail)) == 2
