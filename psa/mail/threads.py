"""Which ticket a Message-ID belongs to: ours and theirs, every one that we ever saw."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import bindparam

from psa.extensions import insert_unless_there, run
from psa.mail.models import ThreadKey

KEYS = ThreadKey.__table__
KNOWN = KEYS.select().where(KEYS.c.digest.in_(bindparam("digests", expanding=True))).order_by(KEYS.c.ticket_id)


def remember_key(message_id: str, ticket_id: int) -> None:
    """From now on an answer to ``message_id`` belongs to the ticket; known keys stay."""
    insert_unless_there(ThreadKey, digest=digest_of(message_id), ticket_id=ticket_id)


def ticket_of_any(message_ids: Sequence[str]) -> int | None:
    """The ticket of the first of ``message_ids`` that is known, or None."""
    digests = [digest_of(message_id) for message_id in message_ids]
    known: dict[str, int] = {row.digest: row.ticket_id for row in run(KNOWN, {"digests": digests})}
    return next((known[digest] for digest in digests if digest in known), None)


def digest_of(message_id: str) -> str:
    """A Message-ID may be of any length and any letters; its digest fits every index."""
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()
