"""What is known of a client on its way, as it stands beside each step."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select

from psa.clients.models import Client, Contact
from psa.clients.onboarding.journey import people_of
from psa.extensions import db
from psa.notifications.welcome import last_sent
from psa.projects.operations import project_of
from psa.tickets.models import Queue

SHOWN = 3


@dataclass(frozen=True, slots=True)
class SoFar:
    """Names and numbers; "" and 0 for what is not known yet."""

    name: str
    address: str
    domains: tuple[str, ...]
    people: tuple[str, ...]
    more_people: int
    project: str
    queue: str
    welcomed: int
    # The messages that did not arrive, by their ids in the mail log.
    unwelcomed: tuple[int, ...]


def so_far(client: Client) -> SoFar:
    project = project_of(client.id)
    queue = db.session.get(Queue, client.default_queue_id) if client.default_queue_id is not None else None
    number = count(db.select(Contact.id).where(Contact.client_id == client.id, Contact.merged_into_id.is_(None)))
    people = tuple(person.display_name for person in people_of(client, SHOWN))
    return SoFar(
        client.name,
        client.billing_address,
        tuple(domain.name for domain in client.domains),
        people,
        number - len(people),
        project[1] if project is not None else "",
        queue.name if queue is not None else "",
        *welcomed(client),
    )


def welcomed(client: Client) -> tuple[int, tuple[int, ...]]:
    """How many of the client's people were sent the welcome message, and the mails to those who did not get it."""
    sent = last_sent(Contact.client_id == client.id).values()
    lost = tuple(one.email.id for one in sent if one.email is not None and one.is_lost)
    return len(sent) - len(lost), lost


def count(rows: Select[int]) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(rows.subquery())) or 0
