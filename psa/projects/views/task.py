"""Tasks: added in one line, put in order, ticked off; and the page of one."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask_security import current_user

from psa import web
from psa.auth.guards import agent_required
from psa.auth.models import User
from psa.billing import timers
from psa.billing.durations import clock_face
from psa.billing.timers import Elsewhere, Forgotten
from psa.clock import today
from psa.extensions import db
from psa.projects import queries, tasks
from psa.projects.dependents import dependents_of_task
from psa.projects.forms import AddTaskForm, ItemForm, TaskForm
from psa.projects.models import TASK_STATUSES, ChecklistItem, Project, Task
from psa.projects.telling import tell_assignee
from psa.projects.views import Page, bp, page_of, project_or_404, task_or_404
from psa.projects.views.meanwhile import said_of_task
from psa.projects.views.project import progress_of_one, render_page, tasks_shown
from psa.saving import refusal_of, tried


@bp.post("/projects/<int:project_id>/tasks")
@agent_required
def add_task(project_id: int) -> Page:
    """A task in one line; its assignee hears of it."""
    project, form = project_or_404(project_id), AddTaskForm()
    added = tried(form, lambda: add_line(project, form))
    if added is None:
        return list_of(project, form)
    tell_assignee(added, current_user)
    db.session.commit()
    return list_of(project)


def add_line(project: Project, form: AddTaskForm) -> Task:
    return tasks.add_task(project, form.title.data, assignee_id=form.assignee_id, due_on=form.due_on.data)


@bp.post("/projects/<int:project_id>/tasks/<int:task_id>/place")
@agent_required
def place_task(project_id: int, task_id: int) -> Page:
    """``to`` is up, down, or a number counted from 1."""
    moved = task_or_404(project_id, task_id)
    tasks.place_task(moved, request.form.get("to", ""))
    db.session.commit()
    return list_of(moved.project)


@bp.post("/projects/<int:project_id>/tasks/<int:task_id>/status")
@agent_required
def set_task_status(project_id: int, task_id: int) -> Page:
    """One click, from the list, from a ticket, or from the reader's own tasks: ``back`` says where it was."""
    ticked, status = task_or_404(project_id, task_id), request.form.get("status", "")
    if status not in TASK_STATUSES:
        abort(400)
    tasks.set_status(ticked, status)
    db.session.commit()
    back = web.own_path(request.form.get("back", ""))
    return redirect(back, 303) if back else list_of(ticked.project)


def list_of(project: Project, form: AddTaskForm | None = None) -> Page:
    """The project's list as it is now, or as it was with what stands in the way."""
    if not web.is_htmx():
        if form is not None:
            return render_page(project, "tasks", **tasks_shown(project, form)), 422
        return redirect(url_for("projects.show", project_id=project.id), 303)
    html = render_template("projects/_tasks.html", project=project, **tasks_shown(project, form))
    # The panel beside the list counts what has just been added or done.
    html += render_template("projects/_progress.html", project=project, progress=progress_of_one(project), oob=True)
    return html, 422 if form is not None else 200


@bp.get("/projects/<int:project_id>/tasks/<int:task_id>")
@agent_required
def task(project_id: int, task_id: int) -> str:
    found = task_or_404(project_id, task_id)
    return render_task(found, TaskForm.of(found))


@bp.post("/projects/<int:project_id>/tasks/<int:task_id>")
@agent_required
def change_task(project_id: int, task_id: int) -> Page:
    found = task_or_404(project_id, task_id)
    form = TaskForm(found.assignee)
    assigned_before = found.assignee_id
    changed = tried(form, lambda: tasks.change_task(found, form.details(), form.revision.data))
    if changed is None:
        found = db.session.get_one(Task, task_id, populate_existing=True)
        return render_task(found, form, said_of_task(form, found)), 422
    if changed.assignee_id != assigned_before:
        tell_assignee(changed, current_user)
    db.session.commit()
    return redirect(url_for("projects.show", project_id=project_id), 303)


