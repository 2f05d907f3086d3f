"""What a full-loop test has made so far, in its row: whoever clears it away need not have been there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psa import clock
from psa.clients.models import ContactAddress
from psa.extensions import db
from psa.mail.models import ConnectionTest


@dataclass(slots=True)
class Remains:
    """Rows by their ids, messages by their Message-ID, and everything since a moment.

    ``is_over`` is said before clearing begins: what arrives from then on is ignored. ``is_cleared`` when nothing is
    left that another attempt could clear. Ids are forgotten once their rows are gone.
    """

    test_id: int
    since: datetime = field(default_factory=clock.now)
    outbound_ids: set[int] = field(default_factory=set)
    message_ids: set[str] = field(default_factory=set)
    ticket_ids: set[int] = field(default_factory=set)
    # What the run itself said on its ticket.
    comment_ids: set[int] = field(default_factory=set)
    # Our address as somebody who writes to us; empty when it was known as that before.
    new_contact: str = ""
    is_over: bool = False
    is_cleared: bool = False

    @classmethod
    def of(cls, test: ConnectionTest) -> Remains | None:
        """What was written down of a test; None when it had made nothing yet."""
        kept: dict[str, Any] | None = test.findings.get("remains")
        if kept is None:
            return None
        return cls(
            test.id,
            datetime.fromisoformat(kept["since"]),
            set(kept["outbound_ids"]),
            set(kept["message_ids"]),
            set(kept["ticket_ids"]),
            set(kept["comment_ids"]),
            kept["new_contact"],
            kept["is_over"],
            kept["is_cleared"],
        )

    def write(self) -> None:
        """Write it into the test's row, in the caller's transaction; the row may be gone with its account."""
        test = db.session.get(ConnectionTest, self.test_id, populate_existing=True)
        if test is None:
            return
        remains = {
            "since": self.since.isoformat(),
            "outbound_ids": sorted(self.outbound_ids),
            "message_ids": sorted(self.message_ids),
            "ticket_ids": sorted(self.ticket_ids),
            "comment_ids": sorted(self.comment_ids),
            "new_contact": self.new_contact,
            "is_over": self.is_over,
            "is_cleared": self.is_cleared,
        }
        test.findings = test.findings | {"remains": remains}

    def note_contact(self, address: str) -> None:
        """Remember whether ``address`` is already known as a contact's."""
        known = db.select(ContactAddress.id).where(ContactAddress.email == address.lower())
        self.new_contact = "" if db.session.scalar(known) is not None else address.lower()
        db.session.commit()
