"""Invoices as PDF and by mail, reminders and their schedule, and statements."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, make_response, request

from psa.billing.documents.of_invoice import document_of, payment_now, sums_in_words
from psa.billing.invoices.models import Invoice
from psa.clients.models import Contact
from psa.extensions import db

bp = Blueprint("documents", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, and give all templates what an invoice says, its mail, and whether a client is reminded."""
    from psa.billing.mailing.queries import held_answers
    from psa.billing.mailing.schedule import is_reminded
    from psa.billing.mailing.views import reminders, sending, statements

    del reminders, statements
    app.register_blueprint(bp)
    app.add_template_filter(sums_in_words)
    for shown in (document_of, payment_now, sending.mail_of_invoice, held_answers, is_reminded):
        app.add_template_global(shown)


def invoice_or_404(invoice_id: int) -> Invoice:
    return db.get_or_404(Invoice, invoice_id)


def chosen_among(people: list[Contact]) -> list[Contact]:
    """Those of ``people`` whose box is ticked in the form that was sent."""
    ticked = set(request.form.getlist("contact"))
    return [one for one in people if str(one.id) in ticked]


def pdf(data: bytes, name: str) -> Response:
    """A PDF that the browser shows; saved, it has this name."""
    response = make_response(data)
    response.mimetype = "application/pdf"
    response.headers.set("Content-Disposition", "inline", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
