"""The SMTP server of the tests: strict as real ones, and wrong exactly as it is told."""

import smtplib
import ssl
from pathlib import Path

import pytest

from tests.servers.fixtures import SUPPORT
from tests.servers.smtp import DROP, HANG, SmtpServer

USER, PASSWORD = SUPPORT
DANA = "dana@harbor-dental.example"
LETTER = b"Subject: The scanner\r\n\r\nIt scans again.\r\n.. and prints.\r\n"


def signed_in(server: SmtpServer, ca_pem: Path) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", server.port, timeout=30)
    client.starttls(context=ssl.create_default_context(cafile=str(ca_pem)))
    client.login(USER, PASSWORD)
    return client


def test_what_is_sent_after_starttls_and_auth_is_received_as_it_was(smtp_server: SmtpServer, ca_pem: Path) -> None:
    with signed_in(smtp_server, ca_pem) as client:
        client.sendmail(USER, [DANA], LETTER)
    assert smtp_server.received == [(USER, (DANA,), LETTER)]


def test_smtps_is_verified_and_takes_mail(smtp_server: SmtpServer, ca_pem: Path) -> None:
    context = ssl.create_default_context(cafile=str(ca_pem))
    with smtplib.SMTP_SSL("127.0.0.1", smtp_server.smtps_port, timeout=30, context=context) as client:
        client.login(USER, PASSWORD)
        client.sendmail("<>", [DANA], LETTER)
    assert smtp_server.received[0].sender == "<>"
    with pytest.raises(ssl.SSLCertVerificationError):
        smtplib.SMTP_SSL("127.0.0.1", smtp_server.smtps_port, timeout=30, context=ssl.create_default_context())


def test_nothing_is_taken_without_auth_and_no_auth_without_tls(smtp_server: SmtpServer) -> None:
    with smtplib.SMTP("127.0.0.1", smtp_server.port, timeout=30) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        assert client.mail(USER) == (530, b"5.7.0 Authentication required")


def test_a_wrong_password_is_refused(smtp_server: SmtpServer, ca_pem: Path) -> None:
    with smtplib.SMTP("127.0.0.1", smtp_server.port, timeout=30) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(ca_pem)))
        with pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
            client.login(USER, "wrong")
        assert refusal.value.smtp_code == 535


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA", "MESSAGE"])
def test_any_verb_answers_as_told(smtp_server: SmtpServer, ca_pem: Path, verb: str) -> None:
    with signed_in(smtp_server, ca_pem) as client:
        smtp_server.answers[verb] = "554 5.3.0 told so"
        if verb == "EHLO":
            assert client.ehlo() == (554, b"5.3.0 told so")
            return
        with pytest.raises(smtplib.SMTPException, match="told so"):
            client.sendmail(USER, [DANA], LETTER)
    assert smtp_server.received == []


def test_a_list_of_answers_is_used_up(smtp_server: SmtpServer, ca_pem: Path) -> None:
    smtp_server.answers["RCPT"] = ["451 4.7.1 greylisted"]
    with signed_in(smtp_server, ca_pem) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(USER, [DANA], LETTER)
        client.sendmail(USER, [DANA], LETTER)
    assert len(smtp_server.received) == 1


def test_a_greeting_can_refuse(smtp_server: SmtpServer) -> None:
    smtp_server.answers["CONNECT"] = "421 4.3.2 closing down"
    with pytest.raises(smtplib.SMTPConnectError, match="closing down"):
        smtplib.SMTP("127.0.0.1", smtp_server.port, timeout=30)


def test_it_can_drop_the_connection_after_the_data(smtp_server: SmtpServer, ca_pem: Path) -> None:
    client = signed_in(smtp_server, ca_pem)
    smtp_server.answers["MESSAGE"] = DROP
    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        client.sendmail(USER, [DANA], LETTER)
    client.close()
    assert smtp_server.received == []


def test_it_can_hang(smtp_server: SmtpServer, ca_pem: Path) -> None:
    client = signed_in(smtp_server, ca_pem)
    smtp_server.answers["MAIL"] = HANG
    assert client.sock is not None
    client.sock.settimeout(0.2)
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        client.mail(USER)
    client.close()
