"""What lay in a mailbox before the PSA was connected: nobody is notified of it, and of nothing else is it said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from psa.mail.inbound.mailbox import Fetched
from psa.mail.inbound.receive import is_backlog

CONNECTED = datetime(2026, 11, 23, 9, 30, 5, 700_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arrived", "before"),
    [
        (CONNECTED - timedelta(seconds=2), True),
        # Later in the very second: the server tells only which second it was.
        (CONNECTED.replace(microsecond=0), False),
        (CONNECTED + timedelta(seconds=1), False),
    ],
)
def test_a_server_tells_the_time_in_whole_seconds(cast, arrived, before):
    cast.inbound.created_at = CONNECTED
    message = Fetched(key=1, size=10, arrived_at=arrived, packed=None)
    assert is_backlog(cast.inbound, None, message, by_time=False) is before
