"""Two firms that run our PSA."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from psa import create_app
from psa.extensions import db
from tests.configuration import configuration
from tests.mail.fuse.installations import Firm


@pytest.fixture
def firms(migrated: Path, tmp_path: Path) -> Iterator[tuple[Firm, Firm]]:
    """Northwind and Southwind: each is a client's address to the other."""
    both = []
    for name in ("northwind", "southwind"):
        directory = tmp_path / name
        directory.mkdir()
        shutil.copy(migrated, directory / "psa.sqlite3")
        settings = configuration(directory, f"sqlite:///{directory / 'psa.sqlite3'}")
        firm = Firm(create_app(settings | {"SECRET_KEY": f"the key of {name}"}), f"support@{name}.example")
        firm.set_up()
        both.append(firm)
    yield both[0], both[1]
    for firm in both:
        with firm.app.app_context():
            db.engine.dispose()
