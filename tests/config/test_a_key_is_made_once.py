"""The keys that everything is signed and sealed with."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from psa.config import ConfigError, kept_key


def test_a_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    key = kept_key(path)
    assert len(key) > 30
    assert kept_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["secret_key"]


def test_workers_that_start_at_once_have_the_same_key(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / str(number)
        with ThreadPoolExecutor(8) as workers:
            keys = set(workers.map(kept_key, [path] * 8))
        assert len(keys) == 1


def test_an_empty_key_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.write_text("\n")
    with pytest.raises(ConfigError, match="secret_key is empty. Put it back"):
        kept_key(path)


def test_a_key_that_cannot_be_read_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "secret_key").mkdir()
    with pytest.raises(ConfigError, match="secret_key cannot be read or made: Is a directory. .* let the user"):
        kept_key(tmp_path / "secret_key")


def test_a_machine_that_stops_while_a_key_is_made_leaves_no_half_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_descriptor: int) -> None:
        raise OSError("the power is gone")

    monkeypatch.setattr("psa.config.os.fsync", stop)
    with pytest.raises(ConfigError, match="power"):
        kept_key(tmp_path / "secret_key")
    assert not (tmp_path / "secret_key").exists()
