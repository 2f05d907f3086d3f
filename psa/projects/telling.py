"""Whom a task concerns hears of it: when somebody gives it to them, and in the morning of the day that it is due."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy.orm import joinedload

from psa import clock
from psa.auth.models import User
from psa.extensions import db, run
from psa.mail.templates import facts
from psa.notifications.audience import Cause
from psa.notifications.telling import Happening, tell
from psa.projects.models import Project, Task

TASKS = Task.__table__
# What is due on the day at this hour or later is reminded of; at night nobody wants to hear of it.
MORNING = 7
AT_ONCE = 200
# What was due before that is no news any more: the server was off, or the tasks come from elsewhere.
STALE = timedelta(days=3)


def tell_assignee(task: Task, by: User) -> bool:
    """Somebody has been given the task; returns whether they hear of it. In the caller's transaction."""
    if task.assignee is None or task.status == "done":
        return False
    words = f"{by.name} gave you a task: {task.title} ({task.project.name})"
    known = facts_of(task) | {"agent": facts.Agent.of(by.name)}
    return tell(task.assignee, Happening("task_assigned", words, path_of(task)), known, Cause(by.id))


def remind_of_due_tasks() -> int:
    """Tell assignees of open tasks that are due; each day of a task once. Returns how many were told. Commits."""
    now = clock.now().astimezone()
    if now.hour < MORNING:
        return 0
    due = db.session.scalars(
        db.select(Task)
        .join(Project, Project.id == Task.project_id)
        .where(
            Task.status.in_(("open", "doing")),
            Task.due_on.between(now.date() - STALE, now.date()),
            Task.assignee_id.is_not(None),
            Task.reminded_on.is_distinct_from(Task.due_on),
            Project.active,
        )
        .options(joinedload(Task.project), joinedload(Task.assignee))
        .order_by(Task.due_on, Task.id)
        .limit(AT_ONCE)
    ).all()
    return sum(remind(task) for task in due)


def remind(task: Task) -> bool:
    """The mark and the mail are one transaction, and the mark is asked for: of two hosts one reminds."""
    unmarked = (TASKS.c.id == task.id) & TASKS.c.reminded_on.is_distinct_from(task.due_on)
    if run(TASKS.update().where(unmarked).values(reminded_on=task.due_on)).rowcount != 1 or task.assignee is None:
        db.session.rollback()
        return False
    what = Happening("task_due", f"Due: {task.title} ({task.project.name})", path_of(task))
    told = tell(task.assignee, what, facts_of(task))
    db.session.commit()
    return told


def facts_of(task: Task) -> dict[str, object]:
    """What the templates about a task may speak of."""
    base = str(current_app.config["PSA_BASE_URL"]).rstrip("/")
    return {
        "task": facts.Task(task.title, task.due_on, f"{base}{path_of(task)}"),
        "project": facts.Project(task.project.name),
    }


def path_of(task: Task) -> str:
    return f"/projects/{task.project_id}/tasks/{task.id}"
