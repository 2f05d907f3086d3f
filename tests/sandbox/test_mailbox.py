"""The client's mail program, against the real sandbox."""

import socket
from datetime import UTC, datetime, timedelta

import pytest

from psa.mail.message import Address
from psa.sandbox import letters, mailbox
from psa.sandbox.server import MailSandbox
from tests.sandbox.conftest import DANA, SUPPORT, USERS

WHITFIELD = Address("Dana Whitfield", DANA)


def now() -> datetime:
    return datetime.now(UTC)


def test_a_letter_that_dana_sends_can_be_read_by_support(sandbox: MailSandbox) -> None:
    letter = letters.write("request", sender=WHITFIELD, to=SUPPORT, now=now())
    mailbox.send(sandbox.host, sandbox.smtp_port, DANA, USERS[DANA], letter)
    (received,) = mailbox.inbox(sandbox.host, sandbox.imap_port, SUPPORT, USERS[SUPPORT])
    assert (received.from_, received.subject, received.seen) == (WHITFIELD, "The projector stays dark", False)
    assert abs(received.date - now()) < timedelta(seconds=5)
    assert received.raw.endswith(b"\r\n\r\n")


def test_the_newest_come_first_and_not_all_of_them(sandbox: MailSandbox) -> None:
    for number in range(5):
        sandbox.deliver(DANA, f"Subject: {number}\r\n\r\n".encode())
    received = mailbox.inbox(sandbox.host, sandbox.imap_port, DANA, USERS[DANA], limit=3)
    assert [one.subject for one in received] == ["4", "3", "2"]


def test_reading_a_message_marks_it_as_seen(sandbox: MailSandbox) -> None:
    sandbox.deliver(DANA, b"Subject: Hello\r\n\r\nDana\r\n")
    account = sandbox.host, sandbox.imap_port, DANA, USERS[DANA]
    assert mailbox.message(*account, 1) == b"Subject: Hello\r\n\r\nDana\r\n"
    assert mailbox.inbox(*account)[0].seen
    with pytest.raises(LookupError):
        mailbox.message(*account, 99)


def test_an_empty_inbox_is_an_empty_list(sandbox: MailSandbox) -> None:
    assert mailbox.inbox(sandbox.host, sandbox.imap_port, DANA, USERS[DANA]) == []


def test_a_vacation_notice_leaves_with_the_null_sender(sandbox: MailSandbox) -> None:
    question = f"From: {SUPPORT}\r\nSubject: Hello\r\nMessage-ID: <a@b.example>\r\n\r\n".encode()
    notice = letters.write("vacation", sender=WHITFIELD, to=SUPPORT, answering=question, now=now())
    mailbox.send(sandbox.host, sandbox.smtp_port, DANA, USERS[DANA], notice)
    assert sandbox.messages(SUPPORT)[0].startswith(b"Return-Path: <>\r\n")


def test_a_refusal_is_told_in_the_servers_words(sandbox: MailSandbox) -> None:
    letter = letters.write("request", sender=WHITFIELD, to="nobody@northwind.example", now=now())
    with pytest.raises(mailbox.MailboxError, match="550 5.1.1"):
        mailbox.send(sandbox.host, sandbox.smtp_port, DANA, USERS[DANA], letter)
    with pytest.raises(mailbox.MailboxError, match="535"):
        mailbox.send(sandbox.host, sandbox.smtp_port, DANA, "wrong", letter)
    with pytest.raises(mailbox.MailboxError, match="Invalid|refused|failed"):
        mailbox.inbox(sandbox.host, sandbox.imap_port, DANA, "wrong")


def test_a_server_that_is_not_there_is_told_as_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
    letter = letters.write("request", sender=WHITFIELD, to=SUPPORT, now=now())
    with pytest.raises(mailbox.MailboxError, match="could not be reached"):
        mailbox.send("127.0.0.1", port, DANA, USERS[DANA], letter)
    with pytest.raises(mailbox.MailboxError, match="could not be reached"):
        mailbox.inbox("127.0.0.1", port, DANA, USERS[DANA])


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(mailbox.MailboxError):
        mailbox.inbox("127.0.0.1", silent.getsockname()[1], DANA, USERS[DANA])
