"""What somebody else has saved while a form was open: said in sentences, and known to the next Save."""

from __future__ import annotations

from collections.abc import Mapping

from psa.projects.forms import ProjectForm, TaskForm
from psa.projects.models import STATUSES, TASK_STATUSES, Project, Task
from psa.projects.operations import Details
from psa.projects.tasks import TaskDetails

# What the forms call the details.
OF_PROJECT = {
    "name": "Name",
    "status": "Status",
    "starts_on": "Starts",
    "due_on": "Due",
    "queue_id": "Queue",
    "budget_minutes": "Budget",
    "member_ids": "Members",
    "tag": "Subject Tag",
    "address": "Address",
    "words": "Notes",
}
OF_TASK = {
    "title": "What is to be done",
    "status": "Status",
    "assignee_id": "Assignee",
    "due_on": "Due",
    "words": "Notes",
}


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
    return differences(Details.of(project), form.details(), OF_PROJECT, spoken)


def said_of_task(form: TaskForm, task: Task) -> list[str]:
    """The same of a task."""
    if not form.is_stale:
        return []
    form.revision.take_up(task.revision)
    spoken = {
        "status": TASK_STATUSES[task.status],
        "assignee_id": task.assignee.name if task.assignee is not None else "nobody",
    }
    return differences(TaskDetails.of(task), form.details(), OF_TASK, spoken)


def differences(saved: object, wanted: object, called: Mapping[str, str], spoken: Mapping[str, str]) -> list[str]:
    """A sentence for each detail that is ``called`` so and differs; ``spoken`` are those that speak otherwise."""
    differing = [name for name in called if getattr(saved, name) != getattr(wanted, name)]
    return [f"{called[name]} is now {spoken.get(name) or quoted(getattr(saved, name))}." for name in differing] or [
        "It says the same as yours."
    ]


def quoted(value: object) -> str:
    return f"“{value}”" if value else "empty"
