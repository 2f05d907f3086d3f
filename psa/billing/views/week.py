"""A user's week, and one entry of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask_security import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import Field

from psa import clock
from psa.auth.guards import agent_required
from psa.auth.models import User
from psa.billing import entries, queries, timers
from psa.billing.entries import RefusedEntry
from psa.billing.forms import EntryForm, WeekForm
from psa.billing.invoices.queries import invoices_with
from psa.billing.models import TimeEntry
from psa.billing.places import offered_projects
from psa.billing.views import bp, entry_or_404
from psa.extensions import db
from psa.tickets.queries import staff

Page = Response | tuple[str, int]
# Nobody has worked before or after.
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)


@bp.get("/time")
@agent_required
def week() -> str:
    return render_page(WeekForm())


@bp.post("/time")
@agent_required
def add_from_week() -> Page:
    """Work for a project, without a ticket."""
    form = WeekForm()
    if not is_kept(form, form.day, lambda: entries.book_on_project(current_user.id, form.project, form.work())):
        return render_page(form), 422
    return to_week_of(form.work().day, current_user.id)


@bp.get("/time/<int:entry_id>")
@agent_required
def entry(entry_id: int) -> str:
    found = entry_or_404(entry_id)
    return render_entry(found, EntryForm.of(found))


@bp.post("/time/<int:entry_id>")
@agent_required
def change(entry_id: int) -> Page:
    found, form = entry_or_404(entry_id), EntryForm()
    if not is_kept(form, form.time, lambda: entries.change(found, form.work(), form.revision.data)):
        return render_entry(db.session.get_one(TimeEntry, entry_id), form), 422
    return to_week_of(form.work().day, found.user_id)


@bp.post("/time/<int:entry_id>/removal")
@agent_required
def remove(entry_id: int) -> Response:
    found = entry_or_404(entry_id)
    day, user_id = found.day, found.user_id
    try:
        entries.remove(found)
    except RefusedEntry as reason:
        flash(str(reason))
        return redirect(url_for("billing.entry", entry_id=entry_id), 303)
    db.session.commit()
    flash("The entry is removed.")
    return to_week_of(day, user_id)


def render_entry(entry: TimeEntry, form: EntryForm) -> str:
    """Fields to change it by, unless it stands on an invoice."""
    invoice = invoices_with([entry]).get(entry.invoice_line_id or 0)
    return render_template("billing/entry.html", entry=entry, form=form, invoice=invoice)


def is_kept(form: FlaskForm, field: Field, write: Callable[[], object]) -> bool:
    """Whether what was typed is written down now; what is refused is said at the field."""
    if not form.validate_on_submit():
        return False
    try:
        write()
    except RefusedEntry as reason:
        db.session.rollback()
        field.errors = [str(reason)]
        return False
    db.session.commit()
    return True


def to_week_of(day: date, user_id: int) -> Response:
    whose = user_id if user_id != current_user.id else None
    return redirect(url_for("billing.week", day=day.isoformat(), user=whose), 303)


def render_page(form: WeekForm) -> str:
    day, user = chosen_day(), chosen_user()
    return render_template(
        "billing/week.html",
        week=queries.week_of(user.id, day),
        user=user,
        staff=staff() if current_user.is_admin else [],
        timer=timers.running(current_user.id),
        form=form,
        offered=offered_projects() if user.id == current_user.id else [],
        before=(day - timedelta(days=7)).isoformat(),
        after=(day + timedelta(days=7)).isoformat(),
        today=clock.today(),
    )


def chosen_day() -> date:
    """The day that the address names; today for none, for one that is none, and for one in another age."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return clock.today()
    return day if FIRST <= day <= LAST else clock.today()


def chosen_user() -> User:
    """Whose week it is: one's own, and for an administrator anybody's."""
    wanted = request.args.get("user", "")
    if not wanted.isdecimal() or len(wanted) > 9 or int(wanted) == current_user.id:
        return db.session.get_one(User, current_user.id)
    if not current_user.is_admin:
        abort(403)
    return db.get_or_404(User, int(wanted))
