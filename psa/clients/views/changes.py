"""What is done on the page of a client: its details, its domains, its projects, former or not, and away with it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.clients import onboarding, operations, records
from psa.clients.forms import ContactForm, DetailsForm, DomainForm, NotesForm, ProjectForm
from psa.clients.models import Client, Domain
from psa.clients.onboarding import Placed
from psa.clients.views import Page, bp, client_or_404, me, saved
from psa.clients.views.page import contacts_tab, edit_page, overview, projects_tab
from psa.clients.would_move import WouldMove, would_move
from psa.extensions import db
from psa.projects import operations as projects
from psa.projects.models import Project
from psa.saving import refusal_of, tried


@bp.post("/<int:client_id>")
@agent_required
def change(client_id: int) -> Page:
    """All that is known of it; what somebody else has saved meanwhile is shown beside what was typed, and stays."""
    client, form = client_or_404(client_id), DetailsForm()
    changed = tried(form, lambda: records.change_client(client, form.details(), form.revision.data))
    if changed is not None:
        return saved(changed, "Saved.")
    client = client_or_404(client_id)
    return edit_page(client, details=form, now=form.meanwhile(client)), 422


@bp.post("/<int:client_id>/notes")
@agent_required
def write_notes(client_id: int) -> Page:
    client, form = client_or_404(client_id), NotesForm()
    changed = tried(form, lambda: records.write_notes(client, form.notes.data, form.revision.data))
    if changed is not None:
        return saved(changed, "Saved.")
    client = client_or_404(client_id)
    return overview(client, notes_form=form, now=form.meanwhile(client)), 422


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
    name, refused = client.name, refusal_of(lambda: records.delete_client(client))
    if refused:
        return edit_page(client_or_404(client_id), refused=refused), 422
    db.session.commit()
    flash(f"{name} was deleted.")
    return redirect(url_for("clients.index"), 303)


@bp.post("/<int:client_id>/domains")
@agent_required
def add_domain(client_id: int) -> Page:
    """Add it at once where nobody would move by it; else show who would, and ask (``move`` is yes or no)."""
    client, form, move = client_or_404(client_id), DomainForm(), request.form.get("move", "")
    given = tried(form, lambda: give_domain(client, form.domain.data, move))
    if given is None:
        return overview(client_or_404(client_id), domain_form=form), 422
    if isinstance(given, WouldMove):
        return render_template("clients/domain.html", client=client_or_404(client_id), found=given), 200
    return saved(client, f"Mail from that domain now belongs to {client.name}. {given.words}")


def give_domain(client: Client, name: str, move: str) -> Placed | WouldMove:
    """What has found its client by it; or what would, as long as nobody has said whether it is to move."""
    if move == "no":
        operations.add_domain(client, name)
        return Placed(0, 0)
    if move != "yes" and (found := would_move(client, name)):
        return found
    return onboarding.give_domain(client, name, me())


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
    given = tried(form, lambda: onboarding.give_contact(client, form.contact.data, form.email.data, me()))
    if given is None:
        return contacts_tab(client_or_404(client_id), contact_form=form), 422
    contact, placed = given
    odd = operations.elsewhere(client.id, contact.email)
    said = " ".join([f"{contact.display_name} is a contact now.", *filter(None, (placed.words, odd))])
    return saved(client, said, page="clients.contacts")


@bp.post("/<int:client_id>/projects")
@agent_required
def add_project(client_id: int) -> Page:
    client, form = client_or_404(client_id), ProjectForm()
    added = tried(form, lambda: projects.add_project(client, form.project.data))
    if added is None:
        return projects_tab(client_or_404(client_id), project_form=form), 422
    return saved(client, page="clients.project_list")


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
