"""At which stages of a conversation a cause is at home, and the groups of stages that clues are tied to."""

from __future__ import annotations

PROTOCOLS = ("smtp", "imap", "pop3", "tls", "tcp", "dns", "oauth")
# “dsn” is what is read in a bounce, “any” what is said between two commands.
STAGES = tuple(
    "resolve connect tls greeting ehlo capability starttls auth mail_from rcpt_to data"
    " select list create append copy store search fetch retr noop token authorize dsn any".split()
)
LOGIN = frozenset({"auth", "capability", "token", "authorize"})
TOKEN = frozenset({"token", "authorize"})
TLS = frozenset({"tls", "starttls"})
GREETING = frozenset({"greeting", "ehlo", "capability"})
CONNECT = frozenset({"connect", "resolve"})
RECIPIENT = frozenset({"rcpt_to", "data", "dsn"})
ENVELOPE = frozenset({"mail_from"}) | RECIPIENT
FOLDER = frozenset({"select", "list", "create", "append", "copy", "store"})
READING = frozenset({"search", "fetch", "retr", "noop"}) | FOLDER
AFTER_CONNECT = LOGIN | TLS | GREETING | ENVELOPE | READING

# A cause is doubted elsewhere; what is not named here is at home everywhere.
HOME = {
    "dns_not_found": CONNECT,
    "dns_temporary": CONNECT | ENVELOPE,
    "connect_refused": CONNECT | {"greeting", "dsn"},
    "port_blocked": CONNECT | {"greeting", "dsn"},
    "network_unreachable": CONNECT | {"dsn"},
    "server_timeout": AFTER_CONNECT,
    "connection_dropped": AFTER_CONNECT,
    "not_a_mail_server": GREETING | {"connect", "tls"},
    "tls_port_mismatch": TLS | GREETING | {"connect"},
    "starttls_not_offered": TLS | GREETING | {"dsn"},
    "tls_required": LOGIN | GREETING | ENVELOPE | {"select"},
    "cert_expired": TLS | {"connect", "greeting", "dsn"},
    "cert_hostname_mismatch": TLS | {"connect", "greeting", "dsn"},
    "cert_untrusted": TLS | {"connect", "greeting", "dsn"},
    "tls_incompatible": TLS | GREETING | LOGIN | ENVELOPE | {"connect"},
    "auth_wrong_password": LOGIN,
    "auth_app_password_required": LOGIN,
    "auth_web_login_required": LOGIN,
    "auth_basic_disabled": LOGIN | GREETING | {"mail_from", "data", "select"},
    "auth_policy_blocked": LOGIN | {"select", "mail_from"},
    "account_blocked": LOGIN | ENVELOPE - {"rcpt_to"} | {"greeting", "select"},
    "auth_not_offered": LOGIN | GREETING | {"mail_from"},
    "auth_required": ENVELOPE | {"ehlo", "select"},
    "protocol_disabled": LOGIN | GREETING | {"mail_from", "select"},
    "oauth_token_invalid": LOGIN | READING,
    "oauth_app_misconfigured": LOGIN,
    "permission_missing": LOGIN | READING | {"mail_from", "data"},
    "auth_rate_limited": LOGIN | GREETING,
    "relay_denied": ENVELOPE,
    "sender_not_allowed": ENVELOPE,
    "sender_address_invalid": ENVELOPE,
    "recipient_unknown": RECIPIENT,
    "recipient_rejected": RECIPIENT,
    "mailbox_full": RECIPIENT | FOLDER,
    "message_too_big": ENVELOPE | FOLDER,
    "non_ascii_unsupported": LOGIN | ENVELOPE | READING,
    "greylisted": ENVELOPE | GREETING,
    "rate_limited": LOGIN | GREETING | ENVELOPE | READING,
    "too_many_connections": LOGIN | GREETING | ENVELOPE | READING,
    "spam_rejected": ENVELOPE,
    "sender_auth_failed": ENVELOPE,
    "ip_blocked": GREETING | ENVELOPE | {"connect"},
    "reverse_dns_or_helo": GREETING | ENVELOPE,
    "content_rejected": ENVELOPE | {"append"},
    "server_temporary": AFTER_CONNECT,
    "protocol_error": AFTER_CONNECT - TLS,
    "folder_not_found": FOLDER | {"search"},
    "mailbox_locked": LOGIN | READING,
    "mailbox_changed": READING,
}
# What only those who read a mailbox, and only those who send, can be told.
READERS_ONLY = frozenset({"mailbox_locked", "mailbox_changed", "folder_not_found"})
SENDERS_ONLY = frozenset(
    {"relay_denied", "sender_not_allowed", "sender_address_invalid", "recipient_unknown", "recipient_rejected"}
    | {"greylisted", "spam_rejected", "sender_auth_failed", "reverse_dns_or_helo", "auth_required"}
)
