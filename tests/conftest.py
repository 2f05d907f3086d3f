"""The world of the tests: an application with an empty database, a browser, a mailroom, and the real servers."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask, Response, g
from flask.testing import FlaskClient

from psa import create_app
from psa.auth.models import User
from psa.extensions import db as database
from tests.chromium import chromium
from tests.configuration import configuration
from tests.factories import PASSWORD, Cast, make_cast
from tests.mailroom import Mailroom
from tests.quick import make_once, spare_the_collector
from tests.servers.fixtures import ca, ca_pem, dovecot, postgres, running_dovecot, smtp_server
from tests.servers.postgres import Postgres

__all__ = ["ca", "ca_pem", "chromium", "configuration", "dovecot", "postgres", "running_dovecot", "smtp_server"]

# `PSA_TEST_ON=postgresql pytest …` runs the same stories on a real PostgreSQL.
ON_POSTGRES = os.environ.get("PSA_TEST_ON") == "postgresql"

make_once()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: at the end one worker would wait for the other.

    On PostgreSQL, leave out what has no database and what is tested on both in any case.
    """
    if ON_POSTGRES:
        config.hook.pytest_deselected(items=[item for item in items if not differs_by_database(item)])
        items[:] = [item for item in items if differs_by_database(item)]
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    spare_the_collector()


def differs_by_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return "database_url" in fixtures and "either_database" not in fixtures


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database brought up by the migrations, to be copied for each test."""
    directory = tmp_path_factory.mktemp("migrated")
    path = directory / "psa.sqlite3"
    app = create_app(configuration(directory, f"sqlite:///{path}"))
    with app.app_context():
        flask_migrate.upgrade()
        # One file, without the write-ahead log beside it.
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.engine.dispose()
    return path


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database of this test's own."""
    if ON_POSTGRES:
        server, template = request.getfixturevalue("postgres"), request.getfixturevalue("migrated_postgres")
        name = f"psa_{abs(hash(str(tmp_path))):x}"
        yield server.create_database(name, template=template)
        server.drop_database(name)
    else:
        shutil.copy(request.getfixturevalue("migrated"), tmp_path / "psa.sqlite3")
        yield f"sqlite:///{tmp_path / 'psa.sqlite3'}"


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database on the server that the same migrations brought up, to be copied for each test."""
    url = postgres.create_database("migrated")
    app = create_app(configuration(tmp_path_factory.mktemp("migrated"), url))
    with app.app_context():
        flask_migrate.upgrade()
        database.engine.dispose()
    return "migrated"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Both kinds in turn, for a story that must go the same way on each, whatever the others run on."""
    if request.param == "postgresql":
        server, template = request.getfixturevalue("postgres"), request.getfixturevalue("migrated_postgres")
        return str(server.create_database(f"either_{abs(hash(str(tmp_path))):x}", template=template))
    shutil.copy(request.getfixturevalue("migrated"), tmp_path / "psa.sqlite3")
    return f"sqlite:///{tmp_path / 'psa.sqlite3'}"


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application inside its context, on a database of its own."""
    app = create_app(configuration(tmp_path, database_url))
    # Requests inside this context share its ``g``: what one has kept there must not reach the next.
    app.before_request_funcs.setdefault(None, []).insert(0, forget_the_last_request)
    app.after_request(refuse_nested_forms)
    before = set(threading.enumerate())
    with app.app_context():
        yield app
        wait_for_background_work(set(threading.enumerate()) - before)
        database.session.remove()
        database.engine.dispose()


def wait_for_background_work(begun: set[threading.Thread]) -> None:
    """Let what the test began beside itself (a test of settings, a check, a loop) end before its database goes."""
    for thread in begun:
        if thread.daemon and thread.name.startswith(("test ", "check ", "loop ", "further to ")):
            thread.join(timeout=60)


def forget_the_last_request() -> None:
    vars(g).clear()


def refuse_nested_forms(answer: Response) -> Response:
    """A browser ignores a form inside another, and what stands behind its end belongs to no form any more."""
    if answer.mimetype == "text/html" and not answer.direct_passthrough:
        depth = 0
        for end in re.findall(r"<(/?)form\b", answer.get_data(as_text=True)):
            depth += -1 if end else 1
            assert depth in (0, 1), "a form inside of a form"
    return answer


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The firm Northwind IT with its clients, contacts and agents."""
    return make_cast()


@pytest.fixture
def mailroom(cast: Cast) -> Mailroom:
    """Mail comes in and goes out here without a network."""
    return Mailroom(cast)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(browser: FlaskClient, cast: Cast) -> Callable[..., FlaskClient]:
    """``sign_in("admin")`` or ``sign_in("agent")`` or ``sign_in(user)``: the browser, signed in."""

    def enter(who: str | User = "agent") -> FlaskClient:
        user = who if isinstance(who, User) else (cast.mara if who == "admin" else cast.tom)
        response = browser.post("/sign-in", data={"email": user.email, "password": PASSWORD})
        assert response.status_code in (302, 303), response.get_data(as_text=True)
        return browser

    return enter
