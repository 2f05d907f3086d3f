"""What answers find their ticket by: every Message-ID that we ever saw, ours and theirs, Outlook's conversations, and a
line of ours that stands in what they quote.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import String, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from psa import signing, words
from psa.extensions import change_rows, current_connection, rows_of
from psa.mail.message import ParsedEmail
from psa.mail.models import ThreadKey
from psa.prepared import Prepared
from psa.registrable import registrable

KEYS = ThreadKey.__table__
# Of a long conversation its beginning and what was said last.
MOST_SEEN = 20
# Outlook's index of a conversation, as bytes in base64: that of an answer is longer than its root of 22 bytes.
ROOT_LENGTH = 32
REFERENCE = re.compile(r"#(\d{1,9})\s?·\s?ref\s([0-9a-z]{16})\b", re.IGNORECASE)
# What is quoted below a long text of somebody's own is still looked at.
LONGEST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Known:
    """A ticket that ``message_id`` belongs to, or was only seen in (``is_seen``)."""

    message_id: str
    ticket_id: int
    is_seen: bool


def remember_keys(email: ParsedEmail, ticket_id: int) -> None:
    """From now on answers to ``email`` belong to the ticket, also by the id that it had before a relay gave it another.

    What it refers to itself becomes a weaker key: others answer the same messages.
    """
    keys = {digest_of(number.key): "index" for number in their_numbers(email)}
    keys |= {digest_of(message_id): "seen" for message_id in seen_in(email)}
    keys |= {digest_of(message_id): "message" for message_id in (email.message_id, *email.former_ids) if message_id}
    if email.thread_index:
        keys[digest_of_index(email)] = "index"
    remember(keys, ticket_id)


def remember_key(message_id: str, ticket_id: int) -> None:
    """From now on an answer to ``message_id`` belongs to the ticket; known keys stay."""
    remember({digest_of(message_id): "message"}, ticket_id)


def remember_seen(message_id: str, ticket_id: int) -> None:
    """Somebody on the ticket refers to ``message_id``: a weaker key than that of a message which is on it."""
    remember({digest_of(message_id): "seen"}, ticket_id)


def remember(keys: Mapping[str, str], ticket_id: int) -> None:
    """Write down keys by their digests, each with its strength. A message makes one stronger that is there already."""
    if not keys:
        return
    digests = {f"digest{n}": digest for n, digest in enumerate(keys)}
    strengths = {f"strength{n}": strength for n, strength in enumerate(keys.values())}
    dialect = current_connection().dialect.name
    change_rows(remembering(len(keys), dialect), ticket_id=ticket_id, **digests, **strengths)


@cache
def remembering(count: int, dialect: str) -> Prepared:
    """So many keys (``digest0``, ``strength0``, …) of one ticket in one statement."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(KEYS)
    rows: list[dict[Any, Any]] = [
        {
            KEYS.c.digest: bindparam(f"digest{n}"),
            KEYS.c.ticket_id: bindparam("ticket_id"),
            KEYS.c.strength: bindparam(f"strength{n}"),
        }
        for n in range(count)
    ]
    new = insert.excluded.strength
    return Prepared(
        insert.values(rows).on_conflict_do_update(
            index_elements=[KEYS.c.digest, KEYS.c.ticket_id],
            set_={"strength": new},
            where=(new == "message") & (KEYS.c.strength != "message"),
        )
    )


def seen_in(email: ParsedEmail) -> list[str]:
    """The ids that ``email`` refers to, as far as they are kept."""
    ids = list(dict.fromkeys([*email.references, *email.in_reply_to]))
    return ids if len(ids) <= MOST_SEEN else [ids[0], *ids[1 - MOST_SEEN :]]


def known_tickets(message_ids: Sequence[str]) -> list[Known]:
    """The tickets of ``message_ids``, in their order; of each id the surest ticket first."""
    found: dict[str, list[tuple[int, bool]]] = {}
    for digest, ticket_id, strength in known_by([digest_of(message_id) for message_id in message_ids]):
        found.setdefault(digest, []).append((ticket_id, strength != "message"))
    return [
        Known(message_id, ticket_id, is_seen)
        for message_id in message_ids
        for ticket_id, is_seen in found.get(digest_of(message_id), ())
    ]


