"""Error pages: what it is, what it means, what to do. htmx gets the same words as a banner."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

import structlog
from flask import Flask, current_app, make_response, render_template
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from psa import web
from psa.extensions import db

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Words:
    """What a page about an error says."""

    title: str
    text: str
    icon: str = "alert-circle"


WORDS = {
    400: Words(
        "We do not understand this request", "Something in it is missing or misspelt. Go back and try once more."
    ),
    403: Words(
        "This is for administrators", "Your account is that of an agent. An administrator can change that.", "lock"
    ),
    404: Words("There is nothing here", "The address is misspelt, or what it led to has been removed.", "search"),
    405: Words(
        "This address does not take that", "It was probably copied from a form. Go back and use the button there."
    ),
    413: Words(
        "That is too large",
        "We take up to {limit} MB at once. Send large files one by one, or as a link.",
        "file-upload",
    ),
    429: Words("Too many tries", "Wait a minute, then try again.", "clock"),
    500: Words(
        "That went wrong on our side",
        "Nothing you entered was half saved. The reason is in the log of the server, under the time of now.",
        "alert-triangle",
    ),
    503: Words(
        "The database does not answer",
        "It is busy or out of reach, and nothing was changed. Wait a moment, then try again.",
        "hourglass",
    ),
}

PAGE_IS_OLD = Words(
    "This page is older than your sign-in",
    "You have signed out or in since it was opened, so nothing was saved. "
    "Copy what you wrote, load the page again, and send it from there.",
    "refresh-alert",
)

SIGNED_OUT = Words(
    "You are signed out",
    "Nothing was saved. Copy what you wrote, then sign in again.",
    "lock",
)


def init_app(app: Flask) -> None:
    """Show our words instead of Werkzeug's."""
    app.register_error_handler(CSRFError, page_is_old)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(OperationalError, database_is_away)
    app.register_error_handler(500, failed)


def page_is_old(error: CSRFError) -> Response:
    return answer(400, PAGE_IS_OLD)


def refused(error: HTTPException) -> Response:
    """Any refusal that a view or Flask itself has raised; its headers (Allow, Retry-After) are kept."""
    if error.response is not None:
        return cast(Response, error.response)
    code = error.code or 500
    if code < 400:  # a redirect that Werkzeug raises, as for a missing slash
        return error.get_response()
    response = answer(code, WORDS.get(code) or Words(HTTPStatus(code).phrase, error.description or ""))
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def database_is_away(error: OperationalError) -> Response:
    """SQLite's lock was not to be had in time, or PostgreSQL is not there."""
    db.session.rollback()
    log.error("database away", reason=str(error.orig))
    response = answer(503, WORDS[503])
    response.headers["Retry-After"] = "5"
    return response


def failed(error: Exception) -> Response:
    """A fault of ours. Flask has logged it."""
    db.session.rollback()
    return answer(500, WORDS[500])


def answer(code: int, words: Words) -> Response:
    """The banner or the page that says ``words``."""
    text = words.text.format(limit=(current_app.config["MAX_CONTENT_LENGTH"] or 0) // 1024**2)
    if web.is_htmx():
        html = without_database("errors/_banner.html", words=words, text=text, code=code)
    elif code < 500 and current_user.is_authenticated:
        html = render_template("errors/inside.html", words=words, text=text, code=code)
    else:
        html = without_database("errors/outside.html", words=words, text=text, code=code)
    return make_response(html, code)


def without_database(template: str, **context: object) -> str:
    """Render past the context processors: they load the user, and the database may be what has failed."""
    return current_app.jinja_env.get_template(template).render(**context)
