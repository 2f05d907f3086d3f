"""The PDF of an invoice: kept from the moment that it is issued, so that it is the same for ever."""

from __future__ import annotations

from psa.billing.documents.document import Undrawable
from psa.billing.documents.of_invoice import document_of
from psa.billing.invoices.models import KINDS, Invoice
from psa.billing.mailing.models import InvoiceFile
from psa.extensions import db, insert_unless_there
from psa.mail.outbound.compose import Unwritable, Upload

TYPE = "application/pdf"


def pdf_of_invoice(invoice: Invoice) -> bytes:
    """A draft and a void one are drawn as they are now, marked as such; an issued one is drawn once. Flushes.

    Raises Unwritable.
    """
    if invoice.status in ("draft", "void"):
        return drawn(invoice)
    kept = db.session.get(InvoiceFile, invoice.id)
    if kept is not None:
        return kept.pdf
    # Two may ask at once: whoever was first has made the one that counts.
    insert_unless_there(InvoiceFile, invoice_id=invoice.id, pdf=drawn(invoice))
    return db.session.get_one(InvoiceFile, invoice.id).pdf


def upload_of(invoice: Invoice) -> Upload:
    return Upload(file_name(invoice), TYPE, pdf_of_invoice(invoice))


def file_name(invoice: Invoice, number: str = "") -> str:
    """``number`` is the one that a draft would get. A pattern for numbers may have strokes, which no file name has."""
    name = f"{KINDS[invoice.kind]} {number}" if number else invoice.name
    return f"{name.replace('/', '-')}.pdf"


def drawn(invoice: Invoice) -> bytes:
    # The library is only for this: no server loads it before.
    from psa.billing.documents.pdf import pdf_of

    try:
        return pdf_of(document_of(invoice))
    except Undrawable as reason:
        raise Unwritable(str(reason)) from reason
