"""The bytes of messages in the database: packed on the way in, the same bytes on the way out.

Large ones pass piece by piece, for drivers make several copies of what they are given or give as a whole.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.exc import NoResultFound

from psa.extensions import current_connection, insert_row, insert_rows, rows_of, run
from psa.mail.models import RawMessage
from psa.prepared import Prepared, translated

# Level 1: mail shrinks to half at ten times the speed of the default level.
LEVEL = 1
# In octets: from where a message is more files than words, and how much of it tells of which kind they are.
BULKY, SAMPLE = 32 * 1024, 4 * 1024
# In octets, packed.
LARGE, PIECE = 1024 * 1024, 1024 * 1024
RAWS = RawMessage.__table__
PACKED = func.length(RAWS.c.packed).label("packed_size")
# The bytes themselves only of what is not large.
SMALL = case((PACKED.element.between(0, bindparam("large")), RAWS.c.packed)).label("packed")
STORED = Prepared(select(RAWS.c.size, PACKED, SMALL).where(RAWS.c.id == bindparam("raw_id")))
PART = select(func.substring(RAWS.c.packed, bindparam("begins"), bindparam("octets"))).where(
    RAWS.c.id == bindparam("raw_id")
)


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
        self.compressor: zlib._Compress | None = None
        self.packed = bytearray()

    def add(self, piece: bytes) -> None:
        self.compressor = self.compressor or compressor_for(piece)
        self.size += len(piece)
        self.digest.update(piece)
        self.packed += self.compressor.compress(piece)

    def done(self) -> Packed:
        self.packed += (self.compressor or compressor_for(b"")).flush()
        return Packed(self.size, self.digest.hexdigest(), self.packed)


def pack(raw: bytes) -> Packed:
    """Hash and compress the bytes of a message. Pure."""
    compressor = compressor_for(raw)
    return Packed(len(raw), hashlib.sha256(raw).hexdigest(), compressor.compress(raw) + compressor.flush())


def compressor_for(raw: bytes) -> zlib._Compress:
    """The bulk of a large message is base64 of files that are packed already. Nothing repeats in it, and looking for
    what does is three times the work of writing six bits for each letter.
    """
    middle = len(raw) // 2
    sample = raw[middle : middle + SAMPLE] if len(raw) >= BULKY else b""
    is_dense = len(zlib.compress(sample, LEVEL)) > 0.7 * SAMPLE
    return zlib.compressobj(LEVEL, strategy=zlib.Z_HUFFMAN_ONLY if is_dense else zlib.Z_DEFAULT_STRATEGY)


def keep_raw(raw: bytes) -> int:
    """Store the bytes of one message; returns the id of its row."""
    return keep_packed(pack(raw))


def keep_packed(message: Packed) -> int:
    """Store a message; returns the id of its row."""
    if len(message.packed) > LARGE and is_sqlite():
        return keep_large(message)
    return insert_row(RawMessage, size=message.size, sha256=message.sha256, packed=message.packed)


def keep_all(messages: Sequence[Packed | None]) -> list[int | None]:
    """Store those that are there; returns the ids of their rows, each in its message's place."""
    there = [message for message in messages if message is not None]
    if is_sqlite():
        stored: Iterator[int] = map(keep_packed, there)
    else:
        rows = [{"size": one.size, "sha256": one.sha256, "packed": one.packed} for one in there]
        stored = iter(insert_rows(RawMessage, rows))
    return [next(stored) if message is not None else None for message in messages]


def keep_large(message: Packed) -> int:
    """SQLite makes room for the bytes first, and then they are written into it."""
    raw_id = insert_row(RawMessage, size=message.size, sha256=message.sha256, packed=b"")
    run(RAWS.update().where(RAWS.c.id == raw_id).values(packed=func.zeroblob(len(message.packed))))
    with blob(raw_id) as room, memoryview(message.packed) as packed:
        for begins in range(0, len(packed), PIECE):
            room.write(packed[begins : begins + PIECE])
    return raw_id


def raw_bytes(raw_id: int) -> bytes:
    """The bytes of a kept message. Raises NoResultFound, and zlib.error for what cannot be read any more."""
    rows = rows_of(STORED, raw_id=raw_id, large=LARGE)
    if not rows:
        raise NoResultFound(f"there is no message {raw_id}")
    [(size, packed_size, packed)] = rows
    if packed is not None:
        return unpack(packed, size)
    decompressor, raw = zlib.decompressobj(), BytesIO()
    for piece in pieces(raw_id, packed_size):
        raw.write(decompressor.decompress(piece))
    if not decompressor.eof:
        raise zlib.error("the end of the message is missing")
    return raw.getvalue()


def pieces(raw_id: int, packed_size: int) -> Iterator[bytes]:
    if is_sqlite():
        with blob(raw_id) as packed:
            while piece := packed.read(PIECE):
                yield piece
        return
    for begins in range(1, packed_size + 1, PIECE):
        yield run(PART, {"raw_id": raw_id, "begins": begins, "octets": PIECE}).scalar_one()


@contextmanager
def blob(raw_id: int) -> Iterator[sqlite3.Blob]:
    """The packed bytes in their row, as a file (https://www.sqlite.org/c3ref/blob_open.html)."""
    connection = current_connection()
    driver: Any = connection.connection.driver_connection
    try:
        with driver.blobopen(RawMessage.__tablename__, "packed", raw_id) as opened:
            yield opened
    except sqlite3.Error as error:
        raise translated(error, "the bytes of a message", connection) from error


def is_sqlite() -> bool:
    return current_connection().dialect.name == "sqlite"


def unpack(packed: bytes | bytearray, size: int) -> bytes:
    """Knowing the size beforehand spares zlib a second copy of all of it."""
    return zlib.decompress(packed, bufsize=max(size, 1))
