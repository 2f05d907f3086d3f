"""What goes with outgoing mail: what is known of the addresses, ours and theirs, and the keys that sign."""

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
    """A key that signs a domain's mail (RFC 6376), once ``active``; ``verified_at`` is when its record was seen.

    ``algorithm`` is rsa or ed25519 (RFC 8463); one of each may sign beside the other. ``retired_at`` is when another
    took its place: its record stays published for mail that is under way, and the key goes when the record has gone.
    """

    __tablename__ = "dkim_keys"
    __table_args__ = (
        UniqueConstraint("domain", "selector"),
        CheckConstraint("algorithm IN ('rsa', 'ed25519')", name="algorithm"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(253))
    selector: Mapped[str] = mapped_column(String(63))
    algorithm: Mapped[str] = mapped_column(String(10), default="rsa", server_default="rsa")
    sealed_key: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ReturnAddress(Model):
    """An account that is to write under signed addresses; without a row it writes under its plain one.

    ``check_id`` is the mail that finds out whether the server takes them; ``proven_at`` is when it had arrived.
    ``refused_at`` is when the server took no signed return path, and ``refused_words`` what it said.
    """

    __tablename__ = "return_addresses"

    account_id: Mapped[int] = mapped_column(ForeignKey("mail_accounts.id", ondelete="CASCADE"), primary_key=True)
    check_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_emails.id", ondelete="SET NULL"))
    checked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    proven_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    refused_words: Mapped[str] = mapped_column(Text, default="")


class SenderVerdict(Model):
    """What the nightly watch found about a sending account: one row for each check of Deliverability.

    ``was`` is the tone from before it got worse, and empty as long as it has not.
    """

    __tablename__ = "sender_verdicts"

    account_id: Mapped[int] = mapped_column(ForeignKey("mail_accounts.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    tone: Mapped[str] = mapped_column(String(10))
    say: Mapped[str] = mapped_column(Text)
    was: Mapped[str] = mapped_column(String(10), default="")
    checked_at: Mapped[datetime] = mapped_column(UTCDateTime)
