"""A message that the server refuses, that defeats the database, or that kills the process: the next one goes on."""

from __future__ import annotations

import imaplib
import poplib

import pytest
from sqlalchemy.exc import OperationalError

from psa import clock
from psa.extensions import db
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.imap_client import Client
from psa.mail.inbound.left_over import MOST_TRIES, process_left_over
from psa.mail.inbound.poll import PATIENT_LOOKS, poll
from psa.mail.inbound.pop3 import Pop3Mailbox, arrival
from psa.mail.inbound.process import convert, process
from psa.mail.inbound.receive import receive_piped
from psa.mail.inbound.routing import Desk
from psa.mail.models import InboundEmail
from psa.tickets.models import Ticket
from tests.mail.inbound.test_polling_dovecot import ADDRESS, account, count, point
from tests.mail.inbound.world import deliver, statuses, subjects
from tests.mailroom import letter

__all__ = ["account"]


@pytest.mark.dovecot
def test_a_message_that_the_imap_server_refuses_becomes_a_row_and_the_others_tickets(account, dovecot, monkeypatch):
    for number in range(3):
        dovecot.deliver(ADDRESS, letter(subject=f"Number {number}").as_bytes())
    fetch = Client.fetch

    def refuses_the_second(self, uids, data, modifiers=None):
        if 2 in uids and "BODY.PEEK[]" in data:
            raise imaplib.IMAP4.error("FETCH command error: NO [SERVERBUG] Internal error")
        return fetch(self, uids, data, modifiers)

    monkeypatch.setattr(Client, "fetch", refuses_the_second)
    assert poll(account.id).fault == ""
    assert count(Ticket) == 2
    refused = db.session.scalars(db.select(InboundEmail).where(InboundEmail.status == "failed")).one()
    assert "Internal error" in refused.reason


