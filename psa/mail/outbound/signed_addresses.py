"""Addresses of ours that say what they are for, and that only we can make: plus-addressing (RFC 5233) with a signature.

``support+b12.SIGNATURE@…`` is where mail 12 comes back to (VERP), whatever a server leaves of
it. ``support+t7.SIGNATURE@…`` is where answers about ticket 7 go, also from programs that drop References;
``support+i5.SIGNATURE@…`` is for those about invoice 5, ``support+u3.SIGNATURE@…`` about project update 3, and
``support+s8.SIGNATURE@…`` about the statements of client 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from psa import signing

KINDS = BOUNCE, TICKET, INVOICE, UPDATE, STATEMENT = "b", "t", "i", "u", "s"
# At the end of the local part only: a server on the way may have written something before it (BATV, SRS).
SIGNED = re.compile(rf"\+([{''.join(KINDS)}])(\d{{1,18}})\.([0-9a-z]{{16}})@[^@\s]+", re.ASCII | re.IGNORECASE)
# RFC 5321, 4.5.3.1.1, in octets
LONGEST_LOCAL_PART = 64


def return_address(address: str, outbound_id: int) -> str:
    """Where the mail ``outbound_id``, sent from ``address``, comes back to."""
    return signed(address, BOUNCE, outbound_id)


def reply_address(address: str, number: int, kind: str = TICKET) -> str:
    """Where answers about the ticket go instead of to ``address``; or about what ``kind`` and number name."""
    return signed(address, kind, number)


def mail_of_address(address: str) -> int | None:
    """The id of the OutboundEmail that comes back to ``address``; None when it is none of ours, or forged."""
    return number_in(address, BOUNCE)


def ticket_of_address(address: str) -> int | None:
    """The id of the ticket that answers to ``address`` belong to; None when it is none of ours, or forged."""
    return number_in(address, TICKET)


def matter_of_address(address: str) -> tuple[str, int] | None:
    """What answers to ``address`` are about; None when it is none of ours, or forged.

    INVOICE or UPDATE and its id, or STATEMENT and the id of its client.
    """
    for kind in (INVOICE, UPDATE, STATEMENT):
        number = number_in(address, kind)
        if number is not None:
            return kind, number
    return None


def first_mail_of(addresses: Iterable[str]) -> int | None:
    """The mail that comes back to one of ``addresses``, to which a message was delivered."""
    return next((found for address in addresses if (found := mail_of_address(address)) is not None), None)


def signed(address: str, kind: str, number: int) -> str:
    """The address with number and signature behind a plus; as it is, when there is no room for them."""
    local, _, domain = address.rpartition("@")
    longer = f"{local}+{kind}{number}.{signature_of(kind, str(number))}"
    return f"{longer}@{domain}" if local and '"' not in local and len(longer) <= LONGEST_LOCAL_PART else address


def number_in(address: str, kind: str) -> int | None:
    # From its last plus on: what stands before it may be of any length.
    match = SIGNED.fullmatch(address[address.rfind("+") :]) if "+" in address else None
    if match is None or match[1].lower() != kind:
        return None
    return int(match[2]) if signing.is_signed(purpose_of(kind), match[2], match[3]) else None


def signature_of(kind: str, number: str) -> str:
    return signing.sign(purpose_of(kind), number)


def purpose_of(kind: str) -> str:
    """A signature for one purpose is none for another."""
    return f"address-{kind}"
