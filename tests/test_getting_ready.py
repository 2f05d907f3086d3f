"""Before it serves, the PSA brings its database up and makes the sample firm, once; when it cannot, it says why."""

from __future__ import annotations

import json

import flask_migrate
import pytest

from psa import create_app, preparing
from psa.extensions import db
from psa.mail.models import MailAccount
from psa.preparing import PreparationFailed, prepare, prepare_beside
from psa.sandbox import demo
from psa.tickets.models import Ticket
from tests.configuration import configuration


@pytest.fixture
def with_sandbox(app, monkeypatch):
    """PSA_DEMO, and a sandbox that listens from the third look on."""
    app.config["PSA_DEMO"] = True
    listens = iter([{}, {}])
    monkeypatch.setattr(demo, "ports", lambda: next(listens, {"smtp": 2525, "imap": 1143}))


def test_it_waits_for_the_sandbox_and_makes_the_firm_once(app, with_sandbox, tmp_path):
    prepare()
    made = json.loads((tmp_path / "demo.json").read_text())
    assert (made["made"], made["email"]) == (True, "mara@northwind.example")
    assert db.session.scalars(db.select(MailAccount.port).order_by(MailAccount.port)).all() == [1143, 2525]
    tickets = db.session.scalar(db.select(db.func.count()).select_from(Ticket))
    prepare()
    again = json.loads((tmp_path / "demo.json").read_text())
    assert again == made | {"made": False}
    assert db.session.scalar(db.select(db.func.count()).select_from(Ticket)) == tickets


def test_a_database_at_the_newest_schema_is_left_alone(app, monkeypatch):
    monkeypatch.setattr(flask_migrate, "upgrade", lambda: pytest.fail("there was nothing to do"))
    assert preparing.schema_there() == preparing.newest_schema()
    prepare()


def test_one_at_an_older_or_an_unknown_schema_is_given_to_the_migrations(app, monkeypatch):
    asked = []
    monkeypatch.setattr(flask_migrate, "upgrade", lambda: asked.append("upgrade"))
    for revision in ("0001", "9999"):
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        prepare()
    assert asked == ["upgrade", "upgrade"]


def test_the_fork_brings_an_empty_database_up_and_loads_nothing_here(tmp_path):
    app = create_app(configuration(tmp_path, f"sqlite:///{tmp_path / 'empty.sqlite3'}"))
    prepare_beside(app)
    with app.app_context():
        assert preparing.schema_there() == preparing.newest_schema()
        db.engine.dispose()


def test_a_database_that_cannot_be_opened_is_a_sentence_and_a_log(tmp_path):
    (tmp_path / "broken.sqlite3").write_bytes(b"this is no database " * 100)
    app = create_app(configuration(tmp_path, f"sqlite:///{tmp_path / 'broken.sqlite3'}"))
    with pytest.raises(PreparationFailed, match="file is not a database") as failed:
        prepare_beside(app)
    assert "Traceback" not in str(failed.value)
    assert "Traceback" in (tmp_path / "prepare.log").read_text()
