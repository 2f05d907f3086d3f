"""Time on a ticket or a task: typed, or by the clock; and the clock in the sidebar of every page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from psa import web
from psa.auth.guards import agent_required
from psa.billing import entries, timers
from psa.billing.durations import clock_face
from psa.billing.entries import RefusedEntry
from psa.billing.forms import TimerForm, WorkForm
from psa.billing.models import TimeEntry, Timer
from psa.billing.queries import WorkTime, time_on_task, time_on_ticket
from psa.billing.timers import Elsewhere, Forgotten
from psa.billing.views import bp
from psa.extensions import db
from psa.projects.models import Task
from psa.tickets.models import Ticket
from psa.tickets.views import ticket_or_404


@dataclass(frozen=True, slots=True)
class Workplace:
    """A ticket or a task, where time is written down."""

    on: Ticket | Task

    @property
    def name(self) -> str:
        """#12, or “Order the cables”."""
        return f"#{self.on.id}" if isinstance(self.on, Ticket) else f"“{self.on.title}”"

    @property
    def title(self) -> str:
        """With the ticket's subject."""
        return f"#{self.on.id} {self.on.subject}" if isinstance(self.on, Ticket) else self.on.title

    @property
    def page(self) -> str:
        if isinstance(self.on, Ticket):
            return url_for("tickets.show", number=self.on.id, _anchor="time")
        return url_for("projects.task", project_id=self.on.project_id, task_id=self.on.id, _anchor="time")

    @property
    def time(self) -> WorkTime:
        """The time on it, as the signed-in user sees it."""
        read = time_on_ticket if isinstance(self.on, Ticket) else time_on_task
        return read(self.on.id, current_user.id)

    def way_to(self, deed: str) -> str:
        """Where a form about time here goes to: add, start_timer, stop_timer or discard_timer."""
        if isinstance(self.on, Ticket):
            return url_for(f"billing.{deed}", number=self.on.id)
        return url_for(f"billing.{deed}", task_id=self.on.id)

    def is_of(self, timer: Timer | None) -> bool:
        return timer is not None and place_of(timer).on is self.on


@bp.app_template_global()
def workplace(on: Ticket | Task) -> Workplace:
    return Workplace(on)


@bp.app_template_global()
def place_of(row: Timer | TimeEntry) -> Workplace:
    """Where a clock runs."""
    on = row.task or row.ticket
    assert on is not None
    return Workplace(on)


@bp.app_template_global()
def my_clock() -> Timer | None:
    """The clock of the signed-in user, asked for once for each answer."""
    if "my_clock" not in g:
        g.my_clock = timers.running(current_user.id)
    return g.my_clock  # type: ignore[no-any-return]


@bp.post("/tickets/<int:number>/time-entries")
@bp.post("/tasks/<int:task_id>/time-entries")
@agent_required
def add(number: int | None = None, task_id: int | None = None) -> Response:
    place, form = place_or_404(number, task_id), WorkForm()
    if not form.validate_on_submit():
        return answer(place, form, problem_of(form))
    try:
        entries.book_on(current_user.id, place.on, form.work())
    except RefusedEntry as reason:
        return answer(place, form, str(reason))
    return answer(place)


@bp.post("/tickets/<int:number>/timer")
@bp.post("/tasks/<int:task_id>/timer")
@agent_required
def start_timer(number: int | None = None, task_id: int | None = None) -> Response:
    """Start the clock. One that runs elsewhere is stopped, and its time written down there."""
    place = place_or_404(number, task_id)
    other = timers.running(current_user.id)
    where = place_of(other).name if other is not None else ""
    try:
        entry = timers.start(current_user.id, place.on)
    except Forgotten as reason:
        return answer(place, problem=f"Your clock runs on {where}. {reason} Do that there first.")
    return answer(place, words=f"{clock_face(entry.minutes)} written down on {where}." if entry is not None else "")


@bp.post("/tickets/<int:number>/timer/stop")
@bp.post("/tasks/<int:task_id>/timer/stop")
@agent_required
def stop_timer(number: int | None = None, task_id: int | None = None) -> Response:
    """Stop the clock that runs here, and write the time down."""
    place, form = place_or_404(number, task_id), TimerForm()
    if not form.validate_on_submit():
        return answer(place, form, problem_of(form))
    try:
        timers.stop(current_user.id, place.on, words=form.words.data, minutes=form.minutes, billable=form.billable.data)
    except Forgotten as reason:
        return answer(place, form, str(reason))
    except Elsewhere:
        return answer(place, form, where_it_runs())
    return answer(place)


@bp.post("/tickets/<int:number>/timer/discard")
@bp.post("/tasks/<int:task_id>/timer/discard")
@agent_required
def discard_timer(number: int | None = None, task_id: int | None = None) -> Response:
    place = place_or_404(number, task_id)
    try:
        timers.discard(current_user.id, place.on)
    except Elsewhere:
        return answer(place, problem=where_it_runs())
    return answer(place)


@bp.post("/time/clock/stop")
@agent_required
def stop_clock() -> Response:
    """Stop the clock from the sidebar of any page, with what was done; the reader stays where they are."""
    form, back = TimerForm(), web.own_path(request.form.get("back", "")) or url_for("billing.week")
    timer = timers.running(current_user.id)
    where = place_of(timer).title if timer is not None else ""
    if timer is not None and request.form.get("runs_on", place_of(timer).page) != place_of(timer).page:
        # The page was opened while it ran on another one.
        flash(f"{where_it_runs()} Nothing was written down.")
        return redirect(back, 303)
    try:
        if not form.validate_on_submit():
            flash(f"The clock still runs. {problem_of(form)}")
            return redirect(back, 303)
        entry = timers.stop(current_user.id, words=form.words.data, minutes=form.minutes, billable=form.billable.data)
    except Forgotten as reason:
        flash(f"The clock still runs. {reason}")
        return redirect(back, 303)
    db.session.commit()
    if entry is not None:
        flash(f"{clock_face(entry.minutes)} written down on {where}.")
    return redirect(back, 303)


def where_it_runs() -> str:
    """Said to a page that was opened before the clock went on elsewhere."""
    timer = timers.running(current_user.id)
    return f"Your clock runs on {place_of(timer).name} now, and runs on there." if timer is not None else ""


def place_or_404(number: int | None, task_id: int | None) -> Workplace:
    return Workplace(ticket_or_404(number) if number is not None else db.get_or_404(Task, task_id))


def problem_of(form: FlaskForm) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def answer(place: Workplace, form: FlaskForm | None = None, problem: str = "", words: str = "") -> Response:
    """The panel's part as it is now: kept when all is well, else as it was with the reason and what was typed."""
    if problem:
        db.session.rollback()
    else:
        db.session.commit()
    if not web.is_htmx():
        if problem or words:
            flash(problem or words)
        return redirect(place.page, 303)
    db.session.expire_all()
    g.pop("my_clock", None)
    shown = {"typed": request.form if form is not None and problem else {}, "problem": problem, "words": words}
    html = render_template("billing/_time_changed.html", place=place, **shown)
    return make_response(html, 422 if problem else 200)


@bp.app_template_filter()
def ran(timer: Timer) -> str:
    """0:15, how long a clock has run."""
    return clock_face(timers.minutes_of(timer))
