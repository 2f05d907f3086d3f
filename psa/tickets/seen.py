"""What each user has seen of each ticket."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from psa.extensions import db
from psa.tickets.models import Seen

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def seen_up_to(user_id: int, ticket_id: int) -> int:
    """The last event that the user has seen on the ticket, 0 when they have never opened it."""
    return db.session.scalar(select(Seen.event_id).where(Seen.user_id == user_id, Seen.ticket_id == ticket_id)) or 0


def mark_seen(user_id: int, ticket_id: int, event_id: int) -> None:
    """The user has seen the ticket up to the event. One statement, so two windows of one user do not collide."""
    insert = INSERT[db.session.get_bind().dialect.name]
    statement = insert(Seen).values(user_id=user_id, ticket_id=ticket_id, event_id=event_id)
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["user_id", "ticket_id"], set_={"event_id": event_id})
    )
