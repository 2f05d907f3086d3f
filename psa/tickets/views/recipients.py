"""Who gets a reply beside the requester: those who watch, as far as they stay ticked, and whom its writer adds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask_security import current_user
from werkzeug.datastructures import MultiDict

from psa.clients import operations as clients
from psa.clients.models import Contact
from psa.clients.operations import Refused, check_address
from psa.mail.message.head.addresses import read_addresses
from psa.mail.outbound.addresses import suppressed
from psa.notifications.choices import meet_contact
from psa.tickets.models import Ticket
from psa.tickets.operations import Actor
from psa.tickets.watchers import copy_in, watching_contacts

MOST_ADDED = 20
# What stands between commas that are in no quotes.
PIECE = re.compile(r"""(?:"[^"]*"|[^,;"])+""")


@dataclass(frozen=True, slots=True)
class Recipients:
    """What stands in the composer: ``shown`` are the addresses of watchers that it offered, ``ticked`` who gets it.

    ``more`` is what was typed beside them; ``only`` leaves all of them out. ``said`` is false for a form that speaks of
    nobody: then all who watch get it.
    """

    shown: frozenset[str] = frozenset()
    ticked: frozenset[str] = frozenset()
    more: str = ""
    only: bool = False
    said: bool = False

    @classmethod
    def from_request(cls, sent: MultiDict[str, str]) -> Recipients:
        return cls(
            frozenset(sent.getlist("shown")),
            frozenset(sent.getlist("cc")),
            sent.get("more", "").strip()[:2000],
            sent.get("reach") == "one",
            "recipients" in sent,
        )

    def gets(self, email: str) -> bool:
        """Whether the box of a watcher is ticked; whoever has come since the page was drawn is ticked too."""
        return email in self.ticked or email not in self.shown

    def copies(self, ticket: Ticket) -> list[tuple[str, str]] | None:
        """Names and addresses for Cc; None for all who watch. Raises Refused for what was typed and is no address."""
        if not self.said:
            return None
        if self.only:
            return []
        watching = [(one.name, one.email) for one in watching_contacts(ticket.id) if one.email in self.ticked]
        return watching + added(self.more)


def added(text: str) -> list[tuple[str, str]]:
    """The names and addresses that somebody typed. Raises Refused."""
    if not text:
        return []
    wrong = next((piece.strip() for piece in PIECE.findall(text) if piece.strip() and "@" not in piece), "")
    if wrong:
        raise Refused("email", f"“{wrong}” is not an email address. Write them with commas between them.")
    found = [(one.name, check_address(one.email)) for one in read_addresses(text.encode())]
    if len(found) > MOST_ADDED:
        raise Refused("email", f"Add at most {MOST_ADDED} people at once.")
    return found


def keep_watching(ticket: Ticket, copies: Sequence[tuple[str, str]] | None, by: Actor) -> None:
    """Whom the writer has added follows the ticket from now on, so that their answer is one on it."""
    watching = {one.email for one in watching_contacts(ticket.id)}
    for name, address in copies or ():
        if address not in watching:
            let_in(ticket.id, name, address, by)


def let_in(ticket_id: int, name: str, address: str, by: Actor) -> bool:
    """Let the contact who has the address follow the ticket, made now if nobody knew them."""
    person = clients.find_person(address)
    contact_id = person.contact_id or meet_contact(address, name, person.client_id)
    because = f"added by {current_user.name}"
    return copy_in(ticket_id, contact_id=contact_id, name=name or address, because=because, by=by)


@dataclass(frozen=True, slots=True)
class Going:
    """Whom a reply would go to, the requester first, and what is ``wrong`` with what was typed, in a sentence."""

    addresses: tuple[str, ...]
    wrong: str = ""


def going_to(ticket: Ticket, chosen: Recipients | None = None) -> Going:
    """Who would get a reply if it were sent now; ``chosen`` as the boxes stand, None for all who watch."""
    chosen, wrong = chosen or Recipients(), ""
    found = [ticket.requester.email] if ticket.requester is not None and ticket.requester.email else []
    if not chosen.only:
        found += [one.email for one in offered(ticket) if chosen.gets(one.email)]
        try:
            found += [address for _, address in added(chosen.more)]
        except Refused as reason:
            wrong = str(reason)
    held = suppressed(found)
    return Going(tuple(one for one in dict.fromkeys(found) if one.lower() not in held), wrong)


def offered(ticket: Ticket) -> list[Contact]:
    """The watchers whom the composer offers."""
    return watching_contacts(ticket.id)
