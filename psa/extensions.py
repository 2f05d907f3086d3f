"""Extensions without an application, and the base of all models."""

from __future__ import annotations

import datetime
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, CursorResult, DateTime, Dialect, Executable, MetaData, Table, event, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlalchemy.types import TypeDecorator
from werkzeug.local import LocalProxy

from psa import prepared
from psa.prepared import Prepared

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)

    if TYPE_CHECKING:
        __table__: ClassVar[Table]


HELD = "connection of all transactions"


class Session(FlaskSession):
    """Takes the connection that is held for it (on_one_connection), else one from the pool for each transaction."""

    def get_bind(self, *arguments: Any, **named: Any) -> Engine | Connection:
        held: Connection | None = self.info.get(HELD)
        return super().get_bind(*arguments, **named) if held is None else held


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "class_": Session})
csrf = CSRFProtect()

if TYPE_CHECKING:

    class Model(Base):
        __abstract__ = True
else:
    Model = db.Model


class UTCDateTime(TypeDecorator[datetime.datetime]):
    """An aware UTC moment. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        # Ten moments go into the database with each mail; by way of the types below each costs what a statement does.
        return words_of_moment if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        return in_utc(value) if value is not None else None

    def process_result_value(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


def in_utc(moment: datetime.datetime) -> datetime.datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone: use psa.clock.now()")
    return moment.astimezone(datetime.UTC)


def words_of_moment(moment: datetime.datetime | None) -> str | None:
    """A moment as SQLAlchemy writes it into SQLite: its UTC, without a zone, in microseconds."""
    if moment is None:
        return None
    return in_utc(moment).replace(tzinfo=None).isoformat(" ", "microseconds")


@event.listens_for(Engine, "connect")
def prepare_sqlite(connection: Any, _record: object) -> None:
    """WAL: readers never wait for the writer. FULL: what we tell a mail server is really on the disk."""
    if isinstance(connection, sqlite3.Connection):
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # In pages, 32 MB. A mail touches some fifty pages, nearly the same as the mail before it; by default the log
        # would be worked in every twenty mails, and each of these pages be written as often.
        cursor.execute("PRAGMA wal_autocheckpoint=8000")
        cursor.close()


# Whoever asked the server a moment ago knows that it is there; a mail's transaction need not ask again. In seconds.
TRUSTED_FOR = 1.0


@event.listens_for(Pool, "checkin")
def note_last_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def look_whether_it_lives(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask the server through a connection that has rested; when it is gone, all that rest are opened anew."""
    rested_since = record.info.get("used_at")
    if rested_since is None or time.monotonic() - rested_since < TRUSTED_FOR:
        return
    if isinstance(connection, sqlite3.Connection):
        return
    try:
        connection.autocommit = True
        connection.execute("")
        connection.autocommit = False
    except Exception as error:
        raise InvalidatePoolError from error


# Whether a commit waits until what it wrote is on the disk.
waits_for_the_disk: ContextVar[bool] = ContextVar("waits_for_the_disk", default=True)


@contextmanager
def durable_later() -> Iterator[None]:
    """Commits inside are atomic and seen by all, but a power cut may take the last of them back, in their order.

    The next commit outside that writes something makes all of them durable, whichever connection it comes from, since
    both databases write one log in sequence (https://www.sqlite.org/pragma.html#pragma_synchronous,
    https://www.postgresql.org/docs/current/wal-async-commit.html).
    """
    token = waits_for_the_disk.set(False)
    try:
        yield
    finally:
        waits_for_the_disk.reset(token)


@event.listens_for(Engine, "begin")
def set_durability(connection: Connection) -> None:
    """Say before a transaction how its commit is meant, when the connection's last one was meant otherwise."""
    waits = waits_for_the_disk.get()
    if connection.info.get("waits_for_the_disk", True) is waits:
        return
    if connection.dialect.name == "postgresql":
        # Inside the transaction it would be taken back with it. The driver begins that at its first statement.
        driver: Any = connection.connection.driver_connection
        said = "RESET synchronous_commit" if waits else "SET synchronous_commit TO off"
        try:
            driver.autocommit = True
            driver.execute(said)
            driver.autocommit = False
        except Exception as error:
            translated = prepared.translated(error, said, connection)
            # Half-way it would commit each statement by itself from here on.
            connection.invalidate(error)
            raise translated from error
    else:
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if waits else 'NORMAL'}")
    connection.info["waits_for_the_disk"] = waits


