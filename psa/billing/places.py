"""Clients and projects by the names that people type: “Harbor Dental” or “Harbor Dental: Managed service 2026”."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from psa.clients.models import Client
from psa.extensions import db
from psa.projects.models import Project

# So many are offered while somebody types; the others can be typed as well.
MOST_OFFERED = 200
BETWEEN = ": "


def find_project(typed: str) -> Project | None:
    """The active project that is named so, also without its client when no other project has that name."""
    for at in range(len(typed)):
        if typed.startswith(BETWEEN, at):
            of_client = active_projects().where(
                db.func.lower(Client.name) == typed[:at].strip().lower(),
                db.func.lower(Project.name) == typed[at + 1 :].strip().lower(),
            )
            project: Project | None = db.session.scalar(of_client)
            if project is not None:
                return project
    alone = active_projects().where(db.func.lower(Project.name) == typed.strip().lower()).limit(2)
    found = db.session.scalars(alone).all()
    return found[0] if len(found) == 1 else None


def find_client(typed: str) -> Client | None:
    found: Client | None = db.session.scalar(
        db.select(Client).where(db.func.lower(Client.name) == typed.strip().lower(), Client.merged_into_id.is_(None))
    )
    return found


def offered_projects() -> list[str]:
    rows = db.session.execute(
        db.select(Client.name, Project.name)
        .join(Project, Project.client_id == Client.id)
        .where(Project.active)
        .order_by(Client.name, Project.name)
        .limit(MOST_OFFERED)
    )
    return [BETWEEN.join(row) for row in rows]


def offered_clients() -> list[str]:
    names = db.select(Client.name).where(Client.merged_into_id.is_(None))
    return list(db.session.scalars(names.order_by(Client.name).limit(MOST_OFFERED)))


def active_projects() -> Select[Any]:
    return select(Project).join(Client, Client.id == Project.client_id).where(Project.active)
