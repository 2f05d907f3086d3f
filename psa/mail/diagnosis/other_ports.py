"""Which other usual ports of a protocol answer at a host, when the one that was asked does not, or not as expected."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from psa.mail.connect import open_socket
from psa.mail.journal import Journal
from psa.mail.settings import PORTS, ServerSettings

# Of these another port may be the way out.
WORTH_ASKING = frozenset(
    {"connect_refused", "port_blocked", "server_timeout", "not_a_mail_server", "tls_port_mismatch"}
    | {"starttls_not_offered"}
)
# In seconds: whoever answers at all does so at once, and a person waits.
PATIENCE = 4.0
GREETINGS = {"smtp": b"220", "imap": b"* ", "pop3": b"+OK"}

# (port, security) as in ServerSettings
Way = tuple[int, str]


def that_answer(settings: ServerSettings) -> list[Way]:
    """The usual ways of the protocol, encrypted ones only and not the one that was tried, at which a mail server greets
    us; SSL first.
    """
    own = (settings.port, settings.security)
    others = [
        (port, security)
        for (protocol, security), port in PORTS.items()
        if protocol == settings.protocol and security != "none" and (port, security) != own
    ]
    others.sort(key=lambda way: way[1] != "ssl")
    with ThreadPoolExecutor(max(1, len(others))) as at_once:
        answers = at_once.map(lambda way: greets(replace(settings, port=way[0], security=way[1])), others)
        return [way for way, greeted in zip(others, answers, strict=True) if greeted]


def greets(settings: ServerSettings) -> bool:
    """Whether a server of the protocol is there. Nothing is said to it, and no password."""
    try:
        with open_socket(replace(settings, timeout=PATIENCE), Journal()) as connection:
            return connection.recv(512).startswith(GREETINGS[settings.protocol])
    except (OSError, ssl.SSLError, UnicodeError):
        return False
