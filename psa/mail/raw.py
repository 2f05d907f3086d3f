"""The bytes of messages in the database: packed on the way in, the same bytes on the way out."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from psa.extensions import db, run
from psa.mail.models import RawMessage

# Level 1: mail shrinks to half at ten times the speed of the default level, and most of its bulk is base64.
LEVEL = 1
KEEP = RawMessage.__table__.insert().returning(RawMessage.__table__.c.id, sort_by_parameter_order=True)


@dataclass(frozen=True, slots=True)
class Packed:
    """The bytes of a message made ready for the database; packing lets go of the interpreter, so a thread may do it."""

    size: int
    sha256: str
    packed: bytes | bytearray

    def unpacked(self) -> bytes:
        return unpack(self.packed, self.size)


class Packer:
    """Packs a message that comes piece by piece, so that it is never in memory as a whole."""

    def __init__(self) -> None:
        self.size = 0
        self.digest = hashlib.sha256()
        self.compressor = zlib.compressobj(LEVEL)
        self.packed = bytearray()

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        self.digest.update(piece)
        self.packed += self.compressor.compress(piece)

    def done(self) -> Packed:
        self.packed += self.compressor.flush()
        return Packed(self.size, self.digest.hexdigest(), self.packed)


def pack(raw: bytes) -> Packed:
    """Hash and compress the bytes of a message. Pure."""
    return Packed(len(raw), hashlib.sha256(raw).hexdigest(), zlib.compress(raw, LEVEL))


def keep_raw(raw: bytes) -> int:
    """Store the bytes of one message; returns the id of its row."""
    return keep_packed([pack(raw)])[0]


def keep_packed(messages: Sequence[Packed]) -> list[int]:
    """Store many messages in one statement; returns the ids of their rows in the same order."""
    if not messages:
        return []
    rows = [{"size": m.size, "sha256": m.sha256, "packed": m.packed} for m in messages]
    return list(run(KEEP, rows).scalars())


def raw_bytes(raw_id: int) -> bytes:
    """The bytes of a kept message. Raises NoResultFound."""
    row = db.session.execute(db.select(RawMessage.packed, RawMessage.size).where(RawMessage.id == raw_id)).one()
    return unpack(row.packed, row.size)


def unpack(packed: bytes | bytearray, size: int) -> bytes:
    """Knowing the size beforehand spares zlib a second copy of all of it."""
    return zlib.decompress(packed, bufsize=max(size, 1))
