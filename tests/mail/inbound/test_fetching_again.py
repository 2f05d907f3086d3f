"""Large mail: its headers first, the rest when a person asks; and what the server did not hand over."""

from __future__ import annotations

import imaplib
from datetime import timedelta

import pytest

from psa import clock
from psa.extensions import db
from psa.mail import setup
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.poll import poll
from psa.mail.inbound.reckon import reckon
from psa.mail.inbound.refetch import can_fetch_again, fetch_again
from psa.mail.log.dismissal import dismiss_inbound
from psa.mail.models import InboundEmail, RawMessage
from psa.mail.raw import raw_bytes
from psa.tickets.models import Attachment, Ticket
from tests.mail.inbound.conftest import point, read_folders
from tests.mail.inbound.world import ADDRESS, count, deliver, on_server, refreshed, statuses, subjects, the
from tests.mailroom import letter

pytestmark = pytest.mark.dovecot
FILM = b"\0\1\2\3" * 5000


@pytest.fixture(params=["imap", "pop3"])
def account(request, cast, dovecot):
    account = point(cast.inbound, request.param, getattr(dovecot, request.param))
    account.size_limit = 10_000
    db.session.commit()
    return account


def film() -> bytes:
    message = letter("Here it is.", subject="The film")
    message.add_attachment(FILM, maintype="video", subtype="mp4", filename="film.mp4")
    return message.as_bytes()


def test_the_whole_of_a_large_mail_comes_when_a_person_asks_for_it(account, dovecot):
    dovecot.deliver(ADDRESS, film())
    poll(account.id)
    email = the(InboundEmail)
    assert not email.complete
    assert "more than we take in" in the(Ticket).comments[0].body
    assert fetch_again(email.id)
    db.session.commit()
    assert refreshed(account).next_poll_at <= clock.now()
    assert poll(account.id).fault == ""
    email, ticket = the(InboundEmail), the(Ticket)
    assert (email.complete, email.fetch_asked_at, email.status) == (True, None, "filed")
    assert ticket.comments[0].body == "Here it is."
    assert [(file.name, file.size) for file in ticket.comments[0].attachments] == [("film.mp4", len(FILM))]
    assert [e.detail["words"] for e in ticket.events if e.kind == "mail"] == ["The whole message was fetched."]
    # The headers alone are not kept beside it.
    assert count(RawMessage) == 1
    assert not can_fetch_again(email)
    assert not fetch_again(email.id)


def test_then_its_copy_on_the_server_is_dealt_with_like_any_other(account, dovecot):
    account.after_filing = "delete"
    db.session.commit()
    dovecot.deliver(ADDRESS, film())
    poll(account.id)
    assert on_server(dovecot) == ["The film"]
    fetch_again(the(InboundEmail).id)
    db.session.commit()
    for _ in range(2):
        assert poll(account.id).fault == ""
    assert on_server(dovecot) == []


def test_a_large_mail_that_is_gone_is_explained_on_its_ticket(account, dovecot):
    dovecot.deliver(ADDRESS, film())
    poll(account.id)
    dovecot.forget(ADDRESS)
    dovecot.add_user(ADDRESS, "a long winter")
    fetch_again(the(InboundEmail).id)
    db.session.commit()
    for _ in range(2):
        assert poll(account.id).fault == ""
    email, ticket = the(InboundEmail), the(Ticket)
    assert (email.fetch_asked_at, email.complete) == (None, False)
    words = [event.detail["words"] for event in ticket.events if event.kind == "mail"]
    assert words == ["The whole message could not be fetched. It is not on the server any more."]
    assert email.trace[-1]["step"] == "Fetched again"


