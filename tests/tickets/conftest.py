"""Browsers that are strangers to each other: every request has a context, a session and a user of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from psa.auth.models import User
from psa.extensions import db
from tests.factories import PASSWORD, Cast


class Browser(FlaskClient):
    """The tests run inside one application context, and Flask would reuse it with all that is remembered there."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        db.session.rollback()
        return Context().run(super().open, *args, **kwargs)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app, app.response_class)


@pytest.fixture
def second_browser(app: Flask, cast: Cast) -> Callable[[User], Browser]:
    """Another browser, signed in as another user."""

    def enter(user: User) -> Browser:
        browser = Browser(app, app.response_class)
        browser.post("/sign-in", data={"email": user.email, "password": PASSWORD})
        return browser

    return enter
