"""Which project a client's mail belongs to."""

from __future__ import annotations

from psa.extensions import db
from psa.projects.models import Project


def project_of(client_id: int) -> tuple[int, str] | None:
    """The client's existing project, as (id, name): the one that takes mail, else the only active one."""
    projects = Project.__table__
    rows = db.session.execute(
        db.select(projects.c.id, projects.c.name, projects.c.takes_mail)
        .where(projects.c.client_id == client_id, projects.c.active)
        .order_by(projects.c.takes_mail.desc(), projects.c.id)
        .limit(2)
    ).all()
    if rows and (rows[0].takes_mail or len(rows) == 1):
        return rows[0].id, rows[0].name
    return None
