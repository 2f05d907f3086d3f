"""Delivery reports of every make are understood: who failed, why, for good or not, and which message of ours it was."""

from __future__ import annotations

import pytest

from psa.mail.message import parse
from tests.mail.message.reading import read

OURS = "t-5.abc@northwind.example"
PEOPLE = {"nils@harbour.example": "nils", "olga@quarry.example": "olga", "pia@mill.example": "pia"}

# The report in tests/emails/reports, its kind, whether it names our message, and what it says of whom.
REPORTS = """
    account_deactivated            bounce     -      nils mailbox-disabled hard
    account_not_available          bounce     ours   nils user-unknown hard
    address_in_quotes              bounce     -      nils policy
    address_in_utf8                bounce     -      jörg@harbour.example content
    amavis_banned                  bounce     ours   nils content
    amazon_delay                   delay      ours   nils mailbox-full
    amazon_notification            bounce     ours   nils user-unknown hard
    amazon_suppressed              bounce     -      nils user-unknown hard
    aol                            bounce     -      nils policy
    arabic                         bounce     -      nils user-unknown hard
    barracuda                      bounce     ours   nils spam
    biglobe                        bounce     ours   nils mailbox-full
    communigate                    bounce     ours   nils user-unknown hard
    courier                        bounce     ours   nils user-unknown hard
    courier_heading                bounce     ours   nils user-unknown hard
    czech                          bounce     -      nils user-unknown hard
    czech_unknown                  bounce     -      nils user-unknown hard
    docomo                         bounce     ours   nils user-unknown hard
    domino                         bounce     ours   nils user-unknown hard
    dragonfly                      bounce     ours   nils blocked
    dutch                          bounce     -      nils mailbox-full
    everything_in_base64           bounce     ours   nils user-unknown hard
    exchange_2003                  bounce     ours   nils user-unknown hard
    exchange_2007_full             bounce     ours   nils mailbox-full
    exchange_2010_german           bounce     ours   nils user-unknown hard
    exchange_5_5                   bounce     -      nils user-unknown hard
    exchange_delivered             delivered  -      nils unknown
    exim                           bounce     ours   nils user-unknown hard; olga expired
    exim_delay                     delay      -      nils network
    exim_of_a_provider             bounce     ours   nils policy
    exim_passed_on                 bounce     ours   nils.berg@bigmail.example mailbox-full
    exim_pipe                      bounce     ours   nils system
    expired_after_greylisting      bounce     -      nils expired
    feedback_abuse                 feedback   ours   nils spam
    feedback_auth_failure          feedback   ours   nils authentication
    feedback_redacted              feedback   ours   redacted@bigmail.example security
    finnish                        bounce     -      nils user-unknown hard
    forwarded_by_a_rule            bounce     -      nils user-unknown hard
    french                         bounce     ours   nils user-unknown hard
    french_exchange_2003           bounce     -      nils user-unknown hard
    gateway_as_html                bounce     -      nils content
    german_exchange_2003           bounce     -      nils mailbox-full
    german_full                    bounce     ours   nils mailbox-full
    german_sentence                bounce     -      nils user-unknown hard
    gmail                          bounce     ours   nils host-unknown
    gmail_delay                    delay      -      nils rate-limited
    gmail_disabled                 bounce     ours   nils mailbox-disabled hard
    gmail_of_2010                  bounce     ours   nils user-unknown hard
    gmail_unauthenticated          bounce     -      nils authentication
    greylisted                     bounce     -      nils greylisted
    group_without_permission       bounce     ours   team@groups.harbour.example policy
    groupwise                      bounce     ours   nils user-unknown hard
    headers_before_the_failure     bounce     ours   nils user-unknown hard
    heading_in_capitals            bounce     ours   nils mailbox-full
    hmailserver                    bounce     -      nils user-unknown hard
    html_table                     bounce     -      nils mailbox-full; olga@harbour.example user-unknown hard
    hungarian                      bounce     -      nils mailbox-full
    icewarp                        bounce     -      nils user-unknown hard
    imail                          bounce     ours   nils user-unknown hard
    ironport                       bounce     ours   nils mailbox-disabled hard
    italian                        bounce     -      nils mailbox-full
    italian_certified              bounce     -      nils user-unknown hard
    japanese_full                  bounce     -      nils mailbox-full
    japanese_unknown               bounce     -      nils user-unknown hard
    kddi                           bounce     -      nils mailbox-full
    kerio                          bounce     -      nils content
    kerio_unknown                  bounce     -      nils user-unknown hard
    korean                         bounce     -      nils user-unknown hard
    korean_full                    bounce     -      nils mailbox-full
    kundenserver                   bounce     ours   nils user-unknown hard
    labels_in_lower_case           bounce     -      nils rate-limited
    loops_back                     bounce     -      nils system
    mail_ru                        bounce     ours   nils spam
    mailbox_shut_for_a_time        bounce     -      nils suspended
    mailenable                     bounce     ours   nils user-unknown hard
    mailenable_quota               bounce     ours   nils mailbox-full
    mailmarshal                    bounce     -      nils user-unknown hard
    mdaemon                        bounce     -      nils user-unknown hard
    mdaemon_session                bounce     ours   nils user-unknown hard
    mercury                        bounce     ours   nils user-unknown hard
    messagelabs                    bounce     -      nils user-unknown hard
    microsoft_365                  bounce     ours   nils user-unknown hard
    microsoft_365_delay            delay      -      nils network
    microsoft_365_dmarc            bounce     ours   nils authentication
    microsoft_365_edge             bounce     ours   nils user-unknown hard
    microsoft_365_html_only        bounce     ours   nils blocked
    microsoft_365_rule             bounce     ours   nils policy
    microsoft_365_threshold        bounce     ours   nils rate-limited
    mimecast                       bounce     -      nils user-unknown hard
    mxlogic                        bounce     ours   nils user-unknown hard
    name_server_away               bounce     -      nils network
    named_by_verp_only             bounce     -      nils mailbox-full
    names_nobody                   bounce     -      nobody
    needs_tls                      bounce     -      nils security
    netease                        bounce     -      nils user-unknown hard
    netease_full                   bounce     -      nils mailbox-full
    notes_smtp                     bounce     ours   nils user-unknown hard
    null_mx                        bounce     -      nils host-unknown hard
    one_failed_one_arrived         bounce     -      nils authentication; olga unknown; pia unknown
    opensmtpd                      bounce     ours   nils mailbox-full
    original_quoted                bounce     ours   nils security
    polish                         bounce     -      nils user-unknown hard
    portuguese                     bounce     -      nils user-unknown hard
    portuguese_no_domain           bounce     -      nils host-unknown hard
    postfix_as_html                bounce     -      nils policy
    postfix_delay                  delay      ours   nils network
    postfix_delivered              delivered  ours   nils unknown
    postfix_expanded               bounce     ours   nils mailbox-full
    postmark                       bounce     -      nils user-unknown hard
    proofpoint                     bounce     -      nils blocked
    qmail                          bounce     ours   nils user-unknown hard
    qmail_double_bounce            bounce     bb@x   support@northwind.example mailbox-disabled hard
    qmail_three_addresses          bounce     ours   nils user-unknown hard; olga mailbox-full; pia network
    qq                             bounce     -      nils mailbox-full
    recipient_preferences          bounce     -      nils policy
    refused_by_a_receipt           bounce     ours   nils mailbox-full
    relayed                        delivered  -      nils unknown
    report_inside_a_report         bounce     ours   nils user-unknown hard
    russian                        bounce     -      nils relay-denied
    sendgrid                       bounce     ours   nils user-unknown hard
    sendmail                       bounce     ours   nils relay-denied; olga host-unknown hard
    sendmail_of_1990               bounce     ours   nils user-unknown hard
    sendmail_warning               delay      ours   nils network
    smail                          bounce     ours   nils user-unknown hard
    smartermail                    bounce     ours   nils user-unknown hard
    softbank                       bounce     -      nils user-unknown hard
    spanish                        bounce     ours   nils user-unknown hard
    spanish_full                   bounce     ours   nils mailbox-full
    status_as_a_text_file          bounce     ours   nils mailbox-full
    sun_disabled_mailbox           bounce     ours   nils mailbox-disabled hard
    sun_messaging_server           bounce     ours   nils user-unknown hard
    swedish                        bounce     -      nils user-unknown hard
    tagged_by_a_filter             bounce     -      nils suspended
    tencent_html                   bounce     -      nils rate-limited
    too_big_for_1und1              bounce     ours   nils message-too-big
    turkish                        bounce     -      nils mailbox-full
    two_on_one_line                bounce     -      nils user-unknown hard; olga@harbour.example user-unknown hard
    two_recipients_in_one_block    bounce     -      nils user-unknown hard; olga network
    unknown_gateway                bounce     -      nils spam
    vpop3                          bounce     ours   nils user-unknown hard
    xtext                          bounce     -      nils+desk@harbour.example user-unknown hard
    yahoo                          bounce     ours   nils blocked
    yahoo_disabled                 bounce     ours   nils mailbox-disabled hard
    zimbra_full                    bounce     -      nils mailbox-full
    zmailer                        bounce     -      nils user-unknown hard
    zoho                           bounce     ours   nils user-unknown hard
"""
# Mail that only looks like one.
OTHERS = """
    not_abuse_notice
    not_account_to_disable
    not_answer_to_a_report
    not_answering_machine_of_a_full_mailbox
    not_automatic_reply
    not_backup_failure
    not_backup_notice
    not_calendar_update
    not_campaign_report
    not_challenge
    not_challenge_from_a_person
    not_declined_invitation
    not_deleted_unread
    not_dmarc_aggregate
    not_forwarded_report
    not_forwarded_without_words
    not_german_report_passed_on
    not_held_for_a_moderator
    not_japanese_letter
    not_letter_about_a_report
    not_letter_by_post
    not_letter_without_greeting
    not_list_notice
    not_monitoring_alert
    not_newsletter_about_bounces
    not_note_about_a_full_mailbox
    not_order_receipt
    not_order_status
    not_parcel
    not_parcel_robot
    not_parts_order
    not_password_notice
    not_pasted_headers
    not_person_who_pastes_a_report
    not_postmaster_who_writes
    not_quarantine_digest
    not_quota_warning
    not_quota_warning_without_sender
    not_read_receipt
    not_report_attached_by_a_person
    not_report_passed_on_by_outlook
    not_russian_letter
    not_service_health
    not_somebody_who_has_left
    not_spam_digest
    not_spanish_letter
    not_vacation_of_a_postmaster
    not_vacation_without_headers
    not_wish_for_a_bigger_mailbox
"""


