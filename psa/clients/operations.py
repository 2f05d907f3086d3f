"""Who is this address: contacts, clients, and the domains that tie them together."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import bindparam, func
from sqlalchemy.exc import IntegrityError

from psa.clients.models import Client, Contact, ContactAddress, Domain
from psa.extensions import change_rows, db, insert_row, rows_of, run
from psa.mail import accounts
from psa.prepared import Prepared
from psa.refusals import Refusal
from psa.registrable import is_shared
from psa.words import fold

# Providers whose addresses say nothing about the company behind them.
FREE_MAIL = frozenset(
    """
    aol.com fastmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com
    hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr icloud.com laposte.net libero.it live.com live.co.uk
    mac.com mail.com mail.ru mailbox.org me.com msn.com naver.com orange.fr outlook.com outlook.de posteo.de
    proton.me protonmail.com qq.com rocketmail.com seznam.cz t-online.de tutanota.com tuta.io wanadoo.fr web.de
    wp.pl yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru ymail.com zoho.com 126.com
    163.com
    """.split()
)

OTHERS_DOMAIN = "The domain of {email} is one of {name}, another client."
# An address, in characters: the width of its column.
LONGEST = 320
CONTACTS, ADDRESSES, CLIENTS, DOMAINS = (model.__table__ for model in (Contact, ContactAddress, Client, Domain))
CONTACT_OF = Prepared(
    db.select(CONTACTS.c.id, CONTACTS.c.client_id, CLIENTS.c.name)
    .select_from(ADDRESSES.join(CONTACTS).outerjoin(CLIENTS, CLIENTS.c.id == CONTACTS.c.client_id))
    .where(ADDRESSES.c.email == bindparam("email"))
)
CLIENT_OF = (
    db.select(CLIENTS.c.id, CLIENTS.c.name, DOMAINS.c.name.label("domain"))
    .select_from(DOMAINS.join(CLIENTS, CLIENTS.c.id == DOMAINS.c.client_id))
    .where(DOMAINS.c.name.in_(bindparam("suffixes", expanding=True)))
    .order_by(func.length(DOMAINS.c.name).desc())
    .limit(1)
)
# A contact who belonged to nobody, now that their domain tells.
PLACE = Prepared(
    CONTACTS.update()
    .where(CONTACTS.c.id == bindparam("contact_id"), CONTACTS.c.client_id.is_(None))
    .values(client_id=bindparam("to_client"))
)


# A client's id, its name, and which of its domains fitted.
ClientOfDomain = tuple[int, str, str]


class Refused(Refusal):
    """What cannot be kept; the message is a sentence, ``field`` says what it is about: name, domain or email."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence, field)


class NameTaken(Refused):
    """There is a client of that name: ``client_id``, None while it is being entered by somebody else."""

    def __init__(self, name: str, client_id: int | None = None) -> None:
        super().__init__("name", f"There is a client called {name} already.")
        self.client_id = client_id


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an address belongs to, as far as we know: ids of the contact and the client, and the client's name.

    ``domain`` is the client's domain that the address ends with, when it was the domain that told. ``is_unplaced``: the
    contact is known, but under no client yet.
    """

    contact_id: int | None
    client_id: int | None
    client_name: str = ""
    domain: str = ""

    @property
    def is_unplaced(self) -> bool:
        return self.contact_id is not None and (self.client_id is None or self.domain != "")


def find_person(email: str, client_of: Callable[[str], ClientOfDomain | None] | None = None) -> Person:
    """Who writes from ``email``: the contact who has it, else the client whose domain is the longest fitting one.

    ``client_of`` may stand for find_client where many are asked about in a row.
    """
    email = email.lower()
    contact_id = None
    for contact_id, client_id, name in rows_of(CONTACT_OF, email=as_kept(email)):
        if client_id is not None:
            return Person(contact_id, client_id, name)
    by_domain = (client_of or find_client)(email.rpartition("@")[2])
    if by_domain is None:
        return Person(contact_id, None)
    return Person(contact_id, *by_domain)


def find_client(domain: str) -> ClientOfDomain | None:
    """The client of a sender's domain: its id, its name, and the domain that fitted. The longest suffix wins."""
    labels = domain.lower().rstrip(".").split(".")
    suffixes = [".".join(labels[start:]) for start in range(min(len(labels) - 1, 10))]
    if not suffixes:
        return None
    row = run(CLIENT_OF, {"suffixes": suffixes}).one_or_none()
    return (row.id, row.name, row.domain) if row is not None else None


def make_contact(email: str, name: str, client_id: int | None) -> int:
    """A new contact with this one address; returns its id. Somebody else's address raises IntegrityError."""
    contact_id = insert_row(Contact, name=name[:200], client_id=client_id)
    insert_row(ContactAddress, contact_id=contact_id, email=as_kept(email))
    return contact_id


def as_kept(email: str) -> str:
    """An address as we keep it. A sender may write one that is longer than any can be (RFC 5321, 4.5.3.1)."""
    return email.lower()[:LONGEST]


def place_contact(contact_id: int, client_id: int) -> None:
    """Put a contact who belonged to nobody under the client that their domain now tells."""
    change_rows(PLACE, contact_id=contact_id, to_client=client_id)


