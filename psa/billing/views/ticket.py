"""Time in the panel of a ticket: typed, or by the clock."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from psa import web
from psa.auth.guards import agent_required
from psa.billing import entries, timers
from psa.billing.durations import clock_face
from psa.billing.entries import RefusedEntry
from psa.billing.forms import TimerForm, WorkForm
from psa.billing.timers import Forgotten
from psa.billing.views import bp, time_on
from psa.extensions import db
from psa.tickets.models import Ticket
from psa.tickets.views import ticket_or_404


@bp.post("/tickets/<int:number>/time-entries")
@agent_required
def add(number: int) -> Response:
    ticket, form = ticket_or_404(number), WorkForm()
    if not form.validate_on_submit():
        return answer(ticket, form, problem_of(form))
    try:
        entries.book_on_ticket(current_user.id, ticket, form.work())
    except RefusedEntry as reason:
        return answer(ticket, form, str(reason))
    return answer(ticket)


@bp.post("/tickets/<int:number>/timer")
@agent_required
def start_timer(number: int) -> Response:
    """Start the clock. One that runs elsewhere is stopped, and its time written down there."""
    ticket = ticket_or_404(number)
    try:
        entry = timers.start(current_user.id, ticket)
    except Forgotten as reason:
        other = timers.running(current_user.id)
        assert other is not None
        return answer(ticket, problem=f"Your clock runs on #{other.ticket_id}. {reason} Do that there first.")
    stopped = f"{clock_face(entry.minutes)} written down on #{entry.ticket_id}." if entry is not None else ""
    return answer(ticket, words=stopped)


@bp.post("/tickets/<int:number>/timer/stop")
@agent_required
def stop_timer(number: int) -> Response:
    """Stop the clock and write the time down, whichever ticket it runs on."""
    ticket, form = ticket_or_404(number), TimerForm()
    if not form.validate_on_submit():
        return answer(ticket, form, problem_of(form))
    try:
        timers.stop(current_user.id, words=form.words.data, minutes=form.minutes, billable=form.billable.data)
    except Forgotten as reason:
        return answer(ticket, form, str(reason))
    return answer(ticket)


@bp.post("/tickets/<int:number>/timer/discard")
@agent_required
def discard_timer(number: int) -> Response:
    ticket = ticket_or_404(number)
    timers.discard(current_user.id)
    return answer(ticket)


def problem_of(form: FlaskForm) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def answer(ticket: Ticket, form: FlaskForm | None = None, problem: str = "", words: str = "") -> Response:
    """The panel's part as it is now: kept when all is well, else as it was with the reason and what was typed."""
    if problem:
        db.session.rollback()
    else:
        db.session.commit()
    if not web.is_htmx():
        if problem or words:
            flash(problem or words)
        return redirect(url_for("tickets.show", number=ticket.id, _anchor="time"), 303)
    db.session.expire_all()
    shown = {"typed": request.form if form is not None and problem else {}, "problem": problem, "words": words}
    html = render_template("billing/_time.html", ticket=ticket, time=time_on(ticket), **shown)
    return make_response(html, 422 if problem else 200)
