"""Who sends a message: a claim that is committed before the network is touched, and what is done when its owner died.

A claim is a status and a time, not a lock: no transaction is open while we wait for a server (docs/architecture.md).
What must outlive a power cut is the mark that the server may have a message; a claim that is lost is taken again. When
a database loses it and comes back while its owner lives, both know their claim by the time until which it holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam

from psa import clock
from psa.extensions import change_rows, db, durable_later, rows_of, run
from psa.mail.models import OutboundEmail, RawMessage
from psa.mail.raw import unpack
from psa.prepared import Prepared

OUT, RAWS = OutboundEmail.__table__, RawMessage.__table__
THIS, THIS_TRY = OUT.c.id == bindparam("this_id"), OUT.c.attempts == bindparam("mark")
TAKE = Prepared(
    OUT.update()
    .where(THIS, OUT.c.status == "queued")
    .values(status="sending", claimed_until=bindparam("until"), attempts=OUT.c.attempts + 1, handed_over_at=db.null())
)
TAKEN = Prepared(
    db.select(
        OUT.c.account_id,
        OUT.c.attempts,
        OUT.c.purpose,
        OUT.c.envelope_sender,
        OUT.c.recipients,
        OUT.c.results,
        OUT.c.copy_state,
        RAWS.c.packed,
        RAWS.c.size,
    )
    .join(RAWS, RAWS.c.id == OUT.c.raw_id)
    .where(THIS)
)
MARK = Prepared(
    OUT.update()
    .where(THIS, OUT.c.status == "sending", THIS_TRY, OUT.c.claimed_until == bindparam("claimed"))
    .values(handed_over_at=bindparam("now"), claimed_until=bindparam("until"))
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send ``until`` then. ``attempt`` says how often it has been tried, with this one.

    ``status``, ``recipients`` and ``results`` are as in OutboundEmail; ``packed`` are its bytes as they are stored.
    """

    id: int
    until: datetime
    account_id: int | None
    attempt: int
    purpose: str
    envelope_sender: str
    recipients: list[str]
    results: dict[str, dict[str, str]]
    copy_state: str
    packed: bytes
    size: int
    status: str = "sending"

    @property
    def is_test(self) -> bool:
        return self.purpose == "test"

    def raw(self) -> bytes:
        """Its bytes. Raises zlib.error for what cannot be read any more."""
        return unpack(self.packed, self.size)


def claim(outbound_id: int, lease: timedelta) -> Claim | None:
    """Take one queued message for ourselves and commit; None when somebody else was quicker."""
    until = clock.now() + lease
    with durable_later():
        taken = change_rows(TAKE, this_id=outbound_id, until=until)
        found = claimed(outbound_id, until) if taken == 1 else None
        db.session.commit()
    return found


def claimed(outbound_id: int, until: datetime) -> Claim:
    [(account_id, attempt, purpose, sender, recipients, results, copy_state, packed, size)] = rows_of(
        TAKEN, this_id=outbound_id
    )
    return Claim(
        outbound_id,
        until,
        account_id,
        attempt,
        purpose,
        sender,
        from_json(recipients),
        from_json(results),
        copy_state,
        packed,
        size,
    )


def from_json(value: Any) -> Any:
    """A JSON column as its driver gives it: as text, or read already."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def hand_over(email: Claim, lease: timedelta) -> bool:
    """Write down that from here on the server may have the message, before it can; commits, and waits for the disk.

    False when the message is no longer ours: then it must not be ended.
    """
    now = clock.now()
    ours = change_rows(MARK, this_id=email.id, mark=email.attempt, claimed=email.until, now=now, until=now + lease)
    db.session.commit()
    return ours == 1


def end_claim(outbound_id: int, attempt: int, **values: Any) -> bool:
    """Write down what became of a claimed message. False, and nothing written, when it is somebody else's by now.

    A message that recover() gave up as unconfirmed is still ours to tell of. The caller commits.
    """
    values = {"claimed_until": None} | values
    return change_rows(ending(tuple(values)), this_id=outbound_id, mark=attempt, **values) == 1


@cache
def ending(columns: tuple[str, ...]) -> Prepared:
    is_ours = db.or_(OUT.c.status == "sending", OUT.c.status == "unconfirmed")
    return Prepared(OUT.update().where(THIS, is_ours, THIS_TRY), *columns)


def recover(give_up_after: timedelta) -> int:
    """Look after messages whose sender died; commits and returns how many there were.

    Before the message was handed over it is simply queued again, unless it has been waiting for longer than
    ``give_up_after``, or is a test, which is over without its sender. After that the server may have it: a person
    decides.
    """
    now = clock.now()
    dead = (OUT.c.status == "sending") & (OUT.c.claimed_until < now)
    unsent = dead & OUT.c.handed_over_at.is_(None)
    is_test = OUT.c.purpose == "test"
    forgotten = is_test & (OUT.c.status == "queued") & (OUT.c.next_attempt_at < now)
    # Two statements, each along an index of its own: this is asked every second, with whatever waits in the outbox.
    given_up = {"status": "failed", "claimed_until": None, "reason": "The PSA was stopped before this message had left"}
    too_late = unsent & (is_test | (OUT.c.queued_at < now - give_up_after))
    failed = sum(run(OUT.update().where(which).values(given_up)).rowcount for which in (too_late, forgotten))
    again = run(OUT.update().where(unsent).values(status="queued", claimed_until=None))
    unclear = run(
        OUT.update()
        .where(dead)
        .values(
            status="unconfirmed",
            claimed_until=None,
            reason="The PSA was stopped while the server was taking this message: it may have arrived or not",
        )
    )
    db.session.commit()
    return failed + again.rowcount + unclear.rowcount
