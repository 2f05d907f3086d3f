"""Full-loop tests whose thread is gone, and letters that come when all is over: cleared from what was noted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from psa import clock
from psa.extensions import db
from psa.mail.diagnosis import probe
from psa.mail.loop.clearing import clear_away, rows_of
from psa.mail.loop.remains import Remains
from psa.mail.models import ConnectionTest

# For so long a server that cannot be reached is asked again, and a letter that is late is looked out for.
CARE = timedelta(days=1)


def clear_what_is_left() -> int:
    """End the tests that are dead, and clear what they or others left; returns of how many. Commits."""
    loops = ConnectionTest.direction == probe.LOOP
    recent = db.select(ConnectionTest).where(loops, ConnectionTest.started_at > clock.now() - CARE)
    tests: Sequence[ConnectionTest] = db.session.scalars(recent.order_by(ConnectionTest.id)).all()
    cleared = 0
    for test in tests:
        probe.bury_if_dead(test)
        remains = Remains.of(test)
        if test.state == "running" or remains is None:
            continue
        if not remains.is_cleared or has_come_late(remains):
            clear_away(remains)
            cleared += 1
    db.session.commit()
    return cleared


def has_come_late(remains: Remains) -> bool:
    """Whether a letter lies here that the intake has ignored since."""
    return any(row.raw_id is not None and row.ticket_id is None for row in rows_of(remains))
