"""Waiting for what other threads, processes and browsers do: until it is so, however slow the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

from psa.extensions import db

# In seconds. Nobody waits so long for what comes; only what never comes costs it.
GENEROUS = 60.0


def wait_until(
    condition: Callable[[], object], limit: float = GENEROUS, *, pause: Callable[[], object] = lambda: time.sleep(0.02)
) -> float:
    """Ask again and again until ``condition`` is true; how many seconds it took. ``pause`` is what lies between."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < limit, "waited in vain"
        pause()
    return time.monotonic() - started


def seconds_until(condition: Callable[[], bool], limit: float = GENEROUS) -> float:
    """wait_until() with the database read anew each time."""

    def read_anew() -> bool:
        db.session.expire_all()
        db.session.rollback()
        return condition()

    return wait_until(read_anew, limit)
