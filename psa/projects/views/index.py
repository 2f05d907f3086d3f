"""The list of projects, and a new one."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_security import current_user

from psa.auth.guards import agent_required
from psa.billing.places import offered_clients
from psa.clients.models import Client
from psa.clock import today
from psa.extensions import db
from psa.projects import operations, queries
from psa.projects.forms import NewProjectForm
from psa.projects.models import Project
from psa.projects.queries import SORTS, Wanted
from psa.projects.views import Page, bp, key
from psa.saving import tried


@bp.get("/projects")
@agent_required
def index() -> str:
    wanted = Wanted.from_args(request.args)
    rows, following = queries.projects_page(wanted, current_user.id, request.args.get("after", ""))
    return render_template(
        "projects/index.html",
        rows=rows,
        following=following,
        wanted=wanted,
        is_first="after" not in request.args,
        client=db.session.get(Client, wanted.client_id) if wanted.client_id else None,
        today=today(),
        SORTS=SORTS,
    )


@bp.get("/projects/new")
@agent_required
def new() -> str:
    form = NewProjectForm()
    client = db.session.get(Client, key(request.args.get("client", "")) or 0)
    form.client.data = client.name if client is not None else ""
    return render_new(form)


@bp.post("/projects")
@agent_required
def create() -> Page:
    form = NewProjectForm()
    project = tried(form, lambda: add_project(form))
    if project is None:
        return render_new(form), 422
    db.session.commit()
    return redirect(url_for("projects.show", project_id=project.id), 303)


def add_project(form: NewProjectForm) -> Project:
    assert form.found is not None
    project = operations.add_project(form.found, form.name.data)
    return operations.change_project(project, form.details(), project.revision)


def render_new(form: NewProjectForm) -> str:
    return render_template("projects/new.html", form=form, offered=offered_clients())
