"""Letters of the full-loop test (psa/mail/loop), known by their Message-ID: a late one is nobody's ticket."""

from __future__ import annotations

import re
import secrets

from psa.extensions import db
from psa.mail.models import ConnectionTest

SHAPE = re.compile(r"loop\.([0-9]{1,9})\.[0-9a-f]{24}@")


def new_message_id(test_id: int, domain: str) -> str:
    """Not one of ours: those are signed, and it would be taken for our own mail coming back."""
    return f"loop.{test_id}.{secrets.token_hex(12)}@{domain}"


def ended_test_of(message_id: str | None) -> int | None:
    """The full-loop test that sent this and is over; None while it runs, and for all other mail."""
    named = SHAPE.match(message_id or "")
    if named is None:
        return None
    test_id = int(named[1])
    asked = db.select(ConnectionTest.state, ConnectionTest.findings).where(ConnectionTest.id == test_id)
    test = db.session.execute(asked).one_or_none()
    # Anybody can write such a Message-ID; only the test knows which ones it made.
    remains = test.findings.get("remains", {}) if test is not None else {}
    if test is None or message_id not in remains.get("message_ids", ()):
        return None
    return test_id if remains["is_over"] or test.state != "running" else None
