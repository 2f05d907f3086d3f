"""A sender whom nobody knows, as what is known of their firm before anybody has entered it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psa.clients.operations import FREE_MAIL, find_person
from psa.extensions import db
from psa.mail.message.parse import parse
from psa.mail.models import InboundEmail
from psa.mail.raw import raw_bytes
from psa.registrable import is_shared, registrable
from psa.tickets.models import Comment, Ticket

# By these a firm is known in a signature.
LEGAL_FORM = re.compile(
    r"\b(ltd|llc|llp|plc|inc|corp|gmbh|ag|kg|ug|ohg|e\.?\s?v|se|bv|b\.v|nv|n\.v|sarl|s\.a\.r\.l|sas|s\.?a|s\.?r\.?l"
    r"|s\.?p\.?a|ab|as|a/s|aps|oy|oyj|sp\.? z ?o\.? ?o|s\.?l|pty|limited|co)\b\.?\s*$",
    re.IGNORECASE,
)
NOT_LETTERS = re.compile(r"[\W_]+")
# Neither an address of any kind nor a number to call is a firm's name.
ADDRESS = re.compile(r"@|://|www\.|\d{4}")
LONGEST_NAME = 60
SHORTEST_LABEL = 3


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote, and the name and the domain that their firm seems to have; both empty where nothing tells.

    ``ticket_id`` is the ticket that they opened, where there is one.
    """

    name: str
    email: str
    company: str
    domain: str
    ticket_id: int | None = None

    @property
    def owner(self) -> str:
        """The client that the sender belongs to by now; "" for none."""
        return find_person(self.email).client_name


def of_ticket(ticket: Ticket) -> Origin | None:
    """The requester of a ticket; None when it has none with an address."""
    who = ticket.requester
    if who is None or not who.email:
        return None
    signature = db.session.scalar(
        db.select(Comment.signature)
        .where(Comment.ticket_id == ticket.id, Comment.contact_id == who.id, Comment.signature != "")
        .order_by(Comment.id.desc())
        .limit(1)
    )
    return known_of(who.name, who.email, signature or "", ticket.id)


def of_message(message: InboundEmail) -> Origin | None:
    """The sender of a message; None when it names none."""
    if not message.sender_email:
        return None
    signature = parse(raw_bytes(message.raw_id)).signature_text if message.raw_id is not None else ""
    return known_of(message.sender_name, message.sender_email, signature, message.ticket_id)


def is_unknown(message: InboundEmail) -> bool:
    """Whether a person wrote it whom no client has: a machine is none, and is nobody's first contact."""
    is_a_person = message.sender_email != "" and message.kind in ("person", "")
    return is_a_person and find_person(message.sender_email).client_id is None


def known_of(name: str, email: str, signature: str, ticket_id: int | None) -> Origin:
    domain = own_domain(email)
    return Origin(name, email.lower(), company_in(signature, domain), domain, ticket_id)


def own_domain(email: str) -> str:
    """The domain of an address where it can stand for one firm: the part that somebody can have for himself."""
    domain = email.lower().rpartition("@")[2]
    if domain in FREE_MAIL or is_shared(domain):
        return ""
    return registrable(domain) or domain


def company_in(signature: str, domain: str) -> str:
    """The firm's name: the line of a signature that has the domain's name in it, else one that ends as firms do.

    Without any, the domain's own name: kestrel-foods.example gives Kestrel Foods.
    """
    label = domain.partition(".")[0]
    lines = [line.strip(" \t|·•,;–—-*") for line in signature.splitlines()]
    lines = [line for line in lines if line and len(line) <= LONGEST_NAME and not ADDRESS.search(line)]
    for line in lines:
        if len(label) >= SHORTEST_LABEL and letters_of(label) in letters_of(line):
            return line
    for line in lines:
        if LEGAL_FORM.search(line):
            return line
    return label.replace("-", " ").title()


def letters_of(text: str) -> str:
    return NOT_LETTERS.sub("", text).casefold()
