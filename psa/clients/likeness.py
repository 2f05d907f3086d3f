"""Whom a client or a contact may really be: those who are like it, the most likely first, each with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import joinedload, selectinload

from psa.clients.listing import begins, holds
from psa.clients.models import Client, Contact, ContactAddress, Domain
from psa.clients.operations import FREE_MAIL
from psa.clients.queries import clients_like, contacts_like
from psa.extensions import db
from psa.registrable import registrable
from psa.words import fold

# So many are shown, and so many of each kind of likeness are looked at.
MOST, LOOKED_AT = 20, 100
MOST_WORDS = MOST_ADDRESSES = 5
# What of a name is compared letter by letter.
COMPARED = 80
# From here on two names are one that is spelled in two ways.
ALMOST = 0.85
# What many firms have in their names, and many people before the @.
LEGAL = frozenset("ltd limited llc llp plc inc corp company gmbh ohg sarl sas srl spa".split())
SHARED = frozenset("info office mail contact support hello admin service sales accounts billing invoices".split())
WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Likely:
    """One to merge with. ``score`` grows with the likeness, 0 for none; ``why`` is in words, "" for none."""

    one: Client | Contact
    score: float = 0
    why: str = ""


def likely_clients(client: Client, typed: str) -> list[Likely]:
    """Clients that ``client`` may be; with ``typed`` of those that are called so."""
    found = clients_like(typed, but=client.id, limit=LOOKED_AT if typed else MOST)
    if not typed:
        found = list(dict.fromkeys([*alike_clients(client), *found]))
    return the_most_likely(likeness_of_clients(client, one) for one in found)


def likely_contacts(contact: Contact, typed: str) -> list[Likely]:
    """Contacts that ``contact`` may be; with ``typed`` of those that are called so."""
    found = contacts_like(typed, but=contact.id, limit=LOOKED_AT if typed else MOST)
    if not typed:
        found = list(dict.fromkeys([*alike_contacts(contact), *found]))
    return the_most_likely(likeness_of_contacts(contact, one) for one in found)


def the_most_likely(found: Iterable[Likely]) -> list[Likely]:
    return sorted(found, key=lambda likely: -likely.score)[:MOST]


def alike_clients(client: Client) -> list[Client]:
    """Those with a domain that begins alike, a name that does, or a word of the name; so many of each."""
    words = [word for word in own_words(client) if not word.isdigit()]
    ways: list[ColumnElement[bool]] = [
        Client.id.in_(select(Domain.client_id).where(begins(Domain.name, label)).limit(LOOKED_AT))
        for label in labels_of(client)[:MOST_ADDRESSES]
    ]
    ways += [begins(Client.folded, word[:4]) for word in words[:1]]
    ways += all_or_one([Client.folded.contains(word, autoescape=True) for word in words[:MOST_WORDS]])
    found: list[Client] = []
    for way in ways:
        others = select(Client).where(Client.merged_into_id.is_(None), Client.id != client.id, way)
        some = others.order_by(Client.folded, Client.id).limit(LOOKED_AT).options(selectinload(Client.domains))
        found += db.session.scalars(some).all()
    return found


def likeness_of_clients(client: Client, other: Client) -> Likely:
    score, why = 0.0, list[str]()
    theirs = {label_of(domain.name): domain.name for domain in other.domains}
    label = next((label for label in labels_of(client) if label in theirs), None)
    if label is not None:
        score, why = score + 5, [*why, f"its domain is {theirs[label]}"]
    ours, others = own_words(client), own_words(other)
    alike = SequenceMatcher(None, " ".join(ours)[:COMPARED], " ".join(others)[:COMPARED]).ratio()
    common = [word for word in ours if word in others]
    if ours and ours == others:
        score, why = score + 6, [*why, "the same name"]
    elif alike >= ALMOST:
        score, why = score + 5, [*why, "almost the same name"]
    elif common:
        score, why = score + len(common), [*why, f"“{' '.join(common)}” in both names"]
    return Likely(other, score + alike if score else 0, ", ".join(why))


def own_words(client: Client) -> list[str]:
    """The folded words of the name that are the client's own; of the short ones only numbers tell anything."""
    return [word for word in fold(client.name).split() if (len(word) > 2 or word.isdigit()) and word not in LEGAL]


def labels_of(client: Client) -> list[str]:
    """What tells the domains apart, whatever their ending: harbor-dental of mail.harbor-dental.example."""
    return [label_of(domain.name) for domain in client.domains]


def label_of(domain: str) -> str:
    return (registrable(domain) or domain).split(".")[0]


def alike_contacts(contact: Contact) -> list[Contact]:
    """Those with the same in front of the @ or behind it, or with a word of the name; so many of each."""
    of_address = [begins(ContactAddress.email, f"{local}@") for local in locals_of(contact)]
    of_address += [ContactAddress.email.endswith(f"@{domain}", autoescape=True) for domain in domains_of(contact)]
    ways: list[ColumnElement[bool]] = [
        Contact.id.in_(select(ContactAddress.contact_id).where(one).limit(LOOKED_AT)) for one in of_address
    ]
    ways += all_or_one([holds(Contact.name, word) for word in names_of(contact)[:MOST_WORDS]])
    found: list[Contact] = []
    for way in ways:
        others = select(Contact).where(Contact.merged_into_id.is_(None), Contact.id != contact.id, way)
        with_all = others.options(selectinload(Contact.addresses), joinedload(Contact.client))
        found += db.session.scalars(with_all.order_by(Contact.id).limit(LOOKED_AT)).all()
    return found


def all_or_one(words: Sequence[ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    """Whether there are all of the words, or one of them: of a common one only so many are looked at."""
    return [and_(*words), *words] if len(words) > 1 else list(words)


def likeness_of_contacts(contact: Contact, other: Contact) -> Likely:
    score, why = 0.0, list[str]()
    ours, theirs = names_of(contact), names_of(other)
    common = [word for word in ours if word in theirs]
    if contact.name and fold(contact.name) == fold(other.name):
        score, why = score + 6, [*why, "the same name"]
    elif common:
        score, why = score + 2 * len(common), [*why, f"“{' '.join(common).title()}” in both"]
    local = next((one for one in locals_of(contact) if one in locals_of(other)), "")
    if local:
        score, why = score + 4, [*why, f"{local}@ in both addresses"]
    domain = next((one for one in domains_of(contact) if one in domains_of(other)), "")
    if domain:
        score, why = score + 1, [*why, f"writes from {domain} too"]
    elif contact.client_id is not None and contact.client_id == other.client_id:
        score, why = score + 1, [*why, "at the same client"]
    return Likely(other, score, ", ".join(why))


def names_of(contact: Contact) -> list[str]:
    """The words that name the person, folded: of the name, and of what stands before the @."""
    words = WORD.findall(fold(f"{contact.name} {' '.join(locals_of(contact))}"))
    return list(dict.fromkeys(word for word in words if word not in SHARED))


def locals_of(contact: Contact) -> list[str]:
    """What stands before the @, where it is a person's."""
    found = (one.email.rpartition("@")[0].partition("+")[0] for one in contact.addresses[:MOST_ADDRESSES])
    return [local for local in found if local and local not in SHARED]


def domains_of(contact: Contact) -> list[str]:
    """The domains that say something about where the person belongs."""
    found = (one.email.rpartition("@")[2] for one in contact.addresses[:MOST_ADDRESSES])
    return [domain for domain in found if domain and domain not in FREE_MAIL]
