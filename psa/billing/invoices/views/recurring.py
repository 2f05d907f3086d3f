"""What comes again."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import web
from psa.admin.operations import firm
from psa.auth.guards import agent_required
from psa.billing.invoices import queries, recurring
from psa.billing.invoices.drafts import LINES_MAX
from psa.billing.invoices.forms import RecurringForm
from psa.billing.invoices.models import RecurringInvoice
from psa.billing.invoices.operations import RefusedInvoice
from psa.billing.invoices.sums import Sums, sums_of
from psa.billing.invoices.tax_rates import all_rates
from psa.billing.invoices.typed_lines import TypedLine, arranged, lines_in, lines_of, read_lines
from psa.billing.invoices.views import Page, bp, client_asked_for
from psa.billing.invoices.views.lines import TOO_MANY, fresh_line, render_sums, sums_shown
from psa.billing.places import offered_clients
from psa.clock import today
from psa.extensions import db


@bp.get("/invoices/recurring")
@agent_required
def recurring_index() -> str:
    return render_template(
        "billing/invoices/recurring.html",
        recurring=queries.recurring_invoices(),
        sums=recurring_sums,
        currency_of=currency_of,
    )


@bp.get("/invoices/recurring/new")
@agent_required
def new_recurring() -> str:
    fresh = unsaved()
    form = RecurringForm.of(fresh)
    if (client := client_asked_for()) is not None:
        form.client.data = client.name
    return editor(fresh, form, [fresh_line()])


@bp.post("/invoices/recurring/new")
@agent_required
def create_recurring() -> Page:
    return keep(unsaved())


@bp.get("/invoices/recurring/<int:recurring_id>")
@agent_required
def edit_recurring(recurring_id: int) -> str:
    found = db.get_or_404(RecurringInvoice, recurring_id)
    return editor(found, RecurringForm.of(found), lines_of(found.lines, all_rates()))


@bp.post("/invoices/recurring/<int:recurring_id>")
@agent_required
def save_recurring(recurring_id: int) -> Page:
    return keep(db.get_or_404(RecurringInvoice, recurring_id))


@bp.post("/invoices/recurring/<int:recurring_id>/removal")
@agent_required
def remove_recurring(recurring_id: int) -> Response:
    recurring.remove(db.get_or_404(RecurringInvoice, recurring_id))
    db.session.commit()
    flash("It does not come again. The invoices that it has made stay.")
    return redirect(url_for("invoices.recurring_index"), 303)


@bp.post("/invoices/recurring/sums")
@agent_required
def recurring_line_sums() -> str:
    """What the lines of a new one come to as they are typed, in the firm's currency."""
    return render_sums(lines_in(request.form, {}, all_rates()), {}, firm().currency)


@bp.post("/invoices/recurring/<int:recurring_id>/sums")
@agent_required
def kept_recurring_line_sums(recurring_id: int) -> str:
    found = db.get_or_404(RecurringInvoice, recurring_id)
    there = {line.id: line for line in found.lines}
    return render_sums(lines_in(request.form, there, all_rates()), there, currency_of(found))


def keep(one: RecurringInvoice) -> Page:
    """Keep what was typed, or only move the lines about when one of their buttons was pressed."""
    form, rates = RecurringForm(request.form), all_rates()
    form.is_new = one.id is None
    typed = lines_in(request.form, {line.id: line for line in one.lines}, rates)
    if wish := request.form.get("arrange", ""):
        return editor(one, form, arranged(typed, wish, fresh_line())), 200
    valid = form.validate()
    typed, lines = read_lines(typed, currency_of(one, form), rates)
    if not valid or not lines or len(lines) > LINES_MAX:
        refused = "Write at least one line." if not typed else TOO_MANY if len(typed) > LINES_MAX else ""
        return editor(one, form, typed or [fresh_line()], refused=refused), 422
    try:
        recurring.change(one, lines, values_of(form, one), form.shown_revision)
    except RefusedInvoice as reason:
        db.session.rollback()
        found = db.session.get(RecurringInvoice, one.id)
        if found is None:
            flash("Somebody has removed it.")
            return redirect(url_for("invoices.recurring_index"), 303)
        form.revision.data = str(found.revision)
        theirs = lines_of(found.lines, rates)
        return editor(found, form, typed, refused=str(reason), theirs=theirs), 422
    db.session.commit()
    flash(f"{one.name} is saved.")
    return redirect(url_for("invoices.recurring_index"), 303)


def values_of(form: RecurringForm, one: RecurringInvoice) -> dict[str, object]:
    """The columns of what was typed."""
    assert form.found is not None
    plain = ("name", "reference", "words", "every", "rhythm", "starts_on", "ends_on")
    values = {name: form[name].data for name in plain}
    return values | {
        "client_id": form.found.id,
        "sends": form.sends.data == "y",
        "active": bool(form.active.data) if one.id is not None else True,
        "created_by_id": one.created_by_id if one.id is not None else current_user.id,
    }


def unsaved() -> RecurringInvoice:
    return RecurringInvoice(every=1, rhythm="month", starts_on=today(), active=True, sends=False, revision=1)


def currency_of(one: RecurringInvoice, form: RecurringForm | None = None) -> str:
    """Its client's, or the firm's."""
    client = form.found if form is not None and form.found is not None else one.client
    return client.currency if client is not None and client.currency else firm().currency


def recurring_sums(one: RecurringInvoice) -> Sums:
    """What each of its invoices comes to."""
    return sums_of([line.as_line() for line in one.lines], currency_of(one))


def editor(one: RecurringInvoice, form: RecurringForm, lines: list[TypedLine], **shown: object) -> str:
    there = {line.id: line for line in one.lines}
    currency = currency_of(one, form)
    page = "_lines.html" if web.is_htmx() and request.form.get("arrange") else "recurring_one.html"
    if one.id is None:
        urls = {"save_url": url_for("invoices.create_recurring"), "sums_url": url_for("invoices.recurring_line_sums")}
    else:
        urls = {
            "save_url": url_for("invoices.save_recurring", recurring_id=one.id),
            "sums_url": url_for("invoices.kept_recurring_line_sums", recurring_id=one.id),
        }
    return render_template(
        f"billing/invoices/{page}",
        recurring=one,
        form=form,
        lines=lines,
        rates=all_rates(),
        currency=currency,
        offered=offered_clients(),
        **urls,
        **sums_shown(lines, there, currency),
        **shown,
    )
