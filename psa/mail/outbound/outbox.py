"""A row before it is sent: in the caller's transaction, with no network in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from psa import clock
from psa.extensions import db, insert_row, run
from psa.mail.log import search
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.outbound import addresses
from psa.mail.outbound.claims import Claim
from psa.mail.outbound.compose import Composed
from psa.mail.outbound.models import AddressState
from psa.mail.raw import keep_raw
from psa.mail.threads import remember_key
from psa.tickets.lost_answers import open_again

OUT = OutboundEmail.__table__
# What a person wrote and waits for leaves before what a machine has to say, and that before what goes to many.
PRIORITIES = {"test": 0, "reply": 0, "opened": 1, "notice": 1, "bulk": 2}


def enqueue(
    composed: Composed,
    *,
    account_id: int | None,
    envelope_sender: str,
    recipients: Sequence[str],
    purpose: str,
    ticket_id: int | None = None,
    comment_id: int | None = None,
    invoice_id: int | None = None,
    update_id: int | None = None,
    statement_of_id: int | None = None,
    raw_id: int | None = None,
    template: str = "",
    undo: timedelta | None = None,
) -> int:
    """Queue a finished message; it leaves when the caller's transaction is committed. Returns the row's id.

    ``purpose`` is one of PRIORITIES. A message about a ticket becomes a key that its answers are found by. Within
    ``undo`` its writer can take it back. Recipients from whom mail came back for good are left out, and when that is
    all of them the message has failed from the start, with the reason.
    """
    now = clock.now()
    held = addresses.suppressed(recipients) if purpose != "test" else {}
    results = {address: result_of(address, held) for address in recipients}
    nobody = [result["words"] for result in results.values() if result["state"] == "suppressed"]
    leaves = len(nobody) < len(results)
    outbound_id = insert_row(
        OutboundEmail,
        account_id=account_id,
        raw_id=raw_id if raw_id is not None else keep_raw(composed.raw),
        purpose=purpose,
        priority=PRIORITIES.get(purpose, 1),
        message_id=composed.message_id,
        envelope_sender=envelope_sender,
        recipients=list(recipients),
        results=results,
        subject=composed.subject[:998],
        ticket_id=ticket_id,
        comment_id=comment_id,
        invoice_id=invoice_id,
        update_id=update_id,
        statement_of_id=statement_of_id,
        template=template,
        status="queued" if leaves else "failed",
        reason="" if leaves else "; ".join(dict.fromkeys(nobody)),
        undo_until=now + undo if undo is not None and leaves else None,
        next_attempt_at=now + (undo or timedelta()),
        queued_at=now,
    )
    search.remember_outbound(outbound_id, composed.subject, composed.message_id, *recipients)
    if ticket_id is not None:
        remember_key(composed.message_id, ticket_id)
    if not leaves:
        open_again(outbound_id, "; ".join(dict.fromkeys(nobody)))
    return outbound_id


def result_of(address: str, held: Mapping[str, AddressState]) -> dict[str, str]:
    state = held.get(address.lower())
    return (
        {"state": "waiting", "words": ""} if state is None else {"state": "suppressed", "words": addresses.why(state)}
    )


def due(limit: int) -> list[tuple[int, int | None]]:
    """(id, account id) of what wants to leave now: of each account at most ``limit``, the most urgent first.

    Nothing of an account that is paused, and no test: that leaves while somebody watches it, or never. Account by
    account, so that a hundred thousand messages of one do not stand before the first of another.
    """
    now = clock.now()
    is_open = db.or_(MailAccount.paused_until.is_(None), MailAccount.paused_until <= now)
    senders = db.session.scalars(db.select(MailAccount.id).where(MailAccount.direction == "outbound", is_open)).all()
    found: list[tuple[int, int | None]] = []
    for account_id in senders:
        ids = db.session.scalars(
            db.select(OutboundEmail.id)
            .where(
                OutboundEmail.status == "queued",
                OutboundEmail.account_id == account_id,
                OutboundEmail.next_attempt_at <= now,
                OutboundEmail.purpose != "test",
            )
            .order_by(OutboundEmail.priority, OutboundEmail.next_attempt_at, OutboundEmail.id)
            .limit(limit)
        )
        found += [(outbound_id, account_id) for outbound_id in ids]
    return found


def cancel(outbound_id: int, by: str) -> bool:
    """Take a message back that has not begun to leave; False when it has. ``by`` is a name. The caller commits."""
    return change_if(outbound_id, ("queued",), status="cancelled", reason=f"{by} cancelled it before it left")


def retry(outbound_id: int) -> bool:
    """Try now what waits, has failed, or is unconfirmed and a person wants sent again; the caller commits.

    Those who have got it, and those to whom nothing is sent, are left out; False when nobody is left, when it is none
    of these, or when it was a reply that is not on its ticket any more.
    """
    email = db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)
    if was_undone(email):
        return False
    held = addresses.suppressed(email.recipients)
    results = {
        address: result if result["state"] == "sent" and email.status != "unconfirmed" else result_of(address, held)
        for address, result in results_of(email).items()
    }
    if all(result["state"] != "waiting" for result in results.values()):
        return False
    return change_if(
        outbound_id,
        ("queued", "failed", "unconfirmed", "cancelled"),
        attempts=email.attempts,
        status="queued",
        reason="",
        cause="",
        results=results,
        next_attempt_at=clock.now(),
        undo_until=None,
        seen_to_at=None,
        seen_to_words="",
    )


def was_undone(email: OutboundEmail) -> bool:
    """Whether its writer took the reply back: its text went into the composer again."""
    return email.status == "cancelled" and email.purpose == "reply" and email.comment_id is None


def retry_all() -> int:
    """Try everything that waits now, also through accounts that pause, as after an outage; returns how much it is.

    The caller commits. What can still be undone keeps its time.
    """
    now = clock.now()
    run(MailAccount.__table__.update().where(MailAccount.__table__.c.direction == "outbound").values(paused_until=None))
    waits = (
        (OUT.c.status == "queued")
        & (OUT.c.next_attempt_at > now)
        & (OUT.c.undo_until.is_(None) | (OUT.c.undo_until <= now))
    )
    return run(OUT.update().where(waits).values(next_attempt_at=now)).rowcount


def change_if(outbound_id: int, statuses: Sequence[str], *, attempts: int | None = None, **values: Any) -> bool:
    """Change a message that still has one of ``statuses``: who delivers it may have been quicker.

    With ``attempts`` also only while nobody has tried it since.
    """
    unchanged = (OUT.c.id == outbound_id) & OUT.c.status.in_(statuses)
    if attempts is not None:
        unchanged &= OUT.c.attempts == attempts
    return run(OUT.update().where(unchanged).values(**values)).rowcount == 1


def results_of(email: OutboundEmail | Claim) -> dict[str, dict[str, str]]:
    """What became of each recipient, also for messages from before that was written down."""
    return {
        address: email.results.get(address, {"state": "sent" if email.status == "sent" else "waiting", "words": ""})
        for address in email.recipients
    }
