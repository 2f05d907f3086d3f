"""What is expected to arrive, and what a comparison with the server found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.extensions import Model, UTCDateTime
from psa.mail.models import MailAccount


class ExpectedMail(Model):
    """Mail that should be there by a time of day, such as the backup's report; when it is not, somebody is told.

    It is recognised by the address of its sender and by words of its subject, either may be empty. ``due_by`` is
    "08:00" in the server's zone, ``weekdays`` are 0 (Monday) to 6.
    """

    __tablename__ = "expected_mails"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("mail_accounts.id", ondelete="CASCADE"))
    sender: Mapped[str] = mapped_column(String(320), default="")
    subject: Mapped[str] = mapped_column(String(200), default="")
    due_by: Mapped[str] = mapped_column(String(5))
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=lambda: list(range(7)))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    account: Mapped[MailAccount | None] = relationship()


class MailboxCheck(Model):
    """One comparison of a mailbox with the ledger, message by message.

    ``counted`` holds how many of the messages on the server are filed, ignored, reported, held, failed, new, or lay
    there before the start; ``differences`` are ``{"folder", "key", "words", "inbound_id"}``, empty when the sum holds.
    ``unseen`` are the latest runs of numbers that the server gave out while nothing lay there at any look of ours,
    ``{"folder", "first", "last", "after", "before"}``; the last two are when the mail around them came (ISO 8601), or
    None.
    """

    __tablename__ = "mailbox_checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("mail_accounts.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    on_server: Mapped[int | None]
    counted: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    unseen: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    # Why it could not be made, in the server's words.
    words: Mapped[str] = mapped_column(Text, default="")

    account: Mapped[MailAccount] = relationship()
