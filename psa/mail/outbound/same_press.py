"""Whoever presses a button twice means one mail: which ones may still be of the same press."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement

from psa import clock
from psa.mail.models import OutboundEmail

SAME_PRESS = timedelta(minutes=1)
# What did not arrive may be sent again at once.
LOST = ("failed", "bounced", "cancelled")


def same_press() -> ColumnElement[bool]:
    """Whether a mail was queued just now, and is not lost. Ask it with a row locked that both presses need."""
    recent: ColumnElement[bool] = OutboundEmail.queued_at > clock.now() - SAME_PRESS
    return recent & OutboundEmail.status.not_in(LOST)


def is_same_press(at: datetime, status: str) -> bool:
    """The same of one that is at hand, queued ``at``."""
    return at > clock.now() - SAME_PRESS and status not in LOST
