"""What servers and libraries say, told as causes. The wordings are real, and few: meaning counts, not sentences."""

from __future__ import annotations

import socket
import ssl
import string

import pytest

from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.causes import diagnose


@pytest.mark.parametrize(
    ("protocol", "stage", "words", "cause"),
    [
        ("smtp", "auth", "535 5.7.8 Error: authentication failed: (reason unavailable)", "auth_wrong_password"),
        ("imap", "auth", "NO Login incorrect, please check your username and password.", "auth_wrong_password"),
        ("pop3", "auth", "-ERR Unable to log on", "auth_wrong_password"),
        ("smtp", "auth", "534-5.7.9 Application-specific password required. Learn more", "auth_app_password_required"),
        ("imap", "auth", "NO An app password is required to sign in", "auth_app_password_required"),
        ("smtp", "auth", "534 5.7.14 Please log in with your web browser and try again", "auth_web_login_required"),
        (
            "smtp",
            "auth",
            "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
            "auth_basic_disabled",
        ),
        ("smtp", "auth", "535 5.7.139 SmtpClientAuthentication is disabled for the Tenant.", "protocol_disabled"),
        ("pop3", "auth", "-ERR POP3 service is not enabled for this user", "protocol_disabled"),
        ("smtp", "auth", "535 5.7.139 Authentication unsuccessful, account is locked.", "account_blocked"),
        ("smtp", "auth", "421 4.7.0 Too many failed login attempts, closing", "auth_rate_limited"),
        ("smtp", "auth", "530 5.7.0 Must issue a STARTTLS command first", "tls_required"),
        ("pop3", "auth", "-ERR [AUTH] Cleartext authentication disallowed on non-secure connections", "tls_required"),
        ("smtp", "tls", "STARTTLS extension not supported by server.", "starttls_not_offered"),
        ("smtp", "mail_from", "503 AUTH first (#5.5.1)", "auth_required"),
        ("smtp", "rcpt_to", "454 4.7.1 <bob@vega.example>: Relay access denied", "relay_denied"),
        ("smtp", "mail_from", "553 5.7.1 Sender address rejected: not owned by user", "sender_not_allowed"),
        (
            "smtp",
            "mail_from",
            "450 4.1.8 <x@nowhere>: Sender address rejected: Domain not found",
            "sender_address_invalid",
        ),
        ("smtp", "rcpt_to", "550 5.1.1 Recipient rejected: User unknown in virtual mailbox table", "recipient_unknown"),
        ("smtp", "rcpt_to", "450 4.2.0 Recipient address rejected: Greylisted", "greylisted"),
        ("smtp", "rcpt_to", "452 4.2.2 Mailbox over quota", "mailbox_full"),
        ("smtp", "data", "552 5.2.3 Message size exceeds fixed maximum message size", "message_too_big"),
        ("smtp", "data", "550 5.4.5 Daily sending quota exceeded.", "rate_limited"),
        ("smtp", "data", "550 5.7.1 Email rejected per DMARC policy for northwind.example", "sender_auth_failed"),
        ("smtp", "data", "550 High probability of spam", "spam_rejected"),
        ("smtp", "rcpt_to", "554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org", "ip_blocked"),
        ("smtp", "greeting", "421 Too many concurrent connections from your host", "too_many_connections"),
        ("imap", "select", "NO [NONEXISTENT] Unknown Mailbox: Support (Failure)", "folder_not_found"),
        ("imap", "select", "NO [NOPERM] Permission denied", "permission_missing"),
        ("pop3", "auth", "-ERR [IN-USE] Do you have another POP session running?", "mailbox_locked"),
        ("imap", "auth", "NO [UNAVAILABLE] Temporary System Error", "server_temporary"),
        ("smtp", "greeting", "-1 /1.1 400 Bad Request", "not_a_mail_server"),
    ],
)
def test_words_are_understood_by_their_meaning(protocol, stage, words, cause):
    assert diagnose(protocol=protocol, stage=stage, text=words).cause.code == cause