def test_a_large_mail_in_a_folder_that_cannot_be_opened_for_a_moment_goes_on_waiting(imap, dovecot, monkeypatch):
    read_folders(imap, "INBOX", "Films")
    imap.size_limit = 10_000
    db.session.commit()
    dovecot.deliver(ADDRESS, film(), folder="Films")
    poll(imap.id)
    fetch_again(the(InboundEmail).id)
    db.session.commit()
    look = ImapMailbox.look

    def in_use(self, folder):
        if folder == "Films":
            raise imaplib.IMAP4.error("SELECT failed: NO [INUSE] Try again in a moment")
        look(self, folder)

    with monkeypatch.context() as patch:
        patch.setattr(ImapMailbox, "look", in_use)
        assert "INUSE" in poll(imap.id).complaint.words
    assert the(InboundEmail).fetch_asked_at is not None
    poll(imap.id)
    assert the(InboundEmail).complete


def test_a_large_mail_in_a_folder_that_is_not_read_any_more_says_so(imap, dovecot):
    read_folders(imap, "INBOX", "Films")
    imap.size_limit = 10_000
    db.session.commit()
    dovecot.deliver(ADDRESS, film(), folder="Films")
    poll(imap.id)
    setup.read_folders(imap, ("INBOX",))
    db.session.commit()
    fetch_again(the(InboundEmail).id)
    db.session.commit()
    poll(imap.id)
    assert the(InboundEmail).fetch_asked_at is None
    assert "not read any more" in the(InboundEmail).trace[-1]["detail"]


def test_a_mail_that_no_machine_could_take_in_says_so(account, dovecot, monkeypatch):
    monkeypatch.setattr("psa.mail.inbound.refetch.MOST", 20_000)
    dovecot.deliver(ADDRESS, film())
    poll(account.id)
    fetch_again(the(InboundEmail).id)
    db.session.commit()
    poll(account.id)
    assert "more than the PSA can take in at all" in the(InboundEmail).trace[-1]["detail"]


def test_a_held_mail_of_which_the_headers_were_taken_is_dealt_with_anew(imap, dovecot):
    imap.size_limit, imap.create_tickets = 10_000, False
    db.session.commit()
    dovecot.deliver(ADDRESS, film())
    poll(imap.id)
    imap.create_tickets = True
    db.session.commit()
    fetch_again(the(InboundEmail).id)
    db.session.commit()
    poll(imap.id)
    assert (statuses(), count(Attachment)) == (["filed"], 1)


def test_a_mail_that_the_server_refused_is_asked_for_once_more_by_itself(imap, dovecot, monkeypatch):
    deliver(dovecot, "One", "Two")
    with monkeypatch.context() as patch:
        patch.setattr(ImapMailbox, "fetch", refusing("1", ImapMailbox.fetch))
        poll(imap.id)
    assert (sorted(statuses()), subjects()) == (["failed", "filed"], ["Two"])
    poll(imap.id)
    assert subjects() == ["Two"], "not at once: it may be the server's trouble of the hour"
    an_hour_passes()
    poll(imap.id)
    assert (statuses(), subjects()) == (["filed", "filed"], ["Two", "One"])


def test_a_mail_that_the_server_refuses_for_good_says_why(imap, dovecot, monkeypatch):
    deliver(dovecot, "One", "Two")
    monkeypatch.setattr(ImapMailbox, "fetch", refusing("1", ImapMailbox.fetch))
    poll(imap.id)
    an_hour_passes()
    for _ in range(2):
        assert poll(imap.id).fault == ""
    email = db.session.scalars(db.select(InboundEmail).where(InboundEmail.status == "failed")).one()
    db.session.refresh(email)
    assert email.fetch_asked_at is None
    assert "the message is damaged" in email.reason
    assert can_fetch_again(email)


def test_a_mail_that_we_never_got_stays_on_the_server_also_when_a_person_ended_it(imap, dovecot, monkeypatch):
    imap.after_filing = "delete"
    db.session.commit()
    deliver(dovecot, "One", "Two")
    with monkeypatch.context() as patch:
        patch.setattr(ImapMailbox, "fetch", refusing("1", ImapMailbox.fetch))
        poll(imap.id)
    failed = db.session.scalars(db.select(InboundEmail).where(InboundEmail.status == "failed")).one()
    assert dismiss_inbound([failed.id], "Tom Okafor", "It is the old newsletter") == [failed.id]
    db.session.commit()
    an_hour_passes()
    assert poll(imap.id).fault == ""
    assert (on_server(dovecot), sorted(statuses())) == (["One"], ["filed", "ignored"])
    check = reckon(imap.id)
    assert (check.counted, check.differences) == ({"ignored": 1}, [])


