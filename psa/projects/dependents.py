"""What depends on a project or a task: said before it is removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from psa.auth.models import User
from psa.billing.invoices.models import Invoice, RecurringInvoice
from psa.billing.models import Rate, TimeEntry, Timer
from psa.billing.timers import is_forgotten
from psa.extensions import db
from psa.projects.models import Project, Task, Update
from psa.projects.queries import progress_of
from psa.rules.named import rules_that_name
from psa.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that runs on a task and keeps it from being removed, and whose it is."""

    user: User
    timer: Timer

    @property
    def task(self) -> Task:
        assert self.timer.task is not None
        return self.timer.task

    @property
    def is_forgotten(self) -> bool:
        """Whether it runs so long that its owner has to say how long the work took."""
        return is_forgotten(self.timer)


@dataclass(frozen=True, slots=True)
class Dependents:
    """What would lose a project or a task when it is removed: numbers, names of rules, and clocks that run there."""

    tasks: int = 0
    updates: int = 0
    tickets: int = 0
    invoices: int = 0
    minutes: int = 0
    items: int = 0
    rates: int = 0
    recurring: int = 0
    rules: tuple[str, ...] = ()
    clocks: tuple[Clock, ...] = ()

    @property
    def are_none(self) -> bool:
        return self == Dependents()


def dependents_of(project: Project) -> Dependents:
    def number(model: Any) -> int:
        return db.session.scalar(select(func.count()).where(model.project_id == project.id)) or 0

    minutes = progress_of([project.id])[project.id].minutes
    return Dependents(
        tasks=number(Task),
        updates=number(Update),
        tickets=number(Ticket),
        invoices=number(Invoice),
        minutes=minutes,
        rates=number(Rate),
        recurring=number(RecurringInvoice),
        rules=tuple(rules_that_name("project", project.id)),
        clocks=clocks_on(Task.project_id == project.id),
    )


def dependents_of_task(task: Task) -> Dependents:
    spent = select(func.coalesce(func.sum(TimeEntry.minutes), 0)).where(TimeEntry.task_id == task.id)
    return Dependents(
        minutes=db.session.scalar(spent) or 0, items=len(task.checklist), clocks=clocks_on(Task.id == task.id)
    )


def clocks_on(where: ColumnElement[bool]) -> tuple[Clock, ...]:
    """The clocks of users who have not left, on these tasks."""
    running = select(User, Timer).join(Timer, Timer.user_id == User.id).join(Task, Task.id == Timer.task_id)
    found = running.where(where, User.active).order_by(User.name, User.id).options(joinedload(Timer.task))
    return tuple(Clock(user, timer) for user, timer in db.session.execute(found))
