"""The environment, read once. Nonsense is refused with a sentence that says what to write instead."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class ConfigError(ValueError):
    """A setting of the environment that cannot be meant; its message is for the person who set it."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the environment decides.

    ``data_directory`` holds the database, the keys, the leader's lock and the sandbox's mailboxes.
    ``database_url`` is a SQLAlchemy URL (SQLite or PostgreSQL through psycopg).
    ``base_url`` is what links in mail start with, without a slash at the end.
    ``proxies`` is how many reverse proxies stand in front: so many X-Forwarded headers are believed.
    ``transcript_days`` is how long the steps of a delivery are kept.
    """

    data_directory: Path
    database_url: str
    secret_key: str
    demo: bool
    base_url: str
    proxies: int
    transcript_days: int


def from_environment(environ: Mapping[str, str] = os.environ) -> Config:
    """Read ``PSA_DATA``, ``PSA_DEMO``, ``DATABASE_URL``, ``PSA_BASE_URL``, ``PSA_PROXIES``, ``PORT`` and the rest.

    Makes the data directory (0700) and the application's secret key in it (0600) when they are missing.
    Raises ConfigError with a sentence that names the variable.
    """
    data_directory = Path(environ.get("PSA_DATA") or "instance").resolve()
    try:
        data_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"PSA_DATA={data_directory} cannot be made: {error.strerror}.") from error
    return Config(
        data_directory=data_directory,
        database_url=database_url(environ.get("DATABASE_URL", ""), data_directory),
        secret_key=kept_key(data_directory / "secret_key"),
        demo=switch("PSA_DEMO", environ.get("PSA_DEMO", "1")),
        base_url=base_url(environ.get("PSA_BASE_URL") or f"http://127.0.0.1:{port(environ)}"),
        proxies=proxies(environ.get("PSA_PROXIES") or "0"),
        transcript_days=transcript_days(environ.get("PSA_TRANSCRIPT_DAYS") or "30"),
    )


def database_url(url: str, data_directory: Path) -> str:
    """The URL as SQLAlchemy wants it: SQLite in the data directory by default, PostgreSQL through psycopg."""
    if not url:
        return f"sqlite:///{data_directory / 'psa.sqlite3'}"
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise ConfigError("DATABASE_URL has no scheme. Write postgresql://user:password@host/database or leave it out.")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite":
        return url
    raise ConfigError(f"DATABASE_URL starts with {scheme}://. The PSA runs on sqlite:// or postgresql://.")


def port(environ: Mapping[str, str] = os.environ) -> int:
    """``PORT``, 8000 when it is not set."""
    text = environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ConfigError(f"PORT={text} is not a port. Write a number from 1 to 65535.")
    return int(text)


def host(environ: Mapping[str, str] = os.environ) -> str:
    """``HOST``, a name or an address; this machine alone when it is not set."""
    return environ.get("HOST") or "127.0.0.1"


def base_url(text: str) -> str:
    """The address under which people reach us, without a slash at the end."""
    if not text.startswith(("http://", "https://")):
        raise ConfigError(f"PSA_BASE_URL={text} is not a web address. Write it as https://psa.yourcompany.com.")
    return text.rstrip("/")


def proxies(text: str) -> int:
    """How many reverse proxies stand between the browser and us."""
    if not text.isdecimal() or int(text) > 9:
        raise ConfigError(f"PSA_PROXIES={text} is not a number of proxies. Write 1 behind one, or leave it out.")
    return int(text)


def transcript_days(text: str) -> int:
    """For how many days the steps of a delivery are kept."""
    if not text.isdecimal() or not 0 < int(text) < 10_000:
        raise ConfigError(f"PSA_TRANSCRIPT_DAYS={text} is not a number of days. Write 30, or leave it out.")
    return int(text)


def switch(name: str, text: str) -> bool:
    """A yes or a no: 1, true, yes, on and their opposites."""
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ConfigError(f"{name}={text} is neither yes nor no. Write 1 or 0.")


def kept_key(path: Path) -> str:
    """A random key that is made once and read ever after; the file is the owner's alone.

    Raises ConfigError when the file cannot be read, and when it is empty: an empty key would be everybody's.
    """
    try:
        if not path.exists():
            make_key(path)
        key = path.read_text().strip()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read or made: {error.strerror or error}. It is the PSA's own key: "
            "let the user who runs the PSA read and write in that directory."
        ) from error
    if not key:
        raise ConfigError(
            f"{path} is empty. Put it back from your backup. Without one, delete it: a new key is made, "
            "and what the old one signed or sealed is lost."
        )
    return key


def make_key(path: Path) -> None:
    """Write a new key in one step: whoever reads ``path`` finds a whole key, and of two who make one the first wins."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-") as file:
        file.write(secrets.token_urlsafe(32))
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
