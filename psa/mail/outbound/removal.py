"""Removing a sending account: what it sent stays in the Mail log, and what waits finds another way or is cancelled."""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog
from sqlalchemy import func

from psa import locks
from psa.extensions import db, run
from psa.mail.models import MailAccount, OutboundEmail
from psa.tickets.models import Queue

log = structlog.get_logger()

OUT = OutboundEmail.__table__
WAITING = ("queued", "sending")
# How long a delivery that is under way may take to come to its end. In seconds.
PATIENCE = 5.0


class StillNeeded(ValueError):
    """Why a sending account stays; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Dependents:
    """What hangs on a sending account: messages that wait, all others in the Mail log, and queues that write by it."""

    waiting: int
    others: int
    queues: list[str]


def what_depends_on(account: MailAccount) -> Dependents:
    by_status = dict(
        db.session.execute(
            db.select(OutboundEmail.status, func.count())
            .where(OutboundEmail.account_id == account.id)
            .group_by(OutboundEmail.status)
        ).all()
    )
    waiting = sum(by_status.get(status, 0) for status in WAITING)
    queues = db.select(Queue.name).where(Queue.address == account.address).order_by(Queue.position, Queue.id)
    return Dependents(waiting, sum(by_status.values()) - waiting, list(db.session.scalars(queues)))


def remove(account: MailAccount, successor: MailAccount | None, *, cancelled_by: str = "") -> None:
    """Delete a sending account; all of its messages are the ``successor``'s from then on. Commits.

    What waits leaves through the successor, as the bytes that it is; with ``cancelled_by``, a name, it is cancelled
    instead. A default account makes its successor the default. Raises StillNeeded: without a successor when there are
    messages, and while it is just sending.
    """
    account_id, address, was_default = account.id, account.address, account.is_default
    # The lock is asked for outside of a transaction: whoever sends needs the database to come to an end.
    db.session.commit()
    until = time.monotonic() + PATIENCE
    while True:
        with locks.holding(f"outbox-{account_id}") as ours:
            if ours:
                hand_over(account_id, address, was_default, successor, cancelled_by)
                db.session.commit()
                log.info("sending account removed", account=address)
                return
        if time.monotonic() > until:
            raise StillNeeded(f"{address} is just sending. Try again in a minute.")
        time.sleep(0.1)


def hand_over(
    account_id: int, address: str, was_default: bool, successor: MailAccount | None, cancelled_by: str
) -> None:
    # Held against whoever queues a message for it at this moment: that would go with the account, unseen.
    db.session.execute(db.update(MailAccount).where(MailAccount.id == account_id).values(is_default=False))
    held = db.select(MailAccount).where(MailAccount.id == account_id).with_for_update()
    account = db.session.scalars(held.execution_options(populate_existing=True)).one()
    mine = OUT.c.account_id == account_id
    if successor is None and db.session.scalar(db.select(OUT.c.id).where(mine).limit(1)) is not None:
        db.session.rollback()
        raise StillNeeded(f"{address} is the only account that sends. Add the one that takes its place first.")
    if cancelled_by:
        reason = f"{cancelled_by} removed the account that it was to leave through"
        run(OUT.update().where(mine, OUT.c.status == "queued").values(status="cancelled", reason=reason))
    if successor is not None:
        run(OUT.update().where(mine).values(account_id=successor.id))
        if was_default:
            successor.is_default = True
    db.session.execute(db.update(Queue).where(Queue.address == address).values(address=""))
    db.session.delete(account)
    db.session.flush()
