"""How long the steps of a delivery are kept: they are what an attempt is made of, by size, and of no use for ever.

What was tried, when, with which outcome and the server's last words stay as long as the message. Tests of settings go
as a whole, but for the last of each kind.
"""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import Text, cast, func

from psa import clock
from psa.extensions import db, run
from psa.mail.models import ConnectionTest, DeliveryAttempt

TRIES, TESTS = DeliveryAttempt.__table__, ConnectionTest.__table__
# What did not go through is kept so many times as long: it is asked about long after, and there is little of it.
TROUBLE_LASTS = 12
# Attempts that are looked at in one transaction: nobody waits for a walk through all of them.
PIECE = 2000


def thin_out() -> int:
    """Drop the steps of attempts that are older than PSA_TRANSCRIPT_DAYS; commits, returns how many there were.

    Walks along the primary key, whose order is that of time, up to the first piece in which nothing is old enough.
    """
    kept_for = timedelta(days=current_app.config["PSA_TRANSCRIPT_DAYS"])
    now = clock.now()
    old, very_old = now - kept_for, now - kept_for * TROUBLE_LASTS
    thinned, after = 0, 0
    while last := end_of_piece(after):
        piece = TRIES.c.id.between(after + 1, last)
        oldest = run(db.select(func.min(TRIES.c.finished_at)).where(piece)).scalar()
        if oldest is not None and oldest >= old:
            break
        is_old = (TRIES.c.finished_at < very_old) | ((TRIES.c.finished_at < old) & (TRIES.c.outcome == "sent"))
        has_steps = cast(TRIES.c.steps, Text) != "[]"
        thinned += run(TRIES.update().where(piece, is_old, has_steps).values(steps=[])).rowcount
        db.session.commit()
        after = last
    db.session.commit()
    return thinned


def drop_tests() -> int:
    """Delete tests of settings when their steps would have been dropped; commits, returns how many there were.

    The last one that passed, and the last one that did not, stay for each account and direction: pages show them.
    """
    kept_for = timedelta(days=current_app.config["PSA_TRANSCRIPT_DAYS"])
    now = clock.now()
    old, very_old = now - kept_for, now - kept_for * TROUBLE_LASTS
    is_old = (TESTS.c.changed_at < very_old) | ((TESTS.c.changed_at < old) & (TESTS.c.state != "failed"))
    last = db.select(func.max(TESTS.c.id)).group_by(TESTS.c.account_id, TESTS.c.direction, TESTS.c.state)
    dropped = run(TESTS.delete().where(is_old, TESTS.c.id.not_in(last))).rowcount
    db.session.commit()
    return dropped


def end_of_piece(after: int) -> int | None:
    """The id with which the next piece ends; None when nothing is left."""
    following = db.select(TRIES.c.id).where(TRIES.c.id > after).order_by(TRIES.c.id).limit(PIECE).subquery()
    last: int | None = run(db.select(func.max(following.c.id))).scalar()
    return last
