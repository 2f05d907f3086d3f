"""Mail that names a project, by the address that it was sent to or by a Subject Tag.

Everybody can write a tag, so it puts a new ticket into a project and does nothing else: it tells no client, and who is
known to be of another client than the project's stays in their own (psa.mail.inbound.routing).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from psa.mail.message import ParsedEmail
from psa.projects.operations import NamedProject, folded

if TYPE_CHECKING:
    from psa.mail.inbound.routing import Desk

# What stands behind so many recipients or tags is not looked up.
MOST_LOOKED_UP = 20


@dataclass(frozen=True, slots=True)
class Naming:
    """A project, and how a message names it, in words that follow “it”."""

    project: NamedProject
    words: str


def named_project(email: ParsedEmail, desk: Desk) -> Naming | None:
    """The open project that a message names."""
    return by_address(email, desk) or by_tag(email, desk)


def by_address(email: ParsedEmail, desk: Desk) -> Naming | None:
    domains = {address.rpartition("@")[2] for address in desk.own_addresses}
    for recipient in islice(email.recipients, MOST_LOOKED_UP):
        address = recipient.lower()
        if address.rpartition("@")[2] in domains and (project := desk.project_at(address)) is not None:
            return Naming(project, f"was sent to {address}")
    return None


def by_tag(email: ParsedEmail, desk: Desk) -> Naming | None:
    for tag in islice(email.subject_tags, MOST_LOOKED_UP):
        if (project := desk.project_tagged(folded(tag))) is not None:
            return Naming(project, f"names [{tag}] in its subject")
    return None
