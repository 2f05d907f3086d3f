"""Who is blocked, by whom, and how often it came to that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.auth.models import User
from psa.extensions import Model, UTCDateTime
from psa.mail.models import InboundEmail

# The kind of a message that a filter in front of the mailbox calls spam, and that is held or ignored for it.
JUNK = "junk"
# The step of a trace in which that filter has its say.
FILTER = "Spam filter"
# What is held for that. Written out, so that both databases see that the index of just these answers it.
IS_JUNK = (InboundEmail.status == literal_column("'held'")) & (InboundEmail.kind == literal_column(f"'{JUNK}'"))


class BlockedSender(Model):
    """An address or a domain, in lower case, whose mail becomes nothing; a domain means those below it as well."""

    __tablename__ = "blocked_senders"
    __table_args__ = (CheckConstraint("kind IN ('address', 'domain')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(String(320), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(String(500), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    blocked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    hits: Mapped[int] = mapped_column(default=0)
    last_hit_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    user: Mapped[User | None] = relationship()
