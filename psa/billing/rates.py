"""What an hour costs. The closest rate counts: a user's on the project, the project's, a user's at the client, the
client's, the user's, and last the one for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from psa.billing.models import Rate
from psa.clients.models import Client
from psa.extensions import db


@dataclass(frozen=True, slots=True)
class Price:
    """What an hour costs; ``currency`` is empty where it is the firm's own."""

    amount: Decimal
    currency: str = ""


def rate_for(user_id: int, client_id: int | None, project_id: int | None) -> Decimal | None:
    """What an hour of the user costs there, or None when no rate says so."""
    price = price_for(user_id, client_id, project_id)
    return price.amount if price is not None else None


def price_for(user_id: int, client_id: int | None, project_id: int | None) -> Price | None:
    """The same with its currency: a client's own rates, and those of its projects, are in the client's."""
    cases = [key_of(project_id=project_id, user_id=user_id), key_of(project_id=project_id)] if project_id else []
    cases += [key_of(client_id=client_id, user_id=user_id), key_of(client_id=client_id)] if client_id else []
    cases += [key_of(user_id=user_id), key_of()]
    rows = db.session.execute(db.select(Rate.key, Rate.amount).where(Rate.key.in_(cases)))
    found = {row.key: row.amount for row in rows}
    closest = next((key for key in cases if key in found), None)
    if closest is None:
        return None
    client = db.session.get(Client, client_id) if client_id and closest in cases[:-2] else None
    return Price(found[closest], client.currency if client is not None else "")


def key_of(client_id: int | None = None, project_id: int | None = None, user_id: int | None = None) -> str:
    """What a rate is for, as one word: no two rates have the same."""
    return f"client={client_id or '*'} project={project_id or '*'} user={user_id or '*'}"


def set_rate(
    amount: Decimal, *, client_id: int | None = None, project_id: int | None = None, user_id: int | None = None
) -> Rate:
    """From now on an hour costs ``amount`` there; work that is written down already keeps its rate."""
    if project_id is not None:
        client_id = None
    key = key_of(client_id, project_id, user_id)
    rate: Rate | None = db.session.scalar(db.select(Rate).where(Rate.key == key))
    if rate is None:
        rate = Rate(key=key, client_id=client_id, project_id=project_id, user_id=user_id, amount=amount)
        db.session.add(rate)
    rate.amount = amount
    db.session.flush()
    return rate


def all_rates() -> Sequence[Rate]:
    """From the widest to the closest: everybody's, users', clients', projects'."""
    rank = db.case((Rate.project_id.is_not(None), 4), (Rate.client_id.is_not(None), 2), else_=0) + db.case(
        (Rate.user_id.is_not(None), 1), else_=0
    )
    return db.session.scalars(db.select(Rate).order_by(rank, Rate.id)).all()
