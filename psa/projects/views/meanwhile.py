"""What somebody else has saved while a form was open: said in sentences, and known to the next Save."""

from __future__ import annotations

from collections.abc import Mapping

from psa.projects.forms import ProjectForm, TaskForm
from psa.projects.models import STATUSES, TASK_STATUSES, Project, Task
from psa.projects.operations import Details
from psa.projects.tasks import TaskDetails

# The details, each with its field of the form, which says what it is called.
OF_PROJECT = {
    "name": "name",
    "status": "status",
    "starts_on": "starts_on",
    "due_on": "due_on",
    "queue_id": "queue",
    "budget_minutes": "budget",
    "member_ids": "members",
    "tag": "tag",
    "address": "address",
    "words": "words",
}
OF_TASK = {"title": "title", "status": "status", "assignee_id": "assignee", "due_on": "due_on", "words": "words"}


def said_of_project(form: ProjectForm, project: Project) -> list[str]:
    """What differs from what was to be saved, a sentence each; nothing where nobody was faster."""
    if not form.is_stale:
        return []
    form.revision.take_up(project.revision)
    spoken = {
        "status": STATUSES[project.status],
        "queue_id": project.queue.name if project.queue is not None else "as the client has it",
        "member_ids": ", ".join(user.name for user in project.members) or "nobody",
        "budget_minutes": f"{project.budget_minutes / 60:g} hours" if project.budget_minutes else "empty",
    }
    return differences(form, Details.of(project), OF_PROJECT, spoken)


def said_of_task(form: TaskForm, task: Task) -> list[str]:
    """The same of a task."""
    if not form.is_stale:
        return []
    form.revision.take_up(task.revision)
    spoken = {
        "status": TASK_STATUSES[task.status],
        "assignee_id": task.assignee.name if task.assignee is not None else "nobody",
    }
    return differences(form, TaskDetails.of(task), OF_TASK, spoken)


def differences(
    form: ProjectForm | TaskForm, saved: object, fields: Mapping[str, str], spoken: Mapping[str, str]
) -> list[str]:
    """A sentence for each detail of ``fields`` that differs; ``spoken`` are those that speak otherwise."""
    wanted = form.details()
    differing = [name for name in fields if getattr(saved, name) != getattr(wanted, name)]
    return [
        f"{form[fields[name]].label.text} is now {spoken.get(name) or quoted(getattr(saved, name))}."
        for name in differing
    ] or ["It says the same as yours."]


def quoted(value: object) -> str:
    return f"“{value}”" if value else "empty"
