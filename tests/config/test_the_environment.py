"""What the environment says, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from psa.config import ConfigError, from_environment


def test_without_any_variable_it_serves_this_machine_with_the_sample_firm(tmp_path: Path) -> None:
    config = from_environment({"PSA_DATA": str(tmp_path / "data")})
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert config.database_url == f"sqlite:///{tmp_path / 'data' / 'psa.sqlite3'}"
    assert (config.base_url, config.demo, config.proxies) == ("http://127.0.0.1:8000", True, 0)


def test_behind_a_proxy_its_address_and_number_are_named(tmp_path: Path) -> None:
    behind = {"PSA_DATA": str(tmp_path), "PSA_BASE_URL": "https://psa.firm.example/", "PSA_PROXIES": "1"}
    config = from_environment(behind)
    assert (config.base_url, config.proxies) == ("https://psa.firm.example", 1)


def test_postgresql_is_reached_through_psycopg(tmp_path: Path) -> None:
    config = from_environment({"PSA_DATA": str(tmp_path), "DATABASE_URL": "postgres://u:p@db/psa"})
    assert config.database_url == "postgresql+psycopg://u:p@db/psa"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PSA_DEMO", "perhaps"),
        ("PSA_BASE_URL", "psa.firm.example"),
        ("PSA_PROXIES", "nginx"),
        ("PSA_TRANSCRIPT_DAYS", "0"),
        ("PSA_TRANSCRIPT_DAYS", "a week"),
        ("DATABASE_URL", "mysql://u:p@db/psa"),
        ("DATABASE_URL", "psa.sqlite3"),
        ("PSA_DATA", "/dev/null/data"),
    ],
)
def test_nonsense_is_refused_with_the_name_of_the_variable(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        from_environment({"PSA_DATA": str(tmp_path), name: value})
