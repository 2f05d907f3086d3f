"""From SQLite to PostgreSQL by one command, and everything goes on there."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, func, select

from psa import create_app, locks
from psa.extensions import db
from psa.mail.inbound.process import process
from psa.mail.inbound.receive import receive_piped
from psa.mail.models import InboundEmail, MailAccount, RawMessage
from psa.tickets.models import Comment, Ticket
from tests.mailroom import letter

pytestmark = pytest.mark.postgres


@pytest.fixture
def empty(postgres, request) -> str:
    return postgres.create_database(f"moved_{abs(hash(request.node.name))}")


def copy(app, url: str):
    return app.test_cli_runner().invoke(args=["psa", "copy-to", url])


def count(url: str, model) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        counted = connection.execute(select(func.count()).select_from(model.__table__)).scalar_one()
    engine.dispose()
    return counted


def test_every_mail_is_there_afterwards_and_new_ones_arrive(app, mailroom, empty):
    first = mailroom.receive(letter(subject="Printer", message_id="<first@harbor-dental.example>"))
    mailroom.receive(letter(subject="Printer", message_id="<first@harbor-dental.example>"))
    raw = db.session.get(RawMessage, first.raw_id).packed
    result = copy(app, empty)
    assert result.exit_code == 0, result.output
    moved = create_app({**app.config, "SQLALCHEMY_DATABASE_URI": empty, "SQLALCHEMY_ENGINE_OPTIONS": {}})
    with moved.app_context():
        copies = db.session.scalars(db.select(InboundEmail).order_by(InboundEmail.id)).all()
        assert [email.status for email in copies] == ["filed", "ignored"]
        assert copies[1].same_as_id == copies[0].id
        assert db.session.get(RawMessage, copies[0].raw_id).packed == raw
        account = db.session.scalars(db.select(MailAccount).where(MailAccount.direction == "inbound")).one()
        answer = letter(subject="Re: Printer", in_reply_to="<first@harbor-dental.example>")
        process(receive_piped(account, answer.as_bytes()))
        assert db.session.scalar(db.select(func.count()).select_from(Ticket)) == 1
        assert db.session.scalar(db.select(func.count()).select_from(Comment)) == 2
        db.session.remove()
        db.engine.dispose()


def test_a_database_with_something_in_it_is_refused_and_left_alone(app, cast, empty):
    assert copy(app, empty).exit_code == 0
    before = count(empty, MailAccount)
    result = copy(app, empty)
    assert result.exit_code == 1
    assert "not empty" in result.output
    assert count(empty, MailAccount) == before


def test_while_the_psa_runs_nothing_is_copied(app, cast, empty):
    lead = locks.acquire_here(locks.LEAD)
    result = copy(app, empty)
    lead.release()
    assert result.exit_code == 1
    assert "Stop it first" in result.output


def test_a_database_that_is_not_there_is_a_sentence(app, cast, empty):
    result = copy(app, empty.replace("moved_", "missing_"))
    assert result.exit_code == 1
    assert "The new database cannot be used" in result.output


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/psa", "postgresql://host:port/psa"])
def test_what_is_no_address_of_a_database_is_a_sentence(app, url):
    result = copy(app, url)

    assert result.exit_code == 1
    assert "Write it as postgresql://user:password@host/database." in result.output


def test_it_is_said_which_of_the_two_databases_cannot_be_used(app, cast, tmp_path, monkeypatch):
    monkeypatch.setattr(type(db), "engine", create_engine(f"sqlite:///{tmp_path}/gone/psa.sqlite3"))

    result = copy(app, f"sqlite:///{tmp_path}/new.sqlite3")

    assert result.exit_code == 1
    assert "The present database cannot be used: unable to open database file" in result.output
