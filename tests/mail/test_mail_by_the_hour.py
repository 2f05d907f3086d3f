"""Mail is counted in the hour in which it came, to its last moment, on either database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from psa.extensions import db, insert_row
from psa.mail.models import InboundEmail
from psa.mail.queries import by_hour


def test_what_comes_just_before_the_hour_is_not_counted_in_the_next_one(cast):
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    for after in (
        timedelta(0),
        timedelta(hours=1, milliseconds=-300),
        timedelta(hours=1),
        timedelta(days=1, seconds=-0.3),
    ):
        then = midnight + after
        insert_row(InboundEmail, account_id=cast.inbound.id, kept_at=then, arrived_at=then, status="filed")
    db.session.commit()
    assert by_hour(InboundEmail.kept_at, midnight) == {0: 2, 1: 1, 23: 1}
