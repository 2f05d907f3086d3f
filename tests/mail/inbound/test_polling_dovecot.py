"""The poller against a real Dovecot: every mail, exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from imapclient import IMAPClient

from psa import clock, signing
from psa.extensions import db
from psa.mail import settings as server
from psa.mail.inbound.mailbox import open_mailbox
from psa.mail.inbound.poll import poll
from psa.mail.inbound.start import mark_start
from psa.mail.journal import Journal
from psa.mail.models import InboundEmail, MailFolder
from psa.tickets.models import Comment, Ticket
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

pytestmark = pytest.mark.dovecot
ADDRESS, PASSWORD = SUPPORT


@pytest.fixture(params=["imaps", "imap+starttls", "pop3s", "pop3+starttls"])
def mailbox_url(request, dovecot):
    return request.param


@pytest.fixture
def account(cast, dovecot, ca_pem, monkeypatch):
    """The firm's mailbox on Dovecot: IMAP with TLS, all mail wanted."""
    return point(cast.inbound, dovecot, ca_pem, monkeypatch, "imaps")


def point(account, dovecot, ca_pem, monkeypatch, scheme):
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    protocol, security = server.SCHEMES[scheme]
    account.protocol, account.security, account.host = protocol, security, "localhost"
    account.port = {"imaps": dovecot.imaps, "imap+starttls": dovecot.imap, "pop3s": dovecot.pop3s}.get(
        scheme, dovecot.pop3
    )
    account.username, account.sealed_password, account.since = ADDRESS, signing.seal(PASSWORD), None
    db.session.commit()
    return account


def count(model) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(model))


def test_mail_is_fetched_over_every_kind_of_connection(cast, dovecot, ca_pem, monkeypatch, mailbox_url):
    account = point(cast.inbound, dovecot, ca_pem, monkeypatch, mailbox_url)
    for number in range(3):
        dovecot.deliver(ADDRESS, letter(subject=f"Number {number}").as_bytes())
    looked = poll(account.id)
    assert (looked.kept, looked.processed, looked.fault) == (3, 3, "")
    assert poll(account.id).kept == 0
    assert [ticket.subject for ticket in db.session.scalars(db.select(Ticket).order_by(Ticket.id))] == [
        "Number 0",
        "Number 1",
        "Number 2",
    ]


def test_mail_that_somebody_has_read_elsewhere_is_fetched_all_the_same(account, dovecot, ca_pem):
    dovecot.deliver(ADDRESS, letter().as_bytes())
    with person_at(dovecot) as person:
        person.select_folder("INBOX")
        person.add_flags(person.search(), [b"\\Seen"])
    assert poll(account.id).kept == 1


def test_looking_marks_nothing_as_read_and_deletes_nothing(account, dovecot):
    dovecot.deliver(ADDRESS, letter().as_bytes())
    poll(account.id)
    with person_at(dovecot) as person:
        person.select_folder("INBOX")
        assert person.search("UNSEEN") == [1]


def test_mail_is_marked_as_read_after_filing_where_the_account_wants_it(account, dovecot):
    account.after_filing = "seen"
    db.session.commit()
    dovecot.deliver(ADDRESS, letter().as_bytes())
    poll(account.id)
    with person_at(dovecot) as person:
        person.select_folder("INBOX")
        assert person.search("UNSEEN") == []
    assert db.session.scalars(db.select(InboundEmail)).one().settled


def test_a_start_from_now_takes_what_comes_and_leaves_what_was_there(account, dovecot):
    dovecot.deliver(ADDRESS, letter(subject="Old").as_bytes())
    account.since = clock.now()
    account.folders = [MailFolder(name="INBOX", since=account.since)]
    db.session.commit()
    mailbox = open_mailbox(server.of_account(account), Journal())
    mark_start(account, mailbox)
    mailbox.close()
    dovecot.deliver(ADDRESS, letter(subject="New").as_bytes())
    poll(account.id)
    assert db.session.scalars(db.select(Ticket)).one().subject == "New"


def test_when_the_server_renumbers_its_messages_nothing_is_filed_twice(account, dovecot):
    for number in range(5):
        dovecot.deliver(ADDRESS, letter(subject=f"Number {number}").as_bytes())
    poll(account.id)
    dovecot.renumber(ADDRESS)
    dovecot.deliver(ADDRESS, letter(subject="Number 5").as_bytes())
    looked = poll(account.id)
    assert looked.kept == 1
    assert (count(Ticket), count(InboundEmail)) == (6, 6)
    assert poll(account.id).kept == 0


def test_what_a_crash_left_behind_is_dealt_with_at_the_next_look(account, dovecot, monkeypatch):
    dovecot.deliver(ADDRESS, letter().as_bytes())
    with monkeypatch.context() as patch:
        patch.setattr("psa.mail.inbound.poll.process", lambda *_: None)
        poll(account.id)
    assert db.session.scalars(db.select(InboundEmail)).one().status == "new"
    poll(account.id)
    assert (count(Ticket), count(Comment)) == (1, 1)