@pytest.mark.parametrize("row", REPORTS.strip().splitlines())
def test_a_report_says_who_failed_and_why(row):
    name, kind, message, said = row.split(maxsplit=3)
    report = read(f"reports/{name}.eml").report
    assert report is not None and report.kind == kind
    assert report.original_message_id == {"ours": OURS, "-": None}.get(message, message)
    found = [f"{PEOPLE.get(r.email, r.email)} {r.reason}{' hard' if r.hard else ''}" for r in report.recipients]
    assert ("; ".join(found) or "nobody") == said


@pytest.mark.parametrize("name", OTHERS.split())
def test_what_tells_of_no_failure_of_ours_is_no_report(name):
    assert read(f"reports/{name}.eml").report is None


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("postfix_expanded", "5.2.2", "552"),
        ("exim", "5.1.1", "550"),
        ("ironport", "5.1.1", "550"),  # what the server behind the gateway said
        ("microsoft_365", "5.1.10", "550"),
        ("microsoft_365_html_only", "5.7.606", "550"),
        ("exchange_2010_german", "5.1.1", "550"),
        ("qmail", "5.1.1", "550"),
        ("mdaemon", "5.1.1", "550"),  # the status is that of the meaning
        ("kddi", "5.2.2", None),
        ("biglobe", "5.2.2", None),
        ("exim_delay", "4.4.0", None),
        ("needs_tls", "5.7.10", "550"),
        ("relayed", "2.1.5", None),
    ],
)
def test_codes_are_told_as_the_server_gave_them_or_by_what_it_meant(name, status, code):
    report = read(f"reports/{name}.eml").report
    assert report is not None
    assert (report.recipients[0].status, report.recipients[0].code) == (status, code)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("postfix_expanded", "552 5.2.2 <nils@harbour.example>: user is over quota"),
        ("kddi", "As their mailbox is full."),
        ("courier", "550 5.1.1 <nils@harbour.example>... User Unknown"),
        ("opensmtpd", "550 5.2.2 <nils@harbour.example>... Mailbox Full"),
        ("exim_passed_on", "(ultimately generated from nils@harbour.example) mailbox is full: retry timeout exceeded"),
        ("messagelabs", "Reason: 550 Invalid recipient: <nils@harbour.example>"),
        (
            "dragonfly",
            "mx.harbour.example [192.0.2.7] did not like our RCPT TO: 550 5.7.25 The IP address sending this",
        ),
    ],
)
def test_the_diagnosis_is_the_servers_own_words(name, words):
    report = read(f"reports/{name}.eml").report
    assert report is not None and report.recipients[0].diagnostic.startswith(words)


