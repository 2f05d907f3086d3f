"""What the sandbox's SMTP takes, from whom, and where it goes."""

import re
import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from psa.sandbox.server import SIZE_LIMIT, MailSandbox
from tests.sandbox.conftest import DANA, SUPPORT, USERS

LETTER = b"From: dana@harbor-dental.example\r\nSubject: The projector\r\n\r\nIt stays dark.\r\n.. Really.\r\n"


def test_what_dana_sends_is_in_the_support_mailbox_byte_for_byte(sandbox: MailSandbox, smtp: smtplib.SMTP) -> None:
    smtp.sendmail(DANA, [SUPPORT], LETTER)
    (kept,) = sandbox.messages(SUPPORT)
    assert kept.endswith(LETTER)
    assert sandbox.messages(DANA) == []


def test_a_delivered_message_carries_the_trace_of_its_way(sandbox: MailSandbox, smtp: smtplib.SMTP) -> None:
    smtp.sendmail(DANA, [SUPPORT], LETTER)
    headers = message_from_bytes(sandbox.messages(SUPPORT)[0], policy=policy.default)
    assert headers["Return-Path"] == f"<{DANA}>"
    assert headers["Delivered-To"] == SUPPORT
    assert re.fullmatch(
        r"from \S+ \(\[127\.0\.0\.1\]\)\s+\(Authenticated sender: dana@harbor-dental\.example\)\s+"
        r"by mail\.sandbox\.example with ESMTPA id \w+\s+for <support@northwind\.example>; .+ \+0000",
        headers["Received"],
    )


def test_an_address_with_a_plus_reaches_the_mailbox_without_it(sandbox: MailSandbox, smtp: smtplib.SMTP) -> None:
    smtp.sendmail(DANA, ["Support+T12.abc@Northwind.example"], LETTER)
    (kept,) = sandbox.messages(SUPPORT)
    assert b"Delivered-To: Support+T12.abc@Northwind.example\r\n" in kept


def test_two_addresses_of_one_mailbox_get_one_copy(sandbox: MailSandbox, smtp: smtplib.SMTP) -> None:
    smtp.sendmail(DANA, [SUPPORT, "support+t12.abc@northwind.example"], LETTER)
    (kept,) = sandbox.messages(SUPPORT)
    assert kept.count(b"Delivered-To:") == 2


def test_a_stranger_at_a_hosted_domain_is_unknown(smtp: smtplib.SMTP) -> None:
    smtp.mail(DANA)
    code, words = smtp.rcpt("nobody@northwind.example")
    assert code == 550
    assert words.startswith(b"5.1.1 ")


def test_nothing_leaves(smtp: smtplib.SMTP) -> None:
    smtp.mail(DANA)
    code, words = smtp.rcpt("someone@gmail.com")
    assert code == 550
    assert words.startswith(b"5.7.1 ")
    assert words.endswith(b"the sandbox delivers only to its own mailboxes")


def test_one_refused_recipient_does_not_stop_the_other(sandbox: MailSandbox, smtp: smtplib.SMTP) -> None:
    refused = smtp.sendmail(DANA, [SUPPORT, "nobody@northwind.example"], LETTER)
    assert list(refused) == ["nobody@northwind.example"]
    assert len(sandbox.messages(SUPPORT)) == 1


def test_nobody_sends_without_signing_in(sandbox: MailSandbox) -> None:
    with smtplib.SMTP(sandbox.host, sandbox.smtp_port, timeout=30) as client:
        client.ehlo()
        assert client.mail(DANA) == (530, b"5.7.0 Authentication required")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_wrong_password_is_refused(sandbox: MailSandbox, mechanism: str) -> None:
    with smtplib.SMTP(sandbox.host, sandbox.smtp_port, timeout=30) as client:
        client.ehlo()
        client.user, client.password = DANA, "wrong"
        with pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
            client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
        assert refusal.value.smtp_code == 535
        client.password = USERS[DANA]
        assert client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))[0] == 235


def test_dana_may_send_with_any_form_of_her_own_address_and_no_other(smtp: smtplib.SMTP) -> None:
    for sender, code in (("dana+orders@harbor-dental.example", 250), ("<>", 250), (SUPPORT, 553)):
        assert smtp.mail(sender)[0] == code
        smtp.rset()


def test_the_size_limit_is_announced_and_kept(smtp: smtplib.SMTP) -> None:
    assert smtp.esmtp_features["size"] == str(SIZE_LIMIT) == str(50 * 1024 * 1024)
    assert smtp.mail(DANA, [f"SIZE={SIZE_LIMIT + 1}"])[0] == 552


def test_a_message_may_be_written_in_any_script(sandbox: MailSandbox, smtp: smtplib.SMTP) -> None:
    letter = EmailMessage(policy=policy.SMTPUTF8)
    letter["From"], letter["To"], letter["Subject"] = DANA, "support+größe@northwind.example", "Der Beamer fällt aus"
    letter.set_content("Seit dem Sturm.\n")
    smtp.send_message(letter)
    (kept,) = sandbox.messages(SUPPORT)
    assert "Subject: Der Beamer fällt aus\r\n".encode() in kept
    assert b"with UTF8SMTPA" in kept
