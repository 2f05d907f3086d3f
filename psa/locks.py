"""Locks that die with their holder: for the leader of a host, and for each mailbox while it is read.

A lock of this host is a file lock in the data directory: the kernel frees it when the process ends, however it ends.
One that holds across hosts is, on PostgreSQL, an advisory lock on a connection of its own, which the server frees when
the connection is gone; SQLite has one host only.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from flask import current_app
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from psa.extensions import db

# The lock of this host that its leader holds (psa/jobs/leader.py).
LEAD = "leader"


class Lock(Protocol):
    """A lock that is held."""

    def is_held(self) -> bool: ...

    def release(self) -> None: ...


@contextmanager
def holding(name: str) -> Iterator[bool]:
    """Hold the lock ``name`` for the block if it is free; yields whether we hold it. Never waits."""
    lock = acquire(name)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()


def acquire(name: str) -> Lock | None:
    """The lock ``name``, or None when somebody else holds it."""
    if on_postgresql():
        return AdvisoryLock.acquire(name)
    return FileLock.acquire(file_of(name))


def acquire_here(name: str) -> Lock | None:
    """The lock ``name`` of this host, or None when another of its processes holds it."""
    return FileLock.acquire(file_of(name))


def is_taken_here(name: str) -> bool:
    """Whether a process of this host holds its lock ``name``; asking does not take it."""
    return FileLock.is_taken(file_of(name))


def on_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def file_of(name: str) -> Path:
    return Path(current_app.config["PSA_DATA"]) / "locks" / name


class FileLock:
    """flock(2) on a file of a local disk."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def acquire(cls, path: Path) -> FileLock | None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return cls(descriptor)

    @staticmethod
    def is_taken(path: Path) -> bool:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return False
        with file:
            try:
                # Shared, so that two who ask at once do not take each other for the holder. It lasts for a moment, and
                # whoever wants the lock just then and does not get it asks again a second later.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def is_held(self) -> bool:
        return True

    def release(self) -> None:
        os.close(self.descriptor)


class AdvisoryLock:
    """pg_try_advisory_lock on a connection that is kept for nothing else."""

    def __init__(self, connection: Connection, key: int) -> None:
        self.connection = connection
        self.key = key

    @classmethod
    def acquire(cls, name: str) -> AdvisoryLock | None:
        key = key_of(name)
        connection = lock_engine().connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
            return cls(connection, key)
        connection.close()
        return None

    def is_held(self) -> bool:
        """Whether the connection, and with it the lock, is still there."""
        try:
            self.connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def release(self) -> None:
        # The server notices a moment later that a connection is gone; who asks for the lock next must find it free.
        with suppress(SQLAlchemyError):
            self.connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": self.key})
        # Without a pool, closing ends the connection, and with it the lock where it could not be given back.
        self.connection.close()


def lock_engine() -> Engine:
    """Connections for locks alone: taken from the pages' pool, many mailboxes at once would leave none for the work."""
    engines: dict[str, Engine] = current_app.extensions
    if "psa.locks" not in engines:
        engines["psa.locks"] = create_engine(db.engine.url, poolclass=NullPool, connect_args={"connect_timeout": 10})
    return engines["psa.locks"]


def key_of(name: str) -> int:
    """The 64-bit number by which PostgreSQL knows the lock."""
    return int.from_bytes(hashlib.sha256(f"psa {name}".encode()).digest()[:8], signed=True)
