"""Which invoices need somebody because of their mail, and which answers to one do."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from psa.billing.invoices.models import Invoice
from psa.extensions import db
from psa.mail.models import HeldAnswer, InboundEmail, OutboundEmail
from psa.mail.outbound.same_press import LOST

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


def held_answers(invoice_id: int) -> Sequence[InboundEmail]:
    """What answers the invoice and waits for a person to decide about it, the newest first."""
    return db.session.scalars(
        db.select(InboundEmail)
        .join(HeldAnswer, HeldAnswer.inbound_id == InboundEmail.id)
        .where(HeldAnswer.invoice_id == invoice_id, InboundEmail.status == "held")
        .order_by(InboundEmail.id.desc())
        .limit(SHOWN)
    ).all()


def has_mail(*, lost: bool) -> ColumnElement[bool]:
    is_lost = OutboundEmail.status.in_(LOST)
    found: ColumnElement[bool] = db.exists().where(
        OutboundEmail.invoice_id == Invoice.id, is_lost if lost else ~is_lost
    )
    return found
