"""Telling a sender that their ticket is open: only a person who wrote now, and only where it can do no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psa.mail.inbound.classify import Kind
from psa.mail.inbound.disposition import Trace
from psa.mail.inbound.receive import Kept
from psa.mail.message import Address, ParsedEmail
from psa.tickets import notifications

if TYPE_CHECKING:
    from psa.mail.inbound.routing import Desk


def acknowledge(
    ticket_id: int, sender: Address, email: ParsedEmail, kind: Kind, kept: Kept, desk: Desk, trace: Trace
) -> None:
    """Tell the sender that the ticket is open, where that is wanted and can do no harm."""
    if not desk.acknowledges:
        return
    if kind is not Kind.PERSON or email.automatic is not None:
        trace.note("Answer", "None", "neither automatic mail nor a mailing list is ever answered by machine")
    elif email.answer_unwanted:
        trace.note("Answer", "None", f"its sender wants no answer by machine ({email.answer_unwanted})")
    elif kept.backlog:
        trace.note("Answer", "None", "it is from before the PSA was connected")
    elif not sender.email:
        trace.note("Answer", "None", "there is nobody to answer to")
    else:
        answered, words = notifications.ticket_opened(ticket_id, email.message_id, desk.answers_with)
        trace.note("Answer", "Queued" if answered else "None", words)
