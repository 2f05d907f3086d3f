"""Admin > Firm > Reminders: the schedule, and what will leave next. And which clients are spared."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.auth.guards import admin_required, agent_required
from psa.billing.mailing import schedule
from psa.billing.mailing.models import UnremindedClient
from psa.billing.mailing.reminders import coming
from psa.billing.mailing.schedule import RefusedStep
from psa.billing.mailing.views import bp
from psa.clients.models import Client
from psa.clock import today
from psa.extensions import db
from psa.notifications import choices

SIDES = {"before": "days before the due date", "on": "on the due date", "after": "days after the due date"}


@bp.get("/admin/reminders")
@admin_required
def reminders() -> str:
    return render_page()


@bp.post("/admin/reminders")
@admin_required
def add_step() -> Response:
    side, typed = request.form.get("side", ""), request.form.get("days", "").strip()
    try:
        schedule.add_step(days_of(side, typed))
    except RefusedStep as reason:
        db.session.rollback()
        return make_response(render_page(str(reason), side, typed), 422)
    db.session.commit()
    return redirect(url_for("documents.reminders"), 303)


@bp.post("/admin/reminders/usual")
@admin_required
def take_usual() -> Response:
    schedule.take_usual()
    db.session.commit()
    return redirect(url_for("documents.reminders"), 303)


@bp.post("/admin/reminders/<int:step_id>/removal")
@admin_required
def remove_step(step_id: int) -> Response:
    schedule.remove_step(step_id)
    db.session.commit()
    return redirect(url_for("documents.reminders"), 303)


@bp.post("/clients/<int:client_id>/reminders")
@agent_required
def remind_client(client_id: int) -> Response:
    """Remind a client of what is due, or never."""
    client = db.get_or_404(Client, client_id)
    wanted = request.form.get("remind") == "y"
    schedule.remind(client.id, wanted, current_user.id)
    db.session.commit()
    flash(f"{client.name} is reminded of what is due." if wanted else f"Nobody reminds {client.name} from now on.")
    return redirect(url_for("documents.statement", client_id=client.id), 303)


def days_of(side: str, typed: str) -> int:
    """The days after the due date, below zero before it. Raises RefusedStep."""
    if side == "on":
        return 0
    if side not in SIDES or not typed.isdecimal() or not typed.isascii() or not 0 < len(typed) < 5 or not int(typed):
        raise RefusedStep("Write how many days before or after the due date, as a number.")
    return -int(typed) if side == "before" else int(typed)


def render_page(refused: str = "", side: str = "after", typed: str = "") -> str:
    now = today()
    return render_template(
        "billing/documents/reminders.html",
        steps=[(step, schedule.words_of(step.days), schedule.kind_of(step.days)) for step in schedule.steps()],
        is_on=choices.is_on,
        usual=schedule.USUAL,
        coming=coming(now),
        today=now,
        spared=spared_clients(),
        sides=SIDES,
        refused=refused,
        side=side,
        typed=typed,
    )


def spared_clients() -> list[Client]:
    spared = db.select(Client).join(UnremindedClient, UnremindedClient.client_id == Client.id)
    return list(db.session.scalars(spared.order_by(Client.name).limit(200)))
