"""The words by which a message is found."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from psa.extensions import Model


class MailWords(Model):
    """What can be searched of one message: names, addresses, subject and Message-ID, as psa.words.fold makes them.

    The index over ``words`` is made by the migration, since no model can tell of it: FTS5 on SQLite (the table
    ``mail_words_index``, kept true by triggers), GIN over to_tsvector on PostgreSQL.
    """

    __tablename__ = "mail_words"
    __table_args__ = (
        UniqueConstraint("direction", "mail_id"),
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(3))
    mail_id: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
