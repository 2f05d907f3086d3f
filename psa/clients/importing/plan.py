"""What would become of each row: pure of writing, so the preview and the import say the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from psa.billing.currencies import CODES
from psa.clients.importing.planned import Plan, PlannedClient, PlannedContact, PlannedRow
from psa.clients.importing.reading import Sheet
from psa.clients.importing.told import told_now, topics_in
from psa.clients.models import Client, Contact, ContactAddress, Domain
from psa.clients.operations import LONGEST, OTHERS_DOMAIN, Refused, check_address, check_domain, host_of
from psa.extensions import db
from psa.mail import accounts
from psa.words import fold

AT_ONCE = 500
# How long a value can be: the widths of the columns. Longer text of people is cut, as it is in the forms.
WIDTHS = {"notes": 20_000, "billing_address": 2000, "tax_id": 60}
PERSONAL = {"contact": ("name", 200), "role": ("role", 120), "phone": ("phone", 60)}


def plan(sheet: Sheet, columns: Sequence[str]) -> Plan:
    """What would become of each row, by what there is now and what stands above it in the file."""
    records = [(line, cells, record_of(cells, columns)) for line, cells in sheet.rows]
    known = Known.of([record for _, _, record in records])
    found = Plan()
    for line, cells, record in records:
        row = PlannedRow(line, cells)
        beyond = [cell for cell in cells[len(sheet.headers) :] if cell]
        if beyond:
            # A separator in a text without quotes has moved the cells: none of them is sure to be in its column.
            row.reasons.append(f"It has more cells than there are columns; “{beyond[0][:60]}” belongs to none.")
        else:
            place(row, record, known)
        found.rows.append(row)
    found.clients, found.contacts = list(known.planned.values()), known.people
    return found


def record_of(cells: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """The cells by field; a name in two parts is put together."""
    record = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    parts = [record.pop(name, "") for name in ("first_name", "last_name")]
    if any(parts) and not record.get("contact"):
        record["contact"] = " ".join(part for part in parts if part)
    return record


@dataclass(slots=True)
class Known:
    """What there is: clients by name, domains and addresses with their owners; and what rows above have planned."""

    clients: dict[str, Client]
    domains: dict[str, Client]
    addresses: dict[str, Contact]
    own: frozenset[str]
    told: dict[int, frozenset[str]]
    planned: dict[str, PlannedClient] = field(default_factory=dict)
    new_domains: dict[str, PlannedClient] = field(default_factory=dict)
    people: list[PlannedContact] = field(default_factory=list)
    by_address: dict[str, PlannedContact] = field(default_factory=dict)
    by_contact: dict[int, PlannedContact] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Mapping[str, str]]) -> Known:
        """Everything that the file names, in a few statements however long it is."""
        records = list(records)
        names = {fold(tidy(record.get("client", ""))) for record in records} - {""}
        emails = {email.lower() for record in records for email in addresses_in(record.get("email", ""))}
        domains = {host for record in records for host in map(host_of, several(record.get("domains", "")))}
        domains |= {suffix for email in emails for suffix in suffixes(email.rpartition("@")[2])}
        there = select(Client).where(Client.merged_into_id.is_(None))
        clients = in_chunks(names, lambda some: db.session.scalars(there.where(Client.folded.in_(some))))
        owners = list(
            in_chunks(
                domains,
                lambda some: db.session.scalars(
                    select(Domain).where(Domain.name.in_(some)).options(joinedload(Domain.client))
                ),
            )
        )
        people = in_chunks(
            emails,
            lambda some: db.session.scalars(
                select(ContactAddress)
                .where(ContactAddress.email.in_(some))
                .options(joinedload(ContactAddress.contact).joinedload(Contact.client))
            ),
        )
        by_address = {address.email: address.contact for address in people}
        return cls(
            # Also who is not named in the file but has a domain that is: they are no new client.
            {client.name.casefold(): client for client in (*(one.client for one in owners), *clients)},
            {domain.name: domain.client for domain in owners},
            by_address,
            accounts.own_addresses(),
            told_now({one.id for one in by_address.values()}) if any(one.get("told") for one in records) else {},
        )

    def client(self, name: str) -> PlannedClient:
        key = name.casefold()
        if key not in self.planned:
            self.planned[key] = PlannedClient(name[:200], self.clients.get(key))
        return self.planned[key]

    def by_domain(self, host: str) -> PlannedClient | None:
        for suffix in suffixes(host):
            if suffix in self.new_domains:
                return self.new_domains[suffix]
            if suffix in self.domains:
                return self.client(self.domains[suffix].name)
        return None


def in_chunks(keys: Iterable[str], ask: Any) -> Iterator[Any]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), AT_ONCE):
        yield from ask(ordered[start : start + AT_ONCE])


def place(row: PlannedRow, record: Mapping[str, str], known: Known) -> None:
    """Say what one row does, and remember it for those below."""
    name = tidy(record.get("client", ""))
    emails = readable(addresses_in(record.get("email", "")), row, known.own)
    client = None
    if name:
        client = place_client(row, name, record, known)
    elif not emails:
        if not row.reasons:
            row.reasons.append("It names no client and no address.")
        return
    if emails:
        place_contact(row, client, emails, record, known)
    elif record.get("contact") and not row.reasons:
        row.reasons.append(f"{record['contact']} has no address, by which a contact is known.")


def place_client(row: PlannedRow, name: str, record: Mapping[str, str], known: Known) -> PlannedClient:
    is_first = name.casefold() not in known.planned
    client = known.client(name)
    row.taken = True
    if client.row is None and is_first:
        row.does.append("new client")
    for key, width in WIDTHS.items():
        write(row, client, key, record.get(key, "")[:width].strip())
    currency = record.get("currency", "").upper()
    if currency and currency not in CODES:
        row.reasons.append(f"“{currency}” is not the three letters of a currency.")
    else:
        write(row, client, "currency", currency)
    days = record.get("payment_days", "")
    if days and not (re.fullmatch(r"[0-9]{1,3}", days) and int(days) <= 365):
        row.reasons.append(f"“{days}” is not a number of days to pay.")
    elif days:
        write(row, client, "payment_days", int(days))
    for typed in several(record.get("domains", "")):
        place_domain(row, client, host_of(typed), known)
    return client


def write(row: PlannedRow, client: PlannedClient, key: str, value: Any) -> None:
    """A value of the file takes the place of ours; an empty one changes nothing."""
    if value == "":
        return
    was = client.values.get(key, getattr(client.row, key) if client.row is not None else "")
    if value != was:
        client.values[key] = value
        row.changes.append(key.replace("_", " "))


def place_domain(row: PlannedRow, client: PlannedClient, name: str, known: Known) -> None:
    owner = known.new_domains.get(name)
    if owner is None and name in known.domains:
        owner = known.client(known.domains[name].name)
    if owner is client:
        return
    if owner is not None:
        row.reasons.append(f"{name} belongs to {owner.name} already.")
        return
    try:
        check_domain(name)
    except Refused as reason:
        row.reasons.append(str(reason))
        return
    known.new_domains[name] = client
    client.domains.append(name)
    row.changes.append(f"domain {name}")


def place_contact(
    row: PlannedRow, client: PlannedClient | None, emails: list[str], record: Mapping[str, str], known: Known
) -> None:
    owners = {id(owner): owner for email in emails if (owner := owner_of(email, known)) is not None}
    if len(owners) > 1:
        row.reasons.append(f"{' and '.join(emails)} belong to two different contacts.")
        return
    person = next(iter(owners.values()), None)
    by_domain = known.by_domain(emails[0].rpartition("@")[2])
    where = client or by_domain
    if client is not None and by_domain is not None and by_domain is not client:
        row.oddities.append(OTHERS_DOMAIN.format(email=emails[0], name=by_domain.name))
    if person is None:
        if where is None:
            row.reasons.append(f"No client is named for {emails[0]}, and its domain tells none.")
            return
        person = PlannedContact([], row.line, client=where)
        row.does.append("new contact")
    elif not fits(row, person, client, emails[0], record):
        return
    row.taken = True
    row.same_as = person.line if person.is_planned else None
    take_up(row, person, emails, record, known)
    if person.row is not None and person.row.client_id is None and person.client is None and where is not None:
        person.client = where
        row.changes.append("client")


def owner_of(email: str, known: Known) -> PlannedContact | None:
    if email in known.by_address:
        return known.by_address[email]
    there = known.addresses.get(email)
    if there is None:
        return None
    return known.by_contact.get(there.id) or PlannedContact([], 0, row=there)


def fits(
    row: PlannedRow, person: PlannedContact, client: PlannedClient | None, email: str, record: Mapping[str, str]
) -> bool:
    """Whether the contact who has the address can be the one of this row."""
    if person.is_planned:
        said = tidy(record.get("contact", ""))
        if client is not None and person.client is not None and person.client is not client:
            row.reasons.append(f"{email} is on line {person.line} already, at {person.client.name}.")
            return False
        if said and person.values.get("name", said) != said:
            row.reasons.append(f"{email} is on line {person.line} already, as {person.values['name']}.")
            return False
    if person.row is not None and client is not None and person.row.client_id is not None:
        there = person.row.client
        if client.row is None or there is None or there.id != client.row.id:
            whose = there.name if there is not None else "another client"
            row.reasons.append(f"{email} belongs to {person.row.display_name} of {whose} already.")
            return False
    return True


def take_up(
    row: PlannedRow, person: PlannedContact, emails: list[str], record: Mapping[str, str], known: Known
) -> None:
    for key, (column, width) in PERSONAL.items():
        value = tidy(record.get(key, ""))[:width]
        was = person.values.get(column, getattr(person.row, column) if person.row is not None else "")
        if value and value != was:
            person.values[column] = value
            row.changes.append(key if key != "contact" else "name")
    take_up_topics(row, person, record.get("told", ""), known)
    for email in emails:
        if email not in known.addresses and email not in known.by_address:
            person.emails.append(email)
            row.changes.append(f"address {email}")
        known.by_address[email] = person
    if not person.is_planned:
        known.people.append(person)
        person.is_planned, person.line = True, row.line
        if person.row is not None:
            known.by_contact[person.row.id] = person


def take_up_topics(row: PlannedRow, person: PlannedContact, said: str, known: Known) -> None:
    if not said:
        return
    try:
        topics = topics_in(said)
    except Refused as reason:
        row.reasons.append(str(reason))
        return
    was = person.told if person.told is not None or person.row is None else known.told[person.row.id]
    if topics != was:
        person.told = topics
        row.changes.append("what they are told of")


def readable(typed: Iterable[str], row: PlannedRow, own: frozenset[str]) -> list[str]:
    """The addresses that are some, in lower case; the others are named in the row's reasons."""
    found: list[str] = []
    for one in typed:
        try:
            address = check_address(one, own)
        except Refused as reason:
            row.reasons.append(str(reason))
        else:
            found += [address] if address not in found else []
    return found


def tidy(text: str) -> str:
    return " ".join(text.split())


def several(text: str) -> list[str]:
    """The parts of a cell that holds several things."""
    return [part for part in re.split(r"[\s,;|]+", text[: 20 * LONGEST]) if part]


def addresses_in(text: str) -> list[str]:
    """The addresses in a cell; ``Dana <dana@client.example>`` counts as the one in it.

    Words that stand beside an address are never dropped: then, as where there is none, the whole is one unreadable.
    """
    pieces = [tidy(piece) for piece in re.split(r"[,;|\r\n]+", text[: 20 * LONGEST])]
    found = [address for piece in pieces if "@" in piece for address in addresses_of(piece)]
    return found or ([tidy(text)] if any(pieces) else [])


def addresses_of(piece: str) -> list[str]:
    if bracketed := re.findall(r"<([^<>\s]{3,320})>", piece):
        return bracketed
    words = piece.split()
    return words if all("@" in word for word in words) else [piece]


def suffixes(host: str) -> list[str]:
    """The domain and those above it, the longest first, but never a last label alone."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(min(len(labels) - 1, 10))]
