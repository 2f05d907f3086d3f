"""Clients and contacts as a file that every spreadsheet opens, and that can be imported again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import selectinload

from psa.clients.importing.columns import EXPORTED, FIELDS
from psa.clients.importing.told import as_cell, told_now
from psa.clients.models import Client, Contact
from psa.extensions import db
from psa.tables import MARK, as_csv

AT_ONCE = 500


def everything() -> Iterator[str]:
    """The file in pieces: a row for each contact, and one for each client without any."""
    yield MARK + as_csv([[FIELDS[name] for name in EXPORTED]])
    after: tuple[str, int] | None = None
    while True:
        clients = page_after(after)
        told = told_now(one.id for client in clients for one in client.contacts)
        yield as_csv(row for client in clients for row in rows_of(client, told))
        if len(clients) < AT_ONCE:
            break
        after = (clients[-1].folded, clients[-1].id)
        db.session.expunge_all()
    yield from without_client()


def page_after(after: tuple[str, int] | None) -> list[Client]:
    query = select(Client).where(Client.merged_into_id.is_(None)).order_by(Client.folded, Client.id).limit(AT_ONCE)
    if after is not None:
        query = query.where(tuple_(Client.folded, Client.id) > tuple_(literal(after[0]), literal(after[1])))
    people = selectinload(Client.contacts).selectinload(Contact.addresses)
    return list(db.session.scalars(query.options(selectinload(Client.domains), people)))


def without_client() -> Iterator[str]:
    """Contacts of whom nobody knows where they belong."""
    last = 0
    while True:
        query = select(Contact).where(Contact.client_id.is_(None), Contact.merged_into_id.is_(None), Contact.id > last)
        found = list(
            db.session.scalars(query.order_by(Contact.id).limit(AT_ONCE).options(selectinload(Contact.addresses)))
        )
        told = told_now(one.id for one in found)
        yield as_csv([""] * 7 + person(contact, told[contact.id]) for contact in found)
        if len(found) < AT_ONCE:
            return
        last = found[-1].id


def rows_of(client: Client, told: Mapping[int, Collection[str]]) -> Iterator[list[str]]:
    days = "" if client.payment_days is None else str(client.payment_days)
    domains = " ".join(one.name for one in client.domains)
    own = [client.name, domains, client.notes, client.billing_address, client.tax_id, client.currency, days]
    people = [one for one in client.contacts if one.merged_into_id is None]
    for contact in people:
        yield own + person(contact, told[contact.id])
    if not people:
        yield own + [""] * 5


def person(contact: Contact, told: Collection[str]) -> list[str]:
    emails = " ".join(one.email for one in contact.addresses)
    return [contact.name, emails, contact.role, contact.phone, as_cell(told)]
