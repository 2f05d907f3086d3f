"""A person says whether a message belongs to the ticket that was suggested for it."""

from __future__ import annotations

from dataclasses import replace

from psa.extensions import db
from psa.mail.inbound.process import once_more
from psa.mail.inbound.routing import Desk
from psa.tickets import suggestions
from psa.tickets.merging import standing_ticket
from psa.tickets.operations import Actor
from psa.tickets.relations import Suggestion
from psa.tickets.suggestions import RefusedSuggestion


def accept(suggestion: Suggestion, by: Actor) -> int:
    """Bring the message to its ticket, whether it has one of its own or is held; returns that ticket's number. Commits.

    Raises RefusedSuggestion.
    """
    if suggestions.comment_of(suggestion) is not None:
        number = suggestions.accept(suggestion, by)
        db.session.commit()
        return number
    ticket = standing_ticket(suggestion.ticket_id)
    if ticket is None:
        raise RefusedSuggestion(f"#{suggestion.ticket_id} does not exist any more.")
    suggestions.decide(suggestion, "accepted", by)
    desk = replace(Desk.of_message(suggestion.inbound_id).converting(), onto=ticket.id)
    disposition = once_more(suggestion.inbound_id, desk)
    if disposition is None or disposition.ticket_id != ticket.id:
        db.session.rollback()
        raise RefusedSuggestion("The message could not be filed there. Its page says what became of it.")
    return ticket.id
