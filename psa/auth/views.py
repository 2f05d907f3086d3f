"""The first run: an installation without users asks who looks after it, and nothing else."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from flask_security import current_user, login_user
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from psa.admin.operations import name_firm
from psa.auth.forms import FirstRunForm
from psa.auth.operations import UserRefused, create_user, has_users
from psa.extensions import db
from psa.tickets.operations import make_first_queues

bp = Blueprint("auth", __name__)

# What answers before there is anybody: the page itself, what it is drawn with, and the question whether we are alive.
OPEN_ENDPOINTS = {"auth.first_run", "auth.begin", "static", "health.health"}


def init_app(app: Flask) -> None:
    """The page, and the way to it from everywhere."""
    app.before_request(begin_with_first_run)
    app.register_blueprint(bp)


def begin_with_first_run() -> Response | None:
    """Somebody who is signed in exists, so only strangers cost a look into the table."""
    if request.endpoint in OPEN_ENDPOINTS or current_user.is_authenticated or has_users():
        return None
    return redirect(url_for("auth.first_run"), 303)


@bp.get("/first-run")
def first_run() -> str:
    if has_users():
        abort(404)
    return render_template("auth/first_run.html", form=FirstRunForm())


@bp.post("/first-run")
def begin() -> Response | tuple[str, int]:
    """Name the firm, make its administrator and sign in."""
    if has_users():
        abort(404)
    form = FirstRunForm()
    if form.validate_on_submit():
        try:
            name_firm(form.firm.data.strip())
            user = create_user(form.email.data, form.name.data, form.password.data, "admin")
            make_first_queues()
            db.session.commit()
        except UserRefused as refusal:
            db.session.rollback()
            form[refusal.field].errors = [str(refusal)]
        except IntegrityError:
            # Somebody else has just sent the same page: they are the administrator.
            db.session.rollback()
            abort(404)
        else:
            login_user(user, authn_via=["password"])
            db.session.commit()
            return redirect("/", 303)
    return render_template("auth/first_run.html", form=form), 422
