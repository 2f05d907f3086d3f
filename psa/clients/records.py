"""What people change on the page of a client. Each saves with the revision that it was shown, so nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass

from psa.billing.currencies import UnknownCurrency, read_currency
from psa.clients.models import Client, Contact
from psa.clients.operations import Refused, rename_client
from psa.clients.references import keeps_from_deleting
from psa.extensions import db, run
from psa.refusals import Stale


@dataclass(frozen=True, slots=True)
class Details:
    """What a client is called, what to know of it, where its tickets go, and what its invoices say."""

    name: str
    notes: str = ""
    default_queue_id: int | None = None
    currency: str = ""
    billing_address: str = ""
    tax_id: str = ""
    payment_days: int | None = None


def change_client(client: Client, details: Details, revision: int) -> Client:
    """Save all of it, and return it as it is then. Raises Stale, and Refused for a name or currency that cannot be."""
    currency = read_or_refuse(details.currency)
    count_change(client, revision)
    rename_client(client, details.name)
    client.notes, client.default_queue_id = details.notes, details.default_queue_id
    client.currency, client.billing_address = currency, details.billing_address
    client.tax_id, client.payment_days = details.tax_id, details.payment_days
    db.session.flush()
    return client


def read_or_refuse(currency: str) -> str:
    """A currency that there is, or none: then the client pays in the firm's. Raises Refused."""
    try:
        return read_currency(currency) if currency else ""
    except UnknownCurrency as reason:
        raise Refused("currency", str(reason)) from reason


def write_notes(client: Client, notes: str, revision: int) -> Client:
    """Save the notes alone, and return the client as it is then. Raises Stale."""
    count_change(client, revision)
    client.notes = notes
    db.session.flush()
    return client


def set_active(client: Client, active: bool) -> None:
    """A former client keeps all it has, and its mail still lands with it; only the lists leave it out."""
    client.active = active
    client.revision += 1
    db.session.flush()


def delete_client(client: Client) -> None:
    """Only when nothing depends on it: its domains go along. Raises Refused with what does."""
    refuse_with_dependents(client, f"{client.name} cannot be deleted, because it has")
    db.session.delete(client)
    db.session.flush()


def refuse_with_dependents(row: Client | Contact, words: str) -> None:
    found = keeps_from_deleting(row)
    if found:
        listed = found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"
        raise Refused("delete", f"{words} {listed}.")


def count_change(row: Client | Contact, revision: int) -> None:
    """One more change, by whoever has seen the last one. Raises Stale for who has not."""
    table = type(row).__table__
    seen = (table.c.id == row.id) & (table.c.revision == revision) & table.c.merged_into_id.is_(None)
    if run(table.update().where(seen).values(revision=revision + 1)).rowcount != 1:
        raise Stale
    db.session.refresh(row)
