"""The tasks of the reader."""

from __future__ import annotations

from flask import render_template, request
from flask_security import current_user

from psa.auth.guards import agent_required
from psa.clock import today
from psa.projects import queries
from psa.projects.views import bp


@bp.get("/tasks")
@agent_required
def my_tasks() -> str:
    """Those with a due date first, the earliest on top."""
    rows, following = queries.tasks_for(current_user.id, request.args.get("after", ""))
    return render_template(
        "projects/mine.html", rows=rows, following=following, is_first="after" not in request.args, today=today()
    )
