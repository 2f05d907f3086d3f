"""What is handed on tells no secret, however it is spelled, and still tells who wrote and what the server said."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa.mail.evidence.redaction import HIDDEN, redacted, redactor
from psa.mail.outbound.signed_addresses import KINDS

SECRET = "a long winter"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "line",
    [
        f"AUTH PLAIN {b64(chr(0) + 'support@northwind.example' + chr(0) + SECRET)}",
        f"334 VXNlcm5hbWU6\n{b64(SECRET)}",
        f'a1 LOGIN support@northwind.example "{SECRET}"',
        f"PASS {SECRET}",
        f"imaps://support:{SECRET.replace(' ', '%20')}@mail.northwind.example",
        f"535 5.7.8 {SECRET} is not the password",
    ],
)
def test_the_accounts_own_password_is_hidden_wherever_it_stands(line):
    clean = redactor([SECRET])(line)
    assert SECRET not in clean
    assert "a%20long%20winter" not in clean
    assert b64(SECRET) not in clean
    assert HIDDEN in clean


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("AUTH PLAIN AHN1cHBvcnQAc2VjcmV0", "AHN1cHBvcnQAc2VjcmV0"),
        ("AUTHENTICATE XOAUTH2 dXNlcj1hQGIBYXV0aD1CZWFyZXIgeHh4AQE=", "dXNlcj1hQGIB"),
        ("dXNlcj1hQGIuZXhhbXBsZQFhdXRoPUJlYXJlciB4eHh4eHgBAQ==", "dXNlcj1hQGIu"),
        ("Authorization: Bearer ya29.a0AfH6SMBx-y_z", "a0AfH6SMBx"),
        ('{"access_token": "opaque-and-long", "expires_in": 3599}', "opaque-and-long"),
        ("grant_type=refresh_token&refresh_token=0.AXoAbc&client_secret=q~w_e", "q~w_e"),
        ("the token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl was refused", "eyJzdWIiOiJhIn0"),
        ("C: PASS hunter22", "hunter22"),
        ('A7 LOGIN "dana" "with \\" quote"', "quote"),
        ("smtp://dana:hunter22@mail.example", "hunter22"),
        ("https://mail.example/callback?code=4/0AX4XfWh&state=x", "4/0AX4XfWh"),
        ('{\\"client_secret\\": \\"q~w_e\\"}', "q~w_e"),
        *((f"Reply-To: <support+{kind}7.abcdefghijklmnop@northwind.example>", "abcdefghijklmnop") for kind in KINDS),
        ("List-Unsubscribe: <https://psa.northwind.example/unsubscribe/c7-abcdefgh>", "c7-abcdefgh"),
    ],
)
def test_what_is_spoken_as_a_secret_is_hidden_although_nobody_knows_it(line, secret):
    clean = redactor([])(line)
    assert secret not in clean
    assert HIDDEN in clean


@pytest.mark.parametrize(
    "line",
    [
        "550 5.1.1 <dana@harbor-dental.example>: Recipient address rejected: User unknown",
        "[AUTHENTICATIONFAILED] Authentication failed.",
        "-ERR [AUTH] Password incorrect",
        "Message-ID: <t5.h8Jk2.9f8e7d6c5b4a@northwind.example>",
        "535-5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials",
        "Certificate for mail.northwind.example, good until 14 May 2027",
        "The server offers STARTTLS, login, size up to 50 MB",
        "Undeliverable returnedmessages supercalifragilistic",
    ],
)
def test_what_the_server_said_stays_as_it_was(line):
    assert redactor([SECRET])(line) == line


def test_a_structure_keeps_its_shape():
    value = {"steps": [{"words": f"no, {SECRET}", "ms": 3}], "when": None}
    assert redacted(value, redactor([SECRET])) == {"steps": [{"words": f"no, {HIDDEN}", "ms": 3}], "when": None}


@given(secret=st.text(min_size=4, max_size=40), before=st.text(max_size=40), after=st.text(max_size=40))
def test_no_text_around_it_lets_a_secret_through(secret, before, after):
    clean = redactor([secret])(before + secret + after)
    assert secret not in clean.replace(HIDDEN, "") or secret in HIDDEN or secret in before + HIDDEN + after
