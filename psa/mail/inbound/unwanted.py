"""Mail that nobody wants: from who is blocked, and what the filter in front of the mailbox calls spam."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psa.clients.operations import find_person
from psa.mail.blocking.models import FILTER, JUNK
from psa.mail.blocking.operations import find_block, note_hit
from psa.mail.inbound.disposition import Disposition, Trace
from psa.mail.message import ParsedEmail
from psa.mail.message.head.spam import read_spam

if TYPE_CHECKING:
    from psa.mail.inbound.routing import Desk


def kept_out(email: ParsedEmail, desk: Desk, trace: Trace) -> Disposition | None:
    """The end of a message from a blocked sender, or of spam where the mailbox wants that; None for all others.

    What a person has decided to make a ticket of goes on.
    """
    return blocked(email, desk, trace) or called_spam(email, desk, trace)


def blocked(email: ParsedEmail, desk: Desk, trace: Trace) -> Disposition | None:
    if not desk.blocks_somebody or email.sender is None:
        return None
    found = find_block(email.sender.email)
    if found is None:
        return None
    if desk.takes_anything:
        trace.note("Blocked", "Not heeded", f"{found.words}, but a person wants it")
        return None
    trace.note("Blocked", "Yes", found.words)
    note_hit(found.id)
    if desk.trusts.user_at(email.sender.email) is not None:
        return Disposition("held", f"Blocked: {found.words}, but it is the address of one of us", kind="blocked")
    return Disposition("ignored", f"Blocked: {found.words}", kind="blocked")


def called_spam(email: ParsedEmail, desk: Desk, trace: Trace) -> Disposition | None:
    verdict = read_spam(email.tree.headers)
    if verdict is None:
        return None
    trace.note(FILTER, "Spam" if verdict.is_spam else "Clean", verdict.words)
    if not verdict.is_spam or desk.spam == "file" or desk.takes_anything:
        return None
    reason = f"The filter in front of the mailbox calls it spam ({verdict.words})"
    if desk.spam == "hold":
        return Disposition("held", reason, kind=JUNK)
    if email.sender is not None and desk.trusts.user_at(email.sender.email) is not None:
        # Nobody would tell an agent that the client never got the answer.
        return Disposition("held", f"{reason}, but it is from the address of one of us", kind=JUNK)
    if email.sender is not None and is_client(email.sender.email, desk):
        # A filter errs, and nothing that a client writes is dropped.
        return Disposition("held", f"{reason}, but a client wrote it", kind=JUNK)
    return Disposition("ignored", reason, kind=JUNK)


def is_client(address: str, desk: Desk) -> bool:
    return bool(address) and find_person(address, desk.client_of_domain).client_id is not None