def test_a_notification_may_hold_rubbish():
    raw = read("reports/amazon_notification.eml").raw
    for status in (b'"5.2.2 mailbox full"', b'"soft"', b"[]", b"null"):
        report = parse(raw.replace(b'"5.1.1"', status)).report
        assert report is not None and report.recipients[0].reason == "user-unknown"


def test_each_recipient_has_a_fate_of_its_own():
    report = read("reports/one_failed_one_arrived.eml").report
    assert report is not None
    assert [r.action for r in report.recipients] == ["failed", "delivered", "expanded"]


@pytest.mark.parametrize("name", ["postfix_expanded", "exim_passed_on"])
def test_the_address_that_was_written_to_is_told_where_mail_was_passed_on(name):
    report = read(f"reports/{name}.eml").report
    assert report is not None
    written_to = {"postfix_expanded": "team@northwind.example", "exim_passed_on": "nils@harbour.example"}
    assert [r.original for r in report.recipients] == [written_to[name]]


def test_a_complaint_names_its_type():
    kinds = {}
    for name in ("feedback_abuse", "feedback_redacted", "feedback_auth_failure"):
        report = read(f"reports/{name}.eml").report
        assert report is not None
        kinds[name] = report.feedback_type
    assert kinds == {"feedback_abuse": "abuse", "feedback_redacted": "fraud", "feedback_auth_failure": "auth-failure"}


@pytest.mark.parametrize("row", REPORTS.strip().splitlines())
def test_nobody_answers_a_report(row):
    assert read(f"reports/{row.split()[0]}.eml").automatic is not None


def test_a_report_on_more_recipients_than_anybody_has_is_cut_and_says_so():
    blocks = "".join(f"Final-Recipient: rfc822; user{n}@harbour.example\nAction: failed\n\n" for n in range(3_000))
    email = parse(
        (
            "From: MAILER-DAEMON@harbour.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n"
            f"--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{blocks}--B--\n"
        ).encode()
    )
    assert len(email.report.recipients) == 1_000
    assert any("1000 recipients" in defect for defect in email.defects)