def engine_options(database_url: str) -> dict[str, Any]:
    """How to connect. On SQLite a transaction takes the write lock at its first write (IMMEDIATE) and waits for it.

    What goes into a statement is hidden from its errors: they end in logs and in reasons on pages.
    """
    if database_url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"isolation_level": "IMMEDIATE", "timeout": 15}}
    return {"hide_parameters": True, "connect_args": {"connect_timeout": 10}}


def init_app(app: Flask) -> None:
    """Bind the extensions to ``app``."""
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(app.config["SQLALCHEMY_DATABASE_URI"]))
    db.init_app(app)
    csrf.init_app(app)
    # Alembic is 10 MiB that no server needs: there it is made when somebody asks for it.
    app.extensions["migrate"] = LocalProxy(partial(migrations_of, app))
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        migrations_of(app)


def migrations_of(app: Flask) -> Any:
    """Bind Flask-Migrate and its ``flask db`` to ``app``; returns what its functions look for in the extensions."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(app.config["MIGRATIONS"]), render_as_batch=True, compare_type=True)
    return app.extensions["migrate"]


def run(
    statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
) -> CursorResult[Any]:
    """Run a Core statement in the session's transaction, past the unit of work.

    Objects that are loaded already stay as they were.
    """
    return current_connection().execute(statement, values)


def rows_of(statement: Prepared, **values: Any) -> Sequence[tuple[Any, ...]]:
    """What a prepared statement brings, in the session's transaction: the way of the intake."""
    return statement.rows(current_connection(), values)


def change_rows(statement: Prepared, **values: Any) -> int:
    """Run a prepared statement in the session's transaction; returns how many rows it has changed."""
    return statement.count(current_connection(), values)


def insert_row(model: type[Base], **values: Any) -> int:
    """Insert one row; returns its id."""
    connection = current_connection()
    dialect = connection.dialect.name
    cursor = prepared.insertion(model.__table__, tuple(values), dialect).run(connection, values)
    return int(cursor.fetchone()[0] if dialect == "postgresql" else cursor.lastrowid)


def insert_rows(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows of the same columns; returns their ids in this order. PostgreSQL is waited for once for all."""
    connection = current_connection()
    if connection.dialect.name != "postgresql" or not rows:
        return [insert_row(model, **values) for values in rows]
    return prepared.insertion(model.__table__, tuple(rows[0]), "postgresql").ids_of_all(connection, rows)


def insert_unless_there(model: type[Base], **values: Any) -> bool:
    """Insert one row unless its key is taken, in one statement on either database; returns whether it was free."""
    connection = current_connection()
    statement = prepared.careful_insertion(model.__table__, tuple(values), connection.dialect.name)
    return statement.count(connection, values) == 1


def update_row(model: type[Base], row_id: int, **values: Any) -> None:
    """Change columns of one row."""
    change_rows(prepared.change(model.__table__, tuple(values)), row_id=row_id, **values)


def lock_row(model: type[Base], row_id: int) -> None:
    """Let nobody else change the row until the transaction ends: who wants to, waits.

    A write that changes nothing locks the row on PostgreSQL, and on SQLite the database.
    """
    table = model.__table__
    run(update(table).where(table.c.id == row_id).values(id=table.c.id))


CURRENT = "connection of the transaction"


def current_connection() -> Connection:
    """The connection of the session's transaction. Finding it anew for each statement costs more than the statement."""
    session = db.session()
    connection: Connection | None = session.info.get(CURRENT)
    return session.connection() if connection is None else connection


@contextmanager
def on_one_connection() -> Iterator[None]:
    """The session's transactions inside, all of them, take one connection. What is not committed is rolled back.

    For many short ones in a row: giving it back to the pool after each, and taking it anew, is a seventh of the work.
    No transaction may be open before.
    """
    session = db.session()
    with db.engine.connect() as connection:
        session.info[HELD] = connection
        try:
            yield
        finally:
            session.info.pop(HELD)
            session.rollback()


@event.listens_for(db.session, "after_begin")
def remember_connection(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    session.info[CURRENT] = connection


@event.listens_for(db.session, "after_soft_rollback")
@event.listens_for(db.session, "after_transaction_end")
def forget_connection(session: Session, _transaction: SessionTransaction) -> None:
    """After each end, of a savepoint too: the session knows best which one is next, and whether there may be any."""
    session.info.pop(CURRENT, None)
