"""The PDF of an invoice: kept from the moment that it is issued, so that it is the same for ever."""

from __future__ import annotations

from dataclasses import dataclass

from psa.billing.documents.document import Document, Undrawable
from psa.billing.documents.of_invoice import document_of
from psa.billing.invoices.models import KINDS, Invoice
from psa.billing.mailing.models import InvoiceFile
from psa.extensions import db, insert_unless_there
from psa.mail.outbound.compose import Unwritable, Upload

TYPE = "application/pdf"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A document and its PDF."""

    document: Document
    pdf: bytes


def draw(document: Document) -> Drawn:
    """Takes up to some seconds for the longest: not while others wait to write. Raises Unwritable."""
    # The library is only for this: no server loads it before.
    from psa.billing.documents.pdf import pdf_of

    try:
        return Drawn(document, pdf_of(document))
    except Undrawable as reason:
        raise Unwritable(str(reason)) from reason


def pdf_of_invoice(invoice: Invoice, ahead: Drawn | None = None) -> bytes:
    """A draft and a void one are drawn as they are now, marked as such; an issued one is drawn once. Flushes.

    ``ahead`` was drawn before and counts if it still says what the invoice says. Raises Unwritable.
    """
    if invoice.status in ("draft", "void"):
        return draw(document_of(invoice)).pdf
    kept = db.session.get(InvoiceFile, invoice.id)
    if kept is not None:
        return kept.pdf
    document = document_of(invoice)
    made = ahead if ahead is not None and ahead.document == document else draw(document)
    # Two may ask at once: whoever was first has made the one that counts.
    insert_unless_there(InvoiceFile, invoice_id=invoice.id, pdf=made.pdf)
    return db.session.get_one(InvoiceFile, invoice.id).pdf


def upload_of(invoice: Invoice, ahead: Drawn | None = None) -> Upload:
    return Upload(file_name(invoice), TYPE, pdf_of_invoice(invoice, ahead))


def file_name(invoice: Invoice, number: str = "") -> str:
    """``number`` is the one that a draft would get. A pattern for numbers may have strokes, which no file name has."""
    name = f"{KINDS[invoice.kind]} {number}" if number else invoice.name
    return f"{name.replace('/', '-')}.pdf"
