"""A task made of a ticket, and a ticket made of a task."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.clients.models import Contact
from psa.extensions import db
from psa.projects import queries, tasks
from psa.projects.models import Project, Task
from psa.projects.operations import projects_of
from psa.projects.tasks import RefusedTask
from psa.projects.views import bp, key, page_of, task_or_404
from psa.tickets.models import Queue, Ticket
from psa.tickets.operations import Said, open_ticket
from psa.tickets.views import me, ticket_or_404


@bp.app_template_global()
def tasks_of_ticket(ticket: Ticket) -> list[Task]:
    return queries.tasks_of_ticket(ticket.id)


@bp.app_template_global()
def projects_for_tasks(ticket: Ticket) -> list[Project]:
    """The open projects of the ticket's client, its own first."""
    if ticket.client is None:
        return []
    active = [project for project in projects_of(ticket.client) if project.active]
    return sorted(active, key=lambda project: project.id != ticket.project_id)


@bp.post("/tickets/<int:number>/tasks")
@agent_required
def task_from_ticket(number: int) -> Response:
    """Make a task of what a client wants, in one of the client's projects."""
    ticket = ticket_or_404(number)
    project = db.get_or_404(Project, key(request.form.get("project", "")) or 0)
    if project.client_id != ticket.client_id:
        abort(404)
    try:
        task = tasks.add_task(project, request.form.get("title", "") or ticket.subject, ticket_id=ticket.id)
    except RefusedTask as reason:
        db.session.rollback()
        flash(str(reason))
    else:
        db.session.commit()
        flash(f"“{task.title}” is a task of {project.name} now.")
    return redirect(url_for("tickets.show", number=number), 303)


@bp.post("/projects/<int:project_id>/tasks/<int:task_id>/ticket")
@agent_required
def ticket_from_task(project_id: int, task_id: int) -> Response:
    """Open a ticket about a task, for one of the client's contacts or for nobody; no mail leaves by it."""
    task = task_or_404(project_id, task_id)
    if task.ticket_id is not None:
        flash("It has a ticket already.")
        return redirect(page_of(task), 303)
    contact = db.session.get(Contact, key(request.form.get("contact", "")) or 0)
    if contact is not None and contact.client_id != task.project.client_id:
        abort(404)
    queue_id = task.project.queue_id or task.project.client.default_queue_id or first_queue()
    if queue_id is None:
        flash("There is no queue yet that a ticket could go to.")
        return redirect(page_of(task), 303)
    task.ticket_id, _ = open_ticket(
        subject=task.title,
        queue_id=queue_id,
        said=Said(task.words or task.title),
        by=me(),
        requester_id=contact.id if contact is not None else None,
        client_id=task.project.client_id,
        project_id=task.project_id,
    )
    db.session.commit()
    return redirect(url_for("tickets.show", number=task.ticket_id), 303)


def first_queue() -> int | None:
    queue_id: int | None = db.session.scalar(db.select(Queue.id).order_by(Queue.position, Queue.id).limit(1))
    return queue_id
