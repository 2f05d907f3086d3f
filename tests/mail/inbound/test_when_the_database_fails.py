"""A full disk or a locked database in the middle of a look: nothing is lost or doubled, and it goes on by itself."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from psa.extensions import db
from psa.locks import on_postgresql
from psa.mail.inbound.poll import poll
from psa.mail.models import InboundEmail
from psa.tickets.models import Comment, Ticket
from tests.mail.inbound.world import count, deliver, on_server, statuses, subjects

pytestmark = pytest.mark.dovecot
SUBJECTS = [f"Number {number}" for number in range(6)]


@contextmanager
def setting(*statements: str):
    """Every connection that is opened meanwhile begins with these statements."""

    def prepare(connection, _record):
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    db.session.remove()
    db.engine.dispose()
    event.listen(db.engine, "connect", prepare)
    try:
        yield
    finally:
        event.remove(db.engine, "connect", prepare)
        db.session.remove()
        db.engine.dispose()


def look(account_id: int) -> str:
    """What went wrong, be it that even that could not be written down."""
    try:
        return poll(account_id).fault
    except OperationalError as error:
        db.session.rollback()
        return str(error)


def check(account, dovecot) -> None:
    assert Counter(subjects()) == Counter(SUBJECTS)
    assert (count(Ticket), count(Comment), count(InboundEmail)) == (6, 6, 6)
    assert set(statuses()) == {"filed"}
    assert on_server(dovecot) == []
    if account.protocol == "imap":
        assert on_server(dovecot, "Done") == SUBJECTS


@pytest.fixture(params=["imap", "pop3"])
def account(request, dovecot, monkeypatch):
    """Filed mail is moved, or deleted over POP3, so that the server's copies show what was settled."""
    account = request.getfixturevalue(request.param)
    account.after_filing, account.move_to = ("move", "Done") if request.param == "imap" else ("delete", "")
    db.session.commit()
    monkeypatch.setattr("psa.mail.inbound.mailbox.chunks.__defaults__", (2,))
    # Letters that do not shrink much, so that each takes room on the disk.
    deliver(dovecot, *SUBJECTS, text=random.Random(7).randbytes(4000).hex())
    return account


@pytest.mark.parametrize("pages", [0, 1, 2, 4, 8, 12])
def test_a_disk_that_is_full_sooner_or_later(account, dovecot, pages):
    if on_postgresql():
        pytest.skip("the size of a PostgreSQL on a shared disk cannot be limited; SQLite stands for it")
    used = db.session.execute(text("PRAGMA page_count")).scalar()
    with setting(f"PRAGMA max_page_count={used + pages}"):
        assert "disk is full" in look(account.id)
    assert look(account.id) == ""
    check(account, dovecot)


@pytest.mark.parametrize("table", ["raw_messages", "tickets", "events"])
def test_a_database_that_somebody_else_holds_for_too_long(account, dovecot, table):
    patience = "SET lock_timeout = '100ms'" if on_postgresql() else "PRAGMA busy_timeout=100"
    account_id = account.id
    with setting(patience), db.engine.connect() as other:
        if on_postgresql():
            other.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        else:
            other.exec_driver_sql("BEGIN IMMEDIATE")
        words = look(account_id)
        assert "lock" in words
        other.rollback()
    assert look(account_id) == ""
    check(account, dovecot)


@pytest.mark.parametrize("commit", range(1, 25, 3))
def test_a_commit_that_fails(account, dovecot, monkeypatch, commit):
    """The n-th commit does not come through, whichever it is: the connection to the database is lost."""
    dialect, done = db.engine.dialect, []
    real = dialect.do_commit

    def fails_once(connection):
        done.append(True)
        if len(done) == commit:
            dialect.do_rollback(connection)
            raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))
        real(connection)

    with monkeypatch.context() as patch:
        patch.setattr(dialect, "do_commit", fails_once)
        look(account.id)
    look(account.id)
    assert look(account.id) == ""
    check(account, dovecot)
