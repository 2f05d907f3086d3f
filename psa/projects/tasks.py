"""What can be done with the tasks of a project. A door commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psa import clock
from psa.extensions import db, lock_row, run
from psa.projects.models import ChecklistItem, Project, Task
from psa.projects.operations import whose_clocks_run
from psa.refusals import Refusal, Stale

TASKS = Task.__table__
TITLE_MAX = ITEM_MAX = 200


class RefusedTask(Refusal):
    """A task that cannot be so; the message says why."""

    def __init__(self, sentence: str, field: str = "title") -> None:
        super().__init__(sentence, field)


@dataclass(frozen=True, slots=True)
class TaskDetails:
    """What a person says about a task."""

    title: str
    words: str = ""
    status: str = "open"
    assignee_id: int | None = None
    due_on: date | None = None

    @classmethod
    def of(cls, task: Task) -> TaskDetails:
        return cls(task.title, task.words, task.status, task.assignee_id, task.due_on)


def tasks_of(project: Project) -> list[Task]:
    """All tasks of a project, in their order."""
    of_project = db.select(Task).where(Task.project_id == project.id)
    return list(db.session.scalars(of_project.order_by(Task.position, Task.id)))


def add_task(
    project: Project,
    title: str,
    *,
    assignee_id: int | None = None,
    due_on: date | None = None,
    ticket_id: int | None = None,
) -> Task:
    """A new task behind the others. Raises RefusedTask without a title, and on a project that is done."""
    if not project.active:
        raise RefusedTask(f"{project.name} is done. Set it back to active before it gets new tasks.")
    last = db.session.scalar(db.select(db.func.max(Task.position)).where(Task.project_id == project.id)) or 0
    task = Task(
        project=project,
        title=titled(title),
        assignee_id=assignee_id,
        due_on=due_on,
        ticket_id=ticket_id,
        position=last + 1,
    )
    db.session.add(task)
    db.session.flush()
    return task


def change_task(task: Task, details: TaskDetails, revision: int) -> Task:
    """Say all of it anew, as somebody has entered it who saw ``revision``; returns it as it is then.

    Raises RefusedTask and Stale.
    """
    # Whoever gets another day for it may be reminded of that one.
    reminded = task.reminded_on if details.due_on == task.due_on else None
    written = run(
        TASKS.update()
        .where(TASKS.c.id == task.id, TASKS.c.revision == revision)
        .values(
            title=titled(details.title),
            words=details.words,
            status=details.status,
            assignee_id=details.assignee_id,
            due_on=details.due_on,
            done_at=done_at(task, details.status),
            reminded_on=reminded,
            revision=revision + 1,
        )
    )
    if written.rowcount != 1:
        raise Stale("Somebody has changed this task since you opened it.")
    db.session.expire(task)
    return task


def set_status(task: Task, status: str) -> None:
    """Open, doing or done: one click, whatever else somebody is writing about it."""
    task.done_at = done_at(task, status)
    task.status = status
    task.revision += 1
    db.session.flush()


def place_task(task: Task, to: str) -> None:
    """Move it ``up`` or ``down`` by one among those to be done, or to a number counted from 1; else nowhere."""
    tasks = [one for one in tasks_of(task.project) if one.status != "done" or one is task]
    before = tasks.index(task)
    place = {"up": before - 1, "down": before + 1}.get(to, int(to) - 1 if to.isdecimal() and len(to) < 6 else before)
    tasks.insert(max(0, min(place, len(tasks) - 1)), tasks.pop(before))
    in_order(tasks)


def in_order(tasks: Sequence[Task]) -> None:
    for position, one in enumerate(tasks, start=1):
        if one.position != position:
            one.position = position
    db.session.flush()


def remove_task(task: Task) -> None:
    """Its checklist goes with it; time that was spent on it stays with the project, its ticket as it is.

    Raises RefusedTask while somebody's clock runs on it.
    """
    lock_row(Task, task.id)
    names = whose_clocks_run(Task.id == task.id)
    if names:
        raise RefusedTask(f"The clock of {' and '.join(names)} runs on it. Let them stop it first.")
    db.session.delete(task)
    db.session.flush()


def add_item(task: Task, words: str) -> ChecklistItem:
    """One more line of the checklist. Raises RefusedTask without words."""
    words = " ".join(words.split())[:ITEM_MAX]
    if not words:
        raise RefusedTask("Write what is to be ticked off.", "words")
    last = max((item.position for item in task.checklist), default=0)
    item = ChecklistItem(task=task, words=words, position=last + 1)
    db.session.add(item)
    db.session.flush()
    return item


def tick(item: ChecklistItem, done: bool) -> None:
    item.done = done
    db.session.flush()


def remove_item(item: ChecklistItem) -> None:
    item.task.checklist.remove(item)
    db.session.flush()


def titled(title: str) -> str:
    title = " ".join(title.split())[:TITLE_MAX]
    if not title:
        raise RefusedTask("Write what is to be done.")
    return title


def done_at(task: Task, status: str) -> datetime | None:
    return None if status != "done" else task.done_at or clock.now()
