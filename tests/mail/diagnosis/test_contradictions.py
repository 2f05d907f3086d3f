"""Words and codes that mislead: what looks like one thing and is another."""

from __future__ import annotations

import pytest

from psa.mail.diagnosis.causes import diagnose


def told(protocol: str, stage: str, words: str) -> tuple[str, bool]:
    found = diagnose(protocol=protocol, stage=stage, text=words)
    return found.cause.code, found.retry


def test_a_relay_that_is_denied_for_the_moment_is_denied_for_good():
    # Postfix answers 4xx by default, and it never heals.
    assert told("smtp", "rcpt_to", "454 4.7.1 <dana@vega.example>: Relay access denied") == ("relay_denied", False)


def test_a_daily_limit_that_is_refused_for_good_heals_tomorrow():
    assert told("smtp", "data", "550 5.4.5 You reached your sending limit for today") == ("rate_limited", True)


def test_a_login_refused_with_a_passing_code_is_still_a_wrong_password():
    assert told("smtp", "auth", "451 Authentication failed: bad credentials") == ("auth_wrong_password", False)


def test_an_account_that_is_not_activated_does_not_heal_whatever_its_code_says():
    assert told("smtp", "data", "450 Your account is not yet activated") == ("account_blocked", False)


def test_a_message_that_could_not_be_saved_is_the_servers_trouble_though_its_code_is_final():
    assert told("smtp", "data", "554 Could not be saved, retry later") == ("server_temporary", True)


def test_the_number_5_2_2_is_a_full_mailbox_unless_it_speaks_of_sending():
    assert told("smtp", "data", "550 5.2.2 Submission quota exceeded")[0] == "rate_limited"
    assert told("smtp", "data", "554 5.2.2 Quota exceeded for this mailbox")[0] == "mailbox_full"


def test_a_full_mailbox_may_be_emptied_when_the_server_says_for_now():
    assert told("smtp", "rcpt_to", "452 4.2.2 Mailbox full") == ("mailbox_full", True)
    assert told("smtp", "rcpt_to", "552 5.2.2 Mailbox full") == ("mailbox_full", False)


def test_the_tag_of_a_wrong_password_does_not_outweigh_that_encryption_is_missing():
    assert told("pop3", "auth", "-ERR [AUTH] Plaintext login disallowed, use TLS")[0] == "tls_required"


def test_the_tag_of_a_locked_mailbox_does_not_outweigh_too_many_connections():
    words = "-ERR [IN-USE] Maximum number of connections exceeded"
    assert told("pop3", "auth", words)[0] == "too_many_connections"
    assert told("pop3", "auth", "-ERR [IN-USE] Mailbox is locked by another session")[0] == "mailbox_locked"


def test_the_tag_of_a_full_mailbox_does_not_outweigh_a_bandwidth():
    assert told("imap", "fetch", "NO [OVERQUOTA] Account exceeded bandwidth limits")[0] == "rate_limited"


def test_the_tag_of_a_limit_may_be_about_connections_or_about_size():
    assert told("imap", "auth", "NO [LIMIT] Too many connections for this user")[0] == "too_many_connections"
    assert told("imap", "append", "NO [LIMIT] Message is larger than allowed")[0] == "message_too_big"


def test_a_user_who_is_authenticated_but_not_connected_lacks_a_right_and_no_connection():
    assert told("imap", "select", "BAD User is authenticated but not connected.")[0] == "permission_missing"


def test_a_token_that_ran_out_within_a_session_is_renewed_and_one_that_was_taken_back_is_not():
    assert told("imap", "any", "* BYE Session invalidated - AccessTokenExpired") == ("oauth_token_invalid", True)
    assert told("oauth", "token", "invalid_grant: Token has been revoked.") == ("oauth_token_invalid", False)


