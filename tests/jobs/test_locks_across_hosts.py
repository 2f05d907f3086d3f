"""A lock on PostgreSQL: one holder at a time, and free the moment it is given back."""

from __future__ import annotations

import pytest

from psa import locks

pytestmark = pytest.mark.postgres


@pytest.fixture
def database_url(postgres, migrated_postgres, tmp_path) -> str:
    return postgres.create_database(f"locks_{abs(hash(str(tmp_path))):x}", template=migrated_postgres)


def test_only_one_holds_it(app):
    lock = locks.acquire("mailbox-1")
    assert locks.acquire("mailbox-1") is None
    lock.release()


def test_it_is_free_once_given_back_even_before_the_server_notices_that_the_connection_is_gone(app, monkeypatch):
    lock = locks.acquire("mailbox-1")
    close = lock.connection.close
    monkeypatch.setattr(lock.connection, "close", lambda: None)
    lock.release()
    again = locks.acquire("mailbox-1")
    assert again is not None
    again.release()
    close()


def test_a_holder_whose_connection_is_lost_can_still_let_go(app):
    lock = locks.acquire("mailbox-1")
    lock.connection.connection.driver_connection.close()
    assert not lock.is_held()
    lock.release()
