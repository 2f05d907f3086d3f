"""A certificate authority of the firm's own is trusted where it was entered, and checks are never off."""

from __future__ import annotations

import smtplib
import ssl
from datetime import timedelta

import pytest
import trustme

from psa import clock
from psa.mail import certificates
from psa.mail.inbound.mailbox import open_mailbox
from psa.mail.journal import Journal
from psa.mail.outbound.transport import Letter, Transport
from psa.mail.settings import ServerSettings, SettingsError, tls_context
from tests.servers.fixtures import SUPPORT

NOT_TRUSTED = pytest.raises(ssl.SSLCertVerificationError)
REFUSED = pytest.raises(smtplib.SMTPException)

pytestmark = pytest.mark.usefixtures("app")

LETTER = Letter(SUPPORT[0], ("dana@harbor-dental.example",), b"Subject: Projector\r\n\r\nDoes it light?\r\n")


def settings(protocol: str, port: int, security: str, **others: object) -> ServerSettings:
    return ServerSettings(protocol, "localhost", port, security, *SUPPORT, timeout=30, **others)  # type: ignore[arg-type]


@pytest.fixture
def own(ca) -> str:
    return ca.cert_pem.bytes().decode()


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_mail_leaves_through_a_server_whose_authority_was_entered(smtp_server, own, security):
    port = smtp_server.port if security == "starttls" else smtp_server.smtps_port

    with Transport(settings("smtp", port, security, ca_pem=own)) as transport:
        assert transport.send(LETTER) == {}

    assert [received.sender for received in smtp_server.received] == [SUPPORT[0]]


@pytest.mark.parametrize("security", ["starttls", "ssl"])
def test_without_it_nothing_is_said_to_that_server(smtp_server, security):
    port = smtp_server.port if security == "starttls" else smtp_server.smtps_port

    with Transport(settings("smtp", port, security)) as transport, NOT_TRUSTED:
        transport.send(LETTER)

    assert smtp_server.received == []


def test_another_authority_does_not_vouch_for_it(smtp_server):
    other = trustme.CA().cert_pem.bytes().decode()

    with Transport(settings("smtp", smtp_server.smtps_port, "ssl", ca_pem=other)) as transport, NOT_TRUSTED:
        transport.send(LETTER)


def test_the_name_in_the_certificate_is_checked_all_the_same(smtp_server, own):
    elsewhere = ServerSettings("smtp", "127.0.0.2", smtp_server.smtps_port, "ssl", *SUPPORT, timeout=30, ca_pem=own)

    with Transport(elsewhere) as transport, pytest.raises((ssl.SSLCertVerificationError, ConnectionRefusedError)):
        transport.send(LETTER)

    context = tls_context(own)
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


def test_a_server_that_offers_no_encryption_is_left_even_when_its_authority_is_known(smtp_server, own):
    smtp_server.answers["STARTTLS"] = "454 4.7.0 TLS not available"

    with Transport(settings("smtp", smtp_server.port, "starttls", ca_pem=own)) as transport, REFUSED:
        transport.send(LETTER)

    assert smtp_server.received == []


@pytest.mark.dovecot
@pytest.mark.parametrize(
    ("protocol", "port", "security"),
    [
        ("imap", "imaps", "ssl"),
        ("imap", "imap", "starttls"),
        ("pop3", "pop3s", "ssl"),
        ("pop3", "pop3", "starttls"),
    ],
)
def test_mailboxes_are_opened_with_it_too(dovecot, own, protocol, port, security):
    mailbox = open_mailbox(settings(protocol, getattr(dovecot, port), security, ca_pem=own), Journal())

    assert mailbox.exists == 0
    mailbox.close()


def test_what_was_pasted_is_read(own):
    [found] = certificates.read(f"Our authority:\r\n\r\n{own}\r\nthat was it")

    assert "trustme" in found.name
    assert found.issues
    assert found.ends_at > clock.now()
    assert certificates.tidied(f"Our authority:\n{own}that was it") == own


def test_one_servers_own_certificate_can_be_trusted_and_is_told_from_an_authority(smtp_server, ca):
    leaf = ca.issue_cert("localhost").cert_chain_pems[0].bytes().decode()

    assert [found.issues for found in certificates.read(leaf)] == [False]


def test_a_servers_own_certificate_alone_opens_that_server(smtp_server):
    leaf = ssl.get_server_certificate(("127.0.0.1", smtp_server.smtps_port))

    with Transport(settings("smtp", smtp_server.smtps_port, "ssl", ca_pem=leaf)) as transport:
        assert transport.send(LETTER) == {}


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("MIIB…", "It is a text that begins with -----BEGIN CERTIFICATE-----"),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "This is no whole certificate"),
        ("-----BEGIN CERTIFICATE-----\nMIIB", "This is no whole certificate"),
    ],
)
def test_what_is_no_certificate_is_refused_with_a_sentence(pasted, sentence):
    with pytest.raises(SettingsError, match=sentence):
        certificates.read(pasted)


def test_a_private_key_is_refused_before_it_is_kept(ca):
    with pytest.raises(SettingsError, match="private key"):
        certificates.read(ca.private_key_pem.bytes().decode())


def test_an_authority_that_has_ended_is_refused(own, monkeypatch):
    in_a_thousand_years = clock.now() + timedelta(days=365_000)
    monkeypatch.setattr(clock, "now", lambda: in_a_thousand_years)

    with pytest.raises(SettingsError, match="Paste its successor"):
        certificates.read(own)


def test_an_empty_field_trusts_nothing_more():
    assert certificates.read("  \n") == []
    assert certificates.tidied("") == ""
