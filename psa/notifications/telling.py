"""Telling a user of something: at once by a mail of its own, or later with their digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from psa import clock
from psa.auth.models import User
from psa.extensions import db, insert_row
from psa.mail import accounts
from psa.mail.fuse.operations import may_answer
from psa.mail.outbound.compose import Unwritable
from psa.notifications.audience import Cause, Hearer, of_user
from psa.notifications.letters import PURPOSE, write_about_work
from psa.notifications.models import Notice
from psa.tickets.notifications import NobodyToWriteTo

log = structlog.get_logger()

# Whoever gets more than this within an hour gets the rest together, with the next full hour.
MOST_AN_HOUR = 20


@dataclass(frozen=True, slots=True)
class Happening:
    """What a user may hear of: its kind (psa.notifications.kinds), and the line and the page for a digest.

    ``path`` begins at the root, as /projects/3/tasks/12; a ticket is named by its id instead.
    """

    kind: str
    words: str
    path: str = ""
    ticket_id: int | None = None


def tell(user: User, what: Happening, facts: Mapping[str, object], cause: Cause | None = None) -> bool:
    """Tell a user of what concerns them alone, unless they or the firm do not want it, or it was their own doing.

    ``facts`` are what the template of the kind speaks of, without the user. Queues and flushes in the caller's
    transaction; returns whether they hear of it, now or later. Raises KeyError for what is no kind.
    """
    account = accounts.default_outbound()
    if account is None:
        return False
    hearers = of_user(what.kind, user, cause or Cause()).hearers
    return any(reach(one, what, lambda: write_about_work(user, what.kind, account, facts)) for one in hearers)


def reach(hearer: Hearer, what: Happening, write: Callable[[], int]) -> bool:
    """``write`` to the user now, or let it wait for their digest; False when nobody can write to them."""
    user = hearer.person
    assert isinstance(user, User)
    outbound_id = None
    if not hearer.later and told_this_hour(user.id) < MOST_AN_HOUR and not may_answer(user.email, PURPOSE):
        try:
            outbound_id = write()
        except (NobodyToWriteTo, Unwritable) as reason:
            log.warning("a user could not be told", user=user.id, kind=what.kind, reason=str(reason))
            return False
    now = clock.now()
    insert_row(
        Notice,
        user_id=user.id,
        kind=what.kind,
        ticket_id=what.ticket_id,
        words=what.words,
        path=what.path,
        made_at=now,
        left_at=now if outbound_id is not None else None,
        outbound_id=outbound_id,
    )
    return True


def told_this_hour(user_id: int) -> int:
    """How many mails of their own the user had within the hour."""
    an_hour_ago = clock.now() - timedelta(hours=1)
    mails = db.func.count(db.distinct(Notice.outbound_id))
    return db.session.scalar(db.select(mails).where(Notice.user_id == user_id, Notice.left_at > an_hour_ago)) or 0
