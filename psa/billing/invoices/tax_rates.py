"""The taxes that lines can bear. A rate is never changed: a new law is a new rate. A door commits."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy.exc import IntegrityError

from psa.billing.invoices.models import Invoice, InvoiceLine, RecurringLine, TaxRate
from psa.extensions import db
from psa.words import counted


class RefusedRate(ValueError):
    """What cannot be done with a tax rate; the message says why."""


def all_rates() -> Sequence[TaxRate]:
    """The default one first, then from the highest down."""
    return db.session.scalars(
        db.select(TaxRate).order_by(TaxRate.is_default.desc(), TaxRate.percent.desc(), TaxRate.name)
    ).all()


def default_rate() -> TaxRate | None:
    """What a new line bears."""
    rate: TaxRate | None = db.session.scalar(db.select(TaxRate).where(TaxRate.is_default))
    return rate


def add_rate(name: str, percent: Decimal, words: str = "") -> TaxRate:
    """The first one is what new lines bear. Raises RefusedRate for a name that is taken."""
    name = " ".join(name.split())[:40]
    if not name:
        raise RefusedRate("A tax rate needs a name, as it stands on the invoice: VAT 19 %.")
    is_first = db.session.scalar(db.select(db.func.count()).select_from(TaxRate)) == 0
    rate = TaxRate(name=name, percent=percent, words=" ".join(words.split())[:300], is_default=is_first)
    db.session.add(rate)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise RefusedRate(f"There is a tax rate called {name} already.") from error
    return rate


def make_default(rate: TaxRate | None) -> None:
    """New lines bear this one from now on, or none."""
    for other in all_rates():
        other.is_default = rate is not None and other.id == rate.id
    db.session.flush()


def remove_rate(rate: TaxRate) -> None:
    """Raises RefusedRate while drafts or recurring invoices bear it. What is issued keeps its own copy."""
    drafts, recurring = what_depends_on(rate)
    if drafts or recurring:
        numbers = ((drafts, "draft"), (recurring, "recurring invoice"))
        words = [counted(number, what) for number, what in numbers if number]
        raise RefusedRate(f"It is on {' and '.join(words)}. Give their lines another rate first.")
    db.session.delete(rate)
    db.session.flush()


def what_depends_on(rate: TaxRate) -> tuple[int, int]:
    """How many drafts and how many recurring invoices bear it."""
    drafts = db.select(db.func.count(db.distinct(Invoice.id))).join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
    recurring = db.select(db.func.count(db.distinct(RecurringLine.recurring_id)))
    return (
        db.session.scalar(drafts.where(InvoiceLine.tax_rate_id == rate.id, Invoice.status == "draft")),
        db.session.scalar(recurring.where(RecurringLine.tax_rate_id == rate.id)),
    )
