"""What is known of the addresses we write to: where mail comes back from for good, nothing more is sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from psa import clock
from psa.extensions import db, insert_unless_there, run
from psa.mail.outbound.models import AddressState

STATES = AddressState.__table__
WHY = {
    "hard_bounce": "the address does not exist any more",
    "complaint": "its owner reported our mail as spam",
    "person": "one of us stopped it",
}


def suppressed(addresses: Iterable[str]) -> dict[str, AddressState]:
    """Those of ``addresses`` to which nothing is sent, in lower case, with their state."""
    wanted = {address.lower() for address in addresses}
    if not wanted:
        return {}
    query = db.select(AddressState).where(AddressState.address.in_(wanted), AddressState.suppressed_at.is_not(None))
    return {state.address: state for state in db.session.scalars(query)}


def state_of(address: str) -> AddressState | None:
    """What is known of an address; None when its mail has never come back."""
    return db.session.get(AddressState, address.lower(), populate_existing=True)


def suppress(
    address: str, reason: str, words: str, *, outbound_id: int | None = None, inbound_id: int | None = None
) -> None:
    """Send nothing more to ``address`` until a person clears it. ``reason`` is hard_bounce, complaint or person."""
    know(address)
    now = clock.now()
    change(
        address,
        suppressed_at=now,
        reason=reason,
        words=words[:2000],
        last_bounce_at=now,
        outbound_id=outbound_id,
        inbound_id=inbound_id,
    )


def count_soft_bounce(
    address: str, words: str, *, outbound_id: int | None = None, inbound_id: int | None = None
) -> None:
    """Mail came back for a reason that may pass: it is counted and shown, and the next mail is sent all the same."""
    know(address)
    run(
        STATES.update()
        .where(STATES.c.address == address.lower())
        .values(
            soft_bounces=STATES.c.soft_bounces + 1,
            last_bounce_at=clock.now(),
            words=words[:2000],
            outbound_id=outbound_id,
            inbound_id=inbound_id,
        )
    )


def clear(address: str) -> None:
    """Forget what came back: mail to ``address`` leaves again."""
    db.session.execute(db.delete(AddressState).where(AddressState.address == address.lower()))


def know(address: str) -> None:
    insert_unless_there(AddressState, address=address.lower())


def change(address: str, **values: str | int | datetime | None) -> None:
    run(STATES.update().where(STATES.c.address == address.lower()).values(**values))


def why(state: AddressState) -> str:
    """Why nothing is sent there, in a sentence: who said what and since when is shown beside it."""
    return f"Nothing is sent to {state.address}: {WHY.get(state.reason, 'it was stopped')}"
