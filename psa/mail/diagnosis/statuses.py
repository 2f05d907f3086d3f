"""What is left when no words tell: enhanced status (RFC 3463), response codes (RFC 5530), reply codes (RFC 5321)."""

from __future__ import annotations

from psa.mail.diagnosis.answer import Answer

# RFC 3463, RFC 7505, and Microsoft's and Google's own. Without their first digit: 4.2.2 and 5.2.2 differ in whether to
# wait, not in what it is. These tell it alone …
SURE = {
    "1.10": "recipient_unknown",
    "1.90": "rate_limited",
    "1.351": "recipient_unknown",
    "2.252": "sender_not_allowed",
    "4.14": "content_rejected",
    "4.310": "recipient_unknown",
    "4.312": "recipient_unknown",
    "6.7": "non_ascii_unsupported",
    "6.11": "content_rejected",
    "7.9": "auth_app_password_required",
    "7.11": "tls_required",
    "7.14": "auth_web_login_required",
    "7.20": "sender_auth_failed",
    "7.21": "sender_auth_failed",
    "7.22": "sender_auth_failed",
    "7.23": "sender_auth_failed",
    "7.25": "reverse_dns_or_helo",
    "7.26": "sender_auth_failed",
    "7.27": "sender_auth_failed",
    "7.28": "rate_limited",
    "7.29": "tls_required",
    "7.32": "sender_auth_failed",
    "7.54": "relay_denied",
    "7.57": "auth_required",
    "7.60": "sender_not_allowed",
    "7.64": "relay_denied",
    "7.66": "tls_incompatible",
    "7.124": "recipient_rejected",
    "7.129": "recipient_rejected",
    "7.133": "recipient_rejected",
    "7.134": "recipient_rejected",
    "7.136": "recipient_rejected",
    "7.193": "recipient_rejected",
    "7.232": "rate_limited",
    "7.233": "rate_limited",
    "7.321": "starttls_not_offered",
    "7.322": "cert_expired",
    "7.501": "account_blocked",
    "7.502": "account_blocked",
    "7.503": "account_blocked",
    "7.508": "rate_limited",
    "7.509": "sender_auth_failed",
    "7.511": "ip_blocked",
    "7.515": "sender_auth_failed",
    "7.520": "spam_rejected",
    "7.606": "ip_blocked",
    "7.705": "account_blocked",
    "7.708": "ip_blocked",
    "7.750": "account_blocked",
}
# … and these only lean to it: servers use them for several things.
LIKELY = {
    "1.1": "recipient_unknown",
    "1.2": "recipient_unknown",
    "1.3": "recipient_unknown",
    "1.6": "recipient_unknown",
    "1.7": "sender_address_invalid",
    "1.8": "sender_address_invalid",
    "2.1": "recipient_unknown",
    "2.2": "mailbox_full",
    "2.3": "message_too_big",
    "2.11": "message_too_big",
    "3.1": "server_temporary",
    "3.2": "server_temporary",
    "3.4": "message_too_big",
    "3.5": "server_temporary",
    "5.4.1": "recipient_unknown",
    "4.4.1": "port_blocked",
    "4.2": "connection_dropped",
    "4.4": "recipient_unknown",
    "4.5": "rate_limited",
    "4.6": "content_rejected",
    "5.3": "rate_limited",
    "6.6": "content_rejected",
    "7.4": "auth_not_offered",
    "7.7": "content_rejected",
    "7.8": "auth_wrong_password",
    "7.12": "recipient_rejected",
    "7.13": "account_blocked",
    "7.30": "auth_basic_disabled",
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
    "THROTTLED": "rate_limited",
    "TOOBIG": "message_too_big",
    "CANNOT": "folder_not_found",
    "ALREADYEXISTS": "folder_not_found",
    "LOGIN-DELAY": "auth_rate_limited",
    "UNAVAILABLE": "server_temporary",
    "TEMPFAIL": "server_temporary",
    "SERVERBUG": "server_temporary",
    "SYS/TEMP": "server_temporary",
    "CLIENTBUG": "protocol_error",
    "BADCHARSET": "protocol_error",
}
# (stage, start of the reply code). The stage decides what a bare code can mean at all.
CODES = {
    ("greeting", "4"): "server_temporary",
    ("greeting", "554"): "ip_blocked",
    ("greeting", "521"): "ip_blocked",
    ("ehlo", "50"): "reverse_dns_or_helo",
    ("ehlo", "550"): "reverse_dns_or_helo",
    ("starttls", "454"): "starttls_not_offered",
    ("starttls", "50"): "starttls_not_offered",
    ("tls", "454"): "starttls_not_offered",
    ("tls", "50"): "starttls_not_offered",
    ("auth", "535"): "auth_wrong_password",
    ("auth", "526"): "auth_wrong_password",
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
    ("rcpt_to", "511"): "recipient_unknown",
    ("rcpt_to", "450"): "greylisted",
    ("rcpt_to", "451"): "greylisted",
    ("rcpt_to", "552"): "mailbox_full",
    ("rcpt_to", "522"): "mailbox_full",
    ("data", "552"): "message_too_big",
    ("data", "523"): "message_too_big",
    ("", "50"): "protocol_error",
    ("", "421"): "server_temporary",
}
# 5.7.0 and 5.7.1 say only that somebody may not. What is meant depends on who was just named; it takes a word besides.
NOT_ALLOWED = {
    "greeting": "ip_blocked",
    "ehlo": "ip_blocked",
    "mail_from": "sender_not_allowed",
    "rcpt_to": "recipient_rejected",
    "data": "spam_rejected",
    "dsn": "spam_rejected",
}
# A refusal without a reason, where only one thing is likely.
REFUSALS = {
    ("imap", "auth"): "auth_wrong_password",
    ("pop3", "auth"): "auth_wrong_password",
    ("imap", "select"): "folder_not_found",
}
ALONE, LEANING, HINTING = 8, 3, 2


def by_status(protocol: str, stage: str, answer: Answer) -> list[tuple[str, int, str]]:
    """(cause, weight, the code) for what the codes speak for by themselves."""
    found = []
    status = answer.enhanced.partition(".")[2]
    if status in SURE:
        found.append((SURE[status], ALONE, answer.enhanced))
    likely = LIKELY.get(answer.enhanced) or LIKELY.get(status)
    if likely is not None:
        found.append((likely, LEANING, answer.enhanced))
    if answer.enhanced in ("5.7.0", "5.7.1") and stage in NOT_ALLOWED:
        found.append((NOT_ALLOWED[stage], HINTING, answer.enhanced))
    if answer.response in RESPONSES:
        found.append((RESPONSES[answer.response], HINTING, answer.response))
    lone = by_code(stage, answer.code) if protocol == "smtp" else None
    if lone is not None:
        found.append((lone, LEANING, answer.code))
    if protocol in ("imap", "pop3") and answer.text.startswith("bad "):
        found.append(("protocol_error", LEANING, "BAD"))
    if protocol == "imap" and answer.text.startswith("* bye"):
        found.append(("connection_dropped", LEANING, "BYE"))
    if (protocol, stage) in REFUSALS and answer.text:
        found.append((REFUSALS[protocol, stage], LEANING, "no reason given"))
    return found


def by_code(stage: str, code: str) -> str | None:
    return next((cause for (at, start), cause in CODES.items() if at in (stage, "") and code.startswith(start)), None)
