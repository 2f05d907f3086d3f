"""What the firm says about itself."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from psa.extensions import Model


class Firm(Model):
    """The firm that runs this PSA: the one row with id 1."""

    __tablename__ = "firm"
    __table_args__ = (CheckConstraint("id = 1", name="only"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(120))
