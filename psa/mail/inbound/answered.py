"""What a message answers: the texts of our own mail and of earlier mail on its ticket. What stands in them as well is
quoted, in whatever way a mail program introduces it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from sqlalchemy import BindParameter, Select, String, Table, bindparam

from psa.extensions import db, rows_of
from psa.mail.message import ParsedEmail, parse
from psa.mail.models import InboundEmail, OutboundEmail, RawMessage
from psa.mail.outbound.compose import SUBJECT_TAG, ticket_of
from psa.mail.raw import raw_bytes
from psa.mail.threads import ticket_of_any
from psa.prepared import Prepared

MOST_LOOKED_UP = 20
MOST_COMPARED = 4
LARGEST = 1_000_000  # bytes; what is larger carries files, and its text is seldom worth unpacking them

SENT, CAME, RAWS = OutboundEmail.__table__, InboundEmail.__table__, RawMessage.__table__
LAST_SENT = Prepared(
    db.select(SENT.c.raw_id)
    .join(RAWS, SENT.c.raw_id == RAWS.c.id)
    .where(SENT.c.ticket_id == bindparam("ticket_id"), RAWS.c.size <= LARGEST)
    .order_by(SENT.c.id.desc())
    .limit(MOST_COMPARED)
)


def read_answer(raw: bytes, own_domains: frozenset[str] = frozenset(), email: ParsedEmail | None = None) -> ParsedEmail:
    """Parse a message in the knowledge of what it answers, as far as that is here. A message that answers nothing costs
    no look into the database. ``email`` is the message where it has been parsed already.
    """
    email = email or parse(raw, own_domains=own_domains)
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
    ids = {f"id{n}": message_id for n, message_id in enumerate(message_ids)}
    known = dict(rows_of(sent_by_us(len(ids)), **ids))
    ticket_id = next(filter(None, map(ticket_of, message_ids)), None) or ticket_of_any(message_ids)
    if ticket_id is not None and ticket_id < 2**31:
        known |= dict(rows_of(on_the_ticket(len(ids)), ticket_id=ticket_id, **ids))
    return [known[message_id] for message_id in message_ids if message_id in known][:MOST_COMPARED]


@cache
def sent_by_us(count: int) -> Prepared:
    """Of so many Message-IDs (``id0``, ``id1``, …) those that we sent, with their bytes."""
    return Prepared(with_bytes(SENT).where(SENT.c.message_id.in_(named(count))))


@cache
def on_the_ticket(count: int) -> Prepared:
    """Of so many Message-IDs those that came in and belong to the ticket, with their bytes."""
    of_ticket = CAME.c.ticket_id == bindparam("ticket_id")
    return Prepared(with_bytes(CAME).where(of_ticket, CAME.c.message_id.in_(named(count))))


def with_bytes(mails: Table) -> Select[tuple[str, int]]:
    both: Select[tuple[str, int]] = db.select(mails.c.message_id, mails.c.raw_id)
    return both.join(RAWS, mails.c.raw_id == RAWS.c.id).where(RAWS.c.size <= LARGEST)


def named(count: int) -> list[BindParameter[str]]:
    return [bindparam(f"id{n}", type_=String()) for n in range(count)]


def last_sent(subject: str) -> Iterable[int]:
    tag = SUBJECT_TAG.search(subject)
    if tag is None or int(tag[1]) >= 2**31:
        return ()
    return [raw_id for (raw_id,) in rows_of(LAST_SENT, ticket_id=int(tag[1]))]
