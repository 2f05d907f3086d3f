"""Who may come in: decorators for views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from flask import abort, make_response, redirect, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import errors, web

View = TypeVar("View", bound=Callable[..., object])


def agent_required(view: View) -> View:
    """Only for staff who are signed in. Others are sent to the sign-in page, and from there to where they wanted."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> object:
        if not current_user.is_authenticated:
            return sign_in_first()
        return view(*args, **kwargs)

    return cast(View, guarded)


def admin_required(view: View) -> View:
    """Only for administrators: an agent sees the page of error 403."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> object:
        if not current_user.is_authenticated:
            return sign_in_first()
        if not current_user.is_admin:
            abort(403)
        return view(*args, **kwargs)

    return cast(View, guarded)


def sign_in_first() -> Response:
    """The way to the sign-in page.

    For htmx it is 401: with HX-Redirect when something was to be seen, and in words when something was to be saved,
    because a redirect would throw away what the user has typed.
    """
    if not web.is_htmx():
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("security.login", next=wanted), 303)
    if request.method != "GET":
        return errors.answer(401, errors.SIGNED_OUT)
    response = make_response("", 401)
    response.headers["HX-Redirect"] = url_for("security.login")
    return response
