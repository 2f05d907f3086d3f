"""What people write can also lie in the mailbox's Sent folder; whatever goes wrong there, nothing is sent again."""

from __future__ import annotations

import imaplib
from datetime import timedelta

import pytest

from psa import clock, signing
from psa.extensions import db
from psa.mail.inbound import sent_copies
from psa.mail.inbound.sent_copies import make_copies
from psa.mail.models import OutboundEmail
from psa.mail.outbound.deliver import deliver_due
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

pytestmark = pytest.mark.dovecot


@pytest.fixture
def sent(mailroom, cast, dovecot, smtp_server, ca_pem, monkeypatch):
    """Tom's answer, accepted by the SMTP server; its account wants a copy in the folder Sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    for account, port, security in (
        (cast.inbound, dovecot.imaps, "ssl"),
        (cast.outbound, smtp_server.port, "starttls"),
    ):
        account.host, account.port, account.security = "localhost", port, security
        account.username, account.sealed_password = SUPPORT[0], signing.seal(SUPPORT[1])
    cast.outbound.sent_folder = "Sent"
    db.session.commit()
    dovecot.deliver(SUPPORT[0], letter().as_bytes(), folder="Sent")
    inbound = mailroom.receive(letter(subject="Projector"))
    comment_id = operations.add_reply(inbound.ticket_id, Said(body="On my way."), Actor(user_id=cast.tom.id))
    outbound_id = notifications.reply_added(comment_id)
    db.session.commit()
    deliver_due()
    return db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)


@pytest.fixture
def another(sent, cast):
    """A second answer of Tom's, sent after the first."""
    comment_id = operations.add_reply(sent.ticket_id, Said(body="There in five."), Actor(user_id=cast.tom.id))
    outbound_id = notifications.reply_added(comment_id)
    db.session.commit()
    deliver_due()
    return db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)


def refuse(monkeypatch, subject: str, error: Exception) -> None:
    """Let the server answer with ``error`` when it is to copy the message of that subject."""
    real = sent_copies.copy

    def copy(outbound_id, mailbox, folder):
        if db.session.get_one(OutboundEmail, outbound_id).subject == subject:
            raise error
        real(outbound_id, mailbox, folder)

    monkeypatch.setattr(sent_copies, "copy", copy)


def state(email: OutboundEmail) -> tuple[str, str]:
    db.session.refresh(email)
    return email.status, email.copy_state


def test_the_very_bytes_that_left_lie_in_sent(sent, dovecot, smtp_server):
    assert state(sent) == ("sent", "wanted")
    assert make_copies() == 1
    assert state(sent) == ("sent", "made")
    assert dovecot.messages(SUPPORT[0], "Sent")[-1].rstrip() == smtp_server.received[0].content.rstrip()
    assert make_copies() == 0


def test_who_died_between_making_and_noting_a_copy_makes_no_second_one(sent, dovecot):
    make_copies()
    sent.copy_state = "wanted"
    db.session.commit()
    make_copies()
    assert len(dovecot.messages(SUPPORT[0], "Sent")) == 2


def test_a_folder_that_is_not_there_is_told_and_tried_again_but_nothing_is_sent_again(sent, cast, smtp_server):
    cast.outbound.sent_folder = "No such folder"
    db.session.commit()
    assert make_copies() == 0
    assert state(sent) == ("sent", "wanted")
    assert sent.copy_words
    assert make_copies() == 0
    sent.sent_at, sent.next_attempt_at = clock.now() - timedelta(days=2), clock.now()
    db.session.commit()
    make_copies()
    assert state(sent) == ("sent", "failed")
    assert deliver_due() == 0
    assert len(smtp_server.received) == 1


def test_a_copy_that_the_server_refuses_holds_up_no_other(sent, another, dovecot, monkeypatch):
    refuse(monkeypatch, "Refused", imaplib.IMAP4.error("APPEND failed: NO [OVERQUOTA] Too large"))
    sent.subject = "Refused"
    db.session.commit()
    assert make_copies() == 1
    assert (state(sent), state(another)) == (("sent", "wanted"), ("sent", "made"))
    assert "OVERQUOTA" in sent.copy_words
    assert sent.next_attempt_at > clock.now()


def test_nor_does_one_on_which_the_connection_ends(sent, another, dovecot, monkeypatch):
    refuse(monkeypatch, "Refused", imaplib.IMAP4.abort("socket error: EOF"))
    sent.subject = "Refused"
    db.session.commit()
    assert make_copies() == 0
    assert make_copies() == 1
    assert (state(sent), state(another)) == (("sent", "wanted"), ("sent", "made"))


@pytest.mark.parametrize("why", ["refused", "switched off"])
def test_nobody_signs_in_to_a_mailbox_that_is_off_or_refuses_us(sent, cast, monkeypatch, why):
    monkeypatch.setattr(sent_copies, "ImapMailbox", lambda *_: pytest.fail("signed in"))
    if why == "refused":
        cast.inbound.refused_since = clock.now()
    else:
        cast.inbound.parsing = False
    db.session.commit()
    assert make_copies() == 0
    assert state(sent) == ("sent", "wanted")
    assert sent.copy_words
    assert sent.next_attempt_at > clock.now()


def test_without_a_mailbox_of_that_address_it_says_so(sent, cast):
    cast.inbound.address = "help@northwind.example"
    db.session.commit()
    make_copies()
    assert state(sent) == ("sent", "failed")
    assert "No IMAP mailbox" in sent.copy_words
