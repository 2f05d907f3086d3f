"""Whose mailboxes a mail went to, as the servers on the way noted it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psa.mail.message.head.addresses import read_addresses
from psa.mail.message.structure.headers import Headers

_MAILBOX_HEADERS = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-rcpt-to",
    "x-real-to",
    "x-apparently-to",
    "apparently-to",
    "x-mdrcpt-to",
    "x-mdaemon-deliver-to",
    "x-original-recipient",
    "original-recipient",
    "x-gm-original-to",
    "x-forwarded-to",
    "x-forwarded-for",
    "resent-to",
)
# Received: from … by … for <support@northwind.example>; …
_FOR = re.compile(rb"\sfor\s+<?([^\s<>;,()\"]{1,300}@[^\s<>;,()\"]{1,300})")


def read_delivered_to(headers: Headers) -> tuple[str, ...]:
    """The addresses it was delivered to, those that servers put into headers of their own before those in Received."""
    return tuple(dict.fromkeys(email for email in _noted(headers) if "@" in email))


def _noted(headers: Headers) -> Iterator[str]:
    for name in _MAILBOX_HEADERS:
        for value in headers.all(name):
            yield from (a.email for a in read_addresses(value.removeprefix(b"rfc822;")))
    for value in headers.all("received"):
        for found in _FOR.findall(value[:4_000]):
            yield from (a.email for a in read_addresses(found))