def ticket_of_any(message_ids: Sequence[str]) -> int | None:
    """The ticket of the first of ``message_ids`` that is known, or None."""
    return next((known.ticket_id for known in known_tickets(message_ids)), None)


def tickets_of_conversation(email: ParsedEmail) -> Iterator[int]:
    """The tickets of Outlook's conversation that ``email`` goes on with; none where it only begins one."""
    if not email.thread_index or len(index_of(email)) <= ROOT_LENGTH:
        return
    for _, ticket_id, _ in known_by([digest_of_index(email)]):
        yield ticket_id


@dataclass(frozen=True, slots=True)
class TheirNumber:
    """The number that another help desk gives a matter. ``is_sure``: it stands in a header of theirs, or is called a
    ticket's beside the very subject; else it may be a name that people write for many a matter, [ISO-9001] say.
    """

    number: str
    key: str
    is_sure: bool


def their_numbers(email: ParsedEmail) -> Iterator[TheirNumber]:
    """The numbers by which ``email`` is known where it comes from, the surest first: keys between us and that firm."""
    if email.sender is None or not email.sender.domain:
        return
    for number in email.foreign_numbers:
        yield TheirNumber(number.partition(" ")[2], f"their {number}", is_sure=True)
    numbers = email.numbers_in_subject
    if not numbers:
        return
    firm, about = registrable(email.sender.domain) or email.sender.domain, words.fold(email.unnumbered_subject)
    called = (number for number in numbers if "#" in number or not number.startswith("["))
    yield from (TheirNumber(number, f"their {firm} {number} about {about}", is_sure=True) for number in called)
    yield from (TheirNumber(number, f"their {firm} {number}", is_sure=False) for number in numbers)


def tickets_by_their_numbers(email: ParsedEmail) -> Iterator[tuple[int, TheirNumber]]:
    """The tickets whose messages bore a number that ``email`` bears, the surest first."""
    numbers = list(their_numbers(email))
    by_digest = {digest_of(one.key): one for one in numbers}
    found = [(ticket_id, by_digest[digest]) for digest, ticket_id, _ in known_by(list(by_digest))]
    yield from sorted(found, key=lambda one: numbers.index(one[1]))


def known_by(digests: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    """(digest, ticket_id, strength) of keys that are known."""
    if not digests:
        return ()
    return rows_of(knowing(len(digests)), **{f"digest{n}": digest for n, digest in enumerate(digests)})


@cache
def knowing(count: int) -> Prepared:
    """The ids of messages before those that were only referred to, and of each the latest ticket."""
    digests = [bindparam(f"digest{n}", type_=String()) for n in range(count)]
    order = (KEYS.c.strength != "message", KEYS.c.ticket_id.desc())
    return Prepared(KEYS.select().where(KEYS.c.digest.in_(digests)).order_by(*order))


def index_of(email: ParsedEmail) -> str:
    return next((value.strip() for name, value in email.headers if name.lower() == "thread-index"), "")


def reference_line(ticket_id: int) -> str:
    """A line for the foot of our mail that only we can write; an answer that quotes it belongs to the ticket."""
    return f"Ticket #{ticket_id} · ref {signing.sign('reference', str(ticket_id))}"


def ticket_of_reference(text: str) -> int | None:
    """The ticket of the first such line in ``text``; None when there is none, or only forged ones."""
    if "ref" not in text:
        return None
    for match in REFERENCE.finditer(text[-LONGEST_TEXT:]):
        if signing.is_signed("reference", match[1], match[2]):
            return int(match[1])
    return None


def digest_of(message_id: str) -> str:
    """A Message-ID may be of any length and any letters; its digest fits every index."""
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()


def digest_of_index(email: ParsedEmail) -> str:
    # A blank stands in no Message-ID, so the two cannot be mistaken for each other.
    return digest_of(f"thread-index {email.thread_index}")
