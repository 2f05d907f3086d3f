"""What ``bin/run`` writes is for whoever started it, and for nobody else on the machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Product

# bin/run alone may take four minutes here.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module", autouse=True)
def usual_umask():
    """What most systems begin with: files that everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_nobody_else_may_read_the_mail_the_keys_or_the_passwords(product: Product) -> None:
    made = [path for path in product.data.rglob("*") if path.name != "run.log"]
    assert {"psa.sqlite3", "demo.json", "secret_key", "sealing_keys", "sandbox"} <= {path.name for path in made}
    assert [path for path in made if path.stat().st_mode & 0o077] == []


def test_a_second_start_in_the_same_directory_is_refused_with_a_sentence(product: Product) -> None:
    again = subprocess.run(
        ["bin/run"],
        cwd=Path(__file__).parent.parent.parent,
        env=os.environ | {"PSA_DATA": str(product.data), "PORT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert again.returncode == 1
    assert "runs with PSA_DATA" in again.stderr
