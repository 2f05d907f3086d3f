"""One history for SQLite and PostgreSQL: it goes forward, back and forward again, and loses nothing on its way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask

from psa import create_app
from psa.clients.operations import add_client, make_contact
from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.outbox import enqueue
from psa.notifications import choices
from psa.notifications.kinds import TOPICS
from psa.tickets.models import Comment, Event, Ticket
from tests.conftest import configuration
from tests.mailroom import Mailroom, letter

HISTORY = Path(__file__).parent.parent.parent / "migrations"

NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "next", "{head}"


def upgrade():
    op.create_table("half_way", sa.Column("id", sa.Integer, primary_key=True))
    {change}
"""

REBUILD_TICKETS = """
    with op.batch_alter_table("tickets", recreate="always") as table:
        table.add_column(sa.Column("mood", sa.String(10)))
"""
LOSE_TICKETS = 'op.execute("DELETE FROM tickets")'


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_the_history_goes_forward_back_and_forward_again_and_ends_at_the_models(kind, request, tmp_path):
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'psa.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres").create_database("back_and_forth")
    with application(tmp_path, url):
        flask_migrate.upgrade()
        flask_migrate.check()
        flask_migrate.downgrade(revision="base")
        assert tables() == {"alembic_version"}
        flask_migrate.upgrade()
        flask_migrate.check()
        assert {"tickets", "comments", "events"} < tables()


def test_a_table_is_rebuilt_on_sqlite_and_keeps_all_that_refers_to_it(mailroom: Mailroom, tmp_path: Path, on_sqlite):
    mailroom.receive(letter())
    before = counts()
    assert all(before.values())
    flask_migrate.upgrade(directory=history_with(REBUILD_TICKETS, tmp_path))
    assert counts() == before
    assert "mood" in {column["name"] for column in db.inspect(db.engine).get_columns("tickets")}
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_migration_that_would_break_a_reference_leaves_everything_as_it_was(
    mailroom: Mailroom, tmp_path: Path, on_sqlite, caplog
):
    mailroom.receive(letter())
    before = counts()
    with pytest.raises(SystemExit):
        flask_migrate.upgrade(directory=history_with(LOSE_TICKETS, tmp_path))
    assert "comments → tickets" in caplog.text
    assert counts() == before
    assert "half_way" not in tables()


def test_contacts_from_before_there_were_invoices_are_told_of_none_until_somebody_chooses(either_database, tmp_path):
    with application(tmp_path, either_database):
        flask_migrate.downgrade(revision="0024")
        old = make_contact("intern@harbor-dental.example", "Intern", None)
        chosen = make_contact("kim@harbor-dental.example", "Kim", None)
        choices.tell(chosen, {"projects"})
        db.session.commit()
        flask_migrate.upgrade()
        assert choices.topics_of(old) == {"tickets"}
        assert choices.topics_of(chosen) == set()
        assert choices.topics_of(make_contact("new@harbor-dental.example", "New", None)) == set(TOPICS)
        db.session.rollback()


def test_a_statement_that_has_left_is_that_of_the_client_whose_contact_got_it(either_database, tmp_path):
    with application(tmp_path, either_database):
        harbor = add_client("Harbor Dental", "harbor-dental.example")
        make_contact("dana@harbor-dental.example", "Dana", harbor.id)
        mails = [queued("Dana@harbor-dental.example"), queued("nobody@elsewhere.example"), queued("dana@x.example", "")]
        db.session.commit()
        flask_migrate.downgrade(revision="0026")
        flask_migrate.upgrade()
        assert [db.session.get_one(OutboundEmail, one).statement_of_id for one in mails] == [harbor.id, None, None]
        db.session.rollback()


def queued(to: str, template: str = "statement") -> int:
    composed = compose(Content("Statement", "Please see."), sender=("", "support@northwind.example"), to=[("", to)])
    return enqueue(composed, account_id=None, envelope_sender="", recipients=[to], purpose="notice", template=template)


@pytest.fixture
def on_sqlite(app: Flask) -> None:
    """PostgreSQL alters tables in place and watches references by itself."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("a story of SQLite's")


@contextmanager
def application(directory: Path, url: str) -> Iterator[None]:
    with create_app(configuration(directory, url)).app_context():
        try:
            yield
        finally:
            db.engine.dispose()


def history_with(change: str, directory: Path) -> str:
    """A copy of our history with one more revision, which makes a table and then the change."""
    copy = shutil.copytree(HISTORY, directory / "history", ignore=shutil.ignore_patterns("__pycache__"))
    head = ScriptDirectory(str(HISTORY)).get_current_head()
    (copy / "versions" / "next.py").write_text(NEXT.format(head=head, change=change.strip()))
    return str(copy)


def counts() -> dict[str, int]:
    """How many rows there are of a ticket and of what refers to it."""
    db.session.rollback()
    return {
        model.__tablename__: db.session.scalar(db.select(db.func.count()).select_from(model)) or 0
        for model in (Ticket, Comment, Event)
    }


def tables() -> set[str]:
    return set(db.inspect(db.engine).get_table_names())