def test_recipients_who_are_refused_may_be_refused_because_of_the_sender_or_of_us():
    # Postfix waits for the recipient before it says what it has against the client.
    assert told("smtp", "rcpt_to", "553 5.7.1 Sender address rejected: not owned by user")[0] == "sender_not_allowed"
    assert told("smtp", "rcpt_to", "450 4.7.25 Client host rejected: cannot find your hostname")[0] == (
        "reverse_dns_or_helo"
    )
    assert told("smtp", "rcpt_to", "554 5.7.1 Client host [192.0.2.4] blocked using bl.example")[0] == "ip_blocked"


def test_a_refusal_without_a_reason_means_whom_it_was_said_to():
    # 5.7.1: “delivery not authorized”, and whose is for the stage to say.
    assert told("smtp", "greeting", "554 5.7.1 Access denied")[0] == "ip_blocked"
    assert told("smtp", "mail_from", "550 5.7.1 Access denied")[0] == "sender_not_allowed"
    assert told("smtp", "rcpt_to", "550 5.7.1 Access denied")[0] == "recipient_rejected"
    assert told("smtp", "data", "550 5.7.1 Access denied")[0] == "spam_rejected"


def test_a_refusal_without_reason_and_status_is_not_guessed():
    assert told("smtp", "data", "550 Rejected") == ("unknown", False)
    assert told("smtp", "data", "450 Rejected") == ("unknown", True)


def test_spam_in_the_explanation_does_not_make_spam_of_a_broken_header():
    words = "550-5.7.1 This message is not RFC 5322 compliant. To reduce spam, it\n550 5.7.1 has been blocked."
    assert told("smtp", "data", words)[0] == "content_rejected"


def test_a_mailbox_that_does_not_exist_is_a_folder_to_one_who_reads_and_a_recipient_to_one_who_sends():
    assert told("imap", "select", "NO Mailbox does not exist")[0] == "folder_not_found"
    assert told("smtp", "rcpt_to", "550 Mailbox does not exist")[0] == "recipient_unknown"


def test_a_word_in_an_address_or_a_link_is_not_a_word_of_the_answer():
    assert told("smtp", "rcpt_to", "550 5.1.1 <spam@greylist.example>: user unknown")[0] == "recipient_unknown"
    assert told("smtp", "data", "550 Virus found, see https://quota.example/spam")[0] == "content_rejected"


@pytest.mark.parametrize(
    ("protocol", "greeting", "cause"),
    [
        ("smtp", "* OK IMAP4rev1 service ready", "not_a_mail_server"),
        ("smtp", "+OK POP3 ready", "not_a_mail_server"),
        ("imap", "unexpected response: b'220 mail.northwind.example ESMTP'", "not_a_mail_server"),
        ("pop3", "220 mail.northwind.example ESMTP", "not_a_mail_server"),
        ("smtp", "SSH-2.0-OpenSSH_9.6", "not_a_mail_server"),
        ("imap", "unexpected response: b'HTTP/1.1 302 Found'", "not_a_mail_server"),
        # A TLS alert, which is what a server that begins with TLS makes of plain words.
        ("smtp", "(-1, b'\\x03\\x02\\x02F')", "tls_port_mismatch"),
        ("imap", "unexpected response: b'\\x15\\x03\\x01\\x00\\x02'", "tls_port_mismatch"),
        # Who speaks the right language may still have something to say.
        ("smtp", "421 Too many connections", "too_many_connections"),
        ("imap", "* BYE Server is shutting down", "connection_dropped"),
    ],
)
def test_who_greets_in_another_language_is_another_server(protocol, greeting, cause):
    assert diagnose(protocol=protocol, stage="greeting", text=greeting).cause.code == cause


def test_a_relay_denied_after_the_recipients_were_taken_is_about_the_sender():
    assert told("smtp", "data", "553 Relaying not allowed for this address")[0] == "sender_not_allowed"
    assert told("smtp", "rcpt_to", "553 Relaying not allowed for this address")[0] == "relay_denied"


def test_a_name_lookup_that_a_bounce_tells_of_has_been_tried_for_long_enough():
    assert told("smtp", "dsn", "550 5.4.312 Gave up, the DNS lookup timed out") == ("recipient_unknown", False)
    assert told("smtp", "rcpt_to", "451 4.4.3 DNS lookup timed out")[0] == "dns_temporary"
