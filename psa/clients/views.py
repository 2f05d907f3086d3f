"""Clients: who the firm works for, by which domains their mail is known, their people and their projects."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.clients import onboarding, operations, queries
from psa.clients.forms import ClientForm, ContactForm, DetailsForm, DomainForm, NewClientForm, ProjectForm
from psa.clients.models import Client, Domain
from psa.clients.onboarding import Placed
from psa.clients.operations import Refused
from psa.clients.would_move import would_move
from psa.extensions import db
from psa.projects import operations as projects
from psa.projects.models import Project
from psa.projects.operations import RefusedProject
from psa.tickets.models import Queue
from psa.tickets.operations import Actor
from psa.tickets.queries import is_key

bp = Blueprint("clients", __name__, url_prefix="/clients")

Page = Response | tuple[str, int]


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)


@bp.get("")
@agent_required
def index() -> str:
    after = request.args.get("after", "")
    rows, following = queries.clients_after(after)
    return render_template("clients/index.html", rows=rows, following=following, is_first=not after)


@bp.get("/new")
@agent_required
def new() -> str:
    return render_template("clients/new.html", form=NewClientForm())


@bp.post("")
@agent_required
def create() -> Page:
    form = NewClientForm()
    if form.validate_on_submit():
        try:
            client, placed = onboarding.open_client(form.new_client(), me())
        except (Refused, RefusedProject) as reason:
            form.refuse(reason)
        else:
            return saved(client, words_for(placed))
    db.session.rollback()
    return render_template("clients/new.html", form=form), 422


@bp.get("/<int:client_id>")
@agent_required
def show(client_id: int) -> str:
    return render_page(client_or_404(client_id))


@bp.post("/<int:client_id>")
@agent_required
def change(client_id: int) -> Page:
    """Its name and the notes."""
    client, form = client_or_404(client_id), DetailsForm()
    if form.validate_on_submit():
        try:
            operations.rename_client(client, form.name.data)
        except Refused as reason:
            form.refuse(reason)
        else:
            client.notes = form.notes.data
            return saved(client, "Saved.")
    return refused(client, details=form)


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
    return refused(client, domain_form=form)


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
            return saved(client, f"{contact.display_name} is a contact now. {words_for(placed)}")
    return refused(client, contact_form=form)


@bp.post("/<int:client_id>/queue")
@agent_required
def choose_queue(client_id: int) -> Response:
    """Where the client's new tickets go; empty for the queue of the mailbox that they come by."""
    client, queue_id = client_or_404(client_id), request.form.get("queue", "")
    queue = db.get_or_404(Queue, int(queue_id)) if is_key(queue_id) else None
    client.default_queue_id = queue.id if queue is not None else None
    return saved(client, "Saved.")


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
            return saved(client)
    return refused(client, project_form=form)


@bp.post("/<int:client_id>/projects/<int:project_id>/mail")
@agent_required
def take_mail(client_id: int, project_id: int) -> Response:
    """The client's mail belongs to this project from now on."""
    client = client_or_404(client_id)
    projects.take_mail(project_or_404(client, project_id))
    return saved(client)


@bp.post("/<int:client_id>/projects/<int:project_id>/closure")
@agent_required
def close_project(client_id: int, project_id: int) -> Response:
    client = client_or_404(client_id)
    projects.close_project(project_or_404(client, project_id))
    return saved(client)


@bp.post("/<int:client_id>/projects/<int:project_id>/reopening")
@agent_required
def reopen_project(client_id: int, project_id: int) -> Response:
    client = client_or_404(client_id)
    projects.reopen_project(project_or_404(client, project_id))
    return saved(client)


def me() -> Actor:
    return Actor(user_id=current_user.id)


def client_or_404(client_id: int) -> Client:
    return db.get_or_404(Client, client_id)


def project_or_404(client: Client, project_id: int) -> Project:
    project = db.get_or_404(Project, project_id)
    return project if project.client_id == client.id else abort(404)


def words_for(placed: Placed) -> str:
    """What has found its client by what was entered; "" for nothing."""
    counted = [(placed.contacts, "contact"), (placed.tickets, "open ticket")]
    parts = [f"{number:,} {noun}{'' if number == 1 else 's'}" for number, noun in counted if number]
    verb = "was" if placed.contacts + placed.tickets == 1 else "were"
    return f"{' and '.join(parts)} that had no client {verb} placed here." if parts else ""


def saved(client: Client, words: str = "") -> Response:
    """Keep what was done, and show the client with what is to be said about it."""
    db.session.commit()
    if words:
        flash(words.strip())
    return redirect(url_for("clients.show", client_id=client.id), 303)


def refused(client: Client, **form: ClientForm) -> tuple[str, int]:
    """Nothing was changed: the page with the reason at its field."""
    db.session.rollback()
    return render_page(client, **form), 422


def render_page(client: Client, **forms: Any) -> str:
    after = request.args.get("after", "")
    contacts, following = queries.contacts_after(client, int(after) if after.isdecimal() and len(after) < 10 else 0)
    shown = {
        "domain_form": DomainForm(formdata=None),
        "contact_form": ContactForm(formdata=None),
        "project_form": ProjectForm(formdata=None),
        "details": DetailsForm.of(client),
    }
    found = projects.project_of(client.id)
    return render_template(
        "clients/show.html",
        client=client,
        contacts=contacts,
        following=following,
        projects=projects.projects_of(client),
        mail_project_id=found[0] if found else None,
        tickets=queries.latest_tickets(client),
        **(shown | forms),
    )
