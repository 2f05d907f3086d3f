"""What stands around every template: the firm's logo, colour and footer."""

from __future__ import annotations

from flask import abort, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from psa.admin.models import Firm
from psa.admin.operations import change_look, firm
from psa.auth.guards import admin_required
from psa.extensions import db, lock_row
from psa.foreign import hand_out
from psa.mail.templates.catalogue import groups
from psa.mail.templates.forms import LayoutForm, layout_settings
from psa.mail.templates.layout import Look
from psa.mail.templates.views import bp, states_for


@bp.get("/layout")
@admin_required
def layout() -> str:
    return render_layout(LayoutForm.of(firm()))


@bp.post("/layout")
@admin_required
def save_layout() -> Response:
    """How it looks from now on; what somebody else has saved meanwhile is said, and stays."""
    # Of two at once the second waits, and then sees what the first has saved.
    lock_row(Firm, 1)
    ours, form = db.session.get_one(Firm, 1, populate_existing=True), LayoutForm()
    if not form.validate() or form.is_overtaken(layout_settings(ours)):
        db.session.rollback()
        return make_response(render_layout(form), 422)
    change_look(
        name=form.firm_name.data,
        colour=form.colour.data.lower(),
        footer=form.footer.data or "",
        logo=form.picture,
        keep_logo=not form.no_logo.data,
    )
    db.session.commit()
    return redirect(url_for("templates.layout"), 303)


@bp.get("/logo")
@admin_required
def logo() -> Response:
    """The firm's logo, for previews: in a mail it travels along."""
    kept = Look.of(firm()).logo
    if kept is None:
        abort(404)
    return hand_out(kept.data, name="logo", media_type=kept.type, digest=Look.of(firm()).logo_id)


def render_layout(form: LayoutForm) -> str:
    return render_template(
        "mail/templates/layout.html",
        form=form,
        editor=None,
        groups=groups(),
        states=states_for(None),
        logo_mark=Look.of(firm()).logo_id,
    )
