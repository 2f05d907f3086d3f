"""What the firm says about itself."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from psa.extensions import Model


class Firm(Model):
    """The firm that runs this PSA: the one row with id 1."""

    __tablename__ = "firm"
    __table_args__ = (CheckConstraint("id = 1", name="only"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(120))
    # How its mail looks: a picture (its bytes and type), a colour as #rrggbb, and a line at the foot.
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_type: Mapped[str] = mapped_column(String(40), default="")
    colour: Mapped[str] = mapped_column(String(7), default="#2f5bd0")
    footer: Mapped[str] = mapped_column(String(500), default="")
    # What stands on its invoices. ``payment_words`` tell where to pay; the patterns are psa.billing.invoices.series’.
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    address: Mapped[str] = mapped_column(Text, default="")
    tax_id: Mapped[str] = mapped_column(String(60), default="")
    payment_words: Mapped[str] = mapped_column(Text, default="")
    payment_days: Mapped[int] = mapped_column(default=14)
    invoice_pattern: Mapped[str] = mapped_column(String(40), default="{year}-{number:04}")
    # Empty: credit notes take their numbers from the invoices' series.
    credit_pattern: Mapped[str] = mapped_column(String(40), default="C{year}-{number:04}")
