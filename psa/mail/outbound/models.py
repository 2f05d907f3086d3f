"""What goes with outgoing mail: what is known of the addresses we write to, and the keys that sign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from psa import clock
from psa.extensions import Model, UTCDateTime


class AddressState(Model):
    """What became of mail to an address. While ``suppressed_at`` is set nothing is sent there: ``reason`` says why.

    Soft bounces are only counted; a person clears the row with one click.
    """

    __tablename__ = "address_states"
    __table_args__ = (CheckConstraint("reason IN ('', 'hard_bounce', 'complaint', 'person')", name="reason"),)

    # In lower case.
    address: Mapped[str] = mapped_column(String(320), primary_key=True)
    suppressed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    soft_bounces: Mapped[int] = mapped_column(default=0)
    last_bounce_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_emails.id", ondelete="SET NULL"))
    outbound_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_emails.id", ondelete="SET NULL"))


class DkimKey(Model):
    """A key that signs a domain's mail (RFC 6376), once ``active``; ``verified_at`` is when its record was seen."""

    __tablename__ = "dkim_keys"
    __table_args__ = (UniqueConstraint("domain", "selector"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(253))
    selector: Mapped[str] = mapped_column(String(63))
    sealed_key: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
