"""Incidents: which there are, what led to them, and how they end: by one click, or by themselves after a quiet hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from psa import clock
from psa.alerts.models import Alert
from psa.alerts.operations import Trouble, close_alert
from psa.extensions import db
from psa.mail.fuse.models import AutomaticAnswer, Incident
from psa.mail.fuse.operations import ANSWERS, KEPT, QUIET, trouble
from psa.mail.models import InboundEmail

CLOSED_SHOWN, ANSWERS_SHOWN = 50, 20


def open_incidents() -> list[Incident]:
    """Those that stop answers now, the newest first."""
    still = db.select(Incident).where(Incident.closed_at.is_(None))
    return list(db.session.scalars(still.order_by(Incident.opened_at.desc(), Incident.id.desc())))


def closed_incidents() -> list[Incident]:
    """The latest that are over."""
    over = db.select(Incident).where(Incident.closed_at.is_not(None))
    return list(db.session.scalars(over.order_by(Incident.closed_at.desc(), Incident.id.desc()).limit(CLOSED_SHOWN)))


@dataclass(frozen=True, slots=True)
class Line:
    """One answer of an incident: to whom, whether it left, and the message that it is about, where that is known."""

    at: datetime
    address: str
    given: bool
    inbound_id: int | None
    subject: str
    ticket_id: int | None


def last_answers(incident: Incident) -> list[Line]:
    """The latest answers that led to an incident or were stopped by it."""
    columns = (AutomaticAnswer.at, AutomaticAnswer.address, AutomaticAnswer.given, InboundEmail.id)
    query = (
        db.select(*columns, InboundEmail.subject, InboundEmail.ticket_id)
        .outerjoin(InboundEmail, InboundEmail.id == AutomaticAnswer.inbound_id)
        .where(AutomaticAnswer.incident_id == incident.id)
        .order_by(AutomaticAnswer.id.desc())
        .limit(ANSWERS_SHOWN)
    )
    return [
        Line(row.at, row.address, row.given, row.id, row.subject or "(no subject)", row.ticket_id)
        for row in db.session.execute(query)
    ]


def resume(incident: Incident, by: str) -> None:
    """Let machines answer again, counting anew. The caller commits."""
    end(incident, f"Resumed by {by}")


def end(incident: Incident, words: str) -> None:
    if incident.closed_at is None:
        incident.open_key, incident.closed_at, incident.closing_words = None, clock.now(), words
        close_alert(f"loop:{incident.id}", words)


def blown_fuses(now: datetime) -> Iterator[Trouble]:
    """What is stopped, for the watchman; what has been quiet for long enough goes on, and old counts are forgotten."""
    for incident in open_incidents():
        if incident.last_at < now - QUIET:
            end(incident, "Resumed by itself: nothing came for an hour that would have been answered")
        else:
            yield trouble(incident)
    db.session.execute(ANSWERS.delete().where(ANSWERS.c.at < now - KEPT))


def ended(alert: Alert) -> str | None:
    """How an incident ended, None while it has not."""
    incident = db.session.get(Incident, int((alert.open_key or "").partition(":")[2] or 0))
    if incident is None:
        return "The incident is not there any more."
    return incident.closing_words if incident.closed_at is not None else None
