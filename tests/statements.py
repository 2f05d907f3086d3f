"""The statements that the database is asked while something is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from psa.extensions import db


@contextmanager
def counted() -> Iterator[list[str]]:
    """Each statement of the block, in the order in which they were asked."""
    asked: list[str] = []

    def add(connection: object, cursor: object, statement: str, *others: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", add)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", add)
