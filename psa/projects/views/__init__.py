"""Projects with their tasks and updates, and the tasks of the reader."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Flask, abort, g, url_for
from flask_security import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from psa.clock import today
from psa.extensions import db
from psa.projects import queries
from psa.projects.models import STATUSES, TASK_STATUSES, Project, Task
from psa.tickets.queries import is_key

bp = Blueprint("projects", __name__)

Page = Response | str | tuple[str, int]


def init_app(app: Flask) -> None:
    """Register the pages, and what the sidebar and the lists are drawn with."""
    from psa.projects.views import index, mine, project, task, ticket, updates  # noqa: F401  (each adds its pages to the blueprint)

    app.register_blueprint(bp)
    app.add_template_filter(on_day)
    app.jinja_env.globals.update(PROJECT_STATUSES=STATUSES, TASK_STATUSES=TASK_STATUSES, overdue_tasks=overdue_tasks)


def project_or_404(project_id: int) -> Project:
    return db.get_or_404(Project, project_id)


def task_or_404(project_id: int, task_id: int) -> Task:
    task = db.get_or_404(Task, task_id)
    return task if task.project_id == project_id else abort(404)


def page_of(task: Task) -> str:
    return url_for("projects.task", project_id=task.project_id, task_id=task.id)


def key(text: str) -> int | None:
    """A number that a page begins after; None for none and for nonsense."""
    return int(text) if is_key(text) else None


def overdue_tasks() -> int:
    """For the sidebar, asked once for each answer."""
    if "overdue_tasks" not in g:
        g.overdue_tasks = queries.overdue_tasks(current_user.id, today())
    return g.overdue_tasks  # type: ignore[no-any-return]


def on_day(date: date | None) -> Markup:
    """A day as a ``<time>``: 2 Dec, or 2 Dec 2025 in another year; exact on hover. Nothing for None."""
    if date is None:
        return Markup("")
    short = f"{date.day} {date:%b}" if date.year == today().year else f"{date.day} {date:%b %Y}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        date.isoformat(), f"{date:%A}, {date.day} {date:%B %Y}", short
    )