@pytest.mark.dovecot
def test_a_server_that_refuses_everything_is_in_trouble_itself_and_is_asked_again(account, dovecot, monkeypatch):
    dovecot.deliver(ADDRESS, letter().as_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(ImapMailbox, "fetch", refuse)
        assert "not now" in poll(account.id).fault
    assert count(InboundEmail) == 0
    assert poll(account.id).kept == 1


@pytest.mark.dovecot
def test_a_message_that_is_refused_again_and_again_stops_nothing_in_the_end(account, dovecot, monkeypatch):
    dovecot.deliver(ADDRESS, letter().as_bytes())
    monkeypatch.setattr(ImapMailbox, "fetch", refuse)
    for _ in range(4):
        poll(account.id)
    assert db.session.scalars(db.select(InboundEmail)).one().status == "failed"


def refuse(self, listed, limit):
    raise imaplib.IMAP4.error("NO not now")


@pytest.mark.dovecot
def test_a_message_that_is_announced_with_more_than_there_is_room_for_stops_nothing_in_the_end(imap, dovecot, meddler):
    deliver(dovecot, "One", text="A little longer than the other one.")
    deliver(dovecot, "Two")
    size = len(dovecot.messages(ADDRESS)[0])
    meddler.replaced = {b"{%d}" % size: b"{99999999999}"}
    for _ in range(PATIENT_LOOKS + 1):
        assert "99999999999 octets" in poll(imap.id).fault
    assert poll(imap.id).fault == ""
    assert (subjects(), statuses()) == (["Two"], ["failed", "filed"])


@pytest.mark.dovecot
def test_a_message_that_the_pop3_server_refuses_stops_no_other(cast, dovecot, ca_pem, monkeypatch):
    account = point(cast.inbound, dovecot, ca_pem, monkeypatch, "pop3s")
    for number in range(3):
        dovecot.deliver(ADDRESS, letter(subject=f"Number {number}").as_bytes())
    retrieve = Pop3Mailbox.retrieve

    def refuses_the_first(self, message, limit):
        if self.numbers[message.key] == 1:
            raise poplib.error_proto(b"-ERR it is damaged")
        return retrieve(self, message, limit)

    monkeypatch.setattr(Pop3Mailbox, "retrieve", refuses_the_first)
    poll(account.id)
    assert (count(Ticket), count(InboundEmail)) == (2, 3)


@pytest.mark.dovecot
def test_a_line_of_a_megabyte_and_a_half_is_taken_over_pop3(cast, dovecot, ca_pem, monkeypatch):
    account = point(cast.inbound, dovecot, ca_pem, monkeypatch, "pop3s")
    dovecot.deliver(ADDRESS, b"From: dana@harbor-dental.example\r\nSubject: Long\r\n\r\n" + b"x" * 1_500_000 + b"\r\n")
    assert poll(account.id).kept == 1


@pytest.mark.parametrize(
    "received", [b"Received: x; Fri, 31 Dec 9999 23:59:59 -0100", b"Received: x; never", b"Received: x", b""]
)
def test_a_time_of_arrival_that_is_none_is_not_taken_for_one(received):
    assert arrival([received, b"Subject: x"]) is None


@pytest.mark.dovecot
def test_an_error_that_nobody_expected_is_written_down_and_has_its_pause(account, monkeypatch):
    monkeypatch.setattr(ImapMailbox, "listing", lambda *_: 1 / 0)
    looked = poll(account.id)
    db.session.refresh(account)
    assert looked.fault
    assert account.failures == 1
    assert account.next_poll_at > clock.now()


@pytest.mark.dovecot
def test_a_password_with_umlauts_is_a_state_with_words_that_do_not_quote_it(account):
    from psa import signing

    account.sealed_password = signing.seal("pässwort")
    db.session.commit()
    looked = poll(account.id)
    db.session.refresh(account)
    assert account.failures == 1
    assert "ä" not in looked.fault + account.fault_words
    assert "letters" in looked.fault


def test_what_a_statement_asks_too_much_of_the_database_fails_that_message_alone(mailroom, monkeypatch):
    class Limit(Exception):
        sqlstate = "54000"

    def too_much(*_args):
        raise OperationalError("INSERT", {}, Limit("index row size exceeds maximum"))

    with monkeypatch.context() as patch:
        patch.setattr("psa.mail.inbound.process.match_ticket", too_much)
        assert mailroom.receive(letter()).status == "failed"


def test_a_database_that_is_locked_leaves_the_message_as_it_was(mailroom, cast, monkeypatch):
    def locked(*_args):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    inbound_id = receive_piped(cast.inbound, letter().as_bytes())
    with monkeypatch.context() as patch:
        patch.setattr("psa.mail.inbound.process.match_ticket", locked)
        with pytest.raises(OperationalError):
            process(inbound_id)
    assert process(inbound_id).status == "filed"


def test_a_message_id_of_any_length_and_any_letters_is_filed(mailroom):
    first = mailroom.receive(f"From: dana@harbor-dental.example\r\nMessage-ID: <{'ж' * 950}@x>\r\n\r\nHello".encode())
    assert first.status == "filed", first.reason


def test_a_message_that_ends_the_process_is_given_up_after_a_few_stops(cast, monkeypatch):
    inbound_id = receive_piped(cast.inbound, letter().as_bytes())

    def stop(*_args):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("psa.mail.inbound.left_over.process", stop)
        for _ in range(MOST_TRIES):
            with pytest.raises(SystemExit):
                process_left_over(cast.inbound, Desk.of(cast.inbound))
    process_left_over(cast.inbound, Desk.of(cast.inbound))
    email = db.session.get_one(InboundEmail, inbound_id, populate_existing=True)
    assert email.status == "failed"
    assert f"stopped {MOST_TRIES} times" in email.reason
    convert(inbound_id)
    assert email.status == "filed"


def test_a_rule_that_is_deleted_in_the_middle_of_a_chunk_harms_nothing(cast, mailroom):
    desk = Desk.of(cast.inbound)
    db.session.delete(cast.billing_rule)
    db.session.commit()
    db.session.rollback()
    inbound_id = receive_piped(cast.inbound, letter(subject="[Billing] Seats").as_bytes())
    assert process(inbound_id, None, desk).status == "filed"
