"""Rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from psa import clock
from psa.extensions import Model, UTCDateTime


class Rule(Model):
    """One Auto-Assignment Rule.

    ``conditions`` is a list of ``{"field": "sender_domain" | "subject_tag", "value": text}``, all of which must hold;
    ``actions`` is a list of ``{"set": "queue" | "client" | "project", "id": key}``.
    A rule that matched ends the walk unless ``goes_on``.
    """

    __tablename__ = "rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(default=0, index=True)
    name: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)
    goes_on: Mapped[bool] = mapped_column(default=False)
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