def test_a_mail_on_which_the_server_hangs_up_stops_no_other(imap, dovecot, monkeypatch):
    deliver(dovecot, "One", "Two", "Three")
    fetch = ImapMailbox.fetch

    def hanging_up(self, listed, limit):
        if any(message.key == 2 for message in listed):
            self.client.shutdown()
            raise imaplib.IMAP4.abort("socket error: EOF")
        return fetch(self, listed, limit)

    monkeypatch.setattr(ImapMailbox, "fetch", hanging_up)
    faults = [poll(imap.id).fault for _ in range(6)]
    assert faults[-1] == ""
    assert (sorted(statuses()), sorted(subjects())) == (["failed", "filed", "filed"], ["One", "Three"])
    # Once more by itself, then never again: no look is lost to it any more.
    an_hour_passes()
    faults = [poll(imap.id).fault for _ in range(4)]
    assert faults[-1] == ""
    deliver(dovecot, "Four")
    poll(imap.id)
    assert "Four" in subjects()


def test_a_mail_in_pieces_is_the_same_to_the_byte(cast, dovecot, monkeypatch):
    monkeypatch.setattr("psa.mail.inbound.imap.PIECE", 1000)
    monkeypatch.setattr("psa.mail.inbound.pop3.PIECE", 1000)
    for module in ("imap", "pop3"):
        monkeypatch.setattr(f"psa.mail.inbound.{module}.STREAMED_FROM", 2000)
    raws = []
    for number, size in enumerate((1900, 2000, 2001, 3000, 7777)):
        head = f"From: dana@harbor-dental.example\r\nMessage-ID: <{number}@x>\r\nSubject: {size}\r\n\r\n".encode()
        body = (b".a dot\r\n..two\r\n.\r\n" + b"y" * 1500 + b"\r\n" + b"x" * size)[: size - len(head) - 2]
        raws.append(head + body + b"\r\n")
        dovecot.deliver(ADDRESS, raws[-1])
    for protocol in ("imap", "pop3"):
        account = point(cast.inbound, protocol, getattr(dovecot, protocol))
        poll(account.id)
        ids = db.session.scalars(
            db.select(InboundEmail.raw_id).where(InboundEmail.raw_id.is_not(None)).order_by(InboundEmail.id.desc())
        )
        found = [raw_bytes(raw_id) for raw_id in list(ids)[: len(raws)]]
        assert [raw.replace(b"\r\n", b"\n") for raw in reversed(found)] == [r.replace(b"\r\n", b"\n") for r in raws]


def test_a_size_that_the_server_does_not_tell_or_tells_wrongly_harms_nothing(imap, dovecot, meddler):
    imap.size_limit = 5000
    db.session.commit()
    deliver(dovecot, "Small")
    deliver(dovecot, "Large", text="x" * 20_000)
    real = ImapMailbox.present

    def untold(self, keys):
        return {key: type(one)(one.key, 0, one.arrived_at) for key, one in real(self, keys).items()}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ImapMailbox, "present", untold)
        assert poll(imap.id).fault == ""
    assert subjects() == ["Small", "Large"]
    assert list(db.session.scalars(db.select(InboundEmail.complete).order_by(InboundEmail.id))) == [True, False]


def refusing(key: str, fetch):
    def fetch_or_refuse(self, listed, limit):
        if any(str(message.key) == key for message in listed):
            raise imaplib.IMAP4.error("FETCH failed: NO the message is damaged")
        return fetch(self, listed, limit)

    return fetch_or_refuse


def an_hour_passes() -> None:
    for email in db.session.scalars(db.select(InboundEmail).where(InboundEmail.fetch_asked_at.is_not(None))):
        db.session.refresh(email)
        if email.fetch_asked_at is not None:
            email.fetch_asked_at -= timedelta(hours=2)
    db.session.commit()
