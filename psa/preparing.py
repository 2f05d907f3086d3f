"""Getting ready to serve: the newest schema and, with PSA_DEMO, the sample firm."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import inspect, text

from psa.extensions import db
from psa.sandbox import demo


class PreparationFailed(Exception):
    """Nothing can be served; its message is for the person who starts us."""


def prepare_beside(app: Flask) -> None:
    """Do it in a fork: neither the connections that it opens nor what it loads stay with whoever serves afterwards.

    What it says goes to ``prepare.log`` in the data directory. Raises PreparationFailed. For a process without threads.
    """
    log = Path(app.config["PSA_DATA"]) / "prepare.log"
    child = os.fork()
    if child == 0:
        os._exit(prepare_alone(app, log))
    # Whoever ends us while we wait ends it too.
    before = signal.signal(signal.SIGTERM, lambda ending, _frame: os.kill(child, ending))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.signal(signal.SIGTERM, before)
    if status == -signal.SIGTERM:
        sys.exit(128 + signal.SIGTERM)
    if status != 0:
        raise PreparationFailed(
            "The database could not be made ready, so nothing was started. It says:\n"
            f"{reasons(log.read_text(errors='replace'))}\nAll of it stands in {log}."
        )


def prepare_alone(app: Flask, log: Path) -> int:
    """In the fork: returns the exit status, and raises nothing that could reach what our parent does next."""
    try:
        with log.open("w") as file:
            os.dup2(file.fileno(), sys.stderr.fileno())
        with app.app_context():
            prepare()
    except BaseException:  # noqa: BLE001 - all of it is for the log, and our parent goes on
        traceback.print_exc()
        return 1
    finally:
        sys.stderr.flush()
    return 0


def reasons(log: str) -> str:
    """The last lines that tell of errors, without the traceback."""
    telling = [line for line in log.splitlines() if re.search("Error|error|FATAL|failed", line)]
    return "\n".join(telling[-3:])


def prepare() -> None:
    """Bring the schema up and make the sample firm where PSA_DEMO wants it; ``demo.json`` tells how to sign in."""
    if schema_there() != newest_schema():
        import flask_migrate  # dear to import, and mostly there is nothing to do

        flask_migrate.upgrade()
    if not current_app.config["PSA_DEMO"]:
        return
    if not demo.wait_for_sandbox():
        raise RuntimeError("Error: the sandbox mail server did not start.")
    (Path(current_app.config["PSA_DATA"]) / "demo.json").write_text(json.dumps(asdict(demo.make())))


def schema_there() -> set[str]:
    """The revisions at which the database stands, as Alembic keeps them: one, or none in an empty database."""
    if not inspect(db.engine).has_table("alembic_version"):
        return set()
    with db.engine.connect() as connection:
        return set(connection.scalars(text("SELECT version_num FROM alembic_version")))


def newest_schema() -> set[str]:
    """The revisions that no migration comes after, as the files say them."""
    files = (Path(current_app.config["MIGRATIONS"]) / "versions").glob("*.py")
    said = re.findall(r'^(revision|down_revision) = "(.+)"', "".join(file.read_text() for file in files), re.MULTILINE)
    return {revision for name, revision in said if name == "revision"} - {
        revision for name, revision in said if name == "down_revision"
    }