@pytest.mark.parametrize(
    ("stage", "error", "cause"),
    [
        ("resolve", socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "dns_not_found"),
        ("resolve", socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "dns_temporary"),
        ("connect", ConnectionRefusedError(111, "Connection refused"), "connect_refused"),
        ("connect", TimeoutError("timed out"), "port_blocked"),
        ("greeting", TimeoutError("timed out"), "server_timeout"),
        ("data", ConnectionResetError(104, "Connection reset by peer"), "connection_dropped"),
        ("connect", OSError(101, "Network is unreachable"), "network_unreachable"),
        ("tls", ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "tls_port_mismatch"),
        ("auth", UnicodeEncodeError("ascii", "pässwörd", 1, 2, "ordinal not in range(128)"), "non_ascii_unsupported"),
    ],
)
def test_what_python_raises_is_understood_by_its_kind(stage, error, cause):
    assert diagnose(protocol="smtp", stage=stage, error=error).cause.code == cause


def test_silence_on_a_port_for_ssl_is_a_wrong_secure_connection_rather_than_a_slow_server():
    found = diagnose(protocol="imap", stage="greeting", error=TimeoutError("timed out"), port=993)

    assert found.cause.code == "tls_port_mismatch"


def test_what_nobody_has_seen_is_called_unknown_and_not_guessed():
    found = diagnose(protocol="smtp", stage="data", text="554 5.0.0 Purple elephants")

    assert found.cause.code == "unknown"
    assert not found.known


@pytest.mark.parametrize(
    ("words", "retry"),
    [
        ("451 4.7.1 Greylisting in action, please come back later", True),
        ("452 4.2.2 Mailbox full", True),
        ("552 5.2.2 Mailbox full", False),
        ("550 5.1.1 User unknown", False),
        # A 4xx that never heals, and a 5xx that does.
        ("454 4.7.1 Relay access denied", False),
        ("550 5.4.5 Daily user sending limit exceeded.", True),
        ("454 4.0.0 Purple elephants", True),
        ("554 5.0.0 Purple elephants", False),
    ],
)
def test_whether_a_retry_can_help_depends_on_the_cause_and_not_on_the_code_alone(words, retry):
    assert diagnose(protocol="smtp", stage="rcpt_to", text=words).retry is retry


def test_answers_of_many_lines_are_read_as_one():
    words = "550-5.7.26 The MAIL FROM domain has an SPF record with a\n550-5.7.26 hard fail policy\n550 5.7.26 fails"

    assert diagnose(protocol="smtp", stage="data", text=words).cause.code == "sender_auth_failed"


def test_the_providers_own_steps_are_told():
    found = diagnose(
        protocol="smtp", stage="auth", text="535 5.7.8 Username and Password not accepted", host="smtp.gmail.com"
    )

    assert found.provider == "google"
    assert "Google takes only an App Password" in found.cause.remedies[0]
    assert "Press Create" not in CAUSES["auth_wrong_password"].remedies


def test_every_cause_has_a_title_a_meaning_and_something_to_do():
    for code, cause in CAUSES.items():
        assert cause.code == code
        assert cause.title and not cause.title.endswith(".")
        assert cause.meaning.endswith(".")
        assert cause.remedies


def test_no_sentence_asks_for_a_value_that_it_cannot_have():
    known = {"host", "port", "address", "username", "protocol", "folder"}
    for cause in CAUSES.values():
        for sentence in (cause.title, cause.meaning, *cause.remedies):
            assert {name for _, name, _, _ in string.Formatter().parse(sentence) if name} <= known


def test_what_is_not_known_is_said_in_general_words():
    assert CAUSES["connection_dropped"].told().title == "The server hung up"
    assert CAUSES["connection_dropped"].told(host="mail.northwind.example").title == "mail.northwind.example hung up"
