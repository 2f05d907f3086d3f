"""Which invoices need somebody because of their mail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from psa.billing.invoices.models import Invoice
from psa.extensions import db
from psa.mail.models import OutboundEmail

LOST = ("bounced", "failed", "cancelled")
SHOWN = 20


def reached_nobody() -> Sequence[Invoice]:
    """Open invoices of which every mail came back or failed, the newest first: their clients know nothing of them."""
    return db.session.scalars(
        db.select(Invoice)
        .options(joinedload(Invoice.client))
        .where(Invoice.status == "sent", has_mail(lost=True), ~has_mail(lost=False))
        .order_by(Invoice.id.desc())
        .limit(SHOWN)
    ).all()


def has_mail(*, lost: bool) -> ColumnElement[bool]:
    is_lost = OutboundEmail.status.in_(LOST)
    found: ColumnElement[bool] = db.exists().where(
        OutboundEmail.invoice_id == Invoice.id, is_lost if lost else ~is_lost
    )
    return found
