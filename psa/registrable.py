"""Which part of a domain somebody can have for himself, by the Public Suffix List (publicsuffix.org).

Below co.uk or github.io everybody can have a domain: two of them have nothing in common. Below harbor-dental.co.uk all
are one owner's.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Where many firms have a domain all the same, as the list does not know.
NOT_LISTED = ("onmicrosoft.com", "mail.onmicrosoft.com", "privaterelay.appleid.com", "wordpress.com")


def has_one_owner(one: str, other: str) -> bool:
    """Whether two domains in lower case belong together: the same, or below one that somebody has for himself.

    That is DMARC's relaxed alignment (RFC 7489, 3.1.1 and 3.2). The tree walk of RFC 9989, 4.10, would ask the DNS for
    each of them; the list is at hand, and its answer differs only where a domain has published that it should.
    """
    if one == other:
        return one != ""
    if one.split(".")[-2:] != other.split(".")[-2:]:
        # What somebody can have has two labels at least. Most pairs end here, and the list is never loaded.
        return False
    owned = registrable(one)
    return owned != "" and owned == registrable(other)


@lru_cache(maxsize=4096)
def registrable(domain: str) -> str:
    """The part of ``domain`` that somebody can have: one label more than its public suffix; "" when it has no more."""
    return listed().privatesuffix(domain) or ""


def is_shared(domain: str) -> bool:
    """Whether everybody can have a domain below this one, so that it tells nothing about a firm.

    A name without a dot is one of a firm's own network.
    """
    return "." in domain and registrable(domain) == ""


@cache
def listed() -> PublicSuffixList:
    """The list, read at the first question: most processes never ask one."""
    from publicsuffixlist import PSLFILE, PublicSuffixList

    with open(PSLFILE, encoding="utf-8") as lines:
        return PublicSuffixList([*lines, *NOT_LISTED])
