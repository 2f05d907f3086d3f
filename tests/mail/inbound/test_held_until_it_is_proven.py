"""A user's mail is held while no name server tells that it is theirs, and dealt with by itself once one does."""

from __future__ import annotations

from datetime import timedelta

import dkim
import pytest

from psa import clock
from psa.extensions import db
from psa.mail.inbound import sender_checks, signatures
from psa.mail.inbound.process import convert
from psa.mail.models import InboundEmail
from psa.mail.outbound import dkim_keys
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter
from tests.nameserver import Nameserver

TOM = "Tom Okafor <tom@northwind.example>"


@pytest.fixture
def nameserver(app):
    """One that cannot answer, to begin with."""
    with Nameserver() as server:
        app.extensions["psa.dns"] = server.dns
        yield server


@pytest.fixture
def signed(app, nameserver):
    """A mail as the firm's own server signs it."""
    key = dkim_keys.make_key("northwind.example")
    db.session.commit()
    record = dkim_keys.public_half(key).record
    nameserver.txt(record.name, record.value)
    secret = dkim_keys.signing.unseal(key.sealed_key).encode()

    def sign(message):
        message.replace_header("Date", clock.now().strftime("%a, %d %b %Y %H:%M:%S +0000"))
        raw = message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return dkim.sign(raw, key.selector.encode(), key.domain.encode(), secret) + raw

    return sign


@pytest.fixture
def held(mailroom, cast, nameserver, signed):
    """Tom's answer to Dana's ticket, that nobody could check."""
    cast.inbound.agents_may_answer = True
    db.session.commit()
    ticket = mailroom.receive(letter()).ticket
    comment_id = operations.add_reply(ticket.id, Said("Does it light?"), Actor(user_id=cast.mara.id), then="waiting")
    notifications.reply_added(comment_id)
    db.session.commit()
    nameserver.broken = True
    answers = f"<{mailroom.outbox[0].message_id}>"
    email = mailroom.receive(signed(letter("Press the button.", sender=TOM, subject="Re: Projector", answers=answers)))
    assert (email.status, email.trust) == ("held", "unknown")
    assert email.trust_due_at is not None
    return email


@pytest.fixture
def answered_again(nameserver, monkeypatch):
    """Name servers answer again, and every check is due."""

    def repair(later=timedelta(minutes=2)):
        nameserver.broken = False
        at = clock.now() + later
        monkeypatch.setattr("psa.mail.inbound.sender_checks.clock.now", lambda: at)
        signatures.keys().silent_until.clear()

    return repair


def now(email):
    db.session.expire_all()
    return db.session.get_one(InboundEmail, email.id)


def replies(mailroom):
    """What has left since Mara's answer."""
    return [mail for mail in mailroom.outbox[1:] if mail.purpose == "reply"]


def test_his_answer_goes_to_the_client_once_and_the_trace_says_why_so_late(mailroom, held, answered_again, cast):
    assert sender_checks.check_senders() == 1
    assert (now(held).status, replies(mailroom)) == ("held", [])

    answered_again()
    assert sender_checks.check_senders() == 1
    email = now(held)
    assert (email.status, email.trust, email.trust_due_at) == ("filed", "proven", None)
    assert email.ticket.comments[-1].user == cast.tom
    [sender] = [step for step in email.trace if step["step"] == "Sender"]
    assert (sender["verdict"], sender["detail"].endswith(sender_checks.WAS_HELD)) == ("Proven", True)

    assert sender_checks.check_senders() == 0
    assert [mail.recipients for mail in replies(mailroom)] == [["dana@harbor-dental.example"]]


def test_what_is_still_held_then_is_not_taken_up_again(mailroom, held, answered_again, cast):
    cast.inbound.agents_may_answer = False
    db.session.commit()

    answered_again()
    assert sender_checks.check_senders() == 1
    email = now(held)
    assert (email.status, email.trust, email.trust_due_at) == ("held", "proven", None)
    assert "agents may not answer by mail here" in email.reason
    assert sender_checks.check_senders() == 0


def test_what_a_person_has_decided_meanwhile_stays(mailroom, held, answered_again):
    answered_again()
    [claimed] = sender_checks.claim()
    convert(held.id)
    comments = len(now(held).ticket.comments)

    assert not sender_checks.let_go(claimed, sender_checks.Trust("proven", "Too late."))
    assert (now(held).status, len(now(held).ticket.comments)) == ("filed", comments)


def test_whoever_was_slow_and_lost_the_claim_takes_nothing_up(mailroom, held, answered_again):
    answered_again()
    [slow] = sender_checks.claim()
    answered_again(sender_checks.LEASE + timedelta(minutes=3))
    [quick] = sender_checks.claim()

    assert not sender_checks.let_go(slow, sender_checks.Trust("proven", "Too late."))
    assert now(held).status == "held"
    assert sender_checks.let_go(quick, sender_checks.Trust("proven", "In time."))
    assert len(replies(mailroom)) == 1


def test_one_that_is_not_proven_stays_held(mailroom, held, answered_again, nameserver):
    nameserver.records.clear()
    answered_again()
    assert sender_checks.check_senders() == 1
    assert (now(held).status, now(held).trust, replies(mailroom)) == ("held", "unproven", [])


def test_what_was_held_for_another_reason_is_proven_and_left(mailroom, cast, signed, answered_again):
    """A stranger's mail waits for a person, whoever has signed it."""
    cast.inbound.unknown_senders = "hold"
    db.session.commit()
    email = mailroom.receive(signed(letter(sender="scanner@northwind.example")))
    assert (email.status, email.trust) == ("held", "unknown")
    processed_at = email.processed_at

    answered_again()
    assert sender_checks.check_senders() == 1
    assert (now(email).status, now(email).trust, now(email).processed_at) == ("held", "proven", processed_at)
    assert [step["verdict"] for step in now(email).trace if step["step"] == "Sender"] == ["Unknown", "Proven"]
