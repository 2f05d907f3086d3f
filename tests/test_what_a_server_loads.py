"""A server keeps nothing in memory that only a command needs; the commands have it all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_a_server_starts_without_alembic_and_the_sandbox_and_flask_db_is_there(tmp_path):
    environment = os.environ | {"PSA_DATA": str(tmp_path), "FLASK_APP": "wsgi.py"}
    environment.pop("FLASK_RUN_FROM_CLI", None)
    needless = {"alembic", "pymap", "aiosmtpd", "publicsuffixlist", "reportlab", "PIL", "webauthn"}
    loaded = f"import sys, wsgi; print({needless!r} & set(sys.modules))"
    server = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert server.stdout.strip() == "set()", server.stderr[-2000:]
    migrate = [sys.executable, "-m", "flask", "db", "heads"]
    command = subprocess.run(migrate, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "(head)" in command.stdout, command.stderr[-2000:]


def test_the_sandbox_starts_without_the_rest_of_the_psa():
    needless = {"flask", "sqlalchemy", "psa.mail", "psa.clients"}
    loaded = f"import sys, psa.sandbox.__main__; print({needless!r} & set(sys.modules))"
    sandbox = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True)
    assert sandbox.stdout.strip() == "set()", sandbox.stderr[-2000:]
