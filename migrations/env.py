"""Alembic inside Flask-Migrate: one history for SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, MetaData

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


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether the models tell of it: not of the search index, which each database makes in its own way."""
    return not (kind in ("table", "index") and str(name).startswith(("mail_words_index", "ix_mail_words_words")))


def run() -> None:
    """All that is missing in one transaction: what fails half-way leaves the database as it was."""
    with db.engine.connect() as connection:
        # Out of the pool for good: nobody else may get a connection on which no reference is watched.
        connection.detach()
        on_sqlite = connection.dialect.name == "sqlite"
        if on_sqlite:
            let_tables_be_rebuilt(connection)
        context.configure(
            connection=connection,
            target_metadata=metadata(),
            render_as_batch=True,
            render_item=render_item,
            process_revision_directives=only_changes,
            compare_type=True,
            include_name=is_ours,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            if on_sqlite:
                # Python's driver begins by itself only before it changes rows, and a CREATE TABLE comes earlier.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            context.run_migrations()
            if on_sqlite:
                check_references(connection)


def let_tables_be_rebuilt(connection: Connection) -> None:
    """Let go of foreign keys, which SQLite does between transactions only (https://sqlite.org/lang_altertable.html).

    To alter a table SQLite copies and drops it, and ON DELETE CASCADE would take every row that refers to it along.
    """
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.commit()


def check_references(connection: Connection) -> None:
    """Raises RuntimeError, which undoes the migration, when a row refers to one that is not there."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        places = sorted({f"{table} → {parent}" for table, _, parent, _ in broken})
        raise RuntimeError(f"{len(broken)} rows would refer to rows that are not there: {', '.join(places)}")


run()
