"""One of many that are told: each in a transaction of its own, so that none keeps the others from being told."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy.exc import OperationalError

from psa.extensions import db

log = structlog.get_logger()


def by_itself(tell: Callable[[], int], give_up: Callable[[], object], complaint: str, **about: object) -> int:
    """What ``tell`` returns; 0 where it cannot be done, and then it is given up and ``complaint`` logged. Commits."""
    try:
        told = tell()
        db.session.commit()
        return told
    except OperationalError:
        # The database itself is in trouble: nothing is lost, the next round comes.
        db.session.rollback()
        raise
    except Exception:
        db.session.rollback()
        log.exception(complaint, **about)
        give_up()
        db.session.commit()
        return 0
