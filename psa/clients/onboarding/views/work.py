"""The fourth and fifth step: the project and the queue that their tickets go to, and who hears of new ones."""

from __future__ import annotations

from flask import render_template, request
from flask_security import current_user

from psa.auth.guards import agent_required
from psa.clients.models import Client
from psa.clients.onboarding import journey
from psa.clients.onboarding.views import Page, bp, client_or_404, go_on, me, render_step
from psa.clients.records import count_change
from psa.extensions import db
from psa.notifications import choices
from psa.projects import operations as projects
from psa.projects.operations import RefusedProject
from psa.refusals import Stale
from psa.revisions import read_revision
from psa.tickets.models import Queue
from psa.tickets.queries import is_key, queues
from psa.words import counted

PROPOSED = "Managed service"


@bp.get("/<int:client_id>/setup/project")
@agent_required
def project(client_id: int) -> str:
    client = client_or_404(client_id)
    return render_project(client, "" if projects.projects_of(client) else PROPOSED)


@bp.post("/<int:client_id>/setup/project")
@agent_required
def save_project(client_id: int) -> Page:
    client, name = client_or_404(client_id), request.form.get("project", "").strip()
    if not name and projects.projects_of(client):
        return go_on(client, "project", "done")
    try:
        projects.add_project(client, name)
    except RefusedProject as reason:
        db.session.rollback()
        return render_project(client_or_404(client_id), name, str(reason)), 422
    moved = journey.into_project(client, me())
    return go_on(
        client, "project", "done", f"{counted(moved, 'open ticket')} of theirs went into {name}." if moved else ""
    )


def render_project(client: Client, name: str, wrong: str = "") -> str:
    found = projects.project_of(client.id)
    return render_step(
        "project",
        client,
        typed=name,
        wrong=wrong,
        projects=projects.projects_of(client),
        mail_project_id=found[0] if found is not None else None,
    )


@bp.get("/<int:client_id>/setup/queue")
@agent_required
def queue(client_id: int) -> str:
    client = client_or_404(client_id)
    chosen = request.args.get("queue", "")
    return render_queue(client, queue_of(chosen) if "queue" in request.args else the_queue_of(client))


@bp.get("/<int:client_id>/setup/queue-agents")
@agent_required
def queue_agents(client_id: int) -> str:
    """Who hears of new tickets in a queue."""
    return render_template("clients/setup/_agents.html", **agents_of(queue_of(request.args.get("queue", ""))))


@bp.post("/<int:client_id>/setup/queue")
@agent_required
def save_queue(client_id: int) -> Page:
    """The ticks are about the queue that they were shown with; about another one nobody has said anything."""
    client, chosen = client_or_404(client_id), queue_of(request.form.get("queue", ""))
    shown_with = request.form.get("agents_of", "")
    if "show" in request.form:
        return render_queue(client, chosen)
    heard_by = {}
    if chosen is not None and shown_with == str(chosen.id):
        ticked = set(request.form.getlist("agent"))
        heard_by = {user.id: str(user.id) in ticked for user in choices.active_users() if may_change(user.id)}
    try:
        count_change(client, read_revision(request.form.get("revision")))
    except Stale:
        db.session.rollback()
        return render_queue(client_or_404(client_id), chosen, is_stale=True), 422
    journey.choose_queue(client, chosen, heard_by)
    return go_on(client, "queue", "done")


def may_change(user_id: int) -> bool:
    """An administrator says it for everybody, an agent for themselves."""
    return bool(current_user.is_admin or current_user.id == user_id)


def queue_of(typed: str) -> Queue | None:
    return db.get_or_404(Queue, int(typed)) if is_key(typed) else None


def the_queue_of(client: Client) -> Queue | None:
    """The client's own, else the first one: it is proposed."""
    if client.default_queue_id is not None:
        return db.session.get(Queue, client.default_queue_id)
    return next(iter(queues()), None)


def agents_of(chosen: Queue | None) -> dict[str, object]:
    users = choices.active_users()
    return {
        "queue": chosen,
        "agents": users,
        "hearing": journey.hearers_of(chosen.id) if chosen is not None else set(),
        "changeable": {user.id for user in users if may_change(user.id)},
        "is_heard": chosen is None or choices.is_on("user_new_ticket", chosen.id),
    }


def render_queue(client: Client, chosen: Queue | None, is_stale: bool = False) -> str:
    """With what somebody else has saved meanwhile, where that is so: whoever saves again has seen it."""
    theirs = the_queue_of(client) if is_stale and client.default_queue_id is not None else None
    return render_step("queue", client, queues=queues(), is_stale=is_stale, theirs=theirs, **agents_of(chosen))
