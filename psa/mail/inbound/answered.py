"""What a message answers: the texts of our own mail and of earlier mail on its ticket. What stands in them as well is
quoted, in whatever way a mail program introduces it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam

from psa.extensions import db, run
from psa.mail.message import ParsedEmail, parse
from psa.mail.models import InboundEmail, OutboundEmail, RawMessage
from psa.mail.outbound.compose import SUBJECT_TAG, ticket_of
from psa.mail.raw import raw_bytes
from psa.mail.threads import ticket_of_any

MOST_LOOKED_UP = 20
MOST_COMPARED = 4
LARGEST = 1_000_000  # bytes; what is larger carries files, and its text is seldom worth unpacking them

SENT, CAME, RAWS = OutboundEmail.__table__, InboundEmail.__table__, RawMessage.__table__
SENT_BY_US = (
    db.select(SENT.c.message_id, SENT.c.raw_id)
    .join(RAWS, SENT.c.raw_id == RAWS.c.id)
    .where(SENT.c.message_id.in_(bindparam("message_ids", expanding=True)), RAWS.c.size <= LARGEST)
)
ON_THE_TICKET = (
    db.select(CAME.c.message_id, CAME.c.raw_id)
    .join(RAWS, CAME.c.raw_id == RAWS.c.id)
    .where(
        CAME.c.ticket_id == bindparam("ticket_id"),
        CAME.c.message_id.in_(bindparam("message_ids", expanding=True)),
        RAWS.c.size <= LARGEST,
    )
)
LAST_SENT = (
    db.select(SENT.c.raw_id)
    .join(RAWS, SENT.c.raw_id == RAWS.c.id)
    .where(SENT.c.ticket_id == bindparam("ticket_id"), RAWS.c.size <= LARGEST)
    .order_by(SENT.c.id.desc())
    .limit(MOST_COMPARED)
)


def read_answer(raw: bytes, own_domains: frozenset[str] = frozenset()) -> ParsedEmail:
    """Parse a message in the knowledge of what it answers, as far as that is here. A message that answers nothing costs
    no look into the database.
    """
    email = parse(raw, own_domains=own_domains)
    texts = texts_answered_by(email)
    return email.answering(texts) if texts else email


def texts_answered_by(email: ParsedEmail) -> list[str]:
    """The texts of the messages that ``email`` refers to, the one that it answers first.

    A program that sets no reference leaves us the ``[#123]`` of the subject: then it is our last words about that
    ticket. Nothing of them is ever shown for it, so it does not matter who wrote.
    """
    ids = list(dict.fromkeys([*email.in_reply_to, *reversed(email.references)]))[:MOST_LOOKED_UP]
    return [parse(raw_bytes(raw_id)).text for raw_id in (raw_ids_of(ids) if ids else last_sent(email.subject or ""))]


def raw_ids_of(message_ids: list[str]) -> list[int]:
    known = {row.message_id: row.raw_id for row in run(SENT_BY_US, {"message_ids": message_ids})}
    ticket_id = next(filter(None, map(ticket_of, message_ids)), None) or ticket_of_any(message_ids)
    if ticket_id is not None and ticket_id < 2**31:
        rows = run(ON_THE_TICKET, {"message_ids": message_ids, "ticket_id": ticket_id})
        known |= {row.message_id: row.raw_id for row in rows}
    return [known[message_id] for message_id in message_ids if message_id in known][:MOST_COMPARED]


def last_sent(subject: str) -> Iterable[int]:
    tag = SUBJECT_TAG.search(subject)
    if tag is None or int(tag[1]) >= 2**31:
        return ()
    return list(run(LAST_SENT, {"ticket_id": int(tag[1])}).scalars())
