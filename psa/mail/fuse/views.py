"""Incidents: what is stopped, what led to it, and the button that lets answers leave again."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.admin.models import Firm
from psa.auth.guards import admin_required, agent_required
from psa.extensions import db, lock_row
from psa.mail.fuse import incidents
from psa.mail.fuse.limits import FEWEST, LIMITS, WINDOWS, BadLimits, changes, in_force, in_words, set_limits
from psa.mail.fuse.models import Incident
from psa.revisions import mark_of
from psa.saving import now_is, was_shown

bp = Blueprint("fuse", __name__)

# How many, and within how many minutes, by the keys of the limits.
Typed = dict[str, tuple[str, str]]


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/mail/incidents")
@agent_required
def index() -> str:
    return render_template(
        "mail/fuse/index.html",
        open=incidents.open_incidents(),
        closed=incidents.closed_incidents(),
        limits=[(limit, budget) for limit, budget in zip(LIMITS, in_force().values(), strict=True)],
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


@bp.get("/admin/email/limits")
@admin_required
def limits() -> str:
    """How much machines may answer, and who has set it."""
    return limits_page(as_typed(), {})


@bp.post("/admin/email/limits")
@admin_required
def save_limits() -> Response | tuple[str, int]:
    """Set all limits; they count from the next answer on. What somebody else has set meanwhile is said, and stays."""
    # Of two at once the second waits, and then sees what the first has set.
    lock_row(Firm, 1)
    form = request.form
    wanted = {one.key: (form.get(f"{one.key}-most", ""), form.get(f"{one.key}-minutes", "")) for one in LIMITS}
    if not was_shown(form.get("shown"), as_typed()) and (theirs := set_meanwhile(wanted)):
        db.session.rollback()
        return limits_page(wanted, {}, theirs), 422
    try:
        changed = set_limits(wanted, current_user.id)
    except BadLimits as error:
        db.session.rollback()
        return limits_page(wanted, error.faults), 422
    db.session.commit()
    flash("Saved. It counts from the next answer on." if changed else "Nothing was changed.")
    return redirect(url_for("fuse.limits"), 303)


def as_typed() -> Typed:
    """What is in force, as the form shows it."""
    return {key: (str(one.most), str(one.minutes)) for key, one in in_force().items()}


def set_meanwhile(wanted: Typed) -> list[str]:
    """What is in force by now where something else was entered, a sentence each."""
    now, saved = in_force(), as_typed()
    return [
        now_is(one.title, in_words(now[one.key].most, now[one.key].minutes))
        for one in LIMITS
        if saved[one.key] != wanted[one.key]
    ]


def limits_page(typed: Typed, faults: dict[str, str], theirs: Sequence[str] = ()) -> str:
    return render_template(
        "mail/fuse/limits.html",
        limits=LIMITS,
        typed=typed,
        faults=faults,
        theirs=theirs,
        # One that cannot be yet is still the first to have been shown.
        shown=request.form.get("shown") if faults else mark_of(as_typed()),
        windows=WINDOWS,
        fewest=FEWEST,
        changes=changes(),
    )


def incident_or_404(incident_id: int) -> Incident:
    return db.get_or_404(Incident, incident_id)
