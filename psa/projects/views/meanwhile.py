"""What somebody else has saved while a form was open: said in sentences, and known to the next Save."""

from __future__ import annotations

from collections.abc import Sequence

from psa.projects.forms import ProjectForm, TaskForm
from psa.projects.models import Project, Task
from psa.saving import said_otherwise

# Where only what the form does not show has changed, or both have entered the same.
SAME = ("It says the same as yours.",)


def said_of_project(form: ProjectForm, project: Project) -> Sequence[str]:
    """What differs from what was to be saved, a sentence each; nothing where nobody was faster."""
    return said(form, ProjectForm.of(project)) if form.is_stale else ()


def said_of_task(form: TaskForm, task: Task) -> Sequence[str]:
    """The same of a task."""
    return said(form, TaskForm.of(task)) if form.is_stale else ()


def said(form: ProjectForm | TaskForm, saved: ProjectForm | TaskForm) -> Sequence[str]:
    form.revision.take_up(saved.revision.data)
    settings = {field.name: field.data for field in saved if field.name not in ("revision", "csrf_token")}
    return said_otherwise(form, settings) or SAME
