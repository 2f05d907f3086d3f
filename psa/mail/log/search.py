"""Finding messages by words: the same question to FTS5 and to PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    column,
    false,
    func,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.dialects import postgresql

from psa import words
from psa.extensions import db, insert_unless_there, run
from psa.mail.log.models import MailWords

WORDS = MailWords.__table__
# The index of SQLite as the table that it is there; its rows have the numbers of those in WORDS.
INDEX = table("mail_words_index", column("rowid"))


def words_of(*said: str) -> str:
    """The words by which these pieces of text are found."""
    return words.fold(" ".join(said))


def remember_words(direction: str, mail_id: int, folded: str) -> None:
    """Make a message findable by its words (words_of), in the caller's transaction."""
    insert_unless_there(MailWords, direction=direction, mail_id=mail_id, words=folded)


def remembering_inbound() -> CTE:
    """The same as a part of a statement of PostgreSQL: for message ``inbound_id`` with ``words``."""
    row = postgresql.insert(WORDS).values(
        direction=bindparam("direction", "in", type_=WORDS.c.direction.type),
        mail_id=bindparam("inbound_id", type_=WORDS.c.mail_id.type),
        words=bindparam("words", type_=WORDS.c.words.type),
    )
    return row.on_conflict_do_nothing().cte("remembered")


def remember_outbound(outbound_id: int, *said: str) -> None:
    """Make a message that goes out findable by these pieces of text, in the caller's transaction."""
    remember_words("out", outbound_id, words_of(*said))


def forget_inbound(inbound_id: int) -> None:
    """Drop the words of a message that is read anew. In the caller's transaction."""
    run(WORDS.delete().where(WORDS.c.direction == "in", WORDS.c.mail_id == inbound_id))


def forget_outbound(outbound_ids: Collection[int]) -> None:
    """Drop the words of messages that are deleted: SQLite gives their ids to others. In the caller's transaction."""
    theirs = (WORDS.c.direction == "out") & WORDS.c.mail_id.in_(outbound_ids)
    db.session.execute(WORDS.delete().where(theirs))


def found(direction: str, typed: str) -> Select[Any]:
    """A query of the index for the ids of the messages that hold what was typed, the last that was remembered first.

    What was typed without a blank is found where its words stand together, the last of them perhaps longer.
    """
    query = select(WORDS.c.mail_id).where(WORDS.c.direction == direction, holds(typed))
    asked = list(asked_for(typed))
    if not asked:
        return query
    if is_postgresql():
        matches = text("to_tsvector('simple', words) @@ to_tsquery('simple', :asked)").bindparams(
            asked=" & ".join(f"{word}:*" if may_go_on else word for word, may_go_on in asked)
        )
        # By a sum: along its key PostgreSQL would read the whole table, and take each text apart.
        return query.where(matches).order_by((WORDS.c.id + 0).desc())
    matches = text("mail_words_index MATCH :asked").bindparams(
        asked=" ".join(f'"{word}"*' if may_go_on else f'"{word}"' for word, may_go_on in asked)
    )
    # FTS5 has them in this order anyway.
    return query.join_from(WORDS, INDEX, INDEX.c.rowid == WORDS.c.id).where(matches).order_by(INDEX.c.rowid.desc())


def says(direction: str, mail_id: Column[Any], typed: str) -> ScalarSelect[bool]:
    """Whether a message holds what was typed, by its text alone: for one message that costs less than the index."""
    its_own = (WORDS.c.direction == direction) & (WORDS.c.mail_id == mail_id)
    return select(holds(typed)).where(its_own).correlate(mail_id.table).scalar_subquery()


def holds(typed: str) -> ColumnElement[bool]:
    place = func.strpos if is_postgresql() else func.instr
    together = [" ".join(piece) for piece in pieces_of(typed)]
    # Folded words have one blank between them, and so each but the first has one before it.
    return and_(*(place(literal(" ") + WORDS.c.words, f" {words}") > 0 for words in together)) if together else false()


def asked_for(typed: str) -> Iterator[tuple[str, bool]]:
    """What the index is asked for: words, and whether one may go on. What it gives is looked at once more."""
    for piece in pieces_of(typed):
        # The "com" of a whole address begins half of all words there are, and tells nothing beside the others.
        last = [] if "@" in typed and len(piece) > 2 else piece[-1:]
        yield from ((word, False) for word in piece[:-1])
        yield from ((word, True) for word in last)


def pieces_of(typed: str) -> list[list[str]]:
    """The words between blanks: "dana@harbor.example room 3" has the pieces [dana, harbor, example], [room] and [3]."""
    return [folded.split() for folded in map(words.fold, typed.split()) if folded]


def is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"
