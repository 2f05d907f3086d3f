"""Why a ticket is under its client: by whom or by what it was placed there, in a sentence."""

from __future__ import annotations

from psa.clients.operations import find_person
from psa.extensions import db
from psa.mail.models import InboundEmail
from psa.mail.trace import sentence
from psa.tickets.models import Comment, Event, Ticket


def why_client(ticket: Ticket) -> str:
    """What has told whose ticket it is: a person, else what its first message was known by, else its requester.

    Empty where nothing of it is known any more.
    """
    return sentence(placed_by_hand(ticket) or told_by_trace(ticket) or told_by_requester(ticket))


def placed_by_hand(ticket: Ticket) -> str:
    changed = db.session.scalars(
        db.select(Event).where(Event.ticket_id == ticket.id, Event.kind == "client").order_by(Event.id.desc()).limit(1)
    ).first()
    if changed is None:
        return ""
    if changed.user is None:
        return "it was placed there when the client became known"
    return f"{changed.user.name} placed it there" if ticket.client_id else f"{changed.user.name} took it away from one"


def told_by_trace(ticket: Ticket) -> str:
    """What the trace of the first message says about this client; a rule has the last word there."""
    trace = db.session.scalar(
        db.select(InboundEmail.trace)
        .join(Comment, Comment.inbound_id == InboundEmail.id)
        .where(Comment.ticket_id == ticket.id)
        .order_by(Comment.id)
        .limit(1)
    )
    name = ticket.client.name if ticket.client is not None else "Unknown"
    said = [str(step.get("detail", "")) for step in trace or () if (step["step"], step["verdict"]) == ("Client", name)]
    return said[-1] if said else ""


def told_by_requester(ticket: Ticket) -> str:
    who = ticket.requester
    if who is None:
        return ""
    if ticket.client_id is not None and who.client_id == ticket.client_id:
        return f"{who.display_name} is a contact of theirs"
    domain = find_person(who.email).domain if who.email else ""
    if ticket.client_id is not None:
        return f"by Sender Domain {domain}" if domain else ""
    return f"neither {who.email} nor its domain belongs to a client" if who.email and not domain else ""
