"""Statements that are made ready once write and read what SQLAlchemy's own would, on either database."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, PendingRollbackError

from psa import clock, extensions, locks
from psa.extensions import (
    db,
    durable_later,
    insert_row,
    insert_rows,
    insert_unless_there,
    on_one_connection,
    update_row,
)
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import DeliveryAttempt, FiledMail, InboundEmail
from tests.mailroom import letter
from tests.waiting import wait_until


@pytest.fixture
def database_url(either_database) -> str:
    return either_database


@pytest.fixture
def inbound_id(cast) -> int:
    return receive_piped(cast.inbound, letter().as_bytes())


def the(inbound_id: int) -> InboundEmail:
    return db.session.get_one(InboundEmail, inbound_id, populate_existing=True)


def test_a_row_has_what_was_given_and_what_its_model_gives(cast):
    now = clock.now()
    trace = [{"step": "Read", "verdict": "Ünïcode 日本", "detail": ""}]
    new = insert_row(InboundEmail, account_id=cast.inbound.id, uidl="1", arrived_at=now, trace=trace, backlog=True)
    db.session.commit()
    row = the(new)
    assert (row.arrived_at, row.trace, row.backlog) == (now, trace, True)
    assert (row.status, row.folder, row.complete, row.uid) == ("new", "", True, None)
    assert row.kept_at >= now


def test_rows_that_are_written_together_have_their_ids_in_their_order(cast):
    rows = [{"account_id": cast.inbound.id, "uidl": str(number), "size": number, "trace": []} for number in range(5)]
    new = insert_rows(InboundEmail, rows)
    db.session.commit()
    assert [(the(row_id).uidl, the(row_id).size) for row_id in new] == [(str(number), number) for number in range(5)]
    assert new == sorted(new)
    assert insert_rows(InboundEmail, []) == []


def test_of_rows_that_are_written_together_none_is_there_when_one_cannot_be(cast, inbound_id):
    account_id = cast.inbound.id
    rows = [{"account_id": account_id, "uidl": uidl, "trace": []} for uidl in ("a", "b", the(inbound_id).uidl)]
    with pytest.raises(IntegrityError):
        insert_rows(InboundEmail, rows)
    db.session.rollback()
    assert db.session.scalar(db.select(db.func.count()).select_from(InboundEmail)) == 1


def test_a_row_is_changed_in_the_named_columns_alone(inbound_id):
    update_row(InboundEmail, inbound_id, subject="100 % 'sure' :really", trace=[{"step": "x"}])
    db.session.commit()
    row = the(inbound_id)
    assert (row.subject, row.trace, row.status) == ("100 % 'sure' :really", [{"step": "x"}], "new")


def test_whether_a_key_was_free_is_told_alike(inbound_id, mailroom):
    assert insert_unless_there(FiledMail, content_hash="a", inbound_id=inbound_id)
    assert not insert_unless_there(FiledMail, content_hash="a", inbound_id=inbound_id)
    assert insert_unless_there(FiledMail, content_hash="b", inbound_id=inbound_id)


def test_it_is_part_of_the_transaction_and_goes_with_it(inbound_id):
    update_row(InboundEmail, inbound_id, subject="Never")
    insert_unless_there(FiledMail, content_hash="a", inbound_id=inbound_id)
    db.session.rollback()
    assert the(inbound_id).subject == ""
    assert db.session.get(FiledMail, "a") is None


def test_what_the_database_refuses_is_sqlalchemys_error_without_its_values(cast):
    with pytest.raises(IntegrityError) as refused:
        insert_row(InboundEmail, account_id=cast.inbound.id, uidl="a secret", status="odd", trace=[])
    assert refused.value.params is None
    db.session.rollback()
    with pytest.raises(IntegrityError):
        insert_row(DeliveryAttempt, outbound_id=4711)
        db.session.commit()
    db.session.rollback()


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_a_connection_that_is_lost_is_not_used_again(inbound_id):
    mine = db.session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
    with pytest.raises(OperationalError):
        update_row(InboundEmail, inbound_id, subject="Never")
    db.session.rollback()
    update_row(InboundEmail, inbound_id, subject="Again")
    db.session.commit()
    assert the(inbound_id).subject == "Again"


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_a_connection_that_is_lost_before_a_transaction_is_the_databases_trouble_and_not_used_again(inbound_id):
    with db.engine.connect() as held:
        held.connection.driver_connection.close()
        with durable_later(), pytest.raises(OperationalError):
            held.exec_driver_sql("SELECT 1")
    update_row(InboundEmail, inbound_id, subject="Again")
    db.session.commit()
    assert the(inbound_id).subject == "Again"


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_a_connection_that_was_closed_while_it_rested_is_opened_anew(inbound_id, monkeypatch):
    monkeypatch.setattr(extensions, "TRUSTED_FOR", 0.0)
    ours = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.rollback()
    end_of_connection(ours)
    update_row(InboundEmail, inbound_id, subject="It goes on")
    db.session.commit()
    assert the(inbound_id).subject == "It goes on"


def end_of_connection(number: int) -> None:
    """Let the server end a connection, and wait until it has."""
    with psycopg.connect(db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as other:
        other.autocommit = True
        other.execute("SELECT pg_terminate_backend(%s)", [number])
        wait_until(lambda: not other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [number]).fetchall())


def test_after_a_failed_flush_nothing_is_written_before_the_transaction_is_taken_back(inbound_id):
    update_row(InboundEmail, inbound_id, subject="Never")
    db.session.add_all(FiledMail(content_hash="a", inbound_id=inbound_id) for _ in range(2))
    with pytest.raises(IntegrityError):
        db.session.flush()
    with pytest.raises(PendingRollbackError):
        update_row(InboundEmail, inbound_id, subject="Beside the transaction")
    db.session.rollback()
    assert the(inbound_id).subject == ""


def test_after_a_savepoint_the_transaction_goes_on(inbound_id):
    with pytest.raises(IntegrityError), db.session.begin_nested():
        insert_unless_there(FiledMail, content_hash="a", inbound_id=inbound_id)
        insert_row(InboundEmail, account_id=the(inbound_id).account_id, uidl=the(inbound_id).uidl, trace=[])
    update_row(InboundEmail, inbound_id, subject="It goes on")
    db.session.commit()
    assert the(inbound_id).subject == "It goes on"
    assert db.session.get(FiledMail, "a") is None


def waits_for_the_disk() -> bool:
    if locks.on_postgresql():
        source = "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"
        return db.session.scalar(text(source)) != "session"
    return db.session.scalar(text("PRAGMA synchronous")) == 2


def test_commits_wait_for_the_disk_but_for_those_that_are_made_durable_later(inbound_id):
    db.session.commit()
    with durable_later():
        assert not waits_for_the_disk()
        update_row(InboundEmail, inbound_id, subject="One")
        db.session.rollback()
        assert not waits_for_the_disk(), "also after a transaction that was taken back"
        db.session.commit()
    assert waits_for_the_disk()
    db.session.rollback()
    assert waits_for_the_disk()


def test_many_transactions_in_a_row_may_take_one_connection(inbound_id):
    db.session.rollback()
    with on_one_connection():
        for subject in ("One", "Two"):
            update_row(InboundEmail, inbound_id, subject=subject)
            db.session.commit()
            assert the(inbound_id).subject == subject, "the unit of work takes it too"
            db.session.rollback()
            assert db.engine.pool.checkedout() == 1
        update_row(InboundEmail, inbound_id, subject="Not committed")
    assert db.engine.pool.checkedout() == 0
    assert the(inbound_id).subject == "Two"


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_the_one_connection_may_be_lost_too(inbound_id):
    db.session.rollback()
    with on_one_connection():
        end_of_connection(db.session.scalar(text("SELECT pg_backend_pid()")))
        with pytest.raises(OperationalError):
            update_row(InboundEmail, inbound_id, subject="Never")
        db.session.rollback()
        update_row(InboundEmail, inbound_id, subject="Again")
        db.session.commit()
    assert the(inbound_id).subject == "Again"
