"""Guessing passwords is slow: after a few wrong ones an address, or the place they come from, waits a minute.

Counted in the database, because each worker's memory would count for itself.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, func

from psa import clock
from psa.auth.models import LoginAttempt
from psa.extensions import db

LIMIT_PER_EMAIL = 5
LIMIT_PER_IP = 20
WINDOW = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)


def note_attempt(email: str, ip: str) -> bool:
    """Count a try to sign in. False: too many have failed, so the password must not even be looked at.

    Written and committed before the password is checked, so that a hundred tries at once see each other; a try that
    succeeds is taken back by ``forget_attempts``. One that is turned away leaves no trace and makes no pause longer.
    """
    now = clock.now()
    db.session.execute(db.delete(LoginAttempt).where(LoginAttempt.at < now - WINDOW))
    attempt = LoginAttempt(email=email, ip=ip, at=now)
    db.session.add(attempt)
    db.session.commit()
    allowed = all(
        has_room(attempt, column == value, limit)
        for column, value, limit in (
            (LoginAttempt.email, email, LIMIT_PER_EMAIL),
            (LoginAttempt.ip, ip, LIMIT_PER_IP),
        )
    )
    if not allowed:
        db.session.delete(attempt)
        db.session.commit()
    return allowed


def has_room(attempt: LoginAttempt, same: ColumnElement[bool], limit: int) -> bool:
    """Whether fewer than ``limit`` others failed within the window, or the last of them is a pause ago."""
    count, last = db.session.execute(
        db.select(func.count(), func.max(LoginAttempt.at)).where(same, LoginAttempt.id != attempt.id)
    ).one()
    return bool(count < limit or attempt.at - last >= PAUSE)


def tries_left(email: str) -> int:
    """How many more wrong passwords this address has before the pause."""
    failed = db.session.scalar(db.select(func.count()).where(LoginAttempt.email == email)) or 0
    return max(0, LIMIT_PER_EMAIL - failed)


def forget_attempts(email: str) -> None:
    """The right password was given."""
    db.session.execute(db.delete(LoginAttempt).where(LoginAttempt.email == email))
