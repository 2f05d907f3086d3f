"""One invoice: the document, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, flash, redirect, request, url_for
from flask_security import current_user

from psa.admin.operations import firm
from psa.auth.guards import agent_required
from psa.billing.invoices import operations, payments
from psa.billing.invoices.forms import PaymentForm
from psa.billing.invoices.models import Invoice, Payment
from psa.billing.invoices.operations import RefusedInvoice
from psa.billing.invoices.views import Page, bp, document, done, invoice_or_404, refused, shown_revision
from psa.extensions import db


@bp.get("/invoices/<int:invoice_id>")
@agent_required
def show(invoice_id: int) -> str:
    return document(invoice_or_404(invoice_id))


@bp.get("/invoices/logo")
@agent_required
def logo() -> Response:
    """The firm's logo, as it stands on the document."""
    ours = firm()
    if not ours.logo:
        abort(404)
    return Response(ours.logo, mimetype=ours.logo_type)


@bp.post("/invoices/<int:invoice_id>/issue")
@agent_required
def issue(invoice_id: int) -> Page:
    """Give it its number, as it was shown, without mailing it."""
    shown = shown_revision()
    return attempt(
        invoice_id, lambda invoice: operations.issue(invoice, current_user.id, revision=shown), "It is issued."
    )


@bp.post("/invoices/<int:invoice_id>/void")
@agent_required
def void(invoice_id: int) -> Page:
    reason = request.form.get("reason", "")
    return attempt(
        invoice_id,
        lambda invoice: operations.void(invoice, reason, current_user.id),
        "It is void. Its time can be invoiced again.",
    )


@bp.post("/invoices/<int:invoice_id>/dispute")
@agent_required
def dispute(invoice_id: int) -> Page:
    disputed = request.form.get("disputed") == "y"
    words = "Marked as disputed: no reminders go out." if disputed else "No longer disputed."
    return attempt(invoice_id, lambda invoice: operations.dispute(invoice, disputed, current_user.id), words)


@bp.post("/invoices/<int:invoice_id>/credit-notes")
@agent_required
def credit(invoice_id: int) -> Page:
    """A draft of a credit note for the lines that are ticked."""
    invoice = invoice_or_404(invoice_id)
    ticked = set(request.form.getlist("line"))
    lines = [line for line in invoice.lines if str(line.id) in ticked]
    try:
        if not lines:
            raise RefusedInvoice("Tick the lines that are to be credited.")
        credit_note = operations.credit(invoice, current_user.id, lines)
    except RefusedInvoice as reason:
        db.session.rollback()
        return document(invoice_or_404(invoice_id), credit_refused=str(reason)), 422
    db.session.commit()
    return redirect(url_for("invoices.edit", invoice_id=credit_note.id), 303)


@bp.post("/invoices/<int:invoice_id>/time-return")
@agent_required
def return_time(invoice_id: int) -> Page:
    """Let the time of an invoice that was credited in full be invoiced again."""
    return attempt(
        invoice_id,
        lambda invoice: operations.return_time(invoice, current_user.id),
        "Its time can be invoiced again.",
    )


@bp.post("/invoices/<int:invoice_id>/payments")
@agent_required
def add_payment(invoice_id: int) -> Page:
    invoice = invoice_or_404(invoice_id)
    form = PaymentForm(invoice, request.form)
    if not form.validate():
        return document(invoice, payment=form), 422
    try:
        payments.add_payment(invoice, form.money(), current_user.id)
    except RefusedInvoice as reason:
        db.session.rollback()
        form.amount.errors = [str(reason)]
        return document(invoice_or_404(invoice_id), payment=form), 422
    return done(invoice_id, "The payment is written down.")


@bp.post("/invoices/<int:invoice_id>/payments/<int:payment_id>/removal")
@agent_required
def remove_payment(invoice_id: int, payment_id: int) -> Page:
    payment = db.session.get(Payment, payment_id)
    if payment is None or payment.invoice_id != invoice_id:
        invoice_or_404(invoice_id)
        flash("Somebody has removed that payment already.")
        return redirect(url_for("invoices.show", invoice_id=invoice_id), 303)
    return attempt(invoice_id, lambda _: payments.remove_payment(payment, current_user.id), "The payment is removed.")


def attempt(invoice_id: int, act: Callable[[Invoice], object], words: str) -> Page:
    """Do it and say so, or show the page with the reason why not."""
    try:
        act(invoice_or_404(invoice_id))
    except RefusedInvoice as reason:
        return refused(invoice_id, reason)
    return done(invoice_id, words)
