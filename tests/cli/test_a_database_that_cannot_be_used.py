"""A command that finds no usable database says in one sentence what is wrong, and in the next what to do."""

from __future__ import annotations

import pytest

from psa import create_app
from psa.extensions import db
from tests.configuration import configuration
from tests.mailroom import letter


@pytest.fixture
def damaged(tmp_path):
    (tmp_path / "psa.sqlite3").write_bytes(b"this is no database " * 100)
    return create_app(configuration(tmp_path, f"sqlite:///{tmp_path / 'psa.sqlite3'}"))


def test_a_damaged_file_comes_back_from_the_backup(damaged):
    result = damaged.test_cli_runner().invoke(args=["psa", "tickets"])
    assert result.exit_code == 1
    said = "Error: The database cannot be used: file is not a database. Put it back from your backup.\n"
    assert result.output == said


def test_an_empty_one_has_yet_to_be_made(tmp_path):
    app = create_app(configuration(tmp_path, f"sqlite:///{tmp_path / 'psa.sqlite3'}"))
    result = app.test_cli_runner().invoke(args=["psa", "tickets"])
    assert "Run bin/run once, or flask db upgrade." in result.output


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all/x.db", "postgresql+psycopg://psa@127.0.0.1:1/psa"])
def test_one_that_is_elsewhere_is_asked_for_by_its_variable(tmp_path, url):
    app = create_app(configuration(tmp_path, url))
    result = app.test_cli_runner().invoke(args=["psa", "tickets"])
    assert "Does DATABASE_URL name the right place" in result.output


def test_a_full_disk_asks_the_mta_to_try_again_and_says_why(app, cast, tmp_path):
    with db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    db.engine.dispose()
    raw = tmp_path / "big.eml"
    raw.write_bytes(letter(text="A long story. " * 100_000).as_bytes())

    def no_more(connection, _record):
        connection.execute(f"PRAGMA max_page_count={pages}")

    db.event.listen(db.engine, "connect", no_more)
    result = app.test_cli_runner().invoke(args=["psa", "mail", "receive", str(raw), "--account", cast.inbound.address])
    assert result.exit_code == 75
    assert "disk is full. Is the disk full, or may we not write to PSA_DATA?" in result.output
