"""What would be made anew for each application, and is the same in all of them, made once for a run of the tests.

Each test has an application and a database of its own; without this, most of its time would go into getting ready. It
reaches into private parts of Werkzeug, Flask-SQLAlchemy and SQLAlchemy: without it the tests are the same, only slower.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any, ClassVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from werkzeug.routing import Rule


def make_once() -> None:
    """For all applications from here on."""
    Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
    Flask.url_rule_class = RememberedRule
    SQLAlchemy._make_engine = sharing_statements(SQLAlchemy._make_engine)


class CompiledTemplates(BytecodeCache):
    """Templates as Python, found again as long as their source is the same."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self.known[bucket.key, bucket.checksum] = bucket.code


class RememberedRule(Rule):
    """A route whose two small programs, which write its addresses, Werkzeug compiles once."""

    programs: ClassVar[dict[Any, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        wanted = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if wanted not in self.programs:
            self.programs[wanted] = super()._compile_builder(append_unknown)
        return self.programs[wanted]


def sharing_statements(make_engine: Callable[..., Engine]) -> Callable[..., Engine]:
    """Let all engines for SQLite share what they have compiled. For PostgreSQL, a dialect knows its server."""
    first: list[Engine] = []

    def make(*arguments: Any, **options: Any) -> Engine:
        engine = make_engine(*arguments, **options)
        if engine.dialect.name == "sqlite":
            first[:] = first or [engine]
            # The dialect is a part of the key.
            engine.dialect, engine._compiled_cache = first[0].dialect, first[0]._compiled_cache
        return engine

    return make
