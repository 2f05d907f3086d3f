"""Which project a client's mail belongs to."""

from __future__ import annotations

from sqlalchemy import bindparam

from psa.extensions import db, run
from psa.projects.models import Project

PROJECTS = Project.__table__
ACTIVE_PROJECTS = (
    db.select(PROJECTS.c.id, PROJECTS.c.name, PROJECTS.c.takes_mail)
    .where(PROJECTS.c.client_id == bindparam("client_id"), PROJECTS.c.active)
    .order_by(PROJECTS.c.takes_mail.desc(), PROJECTS.c.id)
    .limit(2)
)


def project_of(client_id: int) -> tuple[int, str] | None:
    """The client's existing project, as (id, name): the one that takes mail, else the only active one."""
    rows = run(ACTIVE_PROJECTS, {"client_id": client_id}).all()
    if rows and (rows[0].takes_mail or len(rows) == 1):
        return rows[0].id, rows[0].name
    return None
