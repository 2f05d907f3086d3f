"""Time on tickets, in weeks and not yet billed, and the rates."""

from __future__ import annotations

from flask import Blueprint, Flask, abort
from flask_security import current_user

from psa.billing.durations import clock_face, spoken_hours
from psa.billing.models import TimeEntry
from psa.extensions import db

bp = Blueprint("billing", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, and give the templates the filters ``clock_face`` and ``spoken_hours``."""
    from psa.billing.views import rates, unbilled, week, work  # noqa: F401  (each adds its pages to the blueprint)

    app.register_blueprint(bp)
    app.add_template_filter(clock_face)
    app.add_template_filter(spoken_hours)


def entry_or_404(entry_id: int) -> TimeEntry:
    """An entry that the signed-in user may change: their own, and everybody's for an administrator."""
    entry = db.get_or_404(TimeEntry, entry_id)
    if entry.user_id != current_user.id and not current_user.is_admin:
        abort(403)
    return entry
