"""What is done on the page of a client: its details, its domains, its projects, former or not, and away with it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.clients import onboarding, operations, records
from psa.clients.forms import ContactForm, DetailsForm, DomainForm, NotesForm, ProjectForm
from psa.clients.models import Client, Domain
from psa.clients.onboarding import Placed
from psa.clients.operations import Refused
from psa.clients.records import Stale
from psa.clients.views import Page, bp, client_or_404, me, saved, words_for
from psa.clients.views.page import contacts_tab, edit_page, overview, projects_tab
from psa.clients.would_move import would_move
from psa.extensions import db
from psa.projects import operations as projects
from psa.projects.models import Project
from psa.projects.operations import RefusedProject


@bp.post("/<int:client_id>")
@agent_required
def change(client_id: int) -> Page:
    """All that is known of it; what somebody else has saved meanwhile is shown beside what was typed, and stays."""
    client, form = client_or_404(client_id), DetailsForm()
    if form.validate_on_submit():
        try:
            records.change_client(client, form.details(), form.revision.data)
        except Refused as reason:
            form.refuse(reason)
        except Stale:
            db.session.rollback()
            client = client_or_404(client_id)
            now = form.differing(client)
            form.take_up(client)
            return edit_page(client, details=form, now=now, stale=True), 409
        else:
            return saved(client, "Saved.")
    db.session.rollback()
    return edit_page(client, details=form), 422


@bp.post("/<int:client_id>/notes")
@agent_required
def write_notes(client_id: int) -> Page:
    client, form = client_or_404(client_id), NotesForm()
    if form.validate_on_submit():
        try:
            records.write_notes(client, form.notes.data, form.revision.data)
        except Stale:
            db.session.rollback()
            client = client_or_404(client_id)
            form.take_up(client)
            return overview(client, notes_form=form, notes_now=client.notes), 409
        return saved(client, "Saved.")
    db.session.rollback()
    return overview(client, notes_form=form), 422


@bp.post("/<int:client_id>/former")
@agent_required
def make_former(client_id: int) -> Response:
    client = client_or_404(client_id)
    records.set_active(client, False)
    return saved(client, f"{client.name} is a former client now. What they write still lands here.")


@bp.post("/<int:client_id>/active")
@agent_required
def make_active(client_id: int) -> Response:
    client = client_or_404(client_id)
    records.set_active(client, True)
    return saved(client, f"{client.name} is a client again.")


@bp.post("/<int:client_id>/removal")
@agent_required
def remove(client_id: int) -> Page:
    """Away with a client that nothing depends on."""
    client = client_or_404(client_id)
    try:
        records.delete_client(client)
    except Refused as reason:
        db.session.rollback()
        return edit_page(client_or_404(client_id), refused=str(reason)), 422
    db.session.commit()
    flash(f"{client.name} was deleted.")
    return redirect(url_for("clients.index"), 303)


@bp.post("/<int:client_id>/domains")
@agent_required
def add_domain(client_id: int) -> Page:
    """Add it at once where nobody would move by it; else show who would, and ask (``move`` is yes or no)."""
    client, form, move = client_or_404(client_id), DomainForm(), request.form.get("move", "")
    if form.validate_on_submit():
        try:
            if move not in ("yes", "no") and (found := would_move(client, form.domain.data)):
                return render_template("clients/domain.html", client=client_or_404(client_id), found=found), 200
            placed = give_domain(client, form.domain.data, moves=move != "no")
        except Refused as reason:
            form.refuse(reason)
        else:
            return saved(client, f"Mail from that domain now belongs to {client.name}. {words_for(placed)}")
    db.session.rollback()
    return overview(client_or_404(client_id), domain_form=form), 422


def give_domain(client: Client, name: str, *, moves: bool) -> Placed:
    if moves:
        return onboarding.give_domain(client, name, me())
    operations.add_domain(client, name)
    return Placed(0, 0)


@bp.post("/<int:client_id>/domains/<int:domain_id>/removal")
@agent_required
def remove_domain(client_id: int, domain_id: int) -> Response:
    client, domain = client_or_404(client_id), db.get_or_404(Domain, domain_id)
    if domain.client is not client:
        abort(404)
    operations.remove_domain(domain)
    return saved(client, f"Mail from {domain.name} no longer tells the client. Its contacts stay.")


@bp.post("/<int:client_id>/contacts")
@agent_required
def add_contact(client_id: int) -> Page:
    client, form = client_or_404(client_id), ContactForm()
    if form.validate_on_submit():
        try:
            contact, placed = onboarding.give_contact(client, form.contact.data, form.email.data, me())
        except Refused as reason:
            form.refuse(reason)
        else:
            said = f"{contact.display_name} is a contact now. {words_for(placed)}"
            return saved(client, said, page="clients.contacts")
    db.session.rollback()
    return contacts_tab(client_or_404(client_id), contact_form=form), 422


@bp.post("/<int:client_id>/projects")
@agent_required
def add_project(client_id: int) -> Page:
    client, form = client_or_404(client_id), ProjectForm()
    if form.validate_on_submit():
        try:
            projects.add_project(client, form.project.data)
        except RefusedProject as reason:
            form.refuse(reason)
        else:
            return saved(client, page="clients.project_list")
    db.session.rollback()
    return projects_tab(client_or_404(client_id), project_form=form), 422


@bp.post("/<int:client_id>/projects/<int:project_id>/mail")
@agent_required
def take_mail(client_id: int, project_id: int) -> Response:
    """The client's mail belongs to this project from now on."""
    client = client_or_404(client_id)
    projects.take_mail(project_or_404(client, project_id))
    return saved(client, page="clients.project_list")


@bp.post("/<int:client_id>/projects/<int:project_id>/closure")
@agent_required
def close_project(client_id: int, project_id: int) -> Response:
    client = client_or_404(client_id)
    projects.close_project(project_or_404(client, project_id))
    return saved(client, page="clients.project_list")


@bp.post("/<int:client_id>/projects/<int:project_id>/reopening")
@agent_required
def reopen_project(client_id: int, project_id: int) -> Response:
    client = client_or_404(client_id)
    projects.reopen_project(project_or_404(client, project_id))
    return saved(client, page="clients.project_list")


def project_or_404(client: Client, project_id: int) -> Project:
    project = db.get_or_404(Project, project_id)
    return project if project.client_id == client.id else abort(404)
