"""What can be done with a project, and which of a client's projects their mail belongs to. A door commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.exc import IntegrityError

from psa.auth.models import User
from psa.billing.models import Timer
from psa.clients.models import Client
from psa.extensions import db, lock_row, rows_of, run
from psa.prepared import Prepared
from psa.projects.models import Project, Task
from psa.refusals import Refusal, Stale

PROJECTS = Project.__table__
ACTIVE_PROJECTS = (
    db.select(PROJECTS.c.id, PROJECTS.c.name, PROJECTS.c.takes_mail)
    .where(PROJECTS.c.client_id == bindparam("client_id"), PROJECTS.c.status != "done")
    .order_by(PROJECTS.c.takes_mail.desc(), PROJECTS.c.id)
    .limit(2)
)


NAMED = (PROJECTS.c.id, PROJECTS.c.name, PROJECTS.c.client_id)
TAGGED = Prepared(db.select(*NAMED).where(PROJECTS.c.folded_tag == bindparam("tag"), PROJECTS.c.status != "done"))
ADDRESSED = Prepared(db.select(*NAMED).where(PROJECTS.c.address == bindparam("address"), PROJECTS.c.status != "done"))
QUEUE_OF = Prepared(db.select(PROJECTS.c.queue_id).where(PROJECTS.c.id == bindparam("project_id")))


class RefusedProject(Refusal):
    """A project that cannot be so; the message says why, ``field`` which of its details is meant."""

    def __init__(self, sentence: str, field: str = "name") -> None:
        super().__init__(sentence, field)


@dataclass(frozen=True, slots=True)
class Details:
    """What a person says about a project. ``tag`` is without brackets, ``address`` in lower case; "" for none."""

    name: str
    status: str = "active"
    starts_on: date | None = None
    due_on: date | None = None
    queue_id: int | None = None
    budget_minutes: int | None = None
    tag: str = ""
    address: str = ""
    words: str = ""
    member_ids: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def of(cls, project: Project) -> Details:
        return cls(
            name=project.name,
            status=project.status,
            starts_on=project.starts_on,
            due_on=project.due_on,
            queue_id=project.queue_id,
            budget_minutes=project.budget_minutes,
            tag=project.tag,
            address=project.address or "",
            words=project.words,
            member_ids=frozenset(user.id for user in project.members),
        )


def project_of(client_id: int) -> tuple[int, str] | None:
    """The client's existing project, as (id, name): the one that takes mail, else the only one that is not done."""
    rows = run(ACTIVE_PROJECTS, {"client_id": client_id}).all()
    if rows and (rows[0].takes_mail or len(rows) == 1):
        return rows[0].id, rows[0].name
    return None


@dataclass(frozen=True, slots=True)
class NamedProject:
    """A project that mail can name."""

    id: int
    name: str
    client_id: int


def project_tagged(tag: str) -> NamedProject | None:
    """The open project with this tag, folded."""
    rows = rows_of(TAGGED, tag=tag) if tag else ()
    return NamedProject(*rows[0]) if rows else None


def project_at(address: str) -> NamedProject | None:
    """The open project with this address, in lower case."""
    rows = rows_of(ADDRESSED, address=address)
    return NamedProject(*rows[0]) if rows else None


def queue_of(project_id: int) -> int | None:
    """Where a project's new tickets go, if that is not its client's queue."""
    rows = rows_of(QUEUE_OF, project_id=project_id)
    return rows[0][0] if rows else None


def projects_of(client: Client) -> list[Project]:
    """All projects of a client, those that are done last."""
    of_client = db.select(Project).where(Project.client_id == client.id)
    return list(db.session.scalars(of_client.order_by(Project.active.desc(), Project.id)))


def add_project(client: Client, name: str) -> Project:
    """A new project. The first one takes the client's mail; a further one leaves the mail where it goes now.

    Raises RefusedProject when it has no name, or that of another project of the client.
    """
    name = " ".join(name.split())[:200]
    if not name:
        raise RefusedProject("A project needs a name.")
    others = projects_of(client)
    refuse_same_name(client, name, others)
    settle_mail(client)
    project = Project(client=client, name=name, takes_mail=not any(other.active for other in others))
    db.session.add(project)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise RefusedProject(f"{client.name} has just been given a project called {name}.") from error
    return project


