"""DMARC (RFC 7489, and its successor RFC 9989): what a domain asks receivers to do with mail that is not its own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psa.mail.dns import Dns

DEEDS = {"quarantine": "put aside", "reject": "refuse"}
# RFC 9989, 4.10: how far up the tree is looked.
MOST_STEPS = 8


class Unusable(ValueError):
    """A record that nobody heeds; ``found`` is what there is."""

    def __init__(self, words: str, found: tuple[str, ...]) -> None:
        super().__init__(words)
        self.found = found


@dataclass(frozen=True, slots=True)
class Policy:
    """What is asked for a domain: none, quarantine or reject; ``domain`` is whose record says so."""

    domain: str
    text: str
    asks: str
    reports_to: str
    strict_spf: bool
    strict_dkim: bool


def policy_of(domain: str, dns: Dns) -> Policy | None:
    """The policy that holds for a domain: its own, else that of the next one above. Raises Unusable and DnsAway."""
    labels = domain.split(".")
    above = [".".join(labels[step:]) for step in range(len(labels) - 1)]
    for candidate in [above[0], *above[1:][-(MOST_STEPS - 1) :]] if above else []:
        found = tuple(text for text in dns.txt(f"_dmarc.{candidate}") if re.match(r"v\s*=\s*DMARC1\b", text))
        if len(found) > 1:
            raise Unusable(f"{candidate} has {len(found)} DMARC records, so nobody heeds any of them.", found)
        if found:
            return parsed(candidate, found[0], is_own=candidate == domain)
    return None


def parsed(domain: str, text: str, *, is_own: bool) -> Policy:
    tags = tags_of(text)
    policy = tags.get("p", "").lower()
    asks = policy if is_own else tags.get("sp", policy).lower()
    if policy not in ("none", *DEEDS) or asks not in ("none", *DEEDS):
        raise Unusable("It has no policy (p=none, p=quarantine or p=reject), so it asks for nothing.", (text,))
    strict_spf, strict_dkim = (tags.get(name, "r").lower() == "s" for name in ("aspf", "adkim"))
    return Policy(domain, text, asks, tags.get("rua", ""), strict_spf, strict_dkim)


def tags_of(text: str) -> dict[str, str]:
    """``name=value; …`` as DMARC and DKIM write it (RFC 6376, 3.2); of a name that comes twice the first."""
    tags: dict[str, str] = {}
    for piece in text.split(";"):
        name, mark, value = piece.partition("=")
        if mark:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags


def firmer(text: str) -> str:
    """The same record, asking receivers to put forgeries aside."""
    return re.sub(r"(?<![a-z])p\s*=\s*none", "p=quarantine", text, count=1, flags=re.IGNORECASE)
