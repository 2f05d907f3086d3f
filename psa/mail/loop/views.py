"""The button of the full-loop test, and its hops as they happen."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, make_response, redirect, render_template, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import signing, web
from psa.auth.guards import admin_required
from psa.extensions import db
from psa.mail.diagnosis import probe
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.loop import trial
from psa.mail.models import ConnectionTest, MailAccount
from psa.mail.views.tests import Run, run_of

bp = Blueprint("loop", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.add_template_global(under_way, "loop_under_way")


@bp.post("/admin/email/accounts/<int:account_id>/loop-tests")
@admin_required
def start(account_id: int) -> Response:
    """Send one round on its way, with the settings that are saved."""
    account = db.session.get(MailAccount, account_id) or abort(404)
    try:
        test = trial.start_loop(account, current_user.id)
    except trial.NotPossible as error:
        return refused(account, str(error))
    except signing.SealBroken:
        return refused(account, f"{CAUSES['seal_broken'].title}. Enter it again and save.")
    if web.is_htmx():
        return make_response(render_template("mail/_loop_run.html", run=run_of(test)))
    return redirect(url_for("loop.show", test_id=test.id), 303)


def refused(account: MailAccount, problem: str) -> Response:
    template = "mail/_loop_refused.html" if web.is_htmx() else "mail/loop.html"
    return make_response(render_template(template, problem=problem, account=account, run=None), 422)


@bp.get("/admin/email/loop-tests/<int:test_id>")
@admin_required
def show(test_id: int) -> Response:
    """The fragment; without script a page that loads itself again while the test runs."""
    test = db.session.get(ConnectionTest, test_id)
    if test is None or test.direction != probe.LOOP:
        abort(404)
    account = db.session.get(MailAccount, test.account_id) if test.account_id is not None else None
    fragment = web.render_fragment("mail/_loop_run.html", "mail/loop.html", run=run_of(test), account=account)
    response = make_response(fragment)
    if test.state == "running" and not web.is_htmx():
        response.headers["Refresh"] = "1"
    return response


def under_way(account: MailAccount) -> Run | None:
    """The round that is under way for an account; a finished one may tell of settings that are others by now."""
    test = trial.round_under_way(account)
    return run_of(test) if test is not None else None
