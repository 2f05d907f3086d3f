"""What would become of a message: the very engine of production, in a transaction that is rolled back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from psa.extensions import db, insert_row
from psa.mail.inbound.process import decide_and_store
from psa.mail.inbound.routing import Desk
from psa.mail.models import InboundEmail, MailAccount
from psa.mail.raw import keep_raw
from psa.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Explanation:
    """The keys of ``flask psa mail explain --json``. ``ticket`` is a number for an existing ticket, "new", or None."""

    disposition: str
    reason: str
    ticket: int | str | None
    client: str | None
    queue: str | None
    steps: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def explain(raw: bytes, account: MailAccount) -> Explanation:
    """Decide as if ``raw`` had arrived in the mailbox of ``account``, and change nothing."""
    desk = Desk.of(account)
    highest = db.session.scalar(db.select(db.func.max(Ticket.id))) or 0
    try:
        inbound_id = insert_row(
            InboundEmail, account_id=account.id, uidl="explained", size=len(raw), raw_id=keep_raw(raw), trace=[]
        )
        decide_and_store(inbound_id, None, desk)
        inbound = db.session.get_one(InboundEmail, inbound_id, populate_existing=True)
        ticket = inbound.ticket
        return Explanation(
            disposition=inbound.status,
            reason=inbound.reason,
            ticket=None if ticket is None else ("new" if ticket.id > highest else ticket.id),
            client=ticket.client.name if ticket is not None and ticket.client is not None else None,
            queue=ticket.queue.name if ticket is not None else None,
            steps=inbound.trace,
        )
    finally:
        db.session.rollback()
