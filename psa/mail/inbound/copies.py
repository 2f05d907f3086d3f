"""The same mail in two of our mailboxes, or in two folders: one of the copies answers for it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam

from psa.extensions import db, insert_unless_there, run
from psa.mail.inbound.disposition import Disposition, Trace
from psa.mail.inbound.receive import Kept
from psa.mail.message import ParsedEmail
from psa.mail.models import FiledMail, InboundEmail
from psa.tickets import operations

if TYPE_CHECKING:
    from psa.mail.inbound.routing import Desk

MAILS, FILED = InboundEmail.__table__, FiledMail.__table__
ANSWERS_FOR = FILED.select().where(FILED.c.content_hash == bindparam("content_hash"))
WAITS = db.select(MAILS.c.status).where(MAILS.c.id == bindparam("inbound_id"))
TAKE_OVER = FILED.update().where(FILED.c.content_hash == bindparam("identity")).values(inbound_id=bindparam("kept_id"))
FIRST_COPY = db.select(MAILS.c.ticket_id, MAILS.c.account_id, MAILS.c.status, MAILS.c.reason).where(
    MAILS.c.id == bindparam("inbound_id")
)


def told_of_copy(email: ParsedEmail, kept: Kept, desk: Desk, trace: Trace) -> Disposition | None:
    """Leave a copy of a mail that was dealt with already, and tell its ticket; None for a first one."""
    same = answers_already(email, kept)
    if same is None:
        return None
    likeness = "has the same Message-ID and content" if email.message_id else "is the same to the byte"
    trace.note("Seen before", "Yes", f"message {same} {likeness}")
    first = run(FIRST_COPY, {"inbound_id": same}).one()
    tell_of_copy(first, desk)
    return Disposition("ignored", f"It is the same mail as one that {fate_of(first)}", same_as_id=same)


def answers_already(email: ParsedEmail, kept: Kept) -> int | None:
    """The other message that is this very mail (another mailbox of ours got it too), by Message-ID *and* content.

    A mail without Message-ID must be the same to the byte, with its Received lines and their times: so it is when it
    was moved to another folder that is read too. Whoever comes first takes the mail's one row, in the transaction that
    files it; a second one waits here for it.
    """
    identity = email.content_hash if email.message_id else hashlib.sha256(b"raw " + kept.raw).hexdigest()
    if insert_unless_there(FiledMail, content_hash=identity, inbound_id=kept.id):
        return None
    # Taken: by another message, or by this one when it is dealt with once more.
    taken_by: int = run(ANSWERS_FOR, {"content_hash": identity}).one().inbound_id
    if taken_by == kept.id or run(WAITS, {"inbound_id": taken_by}).one().status in ("held", "failed"):
        # A copy that waits for a person has filed nothing: this one goes its own way, and answers for the mail now.
        run(TAKE_OVER, {"identity": identity, "kept_id": kept.id})
        return None
    return taken_by


def fate_of(first: Row[Any]) -> str:
    """What became of the first copy, in words that follow “one that”."""
    if first.status == "ignored":
        return f"is ignored: {first.reason}"
    return "was a report" if first.status == "reported" else "is filed already"


def tell_of_copy(first: Row[Any], desk: Desk) -> None:
    """Note on the ticket of a mail that another mailbox of ours got it too."""
    if first.ticket_id is not None and first.account_id != desk.account_id:
        operations.note_mail(first.ticket_id, f"The same mail came to {desk.address} too.")
