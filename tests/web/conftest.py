"""The shell with Mara and Tom in it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser. Where there is none its tests are skipped, but fail with CI=true."""
    executable = os.environ.get("PSA_CHROMIUM") or shutil.which("chromium")
    if executable is None and os.environ.get("CI") != "true":
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def served(shell: Flask) -> Iterator[str]:
    """The address at which the shell answers real browsers."""
    server = make_server("127.0.0.1", 0, shell, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
