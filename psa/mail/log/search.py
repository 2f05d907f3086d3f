"""Finding messages by words: the same question to FTS5 and to PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, bindparam, false, literal_column, select, text

from psa import words
from psa.extensions import db, insert_unless_there
from psa.mail.log.models import MailWords

WORDS = MailWords.__table__


def remember_inbound(inbound_id: int, *said: str) -> None:
    """Make a message that came in findable by these pieces of text, in the caller's transaction."""
    insert_unless_there(MailWords, direction="in", mail_id=inbound_id, words=words.fold(" ".join(said)))


def remember_outbound(outbound_id: int, *said: str) -> None:
    """Make a message that goes out findable by these pieces of text, in the caller's transaction."""
    insert_unless_there(MailWords, direction="out", mail_id=outbound_id, words=words.fold(" ".join(said)))


def forget_outbound(outbound_ids: Collection[int]) -> None:
    """Drop the words of messages that are deleted: SQLite gives their ids to others. In the caller's transaction."""
    theirs = (WORDS.c.direction == "out") & WORDS.c.mail_id.in_(outbound_ids)
    db.session.execute(WORDS.delete().where(theirs))


def found(direction: str, typed: str) -> Select[tuple[int]]:
    """A query for the ids of the messages that hold a word beginning with each of the words that were typed."""
    wanted = words.fold(typed).split()
    query = select(WORDS.c.mail_id).where(WORDS.c.direction == direction)
    if not wanted:
        return query.where(false())
    if db.engine.dialect.name == "postgresql":
        asked = " & ".join(f"{word}:*" for word in wanted)
        return query.where(text("to_tsvector('simple', words) @@ to_tsquery('simple', :asked)").bindparams(asked=asked))
    asked = " ".join(f'"{word}"*' for word in wanted)
    index: Select[tuple[int]] = select(literal_column("rowid")).select_from(text("mail_words_index"))
    return query.where(
        WORDS.c.id.in_(index.where(text("mail_words_index MATCH :asked").bindparams(bindparam("asked", asked))))
    )
