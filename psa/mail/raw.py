"""The bytes of messages in the database: packed on the way in, the same bytes on the way out."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

from psa.extensions import db
from psa.mail.models import RawMessage

# Level 1: mail shrinks to half at ten times the speed of the default level, and most of its bulk is base64.
LEVEL = 1


def keep_raw(raw: bytes) -> int:
    """Store the bytes of one message; returns the id of its row."""
    return keep_all_raw([raw])[0]


def keep_all_raw(raws: Sequence[bytes]) -> list[int]:
    """Store the bytes of many messages in one statement; returns the ids in the same order."""
    if not raws:
        return []
    table = RawMessage.__table__
    rows = [
        {"size": len(raw), "sha256": hashlib.sha256(raw).hexdigest(), "packed": zlib.compress(raw, LEVEL)} for raw in raws
    ]
    return list(db.session.execute(table.insert().returning(table.c.id, sort_by_parameter_order=True), rows).scalars())


def raw_bytes(raw_id: int) -> bytes:
    """The bytes of a kept message. Raises NoResultFound."""
    return zlib.decompress(db.session.execute(db.select(RawMessage.packed).where(RawMessage.id == raw_id)).scalar_one())
