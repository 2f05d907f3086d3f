"""Expected mail: what should arrive, by when, and when it last did."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, url_for
from werkzeug.wrappers import Response

from psa import clock
from psa.auth.guards import admin_required
from psa.extensions import db, lock_row
from psa.mail.watch import expected
from psa.mail.watch.forms import ExpectedMailForm, stored
from psa.mail.watch.models import ExpectedMail

bp = Blueprint("expected", __name__, url_prefix="/admin/alerts/expected")

Page = Response | tuple[str, int]


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.add_template_global(expected.days_in_words)


@bp.get("")
@admin_required
def index() -> str:
    return show(ExpectedMailForm())


@bp.get("/<int:mail_id>")
@admin_required
def edit(mail_id: int) -> str:
    return show(ExpectedMailForm(mail_or_404(mail_id)))


@bp.post("")
@admin_required
def add() -> Page:
    return save(ExpectedMailForm(), ExpectedMail())


@bp.post("/<int:mail_id>")
@admin_required
def change(mail_id: int) -> Page:
    """All that is expected; what somebody else has saved meanwhile is said, and stays."""
    # Of two at once the second waits, and then sees what the first has saved.
    lock_row(ExpectedMail, mail_id)
    mail = mail_or_404(mail_id)
    db.session.refresh(mail)
    form = ExpectedMailForm(mail)
    if form.validate_on_submit() and form.is_overtaken(stored(mail)):
        db.session.rollback()
        return show(form), 422
    return save(form, mail)


@bp.post("/<int:mail_id>/removal")
@admin_required
def remove(mail_id: int) -> Response:
    db.session.delete(mail_or_404(mail_id))
    db.session.commit()
    return redirect(url_for("expected.index"), 303)


def save(form: ExpectedMailForm, mail: ExpectedMail) -> Page:
    if not form.validate_on_submit():
        return show(form), 422
    form.write_to(mail)
    # What was due before it was entered, or changed, is not missed.
    mail.created_at = clock.now()
    db.session.add(mail)
    db.session.commit()
    return redirect(url_for("expected.index"), 303)


def show(form: ExpectedMailForm) -> str:
    return render_template("alerts/expected.html", form=form, expectations=expected.expectations())


def mail_or_404(mail_id: int) -> ExpectedMail:
    return db.get_or_404(ExpectedMail, mail_id)
