"""The shell with Mara and Tom in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from tests.chromium import serving
from tests.shell import make_shell, move_in, sign_in

Rooms = dict[str, Callable[[], str | Response]]


@pytest.fixture
def rooms() -> Rooms:
    """What is under /rooms/NAME; a test may furnish it while the house is open."""
    return {}


@pytest.fixture
def shell(tmp_path: Path, rooms: Rooms) -> Flask:
    app = make_shell(tmp_path)
    app.add_url_rule("/rooms/<name>", view_func=lambda name: rooms[name]())
    move_in(app)
    return app


@pytest.fixture
def stranger(shell: Flask) -> FlaskClient:
    return shell.test_client()


@pytest.fixture
def tom(shell: Flask) -> FlaskClient:
    client = shell.test_client()
    sign_in(client, "tom@northwind.example")
    return client


@pytest.fixture
def mara(shell: Flask) -> FlaskClient:
    client = shell.test_client()
    sign_in(client, "mara@northwind.example")
    return client


@pytest.fixture
def served(shell: Flask) -> Iterator[str]:
    """The address at which the shell answers real browsers."""
    with serving(shell) as address:
        yield address
