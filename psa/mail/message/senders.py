"""Whom a mail is from, and whose mailboxes it went through: From first, then what really stands in for it."""

from __future__ import annotations

from collections.abc import Callable

from psa.mail.message.addresses import read_addresses
from psa.mail.message.headers import Headers, Note
from psa.mail.message.model import Address

People = Callable[[str], tuple[Address, ...]]

# In this order: who wants the answer, who wrote before a list changed the mail, who handed it in.
_INSTEAD_OF_FROM = (
    "reply-to",
    "x-original-sender",
    "x-original-from",
    "sender",
    "x-sender",
    "return-path",
    "envelope-from",
)
_MAILBOX_HEADERS = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-rcpt-to",
    "x-forwarded-to",
)


def read_sender(from_: tuple[Address, ...], people: People, note: Note) -> Address | None:
    """From; failing an address there Reply-To, X-Original-Sender, Sender or Return-Path, in this order.

    `people` gives the addresses of a header by its name in lower case.
    """
    named = next((a for a in from_ if "@" in a.email), None)
    if named is not None:
        return named
    for name in _INSTEAD_OF_FROM:
        stand_in = next((a for a in people(name) if "@" in a.email), None)
        if stand_in is not None:
            note(f"From holds no address; {name.title()} was taken for the sender.")
            return stand_in
    return from_[0] if from_ else None


def read_delivered_to(headers: Headers) -> tuple[str, ...]:
    """The mailboxes it went through, as the servers on the way noted them."""
    found = (a.email for name in _MAILBOX_HEADERS for value in headers.all(name) for a in read_addresses(value))
    return tuple(dict.fromkeys(email for email in found if "@" in email))
