"""A mailbox that refuses says at which step, why, and never with which password."""

from __future__ import annotations

import imaplib
import socket
from base64 import b64encode
from dataclasses import replace

import pytest

from psa import signing
from psa.mail.diagnosis import opening
from psa.mail.diagnosis.causes import diagnose
from psa.mail.diagnosis.opening import MailboxRefuses, opened
from psa.mail.inbound.backoff import what_it_was
from psa.mail.journal import Journal
from psa.mail.settings import ServerSettings

SETTINGS = ServerSettings("imap", "127.0.0.1", 143, "none", "support@northwind.example", "a long winter")


class Mailbox:
    """Signed in to, and open until it is closed."""

    is_open = True

    def close(self) -> None:
        self.is_open = False


def test_where_nothing_listens_it_is_the_connection_that_failed():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings = ServerSettings("pop3", "127.0.0.1", nobody.getsockname()[1], "none", "support", "a long winter")
        with pytest.raises(MailboxRefuses) as refused, opened(settings, Journal()):
            pass
    assert (refused.value.stage, refused.value.found.cause.code) == ("connect", "connect_refused")


def test_what_fails_while_it_is_open_is_told_without_the_password_and_closes_it(monkeypatch):
    mailbox = Mailbox()
    monkeypatch.setattr(opening, "open_mailbox", lambda settings, journal: mailbox)
    repeated = b64encode(b"\0support\0a long winter").decode()

    with pytest.raises(MailboxRefuses) as refused, opened(SETTINGS, Journal()):
        raise imaplib.IMAP4.error(f"LOGIN a long winter and AUTH {repeated} were refused")

    assert "winter" not in refused.value.words
    assert repeated not in refused.value.words
    assert "were refused" in refused.value.words
    assert not mailbox.is_open


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("browser", "Please log in via your web browser"),
        ("disabled", "Basic authentication is disabled"),
    ],
)
def test_a_password_that_is_a_word_of_the_server_s_changes_no_cause(monkeypatch, password, said):
    monkeypatch.setattr(opening, "open_mailbox", lambda settings, journal: Mailbox())
    with pytest.raises(MailboxRefuses) as refused, opened(replace(SETTINGS, password=password), at_login()):
        raise imaplib.IMAP4.error(said)

    assert refused.value.found.cause is diagnose(protocol="imap", stage="auth", text=said).cause
    assert password not in refused.value.words
    # What told the cause was words of the server's, which may hold the password.
    assert refused.value.found.because == ()


def test_nor_does_it_when_a_mailbox_is_looked_into_by_itself(cast):
    cast.inbound.sealed_password = signing.seal("disabled")
    refusal = imaplib.IMAP4.error("Basic authentication is disabled")
    words, found = what_it_was(cast.inbound, "auth", refusal)
    assert (words, found.cause.code) == ("Basic authentication is (hidden)", "auth_basic_disabled")


def at_login() -> Journal:
    journal = Journal()
    with journal.step("auth", "Sign in"):
        return journal


def test_a_fault_of_our_own_is_not_taken_for_the_servers(monkeypatch):
    mailbox = Mailbox()
    monkeypatch.setattr(opening, "open_mailbox", lambda settings, journal: mailbox)
    with pytest.raises(ZeroDivisionError), opened(SETTINGS, Journal()):
        raise ZeroDivisionError
    assert not mailbox.is_open
