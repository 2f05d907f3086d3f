"""A row before it is sent: in the caller's transaction, with no network in sight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from psa import clock
from psa.extensions import db, insert_row, run
from psa.mail.log import search
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.outbound.compose import Composed
from psa.mail.raw import keep_raw
from psa.mail.threads import remember_key


def enqueue(
    composed: Composed,
    *,
    account_id: int | None,
    envelope_sender: str,
    recipients: Sequence[str],
    purpose: str,
    ticket_id: int | None = None,
    comment_id: int | None = None,
    raw_id: int | None = None,
) -> int:
    """Queue a finished message; it leaves when the caller's transaction is committed. Returns the row's id.

    ``purpose`` is reply, opened or test. A message about a ticket becomes a key that its answers are found by.
    """
    outbound_id = insert_row(
        OutboundEmail,
        account_id=account_id,
        raw_id=raw_id if raw_id is not None else keep_raw(composed.raw),
        purpose=purpose,
        message_id=composed.message_id,
        envelope_sender=envelope_sender,
        recipients=list(recipients),
        subject=composed.subject[:998],
        ticket_id=ticket_id,
        comment_id=comment_id,
    )
    search.remember_outbound(outbound_id, composed.subject, composed.message_id, *recipients)
    if ticket_id is not None:
        remember_key(composed.message_id, ticket_id)
    return outbound_id


def due(limit: int) -> list[tuple[int, int | None]]:
    """(id, account id) of what wants to leave now, oldest first; nothing of an account that is paused.

    A test is not among it: it leaves while somebody watches it, or never.
    """
    now = clock.now()
    rows = db.session.execute(
        db.select(OutboundEmail.id, OutboundEmail.account_id)
        .outerjoin(MailAccount, MailAccount.id == OutboundEmail.account_id)
        .where(
            OutboundEmail.status == "queued",
            OutboundEmail.next_attempt_at <= now,
            OutboundEmail.purpose != "test",
            db.or_(MailAccount.paused_until.is_(None), MailAccount.paused_until <= now),
        )
        .order_by(OutboundEmail.next_attempt_at, OutboundEmail.id)
        .limit(limit)
    )
    return [(row.id, row.account_id) for row in rows]


def claim(outbound_id: int, lease: timedelta) -> bool:
    """Take one queued message for ourselves and commit; False when somebody else was quicker.

    The number of ``attempts`` that it then has is the mark of this claim.
    """
    table = OutboundEmail.__table__
    now = clock.now()
    taken = run(
        table.update()
        .where(table.c.id == outbound_id, table.c.status == "queued")
        .values(status="sending", claimed_until=now + lease, attempts=table.c.attempts + 1, handed_over_at=None)
    )
    db.session.commit()
    return taken.rowcount == 1


def hand_over(outbound_id: int, attempt: int, lease: timedelta) -> bool:
    """Write down that from here on the server may have the message, before it can; commits.

    False when the claim of this ``attempt`` is no longer ours: then the message must not be ended.
    """
    table = OutboundEmail.__table__
    now = clock.now()
    ours = run(
        table.update()
        .where(table.c.id == outbound_id, table.c.status == "sending", table.c.attempts == attempt)
        .values(handed_over_at=now, claimed_until=now + lease)
    )
    db.session.commit()
    return ours.rowcount == 1


def end_claim(outbound_id: int, attempt: int, **values: Any) -> bool:
    """Write down what became of a claimed message. False, and nothing written, when it is somebody else's by now.

    A message that recover() gave up as unconfirmed is still ours to tell of. The caller commits.
    """
    table = OutboundEmail.__table__
    ended = run(
        table.update()
        .where(table.c.id == outbound_id, table.c.status.in_(("sending", "unconfirmed")), table.c.attempts == attempt)
        .values(claimed_until=None, **values)
    )
    return ended.rowcount == 1


def recover(give_up_after: timedelta) -> int:
    """Look after messages whose sender died; commits and returns how many there were.

    Before the message was handed over it is simply queued again, unless it has been waiting for longer than
    ``give_up_after``, or is a test, which is over without its sender. After that the server may have it: a person
    decides.
    """
    now = clock.now()
    table = OutboundEmail.__table__
    dead = (table.c.status == "sending") & (table.c.claimed_until < now)
    unsent = dead & table.c.handed_over_at.is_(None)
    is_test = table.c.purpose == "test"
    forgotten = is_test & (table.c.status == "queued") & (table.c.next_attempt_at < now)
    failed = run(
        table.update()
        .where((unsent & (is_test | (table.c.queued_at < now - give_up_after))) | forgotten)
        .values(status="failed", claimed_until=None, reason="The PSA was stopped before this message had left")
    )
    again = run(table.update().where(unsent).values(status="queued", claimed_until=None))
    unclear = run(
        table.update()
        .where(dead)
        .values(
            status="unconfirmed",
            claimed_until=None,
            reason="The PSA was stopped while the server was taking this message: it may have arrived or not",
        )
    )
    db.session.commit()
    return failed.rowcount + again.rowcount + unclear.rowcount
