"""Admin > Firm > Invoices: what stands on all of them, their numbers, and the tax rates."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.admin.models import Firm
from psa.admin.operations import firm
from psa.auth.guards import admin_required
from psa.billing.invoices import tax_rates
from psa.billing.invoices.forms import ON_INVOICES, BillingForm, TaxRateForm, billing_settings
from psa.billing.invoices.models import TaxRate
from psa.billing.invoices.series import RefusedPattern, go_on_after, last_number, number_by
from psa.billing.invoices.tax_rates import RefusedRate
from psa.billing.invoices.views import Page, bp
from psa.clock import today
from psa.extensions import db, lock_row


@bp.get("/admin/invoices")
@admin_required
def settings() -> str:
    return render_page()


@bp.post("/admin/invoices")
@admin_required
def save_settings() -> Page:
    """What stands on all of them from now on; what somebody else has saved meanwhile is said, and stays."""
    # Of two at once the second waits, and then sees what the first has saved.
    lock_row(Firm, 1)
    ours = db.session.get_one(Firm, 1, populate_existing=True)
    form = BillingForm(ours, request.form)
    if not form.validate() or form.is_overtaken(billing_settings(ours)):
        db.session.rollback()
        return render_page(form), 422
    for name in ON_INVOICES:
        setattr(ours, name, form[name].data)
    try:
        if form.last is not None:
            go_on_after("invoice", today().year, ours, form.last)
    except RefusedPattern as reason:
        db.session.rollback()
        form.last_number.errors = [str(reason)]
        return render_page(form), 422
    return saved("The next invoice will have it.")


@bp.post("/admin/invoices/tax-rates")
@admin_required
def add_tax_rate() -> Page:
    form = TaxRateForm(request.form)
    if not form.validate():
        return render_page(rate_form=form), 422
    try:
        tax_rates.add_rate(form.name.data, form.value, form.tax_words.data)
    except RefusedRate as reason:
        db.session.rollback()
        form.name.errors = [str(reason)]
        return render_page(rate_form=form), 422
    return saved("")


@bp.post("/admin/invoices/tax-rates/<int:rate_id>/default")
@admin_required
def make_default_tax_rate(rate_id: int) -> Response:
    rate = db.get_or_404(TaxRate, rate_id)
    tax_rates.make_default(None if request.form.get("none") else rate)
    return saved("")


@bp.post("/admin/invoices/tax-rates/<int:rate_id>/removal")
@admin_required
def remove_tax_rate(rate_id: int) -> Page:
    try:
        tax_rates.remove_rate(db.get_or_404(TaxRate, rate_id))
    except RefusedRate as reason:
        db.session.rollback()
        return render_page(refused_rate=rate_id, reason=str(reason)), 422
    return saved("")


def saved(words: str) -> Response:
    db.session.commit()
    if words:
        flash(words)
    return redirect(url_for("invoices.settings"), 303)


def render_page(
    form: BillingForm | None = None,
    rate_form: TaxRateForm | None = None,
    refused_rate: int | None = None,
    reason: str = "",
) -> str:
    ours, year = firm(), today().year
    last = {kind: last_number(kind, year, ours) for kind in ("invoice", "credit_note")}
    patterns = {"invoice": ours.invoice_pattern, "credit_note": ours.credit_pattern or ours.invoice_pattern}
    return render_template(
        "billing/invoices/settings.html",
        form=form or BillingForm(ours),
        rate_form=rate_form or TaxRateForm(formdata=None),
        rates=tax_rates.all_rates(),
        last=last,
        following={kind: number_by(patterns[kind], year, last[kind] + 1) for kind in last},
        refused_rate=refused_rate,
        reason=reason,
    )
