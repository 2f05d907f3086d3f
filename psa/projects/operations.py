"""Which project a client's mail belongs to."""

from __future__ import annotations

from psa.clients.models import Client
from psa.extensions import db
from psa.projects.models import Project


def project_of(client_id: int) -> tuple[int, str] | None:
    """The client's existing project, as (id, name): the default one, else the only active one."""
    clients, projects = Client.__table__, Project.__table__
    rows = db.session.execute(
        db.select(projects.c.id, projects.c.name, (clients.c.default_project_id == projects.c.id).label("default"))
        .select_from(projects.join(clients, clients.c.id == projects.c.client_id))
        .where(projects.c.client_id == client_id, projects.c.active)
        .order_by((clients.c.default_project_id == projects.c.id).desc(), projects.c.id)
        .limit(2)
    ).all()
    if rows and (rows[0].default or len(rows) == 1):
        return rows[0].id, rows[0].name
    return None
