"""Invoices: the list, the document, its draft, what recurs, and what stands on all of them."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.billing.currencies import figure, money
from psa.billing.invoices.crediting import left_by_line
from psa.billing.invoices.forms import PaymentForm
from psa.billing.invoices.models import Invoice
from psa.billing.invoices.operations import RefusedInvoice, is_credited_in_full
from psa.billing.invoices.quantities import plain
from psa.billing.invoices.queries import credit_notes_for, history_of, time_behind
from psa.clients.models import Client
from psa.clock import today
from psa.extensions import db

bp = Blueprint("invoices", __name__)

Page = Response | tuple[str, int]


def init_app(app: Flask) -> None:
    """Register the pages, and give all templates what shows money."""
    from psa.billing.invoices.views import drafts, index, issued, recurring, settings  # noqa: F401

    app.register_blueprint(bp)
    for show in (money, figure, shown_percent):
        app.add_template_filter(show)


def invoice_or_404(invoice_id: int) -> Invoice:
    return db.get_or_404(Invoice, invoice_id)


def document(invoice: Invoice, refused: str = "", payment: PaymentForm | None = None, credit_refused: str = "") -> str:
    """The page of one invoice. ``refused`` says why what was asked for was not done, ``credit_refused`` of a credit."""
    can_be_credited = invoice.status in ("sent", "paid") and not invoice.is_credit_note
    return render_template(
        "billing/invoices/show.html",
        invoice=invoice,
        history=history_of(invoice),
        time=time_behind(invoice),
        credit_notes=credit_notes_for(invoice),
        creditable=[left for left in left_by_line(invoice).values() if left.is_something] if can_be_credited else [],
        credited_in_full=is_credited_in_full(invoice),
        today=today(),
        refused=refused,
        credit_refused=credit_refused,
        payment=payment or PaymentForm(invoice),
    )


def refused(invoice_id: int, reason: RefusedInvoice) -> Page:
    """The page as it is now, with the reason at its top."""
    db.session.rollback()
    return document(invoice_or_404(invoice_id), str(reason)), 422


def done(invoice_id: int, words: str) -> Response:
    db.session.commit()
    flash(words)
    return redirect(url_for("invoices.show", invoice_id=invoice_id), 303)


def read_number(text: str) -> int | None:
    """The id, or the like, that an address or a form names; None for what no page of ours has written."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def client_asked_for() -> Client | None:
    client_id = read_number(request.args.get("client", ""))
    return db.session.get(Client, client_id) if client_id is not None else None


def shown_revision() -> int | None:
    """Which one the page had that a form came from; None if it does not say."""
    return read_number(request.form.get("revision", ""))


def shown_percent(percent: Decimal) -> str:
    """19, 7.5."""
    return plain(percent, 0)
