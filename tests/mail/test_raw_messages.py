"""The bytes of a message come back as they were kept, whatever their size, on either database."""

from __future__ import annotations

import random
import tracemalloc
import zlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound, OperationalError

from psa.extensions import db, update_row
from psa.locks import on_postgresql
from psa.mail import raw as raws
from psa.mail.models import RawMessage
from psa.mail.raw import Packed, Packer, keep_packed, keep_raw, raw_bytes


@pytest.fixture
def database_url(either_database) -> str:
    return either_database


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(raws, "LARGE", 10_000)
    monkeypatch.setattr(raws, "PIECE", 10_000)


@pytest.mark.parametrize("size", [0, 1, 9_000, 10_000, 10_001, 30_000, 123_456])
def test_what_was_kept_comes_back(app, size):
    raw = random.Random(size).randbytes(size)
    raw_id = keep_raw(raw)
    db.session.commit()
    assert raw_bytes(raw_id) == raw


def test_one_that_was_packed_while_it_arrived_comes_back(app):
    raw, packer = random.Random(1).randbytes(50_000), Packer()
    for begins in range(0, len(raw), 7_000):
        packer.add(raw[begins : begins + 7_000])
    raw_id = keep_packed(packer.done())
    db.session.commit()
    assert raw_bytes(raw_id) == raw


def test_what_is_packed_is_not_packed_once_more_by_the_database(app):
    raw_id = keep_packed(Packed(0, "", bytes(9_000)))
    db.session.commit()
    size = "pg_column_size" if on_postgresql() else "length"
    assert db.session.scalar(text(f"SELECT {size}(packed) FROM raw_messages WHERE id = :id"), {"id": raw_id}) == 9_000


def test_one_whose_end_is_missing_is_not_taken_for_whole(app):
    raw_id = keep_raw(random.Random(1).randbytes(50_000))
    packed = db.session.scalar(db.select(RawMessage.packed).filter_by(id=raw_id))
    update_row(RawMessage, raw_id, packed=packed[:-5_000])
    db.session.commit()
    with pytest.raises(zlib.error):
        raw_bytes(raw_id)


def test_a_large_one_goes_with_its_transaction(app):
    raw_id = keep_raw(random.Random(1).randbytes(50_000))
    db.session.rollback()
    assert db.session.get(RawMessage, raw_id) is None
    with pytest.raises(NoResultFound):
        raw_bytes(raw_id)


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
def test_a_disk_that_fills_up_meanwhile_is_the_databases_trouble(app):
    raw_id = keep_raw(random.Random(1).randbytes(50_000))
    db.session.commit()
    pages = db.session.scalar(text("PRAGMA page_count"))
    db.session.execute(text(f"PRAGMA max_page_count={pages + 3}"))
    with pytest.raises(OperationalError, match="full"):
        keep_raw(random.Random(2).randbytes(500_000))
    db.session.rollback()
    with pytest.raises(OperationalError), raws.blob(raw_id + 1):
        pass
    assert len(raw_bytes(raw_id)) == 50_000


def test_a_large_one_is_in_memory_once_when_it_is_read(app):
    size = 2_000_000
    raw_id = keep_raw(random.Random(1).randbytes(size))
    db.session.commit()
    tracemalloc.start()
    try:
        assert len(raw_bytes(raw_id)) == size
        assert tracemalloc.get_traced_memory()[1] < 1.6 * size
    finally:
        tracemalloc.stop()
