"""Mail comes back to an address of its own, where the server takes that; answers find their ticket by theirs."""

from __future__ import annotations

import pytest

from psa import clock
from psa.extensions import db
from psa.mail.inbound.process import process
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import InboundEmail, OutboundEmail
from psa.mail.outbound import outbox, plus_addressing, plus_check
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.deliver import deliver, deliver_due
from psa.mail.outbound.models import ReturnAddress
from psa.mail.outbound.signed_addresses import mail_of_address, reply_address, return_address, ticket_of_address
from psa.mail.raw import raw_bytes
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

DANA = "dana@harbor-dental.example"


@pytest.fixture
def signing_account(account):
    """The account, whose server is known to take plus-addresses."""
    db.session.add(ReturnAddress(account_id=account.id, checked_at=clock.now(), proven_at=clock.now()))
    db.session.commit()
    return account


def state_of(account) -> ReturnAddress:
    found = db.session.get(ReturnAddress, account.id, populate_existing=True)
    assert found is not None
    return found


def test_without_proof_mail_leaves_under_the_plain_address(queue, smtp_server):
    queue()
    deliver_due()
    assert smtp_server.received[0].sender == SUPPORT[0]


def test_the_return_path_names_the_mail(queue, signing_account, smtp_server):
    first, second = queue(), queue()
    assert deliver_due() == 2
    assert [mail_of_address(letter.sender) for letter in smtp_server.received] == [first.id, second.id]


def test_what_must_not_come_back_has_no_return_path_at_all(signing_account, smtp_server):
    composed = compose(
        Content("We got it", "We did."),
        sender=("", SUPPORT[0]),
        to=[("", DANA)],
    )
    outbox.enqueue(composed, account_id=signing_account.id, envelope_sender="", recipients=[DANA], purpose="opened")
    db.session.commit()
    deliver_due()
    assert smtp_server.received[0].sender in ("", "<>")


def test_refused_it_leaves_under_the_plain_one_at_once_and_the_next_ones_too(queue, signing_account, smtp_server):
    smtp_server.answers["MAIL"] = ["550 5.7.60 Not your address"]
    email = queue()
    record = deliver(email.id)
    assert (email.status, smtp_server.received[0].sender) == ("sent", SUPPORT[0])
    asked = next(step for step in record.steps if step["stage"] == "mail_from")
    assert "was refused: 550 5.7.60 Not your address" in asked["detail"]
    assert state_of(signing_account).refused_words == "550 5.7.60 Not your address"
    queue()
    deliver_due()
    assert smtp_server.received[1].sender == SUPPORT[0]


def test_refused_for_now_it_leaves_under_the_plain_one_and_the_next_ones_do_not(queue, signing_account, smtp_server):
    smtp_server.answers["MAIL"] = ["451 4.3.0 Later"]
    first, second = queue(), queue()
    deliver(first.id)
    deliver(second.id)
    assert smtp_server.received[0].sender == SUPPORT[0]
    assert mail_of_address(smtp_server.received[1].sender) == second.id
    assert state_of(signing_account).refused_at is None


def test_a_server_that_takes_neither_has_nothing_against_the_signed_one(queue, signing_account, smtp_server):
    smtp_server.answers["MAIL"] = "451 4.3.0 Later"
    email = queue()
    deliver_due()
    assert (email.status, state_of(signing_account).refused_at) == ("queued", None)


def test_the_mail_that_finds_out_switches_it_on_when_it_arrives(account, cast, smtp_server):
    check_id = plus_check.find_out(account)
    db.session.commit()
    assert plus_addressing.state_of(account.id).proven_at is None
    deliver_due()
    [received] = smtp_server.received
    assert mail_of_address(received.sender) == mail_of_address(received.recipients[0]) == check_id
    inbound_id = receive_piped(cast.inbound, received.content)
    process(inbound_id)
    assert db.session.get_one(InboundEmail, inbound_id).status == "ignored"
    assert plus_addressing.state_of(account.id).proven_at is not None


def test_answers_about_a_ticket_go_to_its_own_address(signing_account):
    composed = compose(Content("Lamp", "Lit?"), sender=("", SUPPORT[0]), to=[("", DANA)], ticket_id=7)
    assert f"Reply-To: {reply_address(SUPPORT[0], 7)}".encode() in composed.raw.replace(b"\r\n ", b" ")
    assert ticket_of_address(reply_address(SUPPORT[0], 7)) == 7


@pytest.mark.parametrize(("reply_to", "ticket_id"), [("office@northwind.example", 7), ("", 0)])
def test_elsewhere_and_without_a_ticket_answers_go_where_they_went(signing_account, reply_to, ticket_id):
    composed = compose(
        Content("Lamp", "Lit?"), sender=("", SUPPORT[0]), to=[("", DANA)], reply_to=reply_to, ticket_id=ticket_id
    )
    assert b"+t" not in composed.raw
    assert (b"Reply-To: office@northwind.example" in composed.raw) is bool(reply_to)


def bounce(to: str) -> bytes:
    """A report that names neither the message nor whom it was for."""
    return f"""\
From: MAILER-DAEMON@mx.elsewhere.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <1@mx.elsewhere.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.elsewhere.example

Final-Recipient: rfc822; dana@inside.elsewhere.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such user
--b--
""".encode()


@pytest.fixture
def sent(mailroom) -> OutboundEmail:
    inbound = mailroom.receive(letter(subject="Projector"))
    composed = compose(
        Content("Projector", "On my way."), sender=("", SUPPORT[0]), to=[("", DANA)], ticket_id=inbound.ticket_id
    )
    outbound_id = outbox.enqueue(
        composed,
        account_id=mailroom.cast.outbound.id,
        envelope_sender=SUPPORT[0],
        recipients=[DANA],
        purpose="reply",
        ticket_id=inbound.ticket_id,
    )
    db.session.execute(db.update(OutboundEmail).values(status="sent"))
    db.session.commit()
    return db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)


def test_a_bounce_finds_its_mail_by_the_address_that_it_came_to(mailroom, sent):
    inbound = mailroom.receive(bounce(return_address(SUPPORT[0], sent.id)))
    assert (inbound.status, inbound.ticket_id) == ("reported", sent.ticket_id)
    db.session.refresh(sent)
    assert sent.status == "bounced"


def test_so_it_does_by_the_address_that_the_server_noted(mailroom, sent):
    noted = f"Delivered-To: {return_address(SUPPORT[0], sent.id)}\n".encode()
    mailroom.receive(noted + bounce(SUPPORT[0]))
    db.session.refresh(sent)
    assert sent.status == "bounced"


@pytest.mark.parametrize(
    "forged", ["support+b{id}@northwind.example", "support+b{id}.aaaaaaaaaaaaaaaa@northwind.example"]
)
def test_a_forged_address_counts_for_nothing(mailroom, sent, forged):
    inbound = mailroom.receive(bounce(forged.format(id=sent.id)))
    db.session.refresh(sent)
    assert (sent.status, inbound.ticket_id) == ("sent", None)
    assert raw_bytes(sent.raw_id)
