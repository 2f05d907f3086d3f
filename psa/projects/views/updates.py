"""Updates of a project: written, mailed, answered."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_security import current_user

from psa import web
from psa.auth.guards import agent_required
from psa.clients.models import Contact
from psa.extensions import db
from psa.foreign import as_page
from psa.mail.author import author_of
from psa.mail.outbound.compose import Content
from psa.mail.templates.previews import framed_preview, keep_preview
from psa.notifications.audience import Audience
from psa.projects import queries
from psa.projects import updates as operations
from psa.projects.forms import UpdateForm
from psa.projects.models import Project, Update
from psa.projects.updates import RefusedUpdate
from psa.projects.views import Page, bp, project_or_404
from psa.projects.views.project import render_tab
from psa.saving import tried
from psa.words import counted


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
    update = tried(form, lambda: post(project, form))
    if update is None:
        return render_new(project_or_404(project_id), form, operations.who_hears(project)), 422
    db.session.commit()
    flash(words_for(len(form.told.data)))
    return redirect(url_for("projects.update", project_id=project.id, update_id=update.id), 303)


def post(project: Project, form: UpdateForm) -> Update:
    told = set(map(int, form.told.data))
    return operations.post_update(project, current_user, form.subject.data, form.body.data, told)


@bp.post("/projects/<int:project_id>/updates/preview")
@agent_required
def preview_update(project_id: int) -> Page:
    """The mail that one of them would get, of what stands in the form now; the update itself is not kept."""
    project = project_or_404(project_id)
    audience = operations.who_hears(project)
    form = form_for(audience)
    shown = mail = None
    mark = ""
    if form.validate_on_submit() and audience.contacts:
        shown = reader_of(audience, request.form.get("shown", ""), form.told.data)
        mail = operations.preview(project, current_user, form.subject.data, form.body.data, shown)
        mark = keep_preview(current_user.id, as_page(mail))
        db.session.commit()
    template = "projects/_update_preview.html" if web.is_htmx() else "projects/new_update.html"
    return render_new(project, form, audience, template, shown, mail, mark), 422 if form.errors else 200


@bp.get("/projects/<int:project_id>/updates/preview")
@agent_required
def update_preview(project_id: int) -> Response:
    """What this user has looked at last, as a page for a frame."""
    return framed_preview(current_user.id, request.args.get("at", ""))


def reader_of(audience: Audience, asked: str, told: Sequence[str]) -> Contact:
    """As whom it is looked at: who is asked for, else the first who is ticked, else the first of all."""
    people = {str(one.id): one for one in audience.contacts}
    return next((people[key] for key in (asked, *told) if key in people), audience.contacts[0])


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
    return f"The update is on its way to {counted(number, 'person', 'people')}."


def render_new(
    project: Project,
    form: UpdateForm,
    audience: Audience,
    template: str = "projects/new_update.html",
    shown: Contact | None = None,
    mail: Content | None = None,
    mark: str = "",
) -> str:
    """The form, and beside it the mail as ``shown`` would get it, once somebody has asked for that.

    ``mark`` is that of the page which its frame shows.
    """
    try:
        account = operations.sender_for(project)
    except RefusedUpdate:
        account = None
    return render_template(
        template,
        project=project,
        form=form,
        audience=audience,
        shown=shown,
        mail=mail,
        mark=mark,
        author=author_of(account) if account is not None else None,
    )
