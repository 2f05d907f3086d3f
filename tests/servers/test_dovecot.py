"""Dovecot as the tests start it: what other tests rely on."""

import poplib
import ssl
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import SUPPORT

pytestmark = pytest.mark.dovecot

USER, PASSWORD = SUPPORT
LETTER = b"From: dana@harbor-dental.example\r\nSubject: The scanner\r\n\r\nIt does not scan.\r\n"


def trusting(ca_pem: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_pem))


def test_it_answers_as_soon_as_it_is_started() -> None:
    with Dovecot({USER: PASSWORD}) as server, IMAPClient("127.0.0.1", server.imap, ssl=False, timeout=30) as client:
        client.login(USER, PASSWORD)


def test_imap_over_tls_is_verified_against_its_own_authority(dovecot: Dovecot, ca_pem: Path) -> None:
    with IMAPClient("127.0.0.1", dovecot.imaps, ssl=True, ssl_context=trusting(ca_pem), timeout=30) as client:
        client.login(USER, PASSWORD)
        assert client.select_folder("INBOX")[b"EXISTS"] == 0
    with pytest.raises(ssl.SSLCertVerificationError):
        IMAPClient("127.0.0.1", dovecot.imaps, ssl=True, timeout=30)


def test_imap_offers_starttls(dovecot: Dovecot, ca_pem: Path) -> None:
    with IMAPClient("localhost", dovecot.imap, ssl=False, timeout=30) as client:
        client.starttls(trusting(ca_pem))
        client.login(USER, PASSWORD)


def test_a_wrong_password_is_refused(dovecot: Dovecot) -> None:
    with IMAPClient("127.0.0.1", dovecot.imap, ssl=False, timeout=30) as client, pytest.raises(LoginError):
        client.login(USER, "wrong")


def test_a_user_can_be_added_while_it_runs(dovecot: Dovecot) -> None:
    dovecot.add_user("billing@northwind.example", "and a short summer")
    with IMAPClient("127.0.0.1", dovecot.imap, ssl=False, timeout=30) as client:
        client.login("billing@northwind.example", "and a short summer")


def test_an_access_token_signs_in_until_it_expires(dovecot: Dovecot, ca_pem: Path) -> None:
    port, context = dovecot.imaps, trusting(ca_pem)
    with IMAPClient("127.0.0.1", port, ssl_context=context, timeout=30) as client:
        client.oauth2_login(USER, dovecot.access_token(USER))
    with IMAPClient("127.0.0.1", port, ssl_context=context, timeout=30) as client, pytest.raises(LoginError):
        client.oauth2_login(USER, dovecot.access_token(USER, seconds=-60))


def test_a_delivered_message_comes_out_of_imap_and_pop3_as_it_went_in(dovecot: Dovecot, ca_pem: Path) -> None:
    dovecot.deliver(USER, LETTER)
    assert dovecot.messages(USER) == [LETTER]
    for connection in (
        poplib.POP3("127.0.0.1", dovecot.pop3, timeout=30),
        poplib.POP3_SSL("127.0.0.1", dovecot.pop3s, timeout=30, context=trusting(ca_pem)),
    ):
        connection.user(USER)
        connection.pass_(PASSWORD)
        assert b"\r\n".join(connection.retr(1)[1]) + b"\r\n" == LETTER
        connection.quit()


def test_a_message_can_be_delivered_into_a_folder_with_any_name(dovecot: Dovecot) -> None:
    dovecot.deliver(USER, LETTER, "Überfällig & offen")
    assert dovecot.messages(USER, "Überfällig & offen") == [LETTER]
    assert dovecot.messages(USER) == []


def test_idle_hears_of_a_delivery(dovecot: Dovecot) -> None:
    with IMAPClient("127.0.0.1", dovecot.imap, ssl=False, timeout=30) as client:
        client.login(USER, PASSWORD)
        client.select_folder("INBOX")
        client.idle()
        dovecot.deliver(USER, LETTER)
        assert (1, b"EXISTS") in client.idle_check(timeout=30)
        client.idle_done()


def test_every_test_begins_with_an_empty_mailbox(dovecot: Dovecot) -> None:
    assert dovecot.messages(USER) == []
