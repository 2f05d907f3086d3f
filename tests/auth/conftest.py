"""An installation that nobody has moved into yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.shell import make_shell, move_in


@pytest.fixture
def empty_shell(tmp_path: Path) -> Flask:
    return make_shell(tmp_path)


@pytest.fixture
def shell(empty_shell: Flask) -> Flask:
    move_in(empty_shell)
    return empty_shell
