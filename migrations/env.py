"""Alembic inside Flask-Migrate: one history for SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import MetaData, pool

from psa.extensions import UTCDateTime

db = current_app.extensions["migrate"].db


def metadata() -> MetaData:
    return db.metadatas[None]


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Our own column type by its name, with its import, instead of a path that nothing imports."""
    if kind == "type" and isinstance(item, UTCDateTime):
        autogen_context.imports.add("from psa.extensions import UTCDateTime")
        return "UTCDateTime()"
    return False


def only_changes(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """No empty revision when nothing has changed."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run() -> None:
    engine = db.engine.execution_options(poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata(),
            render_as_batch=True,
            render_item=render_item,
            process_revision_directives=only_changes,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
