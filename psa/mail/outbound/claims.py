"""Who sends a message: a claim that is committed before the network is touched, and what is done when its owner died.

A claim is a status and a time, not a lock: no transaction is open while we wait for a server (docs/architecture.md).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from psa import clock
from psa.extensions import db, run
from psa.mail.models import OutboundEmail

OUT = OutboundEmail.__table__


def claim(outbound_id: int, lease: timedelta) -> bool:
    """Take one queued message for ourselves and commit; False when somebody else was quicker.

    The number of ``attempts`` that it then has is the mark of this claim.
    """
    now = clock.now()
    taken = run(
        OUT.update()
        .where(OUT.c.id == outbound_id, OUT.c.status == "queued")
        .values(status="sending", claimed_until=now + lease, attempts=OUT.c.attempts + 1, handed_over_at=None)
    )
    db.session.commit()
    return taken.rowcount == 1


def hand_over(outbound_id: int, attempt: int, lease: timedelta) -> bool:
    """Write down that from here on the server may have the message, before it can; commits.

    False when the claim of this ``attempt`` is no longer ours: then the message must not be ended.
    """
    now = clock.now()
    ours = run(
        OUT.update()
        .where(OUT.c.id == outbound_id, OUT.c.status == "sending", OUT.c.attempts == attempt)
        .values(handed_over_at=now, claimed_until=now + lease)
    )
    db.session.commit()
    return ours.rowcount == 1


def end_claim(outbound_id: int, attempt: int, **values: Any) -> bool:
    """Write down what became of a claimed message. False, and nothing written, when it is somebody else's by now.

    A message that recover() gave up as unconfirmed is still ours to tell of. The caller commits.
    """
    ended = run(
        OUT.update()
        .where(OUT.c.id == outbound_id, OUT.c.status.in_(("sending", "unconfirmed")), OUT.c.attempts == attempt)
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
