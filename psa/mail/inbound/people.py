"""Who wrote: the contact, known already or made now, and how the trace names them."""

from __future__ import annotations

from psa.clients import operations as clients
from psa.clients.operations import Person
from psa.mail.message import Address
from psa.notifications import choices


def known_contact(sender: Address, person: Person, client_id: int | None) -> int | None:
    """The contact who wrote, made now if nobody knew them; None when the mail names no sender at all."""
    if person.contact_id is not None:
        if person.is_unplaced and client_id is not None:
            clients.place_contact(person.contact_id, client_id)
        return person.contact_id
    if not sender.email:
        return None
    return choices.meet_contact(sender.email, sender.name, client_id)


def who_in_words(sender: Address, person: Person) -> str:
    if not sender.email:
        return "the mail names no sender"
    if person.domain:
        return f"by Sender Domain {person.domain}"
    if person.client_id is not None:
        return f"{sender.email} is a contact of theirs"
    return f"neither {sender.email} nor its domain belongs to a client"
