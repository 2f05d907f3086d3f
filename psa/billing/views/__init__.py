"""Time on tickets, in weeks and not yet billed, and the rates."""

from __future__ import annotations

from flask import Blueprint, Flask, abort
from flask_security import current_user

from psa.billing.durations import clock_face
from psa.billing.models import TimeEntry
from psa.billing.queries import TicketTime, time_on_ticket
from psa.extensions import db
from psa.tickets.models import Ticket

bp = Blueprint("billing", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, and give the templates ``time_on(ticket)`` and the filter ``clock_face``."""
    from psa.billing.views import rates, ticket, unbilled, week  # noqa: F401  (each adds its pages to the blueprint)

    app.register_blueprint(bp)
    app.add_template_global(time_on)
    app.add_template_filter(clock_face)


def time_on(ticket: Ticket) -> TicketTime:
    """The time on a ticket, as the signed-in user sees it."""
    return time_on_ticket(ticket.id, current_user.id)


def entry_or_404(entry_id: int) -> TimeEntry:
    """An entry that the signed-in user may change: their own, and everybody's for an administrator."""
    entry = db.get_or_404(TimeEntry, entry_id)
    if entry.user_id != current_user.id and not current_user.is_admin:
        abort(403)
    return entry
