"""Updates of a project: written, mailed, answered."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_security import current_user

from psa.auth.guards import agent_required
from psa.extensions import db
from psa.notifications.audience import Audience
from psa.projects import queries
from psa.projects import updates as operations
from psa.projects.forms import UpdateForm
from psa.projects.models import Project, Update
from psa.projects.updates import RefusedUpdate
from psa.projects.views import Page, bp, project_or_404
from psa.projects.views.project import render_tab


@bp.get("/projects/<int:project_id>/updates")
@agent_required
def updates(project_id: int) -> str:
    return render_tab(project_id, "updates", queries.updates_page)


@bp.get("/projects/<int:project_id>/updates/new")
@agent_required
def new_update(project_id: int) -> str:
    """The form, with everybody ticked who would hear of it, and everybody named who would not."""
    project = project_or_404(project_id)
    audience = operations.who_hears(project)
    form = form_for(audience)
    form.told.data = [value for value, _ in form.told.choices]
    return render_new(project, form, audience)


@bp.post("/projects/<int:project_id>/updates")
@agent_required
def post_update(project_id: int) -> Page:
    project = project_or_404(project_id)
    audience = operations.who_hears(project)
    form = form_for(audience)
    if form.validate_on_submit():
        told = set(map(int, form.told.data))
        try:
            update = operations.post_update(project, current_user, form.subject.data, form.body.data, told)
        except RefusedUpdate as reason:
            db.session.rollback()
            form.told.errors = [str(reason)]
        else:
            db.session.commit()
            flash(words_for(len(told)))
            return redirect(url_for("projects.update", project_id=project.id, update_id=update.id), 303)
    return render_new(project_or_404(project_id), form, audience), 422


@bp.get("/projects/<int:project_id>/updates/<int:update_id>")
@agent_required
def update(project_id: int, update_id: int) -> str:
    """What was written, how its mail does, and what was answered."""
    return render_template("projects/update.html", **shown(update_or_404(project_id, update_id)))


@bp.get("/projects/<int:project_id>/updates/<int:update_id>/mail")
@agent_required
def update_mail(project_id: int, update_id: int) -> str:
    """How its mail does; the fragment asks again as long as that may change soon."""
    return render_template("projects/_update_mail.html", **shown(update_or_404(project_id, update_id)))


def update_or_404(project_id: int, update_id: int) -> Update:
    found = db.get_or_404(Update, update_id)
    return found if found.project_id == project_id else abort(404)


def shown(found: Update) -> dict[str, object]:
    return {"update": found, "mail": operations.mail_of(found), "answers": operations.answers_to(found)}


def form_for(audience: Audience) -> UpdateForm:
    form = UpdateForm()
    form.told.choices = [(str(one.id), f"{one.display_name} ({one.email})") for one in audience.contacts]
    return form


def words_for(number: int) -> str:
    if number == 0:
        return "The update is kept. Nobody was written to."
    return f"The update is on its way to {number} {'person' if number == 1 else 'people'}."


def render_new(project: Project, form: UpdateForm, audience: Audience) -> str:
    return render_template("projects/new_update.html", project=project, form=form, audience=audience)
