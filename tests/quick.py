"""What would be made anew for each application, and is the same in all of them, made once for a run of the tests.

Each test has an application and a database of its own; without this, most of its time would go into getting ready. It
reaches into private parts of Werkzeug, Flask-SQLAlchemy and SQLAlchemy: without it the tests are the same, only slower.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from types import CodeType
from typing import Any, ClassVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from werkzeug.routing import Rule

from psa import web


def make_once() -> None:
    """For all applications from here on."""
    web.static_url_path = functools.cache(web.static_url_path)
    Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
    Flask.url_rule_class = RememberedRule
    SQLAlchemy._make_engine = sharing_statements(SQLAlchemy._make_engine)


def spare_the_collector() -> None:
    """What is loaded by now stays to the end: the garbage collector need not look at all of it again and again."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


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
    """A route that Werkzeug takes apart once, as it makes the two small programs that write its addresses once."""

    known: ClassVar[dict[Any, RememberedRule]] = {}
    programs: ClassVar[dict[Any, Callable[..., tuple[str, str]]]] = {}

    def compile(self) -> None:
        assert self.map is not None
        converters = tuple(self.map.converters.items())
        which = (self.rule, self.subdomain, self.host, self.map.host_matching, self.merge_slashes, self.is_leaf)
        first = self.known.setdefault((*which, self.strict_slashes, repr(self.defaults), converters), self)
        if first is self:
            super().compile()
        else:
            self._parts, self._trace, self._converters = first._parts, first._trace, first._converters
            self.arguments = set(first.arguments)
            self._build = self._compile_builder(False).__get__(self, None)
            self._build_unknown = self._compile_builder(True).__get__(self, None)

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        wanted = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if wanted not in self.programs:
            self.programs[wanted] = super()._compile_builder(append_unknown)
        return self.programs[wanted]


def sharing_statements(make_engine: Callable[..., Engine]) -> Callable[..., Engine]:
    """Let all engines for one server, or for SQLite, share what they have compiled."""
    first: dict[str, Engine] = {}

    def make(*arguments: Any, **options: Any) -> Engine:
        engine = make_engine(*arguments, **options)
        server = f"{engine.dialect.name} {engine.url.query.get('host')}"
        known = first.setdefault(server, engine)
        if known.dialect.server_version_info is None:
            # It has never reached its database: it knows nothing that could be shared.
            known = first[server] = engine
        # The dialect is a part of the key.
        engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
        return engine

    return make
