"""What people change on the page of a contact: who they are, their addresses, and whom they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from psa.clients.models import Client, Contact, ContactAddress
from psa.clients.operations import Refused, check_address, keep
from psa.clients.records import count_change, refuse_with_dependents
from psa.extensions import db, run

CONTACTS = Contact.__table__
MOST_ADDRESSES = 50


@dataclass(frozen=True, slots=True)
class Person:
    """Who a contact is; ``role`` is what they do at their client."""

    name: str
    role: str = ""
    phone: str = ""


def change_contact(contact: Contact, person: Person, revision: int) -> Contact:
    """Save who they are, and return them as they are then. Raises Stale."""
    count_change(contact, revision)
    contact.name, contact.role, contact.phone = person.name, person.role, person.phone
    db.session.flush()
    return contact


def add_address(contact: Contact, email: str) -> ContactAddress:
    """One more address of the contact, after those that are there. Raises Refused for what is none or somebody's."""
    address = check_address(email)
    owner = db.session.scalar(db.select(ContactAddress).where(ContactAddress.email == address))
    if owner is not None:
        whose = "this contact" if owner.contact_id == contact.id else owner.contact.display_name
        more = "" if owner.contact_id == contact.id else " If they are the same person, merge the two."
        raise Refused("email", f"{address} belongs to {whose} already.{more}")
    if len(contact.addresses) >= MOST_ADDRESSES:
        raise Refused("email", f"A contact has {MOST_ADDRESSES} addresses at most.")
    last = max((one.position for one in contact.addresses), default=-1)
    found = ContactAddress(contact=contact, email=address, position=last + 1)
    keep(found, Refused("email", f"{address} has just been given to another contact."))
    return found


def remove_address(address: ContactAddress) -> None:
    """Mail from it is nobody's from now on. Raises Refused for the last one, by which the contact is known."""
    if len(address.contact.addresses) == 1:
        raise Refused("email", "A contact is known by their address. Add another one first, or delete the contact.")
    address.contact.addresses.remove(address)
    db.session.flush()


def put_first(address: ContactAddress) -> None:
    """The one that we write to from now on."""
    others = [one for one in address.contact.addresses if one is not address]
    for position, one in enumerate([address, *others]):
        one.position = position
    db.session.flush()
    db.session.expire(address.contact, ["addresses"])


def move_contact(contact: Contact, client: Client | None, had: int | None) -> None:
    """Let the contact belong to another client, or to nobody. Their tickets stay with the client that they were for.

    ``had`` is the client that they belong to as far as whoever moves them has seen. Raises Refused.
    """
    if client is not None and client.merged_into_id is not None:
        raise Refused("client", "That client was merged into another one. Choose that one.")
    seen = (CONTACTS.c.id == contact.id) & CONTACTS.c.client_id.is_not_distinct_from(had)
    moved = CONTACTS.update().where(seen, CONTACTS.c.merged_into_id.is_(None))
    to = client.id if client is not None else None
    if run(moved.values(client_id=to, revision=CONTACTS.c.revision + 1)).rowcount != 1:
        db.session.refresh(contact)
        now = contact.client.name if contact.client is not None else "nobody"
        raise Refused("client", f"Somebody has moved them meanwhile: they belong to {now}. Look again before you do.")
    db.session.refresh(contact)


def delete_contact(contact: Contact) -> None:
    """Only when nothing depends on it: the addresses go along. Raises Refused with what does."""
    refuse_with_dependents(contact, f"{contact.display_name} cannot be deleted, because of")
    db.session.delete(contact)
    db.session.flush()