def change_project(project: Project, details: Details, revision: int) -> Project:
    """Say all of it anew, as somebody has entered it who saw ``revision``; returns it as it is then.

    Raises RefusedProject, and Stale when it is not that one any more.
    """
    refuse_same_name(project.client, details.name, [one for one in projects_of(project.client) if one is not project])
    refuse_taken(project, details)
    if details.status == "done" and project.active:
        # What is left may be the only one: it takes the mail then, as a first one does.
        project.takes_mail = False
    if details.status != "done" and not project.active:
        settle_mail(project.client)
    db.session.flush()
    written = run(
        PROJECTS.update()
        .where(PROJECTS.c.id == project.id, PROJECTS.c.revision == revision)
        .values(
            name=details.name,
            status=details.status,
            starts_on=details.starts_on,
            due_on=details.due_on,
            queue_id=details.queue_id,
            budget_minutes=details.budget_minutes,
            tag=details.tag,
            folded_tag=folded(details.tag) or None,
            address=details.address or None,
            words=details.words,
            revision=revision + 1,
        )
    )
    if written.rowcount != 1:
        raise Stale("Somebody has changed this project since you opened it.")
    project.members = list(db.session.scalars(db.select(User).where(User.id.in_(details.member_ids))))
    db.session.flush()
    db.session.expire(project)
    return project


def refuse_same_name(client: Client, name: str, others: Sequence[Project]) -> None:
    if any(other.name.lower() == name.lower() for other in others):
        raise RefusedProject(f"{client.name} has a project called {name} already.")


def refuse_taken(project: Project, details: Details) -> None:
    """A tag and an address lead to one project only."""
    for name, column, value in (
        ("tag", Project.folded_tag, folded(details.tag)),
        ("address", Project.address, details.address),
    ):
        other: Project | None = (
            db.session.scalar(db.select(Project).where(column == value, Project.id != project.id)) if value else None
        )
        if other is not None:
            raise RefusedProject(f"It leads to {other.name} of {other.client.name} already.", name)


def folded(tag: str) -> str:
    """A tag as it is looked up: without brackets, capitals and double blanks."""
    return " ".join(tag.strip("[] ").split()).casefold()[:120]


def take_mail(project: Project) -> None:
    """From now on the client's mail belongs to this project, and to no other one. It is open then, too."""
    for other in projects_of(project.client):
        other.takes_mail = other is project
    if not project.active:
        reopen_project(project)
    db.session.flush()


def close_project(project: Project) -> None:
    """A project that is done takes no new tickets; those it has stay with it."""
    project.active = project.takes_mail = False
    project.revision += 1
    db.session.flush()


def reopen_project(project: Project) -> None:
    """Active again. Where the client's mail goes does not change by it, unless there was no project at all."""
    settle_mail(project.client)
    project.active = True
    project.revision += 1
    db.session.flush()


def remove_project(project: Project) -> None:
    """Its tasks and updates go with it; its tickets, its time and its invoices stay, with the client alone.

    Raises RefusedProject while somebody's clock runs on one of its tasks.
    """
    lock_row(Project, project.id)
    names = whose_clocks_run(Task.project_id == project.id)
    if names:
        raise RefusedProject(f"On one of its tasks runs the clock of {' and '.join(names)}. Let them stop it first.")
    db.session.delete(project)
    db.session.flush()


def whose_clocks_run(where: ColumnElement[bool]) -> list[str]:
    """The names of the users whose clock runs on one of these tasks: it would go with the task, and its time with it.

    No clock starts there until the transaction ends. One of somebody who has left keeps nobody from anything.
    """
    tasks = db.session.scalars(db.select(Task.id).where(where).with_for_update()).all()
    running = db.select(User.name).join(Timer, Timer.user_id == User.id).join(Task, Task.id == Timer.task_id)
    return list(db.session.scalars(running.where(where, User.active).order_by(User.name))) if tasks else []


def settle_mail(client: Client) -> None:
    """Say of the only open project that it takes the mail, so that a second one changes nothing about it."""
    found = project_of(client.id)
    if found is not None:
        db.session.get_one(Project, found[0]).takes_mail = True
        db.session.flush()
