"""Which project a client's mail belongs to."""

from __future__ import annotations

from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError

from psa.clients.models import Client
from psa.extensions import db, run
from psa.projects.models import Project

PROJECTS = Project.__table__
ACTIVE_PROJECTS = (
    db.select(PROJECTS.c.id, PROJECTS.c.name, PROJECTS.c.takes_mail)
    .where(PROJECTS.c.client_id == bindparam("client_id"), PROJECTS.c.status != "done")
    .order_by(PROJECTS.c.takes_mail.desc(), PROJECTS.c.id)
    .limit(2)
)


class RefusedProject(ValueError):
    """A project that cannot be; the message says why."""


def project_of(client_id: int) -> tuple[int, str] | None:
    """The client's existing project, as (id, name): the one that takes mail, else the only active one."""
    rows = run(ACTIVE_PROJECTS, {"client_id": client_id}).all()
    if rows and (rows[0].takes_mail or len(rows) == 1):
        return rows[0].id, rows[0].name
    return None


def projects_of(client: Client) -> list[Project]:
    """All projects of a client, the active ones first."""
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
    for other in others:
        if other.name.lower() == name.lower():
            raise RefusedProject(f"{client.name} has a project called {other.name} already.")
    settle_mail(client)
    project = Project(client=client, name=name, takes_mail=not any(other.active for other in others))
    db.session.add(project)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise RefusedProject(f"{client.name} has just been given a project called {name}.") from error
    return project


def take_mail(project: Project) -> None:
    """From now on the client's mail belongs to this project, and to no other one. It is active then, too."""
    for other in projects_of(project.client):
        other.takes_mail = other is project
    project.active = True
    db.session.flush()


def close_project(project: Project) -> None:
    """A closed project takes no new tickets; those it has stay with it."""
    project.active = project.takes_mail = False
    db.session.flush()


def reopen_project(project: Project) -> None:
    """Active again. Where the client's mail goes does not change by it, unless there was no project at all."""
    settle_mail(project.client)
    project.active = True
    db.session.flush()


def settle_mail(client: Client) -> None:
    """Say of the only active project that it takes the mail, so that a second one changes nothing about it."""
    found = project_of(client.id)
    if found is not None:
        db.session.get_one(Project, found[0]).takes_mail = True
        db.session.flush()
