"""Who is speaking: what a server says first tells its protocol, and so whether it is the one we asked for."""

from __future__ import annotations

import re

# A TLS record (RFC 8446, 5.1): alert or handshake, version 3.x, as bytes or as Python writes them.
TLS_RECORD = re.compile(r"[\x15\x16]\x03|\\x1[56]\\x03|^\(?-1, b['\"]\\x0\d|\(-1, b['\"]?[\x00-\x08]")
# smtplib has eaten the first four signs of what did not begin with a number, and calls the rest code -1.
NO_SMTP = re.compile(r"^\(?-1[, ]")
# poplib's error_proto text is the line; imaplib meeting +OK or a bare line raises an error whose text is None.
NO_IMAP = re.compile(r"^none$|unexpected response")
SPEAKERS = (
    ("imap", re.compile(r"\* (ok|preauth|bye)\b|imap4rev1|imap4? (server|service)")),
    ("pop3", re.compile(r"\+ok\b|^\(?-1, b?.k .*ready|pop3? server")),
    ("smtp", re.compile(r"\b220[ -].*\be?smtp\b|\b220 [\w.-]+\s*$")),
    (
        "something else",
        re.compile(
            r"\bhttp/\d|<!?(doctype|html|head)|\bssh-\d|openssh|dropbear|ftpd?\b|mysql|mariadb|\bsieve\b|\brfb 00"
            r"|telnet|http requests? not|proxy authentication|captive portal|\bnginx\b"
        ),
    ),
)


def mismatch(protocol: str, said: str) -> str | None:
    """What is wrong when ``said`` (lower case) greets who speaks ``protocol``; None when it may be the right server."""
    if TLS_RECORD.search(said):
        return "tls_port_mismatch"
    if (protocol == "smtp" and NO_SMTP.search(said)) or (protocol == "imap" and NO_IMAP.search(said)):
        return "not_a_mail_server"
    speaker = next((name for name, pattern in SPEAKERS if name != protocol and pattern.search(said)), None)
    return "not_a_mail_server" if speaker else None
