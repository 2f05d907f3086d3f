"""Statements that are made ready once, for where each mail passes.

SQLAlchemy looks up, checks and converts anew each time that a statement runs; for a row of a mail that costs several
times what the database does. Here a Core statement becomes the database's words once, and its values go straight to the
driver, in the transaction of the connection. What comes back has the driver's own types: a moment of SQLite is text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Dialect, Executable, FromClause, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

CURSOR = "cursor of prepared statements"


class Prepared:
    """A statement whose values come by the names of its bound parameters, or of the ``columns`` that it writes.

    Columns that are not among them get what the model gives by itself. Parameters that expand (``IN``) are not for it.
    """

    def __init__(self, statement: Executable, *columns: str) -> None:
        self.statement = statement
        self.columns = columns
        self.ready: dict[str, Ready] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """What it brings. Raises what SQLAlchemy raises."""
        rows: Sequence[tuple[Any, ...]] = self.run(connection, values).fetchall()
        return rows

    def count(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run it; returns how many rows it has changed. Raises what SQLAlchemy raises."""
        return int(self.run(connection, values).rowcount)

    def run_all(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Any:
        """Run it once for each row of values, in one go; returns a cursor of its own.

        Its ``rowcount`` says how many rows all of them have changed; in_one_go() only when that is over.
        """
        ready, cursor = self.ready_for(connection), connection.connection.cursor()
        try:
            cursor.executemany(ready.sql, [ready.parameters(values) for values in rows])
        except connection.dialect.loaded_dbapi.Error as error:
            raise translated(error, ready.sql, connection) from error
        return cursor

    def ids_of_all(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """The first column of what it brings for each row of values. PostgreSQL alone: its driver sends all of them
        before it waits for the first answer.
        """
        ready, cursor = self.ready_for(connection), cursor_of(connection)
        try:
            cursor.executemany(ready.sql, [ready.parameters(values) for values in rows], returning=True)
            return [int(result.fetchone()[0]) for result in cursor.results()]
        except connection.dialect.loaded_dbapi.Error as error:
            raise translated(error, ready.sql, connection) from error

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The driver's cursor (PEP 249) behind it, good until the next statement runs."""
        ready, cursor = self.ready_for(connection), cursor_of(connection)
        try:
            cursor.execute(ready.sql, ready.parameters(values))
        except connection.dialect.loaded_dbapi.Error as error:
            raise translated(error, ready.sql, connection) from error
        return cursor

    def ready_for(self, connection: Connection) -> Ready:
        ready = self.ready.get(connection.dialect.name)
        if ready is None:
            ready = self.ready[connection.dialect.name] = Ready.of(self.statement, self.columns, connection.dialect)
        return ready


@contextmanager
def in_one_go(connection: Connection) -> Iterator[None]:
    """What is written inside is waited for once, at the end, where the database allows for that (PostgreSQL).

    An error may come later than at the statement that it is about; nothing after that one has been done. Raises what
    SQLAlchemy raises.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise translated(error, "", connection) from error


def cursor_of(connection: Connection) -> Any:
    cursor = connection.info.get(CURSOR)
    if cursor is None:
        cursor = connection.info[CURSOR] = connection.connection.cursor()
    return cursor


# One value of a statement: its name, what it is when none is given, and how it reaches the driver.
Bind = tuple[str, Callable[[], Any], Callable[[Any], Any] | None]


@dataclass(frozen=True, slots=True)
class Ready:
    """The words of a statement for one database, and its values in their order."""

    sql: str
    names: tuple[str, ...]
    binds: tuple[Bind, ...]
    by_position: bool

    @classmethod
    def of(cls, statement: Executable, columns: Sequence[str], dialect: Dialect) -> Ready:
        defaults = defaults_of(statement.table) if isinstance(statement, sqlalchemy.Insert) else {}
        written = list(dict.fromkeys([*columns, *defaults])) or None
        compiled = statement.compile(dialect=dialect, column_keys=written)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        binds: list[Bind] = []
        names = tuple((compiled.positiontup if compiled.positional else compiled.binds) or ())
        for name in names:
            bind = compiled.binds[name]
            otherwise = defaults.get(name) or partial(identity, bind.value)
            binds.append((name, otherwise, bind.type.dialect_impl(dialect).bind_processor(dialect)))
        return cls(compiled.string, names, tuple(binds), compiled.positional)

    def parameters(self, values: Mapping[str, Any]) -> Any:
        given = []
        for name, otherwise, convert in self.binds:
            value = values[name] if name in values else otherwise()
            given.append(value if convert is None else convert(value))
        return given if self.by_position else dict(zip(self.names, given, strict=True))


def defaults_of(table: FromClause) -> dict[str, Callable[[], Any]]:
    """What the model gives to a new row by itself, column by column."""
    made: dict[str, Callable[[], Any]] = {}
    for column in table.columns:
        default: Any = column.default
        if default is not None and default.is_scalar:
            made[column.name] = partial(identity, default.arg)
        elif default is not None and default.is_callable:
            made[column.name] = partial(default.arg, None)
    return made


def identity(value: Any) -> Any:
    return value


def translated(error: Exception, sql: str, connection: Connection) -> BaseException:
    """The driver's error as SQLAlchemy's; a connection that is lost is used no more. Values are not shown in it."""
    dialect = connection.dialect
    base = dialect.loaded_dbapi.Error
    lost = dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(sql, None, error, base, True, lost, dialect)


@cache
def insertion(table: Table, columns: tuple[str, ...], dialect: str) -> Prepared:
    """Inserts one row. On PostgreSQL it brings the row's id; on SQLite the cursor has it as ``lastrowid``."""
    statement = sqlalchemy.insert(table)
    return Prepared(statement.returning(table.c.id) if dialect == "postgresql" else statement.inline(), *columns)


@cache
def careful_insertion(table: Table, columns: tuple[str, ...], dialect: str) -> Prepared:
    """Inserts one row unless its key is taken."""
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return Prepared(make(table).on_conflict_do_nothing().inline(), *columns)


@cache
def change(table: Table, columns: tuple[str, ...]) -> Prepared:
    """Changes columns of the row ``row_id``."""
    return Prepared(sqlalchemy.update(table).where(table.c.id == bindparam("row_id")), *columns)
