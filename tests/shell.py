"""The house without furniture: the shell and the door alone, with a few rooms to look into."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, abort, render_template_string, request
from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

import psa
from psa import auth, errors, extensions, web
from psa.admin.operations import name_firm
from psa.auth.guards import admin_required, agent_required
from psa.auth.operations import create_user
from psa.extensions import db

PASSWORD = "correct horse battery"
PAGE = '{% extends "base.html" %}{% block title %}A room{% endblock %}{% block main %}MAIN{% endblock %}'

# What features put into the shell.
FURNITURE = {
    "tickets/_views.html": '<div id="views"><h2>Views</h2></div>',
    "mail/_pulse.html": "",
    "billing/_clock_top.html": "",
    "billing/_clock.html": "",
    "palette/_opener.html": "",
    "palette/_dialog.html": "",
}

tickets = Blueprint("tickets", __name__)
email = Blueprint("email", __name__, url_prefix="/admin/email")
notifications = Blueprint("notifications", __name__)


def page(main: str) -> str:
    """A page of the shell with ``main`` (Jinja) in the middle."""
    return render_template_string(PAGE.replace("MAIN", main))


@tickets.get("/")
@agent_required
def front() -> str:
    return page("<h1>Tickets</h1>")


@tickets.get("/tickets")
@agent_required
def index() -> str:
    return page("<h1>Tickets</h1>")


@tickets.post("/tickets")
@agent_required
def save() -> str:
    return "saved"


@tickets.get("/error/<int:code>")
def error(code: int) -> str:
    abort(code)


@tickets.get("/fault")
def fault() -> str:
    raise ZeroDivisionError


@tickets.get("/locked")
def locked() -> str:
    raise OperationalError("UPDATE tickets", {}, Exception("database is locked"))


@tickets.post("/upload")
def upload() -> str:
    return str(len(request.get_data()))


@notifications.get("/account/notifications")
@agent_required
def mine() -> str:
    return page("<h1>What I hear about</h1>")


@email.get("/outbound")
@admin_required
def outbound() -> str:
    return page("<h1>Outbound</h1>")


def make_shell(directory: Path, **config: Any) -> Flask:
    """An application with an empty database in ``directory``. ``config`` overrides."""
    static = web.static_url_path(Path(psa.__file__).parent / "static")
    app = Flask("psa", static_url_path=static)
    app.config.from_mapping(
        SECRET_KEY="a key for tests only",
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{directory / 'psa.sqlite3'}",
        MIGRATIONS=directory,
        MAX_CONTENT_LENGTH=1024 * 1024,
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={"argon2__time_cost": 1, "argon2__memory_cost": 32},
        **config,
    )
    assert app.jinja_loader
    app.jinja_loader = ChoiceLoader([DictLoader(FURNITURE), app.jinja_loader])  # type: ignore[misc, assignment]
    for part in (extensions, web, errors, auth):
        part.init_app(app)
    for blueprint in (tickets, email, notifications):
        app.register_blueprint(blueprint)
    with app.app_context():
        db.create_all()
    return app


def move_in(app: Flask) -> None:
    """Northwind IT with Mara, its administrator, and Tom, an agent."""
    with app.app_context():
        name_firm("Northwind IT")
        create_user("mara@northwind.example", "Mara Lindqvist", PASSWORD, "admin")
        create_user("tom@northwind.example", "Tom Okafor", PASSWORD, "agent")
        db.session.commit()


def token_of(response: TestResponse) -> str:
    """The CSRF token of the form on a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', response.text)
    assert found, response.text
    return found[1]


def sign_in(client: FlaskClient, address: str, password: str = PASSWORD, **environ: str) -> TestResponse:
    """Fill in the sign-in page as a browser would."""
    token = token_of(client.get("/sign-in"))
    fields = {"csrf_token": token, "email": address, "password": password}
    return client.post("/sign-in", data=fields, environ_overrides=environ)