def default_queue_of(client_id: int) -> int | None:
    """The id of the queue where the client's new tickets go unless a rule says otherwise."""
    queue_id: int | None = db.session.scalar(db.select(Client.default_queue_id).where(Client.id == client_id))
    return queue_id


def add_client(name: str, *domains: str) -> Client:
    """A new client with its domains. Raises Refused."""
    client = Client()
    rename_client(client, name)
    for domain in domains:
        add_domain(client, domain)
    return client


def rename_client(client: Client, name: str) -> None:
    """Give ``client`` its name, the first or a new one. Raises Refused when there is none or another has it."""
    name = " ".join(name.split())[:200]
    if not name:
        raise Refused("name", "A client needs a name.")
    folded = fold(name)
    alike = db.session.execute(db.select(Client.id, Client.name).where(Client.folded == folded, Client.id != client.id))
    for client_id, other in alike:
        if other.casefold() == name.casefold():
            raise NameTaken(name, client_id)
    client.name, client.folded = name, folded
    keep(client, NameTaken(name))


def add_domain(client: Client, name: str) -> Domain:
    """Give ``client`` a mail domain. Raises Refused with the reason: no domain, free mail, another client's."""
    name = check_domain(name)
    owner = db.session.scalar(db.select(Domain).where(Domain.name == name))
    if owner is not None:
        raise Refused("domain", f"{name} belongs to {owner.client.name} already.")
    domain = Domain(client=client, name=name)
    keep(domain, Refused("domain", f"{name} has just been given to another client."))
    return domain


def check_domain(text: str) -> str:
    """The domain in lower case when it can be a client's alone. Raises Refused."""
    name = host_of(text)
    try:
        validate_email(f"anybody@{name}", check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Refused("domain", f"{name} is not a mail domain. Write what stands behind the @.") from error
    if name in FREE_MAIL:
        raise Refused("domain", f"{name} is used by the whole world. Add the person as a contact instead.")
    if is_shared(name):
        raise Refused("domain", f"Many firms have a domain below {name}. Write the one that is theirs alone.")
    return name


def host_of(text: str) -> str:
    """The domain in what may be an address of mail or of a site."""
    host = re.sub(r"^[a-z]+://", "", text.strip().lower()).partition("/")[0].rpartition("@")[2].rstrip(".")
    return host.removeprefix("www.")


def remove_domain(domain: Domain) -> None:
    """Mail from the domain no longer tells the client; the contacts stay where they are."""
    domain.client.domains.remove(domain)
    db.session.flush()


def add_contact(client: Client, name: str, email: str) -> Contact:
    """A contact of ``client``. Whoever wrote from this address before and belonged to nobody now belongs here.

    Raises Refused when it is no address, or that of a contact who has a client.
    """
    address = check_address(email)
    known = db.select(Contact).join(ContactAddress).where(ContactAddress.email == address)
    contact: Contact | None = db.session.scalar(known)
    if contact is None:
        contact = Contact(addresses=[ContactAddress(email=address)])
    elif contact.client is not None:
        whose = "this client" if contact.client is client else contact.client.name
        raise Refused("email", f"{address} belongs to {contact.display_name} of {whose} already.")
    contact.client = client
    contact.name = name.strip()[:200] or contact.name or ""
    keep(contact, Refused("email", f"{address} has just been given to another contact."))
    return contact


def check_address(text: str, own: Collection[str] | None = None) -> str:
    """The address in lower case when mail can go to it; names that exist only inside a firm's network are fine.

    ``own`` are the addresses of our accounts, where they are known: those are nobody else's. Raises Refused.
    """
    address = text.strip()
    local, _, domain = address.rpartition("@")
    if not local or not domain or len(address) > LONGEST or any(c.isspace() or not c.isprintable() for c in address):
        raise Refused("email", f"“{address}” is not an email address. Write it like dana@client.example.")
    # A host of their own network has no dots: then only what stands before the @ can be wrong.
    checked = address if "." in domain else f"{local}@host.test"
    try:
        validate_email(checked, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Refused("email", f"“{address}” cannot be written to: {error}") from error
    address = address.lower()
    if address in (accounts.own_addresses() if own is None else own):
        raise Refused("email", f"{address} is an account of our own. Write the address of a person.")
    return address


def elsewhere(client_id: int | None, email: str) -> str:
    """What is odd about an address of a client's contact, in a sentence: its domain is another client's. Else ""."""
    owner = find_client(email.rpartition("@")[2])
    return "" if owner is None or owner[0] == client_id else OTHERS_DOMAIN.format(email=email, name=owner[1])


def without_client(domain: str) -> list[Contact]:
    """The contacts who belong to nobody and write from ``domain`` or from below it."""
    in_domain = ContactAddress.email.endswith("@" + domain, autoescape=True)
    below_it = ContactAddress.email.endswith("." + domain, autoescape=True)
    wanted = db.select(ContactAddress.contact_id).where(in_domain | below_it)
    return list(db.session.scalars(db.select(Contact).where(Contact.client_id.is_(None), Contact.id.in_(wanted))))


def keep(row: Client | Domain | Contact | ContactAddress, otherwise: Refused) -> None:
    """Flush ``row``; raises ``otherwise`` when somebody else was faster. The session then wants a rollback."""
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise otherwise from error
