"""Whether a domain takes mail, in a sentence for the person who has typed it. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from psa.mail import dns
from psa.mail.dns import DnsAway


@dataclass(frozen=True, slots=True)
class Hint:
    """``state`` is ok, warn, or "" where nothing is known."""

    state: str
    words: str


def hint_of(domain: str) -> Hint:
    """Asks the DNS, for some seconds at most. Never raises."""
    asked = dns.ours()
    try:
        exchangers = [host for _, host in asked.mx(domain)]
        if exchangers and not any(exchangers):
            return Hint("warn", "It says of itself that it takes no mail.")
        if exchangers:
            return Hint("ok", f"Its mail goes to {exchangers[0]}.")
        if asked.addresses(domain):
            return Hint("warn", "It names no mail server. Is it spelled as in their addresses?")
    except DnsAway:
        return Hint("", "Whether it takes mail could not be asked: no name server answers.")
    return Hint("warn", "No such domain is known. Is it spelled as in their addresses?")
