"""What is left when no words tell: enhanced status (RFC 3463), response codes (RFC 5530), reply codes (RFC 5321)."""

from __future__ import annotations

from psa.mail.diagnosis.answer import Answer

# Without their first digit: 4.2.2 and 5.2.2 differ in whether to wait, not in what it is.
STATUSES = {
    "1.1": "recipient_unknown",
    "1.2": "recipient_unknown",
    "1.3": "recipient_unknown",
    "1.6": "recipient_unknown",
    "1.10": "recipient_unknown",
    "1.7": "sender_address_invalid",
    "1.8": "sender_address_invalid",
    "2.1": "recipient_unknown",
    "2.2": "mailbox_full",
    "2.3": "message_too_big",
    "3.1": "server_temporary",
    "3.2": "server_temporary",
    "3.4": "message_too_big",
    "4.1": "recipient_unknown",
    "4.2": "connection_dropped",
    "4.5": "rate_limited",
    "4.6": "content_rejected",
    "4.14": "content_rejected",
    "5.3": "rate_limited",
    "6.7": "non_ascii_unsupported",
    "7.8": "auth_wrong_password",
    "7.9": "auth_app_password_required",
    "7.11": "tls_required",
    "7.12": "recipient_rejected",
    "7.14": "auth_web_login_required",
    "7.20": "sender_auth_failed",
    "7.21": "sender_auth_failed",
    "7.22": "sender_auth_failed",
    "7.23": "sender_auth_failed",
    "7.25": "reverse_dns_or_helo",
    "7.26": "sender_auth_failed",
    "7.27": "sender_auth_failed",
    "7.57": "auth_required",
    "7.60": "sender_not_allowed",
    "7.64": "relay_denied",
    "7.124": "recipient_rejected",
    "7.133": "recipient_rejected",
    "7.193": "recipient_rejected",
    "7.509": "sender_auth_failed",
    "7.515": "sender_auth_failed",
    "7.606": "ip_blocked",
    "7.708": "ip_blocked",
}
RESPONSES = {
    "AUTHENTICATIONFAILED": "auth_wrong_password",
    "AUTH": "auth_wrong_password",
    "AUTHORIZATIONFAILED": "permission_missing",
    "EXPIRED": "auth_web_login_required",
    "PRIVACYREQUIRED": "tls_required",
    "CONTACTADMIN": "account_blocked",
    "NOPERM": "permission_missing",
    "INUSE": "mailbox_locked",
    "IN-USE": "mailbox_locked",
    "EXPUNGEISSUED": "mailbox_changed",
    "NONEXISTENT": "folder_not_found",
    "TRYCREATE": "folder_not_found",
    "OVERQUOTA": "mailbox_full",
    "LIMIT": "rate_limited",
    "LOGIN-DELAY": "auth_rate_limited",
    "UNAVAILABLE": "server_temporary",
    "SERVERBUG": "server_temporary",
    "SYS/TEMP": "server_temporary",
    "CLIENTBUG": "protocol_error",
    "BADCHARSET": "protocol_error",
}
# (stage, start of the reply code). The stage decides what a bare code can mean at all.
CODES = {
    ("greeting", "4"): "server_temporary",
    ("greeting", "554"): "ip_blocked",
    ("ehlo", "50"): "reverse_dns_or_helo",
    ("auth", "535"): "auth_wrong_password",
    ("auth", "538"): "tls_required",
    ("auth", "534"): "auth_app_password_required",
    ("auth", "530"): "tls_required",
    ("auth", "50"): "auth_not_offered",
    ("auth", "4"): "server_temporary",
    ("mail_from", "530"): "auth_required",
    ("mail_from", "552"): "message_too_big",
    ("mail_from", "501"): "sender_address_invalid",
    ("mail_from", "553"): "sender_not_allowed",
    ("rcpt_to", "530"): "auth_required",
    ("rcpt_to", "551"): "recipient_unknown",
    ("rcpt_to", "450"): "greylisted",
    ("rcpt_to", "451"): "greylisted",
    ("data", "552"): "message_too_big",
}
# A refusal without a reason, where only one thing is likely.
REFUSALS = {
    ("imap", "auth"): "auth_wrong_password",
    ("pop3", "auth"): "auth_wrong_password",
    ("imap", "select"): "folder_not_found",
}


def by_status(protocol: str, stage: str, answer: Answer) -> str | None:
    """The likely cause by codes alone, or None."""
    status = answer.enhanced.partition(".")[2]
    if status in STATUSES:
        return STATUSES[status]
    if answer.response in RESPONSES:
        return RESPONSES[answer.response]
    for (where, start), cause in CODES.items():
        if stage == where and answer.code.startswith(start):
            return cause
    if answer.code == "421":
        return "server_temporary"
    if protocol in ("imap", "pop3") and answer.words.startswith("bad "):
        return "protocol_error"
    if protocol == "imap" and answer.words.startswith("* bye"):
        return "connection_dropped"
    return REFUSALS.get((protocol, stage)) if answer.words else None
