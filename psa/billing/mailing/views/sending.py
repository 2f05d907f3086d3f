"""An invoice as PDF, and sending it: to whom, a look at the mail, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.billing.invoices.models import KINDS, Invoice
from psa.billing.mailing import sending
from psa.billing.mailing.files import file_name, pdf_of_invoice
from psa.billing.mailing.letters import number_of
from psa.billing.mailing.models import Reminder
from psa.billing.mailing.reminders import Coming, coming, reminders_of
from psa.billing.mailing.sending import NotSent, audience_of, hearers
from psa.billing.mailing.views import bp, chosen_among, invoice_or_404, pdf
from psa.clients.models import Contact
from psa.clock import today
from psa.extensions import db
from psa.foreign import as_page, framed
from psa.mail.blocking.junk import spam_words
from psa.mail.models import InboundEmail, OutboundEmail
from psa.mail.outbound.addresses import suppressed, why
from psa.mail.outbound.compose import Unwritable
from psa.mail.outbound.outbox import results_of
from psa.revisions import read_revision
from psa.tickets.models import Ticket

SHOWN = 30
# Mails of all answers together that are looked at for what a filter said.
MOST_READ = 200


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one mail for one address. ``words`` are a server's, or why nothing was sent.

    ``state`` is as in the results of the mail, or ``complaint``: who got it has called it spam.
    """

    email: OutboundEmail
    what: str
    address: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class InvoiceMail:
    """What left about an invoice, the newest first, what will leave next, and the tickets that answers have opened.

    ``called_spam`` are the ids of those tickets on which the filter in front of the mailbox has called a mail spam.
    """

    deliveries: tuple[Delivery, ...]
    reminders: Sequence[Reminder]
    coming: Coming | None
    answers: Sequence[Ticket]
    called_spam: frozenset[int]

    @property
    def emails(self) -> list[OutboundEmail]:
        return list({one.email.id: one.email for one in self.deliveries}.values())


@bp.get("/invoices/<int:invoice_id>.pdf")
@agent_required
def show_pdf(invoice_id: int) -> Response:
    invoice = invoice_or_404(invoice_id)
    try:
        data, name = pdf_of_invoice(invoice), file_name(invoice)
    except Unwritable as reason:
        flash(str(reason))
        return redirect(url_for("invoices.show", invoice_id=invoice_id), 303)
    db.session.commit()
    return pdf(data, name)


@bp.get("/invoices/<int:invoice_id>/mails/new")
@agent_required
def send(invoice_id: int) -> Response:
    invoice = invoice_or_404(invoice_id)
    if invoice.status == "void":
        return redirect(url_for("invoices.show", invoice_id=invoice_id), 303)
    return make_response(send_page(invoice))


@bp.post("/invoices/<int:invoice_id>/mails")
@agent_required
def post_mails(invoice_id: int) -> Response:
    """Issue it if it is a draft, and mail it to the people who are ticked."""
    invoice = invoice_or_404(invoice_id)
    contacts = chosen_among(hearers(audience_of(invoice)))
    revision = read_revision(request.form.get("revision"))
    try:
        sending.issue_and_send(invoice, contacts, revision, current_user.id)
    except NotSent as reason:
        db.session.rollback()
        return make_response(send_page(invoice_or_404(invoice_id), str(reason), contacts), 422)
    db.session.commit()
    flash(f"{invoice.name} is on its way to {' and '.join(one.display_name for one in contacts)}.")
    return redirect(url_for("invoices.show", invoice_id=invoice_id), 303)


@bp.get("/invoices/<int:invoice_id>/mails/preview")
@agent_required
def preview(invoice_id: int) -> Response:
    """The mail as it would leave, as a page for a frame."""
    invoice = invoice_or_404(invoice_id)
    return framed(as_page(sending.preview(invoice, next(iter(hearers(audience_of(invoice))), None))))


@bp.get("/invoices/<int:invoice_id>/mails")
@agent_required
def mails(invoice_id: int) -> str:
    return render_template("billing/documents/_mail.html", invoice=invoice_or_404(invoice_id))


def send_page(invoice: Invoice, refused: str = "", chosen: Sequence[Contact] | None = None) -> str:
    audience = audience_of(invoice)
    people = hearers(audience)
    number = number_of(invoice)
    return render_template(
        "billing/documents/send.html",
        invoice=invoice,
        audience=audience,
        people=people,
        chosen=people if chosen is None else chosen,
        mail=sending.preview(invoice, next(iter(people), None)),
        number=number,
        file=file_name(invoice, number),
        refused=refused,
    )


def mail_of_invoice(invoice: Invoice) -> InvoiceMail:
    """What the page of an invoice says of its mail."""
    left = db.select(OutboundEmail).where(OutboundEmail.invoice_id == invoice.id)
    emails = db.session.scalars(left.order_by(OutboundEmail.id.desc()).limit(SHOWN)).all()
    complaints = complaints_about(emails)
    deliveries = tuple(
        Delivery(email, what_it_is(email), address, *complaints.get((email.id, address.lower()), said_of(result)))
        for email in emails
        for address, result in results_of(email).items()
    )
    # One that was merged is a part of another, which need not carry the invoice itself.
    ids = db.select(db.func.coalesce(Ticket.merged_into_id, Ticket.id)).where(Ticket.invoice_id == invoice.id)
    tickets = db.select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id.desc())
    answers = db.session.scalars(tickets.limit(SHOWN)).all()
    coming_next = next_reminder(invoice, today())
    return InvoiceMail(deliveries, reminders_of(invoice.id), coming_next, answers, called_spam(answers))


def said_of(result: Mapping[str, str]) -> tuple[str, str]:
    return result["state"], result["words"]


def complaints_about(emails: Sequence[OutboundEmail]) -> dict[tuple[int, str], tuple[str, str]]:
    """State and words for the mail and the address in lower case, where its owner has called the mail spam."""
    states = suppressed(address for email in emails for address in email.recipients).values()
    return {
        (state.outbound_id, state.address): ("complaint", why(state))
        for state in states
        if state.reason == "complaint" and state.outbound_id is not None
    }


def called_spam(tickets: Sequence[Ticket]) -> frozenset[int]:
    of_tickets = db.select(InboundEmail.ticket_id, InboundEmail.trace).where(
        InboundEmail.ticket_id.in_([ticket.id for ticket in tickets])
    )
    return frozenset(
        ticket_id
        for ticket_id, trace in db.session.execute(of_tickets.order_by(InboundEmail.id.desc()).limit(MOST_READ))
        if spam_words(trace)
    )


def next_reminder(invoice: Invoice, now: date) -> Coming | None:
    if invoice.status != "sent" or invoice.is_credit_note:
        return None
    return next(iter(coming(now, invoice)), None)


def what_it_is(email: OutboundEmail) -> str:
    return KINDS.get(email.template, "Reminder")
