"""The sum of a mailbox, as the ledger and the last look at the server have it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func

from psa.extensions import db
from psa.mail.models import InboundEmail, MailAccount
from psa.mail.watch.models import MailboxCheck

# What a message can be in the ledger, in the order in which the sum is read.
STATUSES = ("filed", "ignored", "reported", "held", "failed", "new")


@dataclass(frozen=True, slots=True)
class Sum:
    """whole = filed + ignored + reported + held + failed + new + before the start + unknown = on the server + removed.

    ``on_server`` is what the server held at the last look, None before the first one. ``before_start`` lay there before
    the PSA was connected, as the last check counted it; before any check it is what is left over. ``removed`` is in the
    ledger but not in the mailbox: moved, deleted, or taken in another way. ``unknown`` is there and nobody knows why.
    """

    counts: dict[str, int]
    on_server: int | None
    before_start: int
    removed: int
    unknown: int

    @property
    def kept(self) -> int:
        return sum(self.counts.values())

    @property
    def whole(self) -> int:
        """All messages that we know of, wherever they are now."""
        return self.kept + self.before_start + self.unknown

    @property
    def gone(self) -> str:
        """How many of them the mailbox does not hold now, in a sentence; empty when it holds all of them."""
        if not self.removed:
            return ""
        if not self.on_server:
            return "None of them is in the mailbox now."
        return f"{self.removed:,} of them {'is' if self.removed == 1 else 'are'} not in the mailbox now."

    @property
    def waiting(self) -> int:
        """Messages that wait for a person."""
        return self.counts["held"] + self.counts["failed"]


def sum_of(account: MailAccount, check: MailboxCheck | None) -> Sum:
    """Counted, never assumed; ``check`` is the last one of the mailbox that is read now."""
    counts = counts_of([account.id])[account.id]
    kept, there = sum(counts.values()), account.on_server
    if there is None:
        return Sum(counts, None, 0, 0, 0)
    before = check.counted.get("before_start", 0) if check is not None else max(0, there - kept)
    return Sum(counts, there, before, max(0, kept + before - there), max(0, there - kept - before))


def counts_of(account_ids: list[int], statuses: tuple[str, ...] = STATUSES) -> dict[int, dict[str, int]]:
    """How many messages of each mailbox have each of ``statuses``: each number from a range of the index alone."""
    numbers = [
        db.select(func.count())
        .where(InboundEmail.account_id == MailAccount.id, InboundEmail.status == status)
        .correlate(MailAccount)
        .scalar_subquery()
        .label(status)
        for status in statuses
    ]
    rows = db.session.execute(db.select(MailAccount.id, *numbers).where(MailAccount.id.in_(account_ids)))
    return {row.id: {status: getattr(row, status) for status in statuses} for row in rows}
