"""Mail that defeated us is known by its sender and subject, and found by them like any other."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from psa.extensions import db
from psa.mail.inbound import disposition
from psa.mail.inbound.process import process, process_again
from psa.mail.inbound.receive import receive_piped
from psa.mail.log import queries
from psa.mail.log.models import MailWords
from psa.mail.log.queries import Wanted
from psa.mail.models import InboundEmail
from psa.tickets import operations
from tests.mailroom import letter


@pytest.fixture
def broken(monkeypatch):
    """No ticket can be opened."""
    with monkeypatch.context() as patch:
        patch.setattr(operations, "open_ticket", lambda **_: 1 / 0)
        yield patch


def subjects(typed: str) -> list[str]:
    return [entry.subject for entry in queries.page_of(Wanted(words=typed))[0]]


def words_of(email: InboundEmail) -> list[str]:
    return list(db.session.scalars(db.select(MailWords.words).where(MailWords.mail_id == email.id)))


def test_a_failed_message_has_its_sender_and_subject_and_is_found_by_both(mailroom, cast, broken, sign_in):
    email = mailroom.receive(letter(subject="Überfällige Rechnung", message_id="<77.x@harbor-dental.example>"))
    assert (email.status, email.subject) == ("failed", "Überfällige Rechnung")
    assert (email.sender_name, email.sender_email) == ("Dana Whitfield", "dana@harbor-dental.example")
    for typed in ("uberfallige", "dana@harbor-dental.example", "whitfield", "77.x@harbor-dental.example"):
        assert subjects(typed) == ["Überfällige Rechnung"]
    page = sign_in("agent").get("/mail?became=failed&q=dana").text
    assert "Überfällige Rechnung" in page
    assert "ZeroDivisionError" in page


def test_what_the_database_refuses_is_said_in_its_own_words(mailroom, cast, monkeypatch):
    refusal = IntegrityError("INSERT INTO tickets (subject) VALUES (?)", {}, Exception("NOT NULL constraint failed"))

    def refused(**_: object) -> None:
        raise refusal

    monkeypatch.setattr(operations, "open_ticket", refused)
    email = mailroom.receive(letter())
    assert email.reason == "It could not be filed: IntegrityError: NOT NULL constraint failed"


def test_processing_it_again_doubles_nothing(mailroom, cast, broken):
    email = mailroom.receive(letter(subject="Projector"))
    process_again(email.id)
    assert db.session.get_one(InboundEmail, email.id).status == "failed"
    broken.undo()
    process_again(email.id)
    assert db.session.get_one(InboundEmail, email.id).status == "filed"
    assert subjects("projector") == ["Projector"]
    assert len(words_of(email)) == 1


def test_a_message_that_ends_the_process_is_known_too_when_it_is_given_up(mailroom, cast):
    inbound_id = receive_piped(cast.inbound, letter(subject="Heavy").as_bytes())
    disposition.give_up(inbound_id, "new", "The PSA was stopped 10 times")
    assert subjects("heavy") == ["Heavy"]


def test_blank_lines_before_the_header_hide_neither_sender_nor_subject(mailroom, cast, broken):
    email = mailroom.receive(b"\r\n\n\r\n" + letter(subject="Late").as_bytes())
    assert (email.status, email.subject, email.sender_name) == ("failed", "Late", "Dana Whitfield")


def test_it_is_found_by_all_that_is_read_in_it_when_it_is_filed_in_the_end(mailroom, cast, broken):
    # What stands behind a blank line within the header is read with the whole message only.
    email = mailroom.receive(b"From: Dana <dana@harbor-dental.example>\n\nSubject: Projector\n\nDark.\n")
    assert (email.status, email.sender_name, email.subject) == ("failed", "Dana", "")
    broken.undo()
    process_again(email.id)
    assert subjects("projector") == ["Projector"]


@pytest.mark.parametrize("raw", [b"\x00\xff\xfe nothing of a message", b"", b"\r\n\r\nonly a body"])
def test_of_a_message_that_names_nobody_the_row_says_so(cast, monkeypatch, sign_in, raw):
    monkeypatch.setattr("psa.mail.inbound.process.classify", lambda *_: 1 / 0)
    inbound_id = receive_piped(cast.inbound, raw)
    process(inbound_id)
    row = db.session.get_one(InboundEmail, inbound_id)
    assert row.status == "failed"
    assert "ZeroDivisionError" in row.reason
    assert disposition.UNREADABLE in sign_in("agent").get("/mail").text


def test_a_head_that_defeats_us_too_leaves_the_message_failed_and_says_so(mailroom, cast, broken):
    broken.setattr(disposition, "parse", lambda _: 1 / 0)
    email = mailroom.receive(letter(subject="Worse"))
    assert (email.status, email.subject) == ("failed", "")
    assert email.reason.endswith(disposition.UNREADABLE)
    broken.undo()
    process_again(email.id)
    assert subjects("worse") == ["Worse"]
