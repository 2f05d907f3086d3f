"""Sending an invoice: to whom, and the mails, in one transaction with its number. A door commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from psa import clock
from psa.billing.documents.document import Document
from psa.billing.documents.of_invoice import document_of
from psa.billing.invoices.models import Invoice
from psa.billing.invoices.operations import RefusedInvoice, claim, issue, note
from psa.billing.invoices.recurring import NotReady, Send
from psa.billing.mailing.files import Drawn, draw, upload_of
from psa.billing.mailing.letters import letter, values_of, write
from psa.billing.mailing.models import InvoiceFile
from psa.billing.mailing.place import NobodyToWriteFrom
from psa.clients.models import Contact
from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound.compose import Content, Unwritable
from psa.notifications.audience import Audience, of_client

# The kind of notice that says who hears of it; a credit note goes to the same people.
KIND = "invoice"


class NotSent(ValueError):
    """Why an invoice was not sent, in a sentence."""


def audience_of(invoice: Invoice) -> Audience:
    """Who of the client's contacts gets it, and who does not and why."""
    return of_client(KIND, invoice.client_id)


def hearers(audience: Audience) -> list[Contact]:
    return [one.person for one in audience.hearers if isinstance(one.person, Contact)]


def template_of(invoice: Invoice) -> str:
    return invoice.kind


def preview(invoice: Invoice, contact: Contact | None) -> Content:
    """The mail as it would leave now."""
    return letter(template_of(invoice), values_of(invoice, contact))


def issue_and_send(invoice: Invoice, contacts: Sequence[Contact], revision: int, by: int | None) -> list[OutboundEmail]:
    """Give a draft its number and mail it; mail one that is issued again. All of it, or nothing.

    Raises NotSent, also for an invoice that somebody has changed since ``revision``.
    """
    if not contacts:
        raise NotSent("Choose at least one person to send it to.")
    at = clock.now()
    try:
        ahead = drawn_ahead(invoice, by, at, revision)
        if invoice.is_draft:
            issue(invoice, by, revision=revision, at=at)
        else:
            claim(invoice, "sent", "paid", revision=revision, refusal="It is void, so it is not sent.")
        return send_invoice(invoice, contacts, by, ahead)
    except (RefusedInvoice, NobodyToWriteFrom, Unwritable) as reason:
        raise NotSent(str(reason)) from reason


def drawn_ahead(invoice: Invoice, by: int | None, at: datetime, revision: int) -> Drawn | None:
    """Its PDF as it is once it is issued; None where one is kept already. Rolls back.

    Drawing may take seconds, in which nobody else could write. So a draft is issued to see what it says, and that is
    taken back; then it is drawn; and only then it is issued, with the same number unless somebody was faster. Whatever
    ends the process between leaves the draft as it was. Raises RefusedInvoice, and Unwritable.
    """
    if invoice.is_draft:
        issue(invoice, by, revision=revision, at=at)
    document = None if db.session.get(InvoiceFile, invoice.id) is not None else document_of(invoice)
    db.session.rollback()
    return draw(document) if document is not None else None


def send_invoice(
    invoice: Invoice, contacts: Sequence[Contact], by: int | None = None, ahead: Drawn | None = None
) -> list[OutboundEmail]:
    """Queue an issued invoice for each of ``contacts``, with its PDF. Raises NobodyToWriteFrom, and Unwritable."""
    file = upload_of(invoice, ahead)
    ids = [
        write(contact, template_of(invoice), values_of(invoice, contact), file, invoice_id=invoice.id)
        for contact in contacts
    ]
    note(invoice, f"Sent to {', '.join(contact.email for contact in contacts)}", by)
    db.session.flush()
    return [db.session.get_one(OutboundEmail, outbound_id) for outbound_id in ids]


def send_by_itself(invoice: Invoice) -> None:
    """Mail what has just been issued by the timetable to all who are told; its history says when that is nobody.

    Raises NotReady where there is somebody: its PDF is drawn first.
    """
    if hearers(audience_of(invoice)):
        raise NotReady(partial(ready_to_send, document_of(invoice)))
    mail_to_all(invoice)


def ready_to_send(document: Document) -> Send:
    """With its PDF. What cannot be drawn fails once more where its history can say so."""
    try:
        return partial(mail_to_all, ahead=draw(document))
    except Unwritable:
        return mail_to_all


def mail_to_all(invoice: Invoice, ahead: Drawn | None = None) -> None:
    audience = audience_of(invoice)
    contacts = hearers(audience)
    if not contacts:
        note(invoice, f"Not sent: {audience.nobody or 'no contact of the client is told of invoices.'}", None)
        return
    try:
        with db.session.begin_nested():
            send_invoice(invoice, contacts, ahead=ahead)
    except (NobodyToWriteFrom, Unwritable) as reason:
        note(invoice, f"Not sent: {reason}", None)
