"""Alerts: a line above every page, and the list of all of them for administrators."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import Blueprint, Flask, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.alerts import operations
from psa.alerts.models import Alert
from psa.auth.guards import admin_required, agent_required
from psa.extensions import db

bp = Blueprint("alerts", __name__)

CLOSED_SHOWN = 50


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.add_template_global(strip, "alert_strip")


@dataclass(frozen=True, slots=True)
class Strip:
    """What stands above the pages; ``seen`` changes when it does."""

    alerts: list[Alert]
    seen: str


def strip() -> Strip | None:
    """The open alerts that concern the reader."""
    if not current_user.is_authenticated:
        return None
    alerts = operations.alerts_for(current_user)
    state = [(alert.id, alert.title) for alert in alerts]
    return Strip(alerts, hashlib.sha256(repr(state).encode()).hexdigest()[:12])


@bp.get("/admin/alerts/open")
@agent_required
def show_strip() -> Response:
    """The line again, or 204 while it is as the page has it."""
    current = strip()
    if current is None or request.args.get("seen") == current.seen:
        return make_response("", 204)
    return make_response(render_template("alerts/_strip.html"))


@bp.get("/admin/alerts")
@admin_required
def index() -> str:
    return render_template(
        "alerts/index.html", open=operations.open_alerts(), closed=operations.closed_alerts(CLOSED_SHOWN)
    )


@bp.post("/admin/alerts/<int:alert_id>/dismissal")
@admin_required
def dismiss(alert_id: int) -> Response:
    """Take it off the pages until the same trouble begins anew."""
    operations.dismiss(db.get_or_404(Alert, alert_id), current_user.name)
    db.session.commit()
    return redirect(url_for("alerts.index"), 303)
