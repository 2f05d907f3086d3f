"""Waiting for what other threads do."""

from __future__ import annotations

import time
from collections.abc import Callable

from psa.extensions import db


def seconds_until(condition: Callable[[], bool], limit: float = 10) -> float:
    """How long it took until ``condition`` was true, with the database read anew each time."""
    started = time.monotonic()
    while True:
        db.session.expire_all()
        db.session.rollback()
        if condition():
            return time.monotonic() - started
        assert time.monotonic() - started < limit, "waited in vain"
        time.sleep(0.02)
