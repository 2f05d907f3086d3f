"""Where mail about money belongs: the queue Billing, and the account that writes for it."""

from __future__ import annotations

from psa.extensions import db
from psa.mail import accounts
from psa.mail.models import MailAccount
from psa.tickets.models import Queue

NAME = "billing"


class NobodyToWriteFrom(ValueError):
    """No account sends mail; the message says what to do."""


def billing_queue() -> Queue | None:
    """The queue of that name, in any case; None where there is none, and the mailbox's own stands in."""
    named: Queue | None = db.session.scalar(
        db.select(Queue).where(db.func.lower(Queue.name) == NAME).order_by(Queue.position).limit(1)
    )
    return named


def billing_account() -> MailAccount:
    """The account of the queue's address, else the default one. Raises NobodyToWriteFrom."""
    queue = billing_queue()
    account = accounts.outbound_for(None, queue_address=queue.address if queue is not None else "")
    if account is None:
        raise NobodyToWriteFrom("No account sends mail yet. An admin can add one under Outbound.")
    return account
