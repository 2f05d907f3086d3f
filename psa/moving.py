"""From one database to another: everything that SQLite holds, into a PostgreSQL that was empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Connection, Engine, Table, create_engine, func, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from psa import extensions, locks
from psa.config import ConfigError, database_url
from psa.extensions import db

# Rows that are read and written at a time; of the table with the messages themselves fewer, they are large.
AT_ONCE = {"raw_messages": 50}
USUALLY = 1000
UNREADABLE = "That is not the address of a database. Write it as postgresql://user:password@host/database."


class MoveError(Exception):
    """Why nothing was moved, in a sentence."""


def copy_to(url: str, tell: Callable[[str], None]) -> dict[str, int]:
    """Copy every row of this database into the one at ``url``, whose schema is made; returns the rows by table.

    It happens in one transaction there: whatever goes wrong, the new database stays empty and the old one is untouched.
    ``tell`` hears of each table. Raises MoveError.
    """
    if locks.is_taken_here(locks.LEAD):
        raise MoveError("The PSA is running. Stop it first, so that no mail arrives in the old database meanwhile.")
    url = url_of(url)
    target = create_engine(url, hide_parameters=True)
    # Asked first, so that what is wrong with the one is not said of the other.
    with naming("present database"), db.engine.connect() as here:
        try:
            with naming("new database"):
                refuse_what_is_not_empty(target)
                make_schema(url)
                with target.begin() as there:
                    return dict(copy_tables(here, there, tell))
        finally:
            target.dispose()


def url_of(text: str) -> str:
    """As DATABASE_URL is read, where it is the whole address of a database of ours. Raises MoveError."""
    try:
        return make_url(database_url(text.strip() or "nothing", Path())).render_as_string(hide_password=False)
    except (ConfigError, ArgumentError, ValueError) as error:
        raise MoveError(UNREADABLE) from error


@contextmanager
def naming(which: str) -> Iterator[None]:
    """Say which of the two databases it is that cannot be used."""
    try:
        yield
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise MoveError(f"The {which} cannot be used: {said}") from error


def refuse_what_is_not_empty(target: Engine) -> None:
    with target.connect() as connection:
        for name in set(inspect(connection).get_table_names()) & set(db.metadata.tables):
            if connection.execute(select(db.metadata.tables[name]).limit(1)).first() is not None:
                raise MoveError(f"The new database is not empty: there are {name} in it. Name an empty one.")


def make_schema(url: str) -> None:
    """Bring the new database to the present schema, by an application of its own that is nothing but a database."""
    import flask_migrate  # 10 MiB that the server itself, which has this command too, does not need

    app = Flask("psa")
    app.config.from_mapping(SQLALCHEMY_DATABASE_URI=url, MIGRATIONS=current_app.config["MIGRATIONS"])
    extensions.init_app(app)
    with app.app_context():
        flask_migrate.upgrade(directory=str(app.config["MIGRATIONS"]))


def copy_tables(here: Connection, there: Connection, tell: Callable[[str], None]) -> Iterator[tuple[str, int]]:
    for table in db.metadata.sorted_tables:
        rows = copy_table(table, here, there)
        renew_sequence(table, there)
        counted = there.execute(select(func.count()).select_from(table)).scalar_one()
        if counted != rows:
            raise MoveError(f"Of {rows} {table.name} only {counted} arrived. Nothing was moved.")
        tell(f"{rows:,} {table.name.replace('_', ' ')}")
        yield table.name, rows


def copy_table(table: Table, here: Connection, there: Connection) -> int:
    """The rows in the order of their keys. What refers to rows of the same table is filled in when all are there."""
    within = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    at_once = AT_ONCE.get(table.name, USUALLY)
    rows = 0
    later: list[dict[str, Any]] = []
    found = here.execution_options(yield_per=at_once).execute(select(table).order_by(*table.primary_key))
    for chunk in found.mappings().partitions(at_once):
        values = [dict(row) for row in chunk]
        later += [{name: row[name] for name in ("id", *within)} for row in values if any(row[name] for name in within)]
        there.execute(table.insert(), [row | dict.fromkeys(within) for row in values])
        rows += len(values)
    for row in later:
        there.execute(table.update().where(table.c.id == row["id"]).values(**row))
    return rows


def renew_sequence(table: Table, there: Connection) -> None:
    """PostgreSQL numbers new rows from its own counter, which knows nothing of rows that came with a number."""
    key = table.autoincrement_column
    if key is None or there.dialect.name != "postgresql":
        return
    there.execute(
        text("SELECT setval(pg_get_serial_sequence(:table, :column), :next, false)"),
        {
            "table": table.name,
            "column": key.name,
            "next": there.execute(select(func.coalesce(func.max(key), 0) + 1)).scalar_one(),
        },
    )