def test_a_message_over_the_limit_becomes_a_ticket_that_says_so(account, dovecot):
    account.size_limit = 10_000
    db.session.commit()
    dovecot.deliver(ADDRESS, letter("x" * 20_000, subject="The film").as_bytes())
    dovecot.deliver(ADDRESS, letter(subject="After it").as_bytes())
    poll(account.id)
    film, after = db.session.scalars(db.select(Ticket).order_by(Ticket.id))
    assert (film.subject, after.subject) == ("The film", "After it")
    assert "more than we take in" in film.comments[0].body


def test_a_wrong_password_is_a_state_with_words(account, dovecot):
    account.sealed_password = signing.seal("wrong")
    db.session.commit()
    looked = poll(account.id)
    assert "uthentication" in looked.fault
    db.session.refresh(account)
    assert (account.failures, account.fault_stage, account.fault_cause) == (1, "auth", "auth_wrong_password")
    assert account.next_poll_at > clock.now()


def test_a_dead_server_is_a_state_with_words_and_the_pause_grows(account):
    account.port = 1
    db.session.commit()
    pauses = []
    for _ in range(3):
        poll(account.id)
        db.session.refresh(account)
        pauses.append(account.next_poll_at - clock.now())
    assert account.fault_cause == "connect_refused"
    assert pauses == sorted(pauses)
    assert account.failures == 3


def test_a_certificate_that_nobody_vouches_for_is_refused(account, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "CERTIFICATE_VERIFY_FAILED" in poll(account.id).fault


def test_with_email_parsing_off_the_mailbox_is_left_alone(account, dovecot):
    dovecot.deliver(ADDRESS, letter().as_bytes())
    account.parsing = False
    db.session.commit()
    assert poll(account.id).kept == 0
    account.parsing = True
    db.session.commit()
    assert poll(account.id).kept == 1


def test_a_connection_that_dies_in_the_middle_loses_and_doubles_nothing(account, dovecot, monkeypatch):
    from psa.mail.inbound.imap import ImapMailbox

    for number in range(120):
        dovecot.deliver(ADDRESS, letter(subject=f"Number {number}").as_bytes())
    fetch, calls = ImapMailbox.fetch, []

    def dies_at_the_second_chunk(self, listed, limit):
        calls.append(len(listed))
        if len(calls) == 2:
            self.client.shutdown()
        return fetch(self, listed, limit)

    with monkeypatch.context() as patch:
        patch.setattr(ImapMailbox, "fetch", dies_at_the_second_chunk)
        assert poll(account.id).fault
    assert count(Ticket) == 50
    poll(account.id)
    assert (count(Ticket), count(InboundEmail)) == (120, 120)
    assert db.session.scalars(db.select(MailFolder)).one().cursor == 120


def person_at(dovecot) -> IMAPClient:
    person = IMAPClient("127.0.0.1", dovecot.imap, ssl=False)
    person.login(ADDRESS, PASSWORD)
    return person


def test_a_server_that_goes_back_to_its_old_numbers_confuses_nobody(account, dovecot):
    dovecot.deliver(ADDRESS, letter(subject="One").as_bytes())
    poll(account.id)
    folder = db.session.scalars(db.select(MailFolder)).one()
    real = folder.uidvalidity
    folder.uidvalidity = real + 1
    db.session.commit()
    dovecot.deliver(ADDRESS, letter(subject="Two").as_bytes())
    assert poll(account.id).fault == ""
    assert (count(Ticket), count(InboundEmail)) == (2, 2)
    assert folder.uidvalidity == real


def test_another_mailbox_is_a_new_start_from_the_last_look(account, dovecot):
    from psa.mail.setup import add_from_urls

    dovecot.deliver(ADDRESS, letter(subject="At the old one").as_bytes())
    poll(account.id)
    dovecot.add_user("other@northwind.example", PASSWORD)
    with IMAPClient("127.0.0.1", dovecot.imap, ssl=False) as other:
        other.login("other@northwind.example", PASSWORD)
        old = letter(subject="Old at the new one").as_bytes()
        other.append("INBOX", old, msg_time=clock.now() - timedelta(days=3))
    url = f"imap://other%40northwind.example:a%20long%20winter@127.0.0.1:{dovecot.imap}"
    add_from_urls(address=ADDRESS, inbound_url=url)
    dovecot.deliver("other@northwind.example", letter(subject="New at the new one").as_bytes())
    assert poll(account.id).fault == ""
    assert [t.subject for t in db.session.scalars(db.select(Ticket).order_by(Ticket.id))] == [
        "At the old one",
        "New at the new one",
    ]


def test_what_arrives_during_a_look_is_not_slept_over(account, dovecot):
    dovecot.deliver(ADDRESS, letter(subject="One").as_bytes())
    mailbox = open_mailbox(server.of_account(account), Journal())
    poll(account.id, mailbox)
    dovecot.deliver(ADDRESS, letter(subject="Two").as_bytes())
    # The server tells of it in answer to another command, and will not tell again.
    mailbox.client.noop()
    started = clock.now()
    assert mailbox.wait(30)
    assert (clock.now() - started).total_seconds() < 10
    poll(account.id, mailbox)
    mailbox.close()
    assert count(Ticket) == 2
