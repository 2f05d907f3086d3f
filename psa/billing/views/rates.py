"""Admin > Firm > Rates."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import admin_required
from psa.billing import rates as operations
from psa.billing.forms import RateForm
from psa.billing.models import Rate
from psa.billing.places import offered_clients, offered_projects
from psa.billing.views import bp
from psa.extensions import db
from psa.tickets.queries import staff

Page = Response | tuple[str, int]


@bp.get("/admin/rates")
@admin_required
def rates() -> str:
    return render_page(rate_form())


@bp.post("/admin/rates")
@admin_required
def set_rate() -> Page:
    """A new rate, or another price for one that is there."""
    form = rate_form()
    if not form.validate_on_submit():
        return render_page(form), 422
    operations.set_rate(form.value, **form.scope())
    db.session.commit()
    return redirect(url_for("billing.rates"), 303)


@bp.post("/admin/rates/<int:rate_id>/removal")
@admin_required
def remove_rate(rate_id: int) -> Response:
    rate = db.get_or_404(Rate, rate_id)
    db.session.delete(rate)
    db.session.commit()
    return redirect(url_for("billing.rates"), 303)


def rate_form() -> RateForm:
    form = RateForm()
    form.user.choices = [("", "Everybody"), *((str(user.id), user.name) for user in staff())]
    return form


def render_page(form: RateForm) -> str:
    offered = offered_clients() + offered_projects()
    return render_template("billing/rates.html", rates=operations.all_rates(), form=form, offered=offered)