@bp.post("/projects/<int:project_id>/tasks/<int:task_id>/checklist")
@agent_required
def add_item(project_id: int, task_id: int) -> Page:
    found, form = task_or_404(project_id, task_id), ItemForm()
    if tried(form, lambda: tasks.add_item(found, form.words.data)) is None:
        return checklist_of(task_or_404(project_id, task_id), " ".join(form.words.errors))
    db.session.commit()
    return checklist_of(found)


@bp.post("/projects/<int:project_id>/tasks/<int:task_id>/checklist/<int:item_id>")
@agent_required
def tick_item(project_id: int, task_id: int, item_id: int) -> Page:
    found = task_or_404(project_id, task_id)
    tasks.tick(item_or_404(found, item_id), "done" in request.form)
    db.session.commit()
    return checklist_of(found)


@bp.post("/projects/<int:project_id>/tasks/<int:task_id>/checklist/<int:item_id>/removal")
@agent_required
def remove_item(project_id: int, task_id: int, item_id: int) -> Page:
    found = task_or_404(project_id, task_id)
    tasks.remove_item(item_or_404(found, item_id))
    db.session.commit()
    return checklist_of(found)


def item_or_404(found: Task, item_id: int) -> ChecklistItem:
    item = db.get_or_404(ChecklistItem, item_id)
    return item if item.task_id == found.id else abort(404)


def checklist_of(found: Task, problem: str = "") -> Page:
    if not web.is_htmx():
        if problem:
            flash(problem)
        return redirect(page_of(found), 303)
    html = render_template("projects/_checklist.html", task=found, problem=problem)
    return html, 422 if problem else 200


@bp.get("/projects/<int:project_id>/tasks/<int:task_id>/removal")
@agent_required
def ask_task_removal(project_id: int, task_id: int) -> str:
    return render_removal(task_or_404(project_id, task_id))


def render_removal(found: Task, refused: str = "") -> str:
    dependents = dependents_of_task(found)
    return render_template("projects/task_removal.html", task=found, dependents=dependents, refused=refused)


@bp.post("/projects/<int:project_id>/tasks/<int:task_id>/removal")
@agent_required
def remove_task(project_id: int, task_id: int) -> Page:
    found = task_or_404(project_id, task_id)
    refused = refusal_of(lambda: tasks.remove_task(found))
    if refused:
        return render_removal(task_or_404(project_id, task_id), refused), 422
    db.session.commit()
    flash("The task is removed.")
    return redirect(url_for("projects.show", project_id=project_id), 303)


@bp.post("/projects/<int:project_id>/tasks/<int:task_id>/clocks/<int:user_id>/stop")
@agent_required
def stop_clock(project_id: int, task_id: int, user_id: int) -> Page:
    """Stop one's own clock on a task that is to go, or as an administrator anybody's; ``discard`` throws it away."""
    found, owner = task_or_404(project_id, task_id), db.get_or_404(User, user_id)
    if owner.id != current_user.id and not current_user.is_admin:
        abort(403)
    back = web.own_path(request.form.get("back", "")) or page_of(found)
    try:
        if "discard" in request.form:
            said = "The clock is thrown away." if timers.discard(owner.id, found) else ""
        else:
            entry = timers.stop(owner.id, found)
            said = f"{clock_face(entry.minutes)} of {owner.name} written down." if entry is not None else ""
    except Forgotten as reason:
        said = str(reason)
    except Elsewhere:
        said = f"The clock of {owner.name} runs elsewhere by now, and runs on there."
    db.session.commit()
    if said:
        flash(said)
    return redirect(back, 303)


def render_task(found: Task, form: TaskForm, theirs: Sequence[str] = ()) -> str:
    return render_template(
        "projects/task.html",
        task=found,
        form=form,
        theirs=theirs,
        contacts=queries.contacts_of(found.project) if found.ticket_id is None else [],
        today=today(),
    )
