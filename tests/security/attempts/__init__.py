"""All attempts, chapter by chapter."""

from __future__ import annotations

from tests.security.attempt import Attempt
from tests.security.attempts import as_a_client, as_one_of_us, by_headers, by_machines, into_a_ticket

CHAPTERS = (
    as_a_client.ATTEMPTS,
    into_a_ticket.ATTEMPTS,
    as_one_of_us.ATTEMPTS,
    by_headers.ATTEMPTS,
    by_machines.ATTEMPTS,
)
ALL: tuple[Attempt, ...] = tuple(attempt for chapter in CHAPTERS for attempt in chapter)
