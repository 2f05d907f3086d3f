"""Senders who look like somebody else: an address in the place of the name, the name of one of us, a domain with other
letters of the same shape.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice

from sqlalchemy import bindparam

from psa.clients.models import Client, Domain
from psa.extensions import db, run
from psa.mail.inbound.signatures import is_aligned
from psa.mail.inbound.trust_policy import TrustPolicy
from psa.mail.message import Address

ADDRESS_IN_NAME = re.compile(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")
# Marks that turn the direction of writing (Unicode 9.0, 23.2), so that what is read is not what stands there.
TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Letters of other scripts, and signs, that are read as Latin ones (after Unicode's confusables).
SHAPES = str.maketrans(
    "аеіјорсухѕһԁԛԝвкмнтгпьαβγεικνορτυχωηı0|$ⅼⅰ",
    "aeijopcyxshdqwbkmhtrnbabyeiknoptuxwni" + "ols" + "li",
)
# Pairs that one takes for each other in a line of small print.
PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("1", "i"), ("5", "s"), ("i", "l"), ("l", "i"))
SHORTEST_NAME = 5
MOST_CANDIDATES, MOST_WITHIN = 60, 20
# Names are kept for comparing, and what is longer is none.
LONGEST_NAME = 500
# RFC 1035, 2.3.4: no longer one exists, and the ways to read one grow with its square.
LONGEST_DOMAIN = 253

LIKE = (
    db.select(Domain.__table__.c.name, Client.__table__.c.name.label("client"))
    .join(Client.__table__, Client.__table__.c.id == Domain.__table__.c.client_id)
    .where(Domain.__table__.c.name.in_(bindparam("names", expanding=True)))
    .limit(1)
)


def false_name(sender: Address, policy: TrustPolicy) -> str:
    """What the sender's name pretends, in a sentence; "" when it pretends nothing."""
    if TURNING.search(sender.name):
        return "Its name holds signs that turn the direction of writing."
    for match in ADDRESS_IN_NAME.finditer(sender.name[:LONGEST_NAME]):
        if not is_aligned(match[1].lower(), sender.domain):
            return f"Its name shows {match[0]}, but it is from {sender.email}."
    if policy.user_at(sender.email) is not None or sender.domain in policy.own_domains:
        return ""
    name = bare(sender.name[:LONGEST_NAME])
    for user in policy.users.values():
        if " " in user.name.strip() and bare(user.name) in name:
            return f"It bears the name of {user.name}, but {sender.email} is not their address."
    if len(policy.firm_name) >= SHORTEST_NAME and bare(policy.firm_name) in name:
        return f"It bears the name of {policy.firm_name}, but {sender.email} is none of our addresses."
    return ""


def false_domain(sender: Address, policy: TrustPolicy) -> str:
    """Whose domain the sender's looks like, in a sentence; "" for nobody's. Asked only of those who have no client."""
    if len(sender.domain) > LONGEST_DOMAIN:
        return ""
    others = chain(islice(within(sender.domain), MOST_WITHIN), islice(readings(sender.domain), MOST_CANDIDATES))
    candidates = list(dict.fromkeys(others))
    if not candidates:
        return ""
    ours = next((one for one in candidates if one in policy.own_domains), None)
    if ours is not None:
        return f"{sender.domain} looks like {ours}, which is our own domain."
    row = run(LIKE, {"names": candidates}).first()
    return f"{sender.domain} looks like {row.name}, a domain of {row.client}." if row is not None else ""


def within(domain: str) -> Iterator[str]:
    """The domains that stand before its end, where a narrow window shows only the beginning: each with those above."""
    labels = shaped(decoded(domain)).split(".")
    for end in range(2, len(labels)):
        yield from (".".join(labels[start:end]) for start in range(end - 1))


def readings(domain: str) -> Iterator[str]:
    """The other domains that one may read it as, each with those above it."""
    plain = shaped(decoded(domain))
    whole = plain
    for one, other in PAIRS[:-2]:
        whole = whole.replace(one, other)
    for reading in (plain, whole, *singly_replaced(plain)):
        labels = reading.split(".")
        for start in range(min(len(labels) - 1, 3)):
            above = ".".join(labels[start:])
            if above != domain and not domain.endswith(f".{above}"):
                yield above


def singly_replaced(domain: str) -> Iterator[str]:
    for one, other in PAIRS:
        for match in re.finditer(one, domain):
            yield domain[: match.start()] + other + domain[match.end() :]


def decoded(domain: str) -> str:
    """With the letters that xn-- stands for (RFC 5891)."""
    if "xn--" not in domain:
        return domain
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


def shaped(text: str) -> str:
    """As it is read by somebody who does not look twice: Latin letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(SHAPES)
    return "".join(letter for letter in plain if not unicodedata.combining(letter) and letter.isprintable())


@lru_cache(maxsize=2048)
def bare(name: str) -> str:
    """A name for comparing: its shapes, with single blanks."""
    return " ".join(shaped("".join(c for c in name if unicodedata.category(c) != "Cf")).split())
