"""Automatic mail, delivery reports and authentication are told from a person's mail, and from each other."""

from __future__ import annotations

import pytest

from psa.mail.message import parse
from psa.mail.message.reports.bounce_reasons import reason_for
from tests.mail.message.reading import read


def test_a_vacation_notice_is_an_automatic_reply():
    automatic = read("vacation_notice.eml").automatic
    assert automatic is not None and automatic.kind == "auto-reply"


def test_a_newsletter_is_bulk_and_says_why():
    automatic = read("newsletter.eml").automatic
    assert automatic is not None and (automatic.kind, automatic.reason) == ("bulk", "Precedence: bulk")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Auto-Submitted: auto-generated", "auto-generated"),
        ("Auto-Submitted: auto-replied (vacation)", "auto-reply"),
        ("X-Autoreply: yes", "auto-reply"),
        ("Precedence: auto_reply", "auto-reply"),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", "auto-generated"),
        ("Return-Path: <>", "auto-generated"),
        ("List-Id: <talk.harbour.example>\nList-Post: <mailto:talk@harbour.example>", "list"),
        ("Auto-Submitted: no", None),
        ("X-Autoreply: no", None),
        ("X-Spam-Status: No", None),
    ],
)
def test_headers_tell_automatic_mail(header, kind):
    automatic = parse(f"From: mia@harbour.example\nSubject: x\n{header}\n\nhello\n".encode()).automatic
    assert (automatic.kind if automatic else None) == kind


def test_our_own_notification_that_comes_back_is_ours():
    raw = b"From: s@northwind.example\nMessage-ID: <1@northwind.example>\nAuto-Submitted: auto-generated\n\nx\n"
    automatic = parse(raw, own_domains=frozenset({"northwind.example"})).automatic
    assert automatic is not None and automatic.kind == "own"


def test_a_standard_bounce_names_the_address_the_cause_and_our_message():
    report = read("bounce_postfix.eml").report
    assert report is not None and (report.kind, report.original_message_id) == ("bounce", "t-9.abc@northwind.example")
    (recipient,) = report.recipients
    assert (recipient.email, recipient.status, recipient.code) == ("gone@harbour.example", "5.1.1", "550")
    assert (recipient.reason, recipient.hard) == ("user-unknown", True)


def test_a_full_mailbox_told_in_prose_is_no_reason_to_stop():
    report = read("bounce_qmail.eml").report
    assert report is not None and (report.kind, report.original_message_id) == ("bounce", "t-10.def@northwind.example")
    (recipient,) = report.recipients
    assert (recipient.email, recipient.status) == ("full@quarry.example", "5.2.2")
    assert (recipient.reason, recipient.hard) == ("mailbox-full", False)


def test_a_delay_is_no_bounce():
    report = read("bounce_delayed.eml").report
    assert report is not None and report.kind == "delay"
    assert [(r.reason, r.hard) for r in report.recipients] == [("network", False)]


def test_a_complaint_is_a_feedback_report():
    report = read("feedback_report.eml").report
    assert report is not None and (report.kind, report.original_message_id) == ("feedback", "news-3@northwind.example")
    assert [r.email for r in report.recipients] == ["mia@bigmail.example"]


@pytest.mark.parametrize(
    "name", ["reply_about_a_bounce.eml", "vacation_notice.eml", "newsletter.eml", "plain_request.eml"]
)
def test_what_only_talks_about_failures_is_no_report(name):
    assert read(name).report is None


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        ("550 5.1.1 <a@b.example>: Recipient address rejected: User unknown", "5.1.1", "user-unknown"),
        ("552 5.2.2 Mailbox full", "5.2.2", "mailbox-full"),
        ("550 5.7.1 Unauthenticated email is not accepted due to domain's DMARC policy", "5.7.1", "authentication"),
        ("450 4.2.0 Greylisted, try again in 300 seconds", "4.2.0", "greylisted"),
        ("554 5.7.1 Relay access denied", "5.7.1", "relay-denied"),
        ("550 5.7.1 Service unavailable; Client host [1.2.3.4] blocked using zen.spamhaus.org", "5.7.1", "blocked"),
        ("552 5.3.4 Message size exceeds fixed limit", "5.3.4", "message-too-big"),
        ("Host or domain name not found. Name service error", "5.4.4", "host-unknown"),
        ("connect to mx.example[1.2.3.4]:25: Connection timed out", "4.4.1", "network"),
        ("421 4.7.0 too many connections from your host", "4.7.0", "rate-limited"),
        ("554 5.7.1 message looks like spam", "5.7.1", "spam"),
        ("550 5.1.8 Sender address rejected: Domain not found", "5.1.8", "policy"),
        ("", "5.2.2", "mailbox-full"),
        ("", None, "unknown"),
    ],
)
def test_the_servers_words_tell_the_reason(words, status, reason):
    assert reason_for(words, status) == reason


def test_only_the_trusted_servers_verdict_counts():
    verdict = read("authentication_results.eml", trusted_authserv="mx.northwind.example").authentication
    assert verdict is not None
    assert (verdict.spf, verdict.dkim, verdict.dmarc) == ("pass", "pass", "pass")
    assert read("authentication_results.eml").authentication is None
    assert read("authentication_results.eml", trusted_authserv="other.example").authentication is None


def test_a_parcel_that_could_not_be_delivered_is_no_bounce():
    letter = "From: no-reply@parcels.example\nSubject: Delivery problem with your order\n\n" \
        "Your parcel could not be delivered. Questions? Write to\nservice@parcels.example\n"  # fmt: skip
    assert parse(letter.encode()).report is None


@pytest.mark.parametrize(
    ("answer", "moment", "hard"),
    [
        (b"550", b"RCPT TO command", True),
        (b"550", b"end of DATA command", False),  # a filter may say so of an address that exists
        (b"550 5.1.1", b"end of DATA command", True),  # but not with the code for it
        (b"550 5.1.1", b"MAIL FROM command", False),
    ],
)
def test_only_a_refusal_of_the_recipient_itself_is_hard(answer, moment, hard):
    told = b": User unknown (in reply to " + moment + b")\n--=-b"
    raw = read("bounce_postfix.eml").raw.replace(b"(in reply to RCPT TO command)", b"(in reply to " + moment + b")")
    raw = raw.replace(b": User unknown\n--=-b", told).replace(b"550 5.1.1", answer)
    raw = raw.replace(b"Status: 5.1.1", b"Status: 5.1.1" if b"5.1.1" in answer else b"Status: 5.0.0")
    report = parse(raw).report
    assert report is not None and [r.hard for r in report.recipients] == [hard]
