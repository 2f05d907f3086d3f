"""What makes a cause certain, what makes a retry worth it, and what is left unknown."""

from __future__ import annotations

import socket
import ssl

import pytest

from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.causes import diagnose


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
