"""A project: its tasks, updates, tickets, time and mail, each on a tab; what is said about it, and its end."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.clock import today
from psa.extensions import db
from psa.projects import operations, queries
from psa.projects.dependents import dependents_of
from psa.projects.forms import AddTaskForm, ProjectForm
from psa.projects.models import Project
from psa.projects.queries import Progress
from psa.projects.views import Page, bp, key, project_or_404
from psa.projects.views.meanwhile import said_of_project
from psa.saving import refusal_of, tried


@bp.get("/projects/<int:project_id>")
@agent_required
def show(project_id: int) -> str:
    return render_tasks(project_or_404(project_id))


@bp.get("/projects/<int:project_id>/tickets")
@agent_required
def tickets(project_id: int) -> str:
    return render_tab(project_id, "tickets", queries.tickets_page)


@bp.get("/projects/<int:project_id>/time")
@agent_required
def time(project_id: int) -> str:
    return render_tab(project_id, "time", queries.time_page)


@bp.get("/projects/<int:project_id>/mail")
@agent_required
def mail(project_id: int) -> str:
    project = project_or_404(project_id)
    rows, following = queries.mail_page(project.id, request.args.get("before", ""))
    return render_page(project, "mail", rows=rows, following=following)


@bp.get("/projects/<int:project_id>/edit")
@agent_required
def edit(project_id: int) -> str:
    project = project_or_404(project_id)
    return render_template("projects/edit.html", project=project, form=ProjectForm.of(project), theirs=[])


@bp.post("/projects/<int:project_id>")
@agent_required
def change(project_id: int) -> Page:
    project, form = project_or_404(project_id), ProjectForm()
    changed = tried(form, lambda: operations.change_project(project, form.details(), form.revision.data))
    if changed is not None:
        db.session.commit()
        return redirect(url_for("projects.show", project_id=project_id), 303)
    project = db.session.get_one(Project, project_id, populate_existing=True)
    theirs = said_of_project(form, project)
    return render_template("projects/edit.html", project=project, form=form, theirs=theirs), 422


@bp.post("/projects/<int:project_id>/status")
@agent_required
def set_status(project_id: int) -> Response:
    """Done, or active again: one click."""
    project = project_or_404(project_id)
    if request.form.get("status") == "done":
        operations.close_project(project)
        flash(f"{project.name} is done. It takes no new tickets.")
    else:
        operations.reopen_project(project)
    db.session.commit()
    return redirect(url_for("projects.show", project_id=project.id), 303)


@bp.post("/projects/<int:project_id>/takes-mail")
@agent_required
def take_mail(project_id: int) -> Response:
    """All mail of the client that names no other project lands here from now on."""
    project = project_or_404(project_id)
    operations.take_mail(project)
    db.session.commit()
    return redirect(url_for("projects.show", project_id=project.id), 303)


@bp.get("/projects/<int:project_id>/removal")
@agent_required
def ask_removal(project_id: int) -> str:
    return render_removal(project_or_404(project_id))


def render_removal(project: Project, refused: str = "") -> str:
    dependents = dependents_of(project)
    return render_template("projects/removal.html", project=project, dependents=dependents, refused=refused)


@bp.post("/projects/<int:project_id>/removal")
@agent_required
def remove(project_id: int) -> Page:
    project = project_or_404(project_id)
    name, refused = project.name, refusal_of(lambda: operations.remove_project(project))
    if refused:
        return render_removal(project_or_404(project_id), refused), 422
    db.session.commit()
    flash(f"{name} is removed.")
    return redirect(url_for("projects.index"), 303)


def render_tasks(project: Project, form: AddTaskForm | None = None) -> str:
    return render_page(project, "tasks", **tasks_shown(project, form))


def tasks_shown(project: Project, form: AddTaskForm | None = None) -> dict[str, object]:
    """What the list of tasks is drawn with."""
    after = request.args.get("after", "")
    rows, following = queries.open_tasks(project.id, after)
    done, done_before = queries.done_tasks(project.id, key(request.args.get("done", "")))
    return {
        "rows": rows,
        "following": following,
        "start": queries.number_before(project.id, after),
        "done": done,
        "done_before": done_before,
        "form": form or AddTaskForm(formdata=None),
        "today": today(),
    }


def render_tab(project_id: int, tab: str, read: object) -> str:
    project = project_or_404(project_id)
    assert callable(read)
    rows, following = read(project.id, key(request.args.get("before", "")))
    return render_page(project, tab, rows=rows, following=following)


def render_page(project: Project, tab: str, **shown: object) -> str:
    shown.setdefault("today", today())
    return render_template("projects/show.html", project=project, progress=progress_of_one(project), tab=tab, **shown)


def progress_of_one(project: Project) -> Progress:
    return queries.progress_of([project.id])[project.id]
