"""Delivery reports about our own mail (RFC 3464 and the many that ignore it)."""

from __future__ import annotations

from psa import clock
from psa.extensions import db
from psa.mail.message import Report
from psa.mail.models import OutboundEmail
from psa.tickets.operations import Actor, note_event


def note_report(report: Report) -> tuple[int | None, str]:
    """Write the report to the message it is about; returns its ticket (or None) and the result in words."""
    named = ", ".join(recipient.email for recipient in report.recipients) or "an unnamed recipient"
    email = message_reported(report)
    if email is None:
        return None, f"A {report.kind} report about {named}; no message of ours is named in it"
    if report.kind != "bounce":
        return email.ticket_id, f"A {report.kind} report about our message to {named}"
    said = next((r.diagnostic or r.reason for r in report.recipients if r.diagnostic or r.reason), "no reason given")
    outbound = OutboundEmail.__table__
    db.session.execute(
        outbound.update().where(outbound.c.id == email.id).values(status="bounced", reason=f"{named}: {said}"[:2000])
    )
    if email.ticket_id is not None:
        note_event(email.ticket_id, "bounced", Actor(), clock.now(), detail={"to": named, "reason": said[:500]})
    return email.ticket_id, f"Our message to {named} bounced: {said}"


def message_reported(report: Report) -> OutboundEmail | None:
    if not report.original_message_id:
        return None
    email: OutboundEmail | None = db.session.scalar(
        db.select(OutboundEmail).where(OutboundEmail.message_id == report.original_message_id)
    )
    return email
