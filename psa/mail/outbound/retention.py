"""How long the steps of a delivery are kept: they are what an attempt is made of, by size, and of no use for ever.

What was tried, when, with which outcome and the server's last words stay as long as the message. Tests of settings go
as a whole, but for the last of each kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Text, cast, func, true

from psa import clock
from psa.extensions import db, run
from psa.mail.models import ConnectionTest, DeliveryAttempt

TRIES, TESTS = DeliveryAttempt.__table__, ConnectionTest.__table__
# What did not go through is kept so many times as long: it is asked about long after, and there is little of it.
TROUBLE_LASTS = 12
# Attempts that are looked at in one transaction: nobody waits for a walk through all of them.
PIECE = 2000


@dataclass(slots=True)
class Done:
    """The ids up to which this process has dealt with every attempt: those that sent, and the others.

    A process that begins walks through all once: what is kept for how long may have been changed.
    """

    sent: int = 0
    all: int = 0


def thin_out() -> int:
    """Drop the steps of attempts that are older than PSA_TRANSCRIPT_DAYS; commits, returns how many there were.

    Looks at those that have become old enough since this process last did so.
    """
    kept_for = timedelta(days=current_app.config["PSA_TRANSCRIPT_DAYS"])
    now, done = clock.now(), current_app.extensions.setdefault("psa.retention", Done())
    newest: int = run(db.select(func.coalesce(func.max(TRIES.c.id), 0))).scalar_one()
    if newest < max(done.sent, done.all):
        # The latest were deleted, and SQLite gives their ids once more.
        done.sent = done.all = 0
    done.sent, of_sent = walk(done.sent, now - kept_for, TRIES.c.outcome == "sent")
    done.all, of_all = walk(done.all, now - kept_for * TROUBLE_LASTS, true())
    return of_sent + of_all


def walk(after: int, old: datetime, which: ColumnElement[bool]) -> tuple[int, int]:
    """Drop the steps of ``which`` attempts that ended before ``old``; commits after each piece.

    Goes along the primary key, whose order is that of time, from the one ``after`` up to the first piece in which
    nothing is old enough. Returns the id up to which everything is, and how many attempts had steps.
    """
    done, thinned = after, 0
    has_steps = cast(TRIES.c.steps, Text) != "[]"
    while last := end_of_piece(after):
        piece = TRIES.c.id.between(after + 1, last)
        times = db.select(func.min(TRIES.c.finished_at), func.max(TRIES.c.finished_at)).where(piece)
        oldest, newest = tuple(run(times).one())
        if oldest is not None and oldest >= old:
            break
        these = TRIES.update().where(piece, which, TRIES.c.finished_at < old, has_steps)
        thinned += run(these.values(steps=[])).rowcount
        db.session.commit()
        # From a piece that is old in part the next walk begins.
        done = last if done == after and (newest is None or newest < old) else done
        after = last
    db.session.commit()
    return done, thinned


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
