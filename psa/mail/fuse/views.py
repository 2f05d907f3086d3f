"""Incidents: what is stopped, what led to it, and the button that lets answers leave again."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.extensions import db
from psa.mail.fuse import incidents
from psa.mail.fuse.models import Incident
from psa.mail.fuse.operations import BUDGETS

bp = Blueprint("fuse", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/mail/incidents")
@agent_required
def index() -> str:
    return render_template(
        "mail/fuse/index.html",
        open=incidents.open_incidents(),
        closed=incidents.closed_incidents(),
        budgets=BUDGETS,
    )


@bp.get("/mail/incidents/<int:incident_id>")
@agent_required
def show(incident_id: int) -> str:
    incident = incident_or_404(incident_id)
    return render_template("mail/fuse/incident.html", incident=incident, answers=incidents.last_answers(incident))


@bp.post("/mail/incidents/<int:incident_id>/resumption")
@agent_required
def resume(incident_id: int) -> Response:
    """Let answers leave again."""
    incidents.resume(incident_or_404(incident_id), current_user.name)
    db.session.commit()
    flash("Automatic answers leave again. They are counted anew.")
    return redirect(url_for("fuse.show", incident_id=incident_id), 303)


def incident_or_404(incident_id: int) -> Incident:
    return db.get_or_404(Incident, incident_id)
