"""A throw-away PostgreSQL for a test session, reached through a unix socket and careless about power cuts."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.servers import unprivileged

CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=50", "listen_addresses=")


class Postgres:
    """`url` is the DATABASE_URL of an empty database; `create_database(name)` gives further ones."""

    def start(self) -> Self:
        """Returns once it answers. Raises FileNotFoundError when PostgreSQL is not installed."""
        initdb, server = _program("initdb"), _program("postgres")
        # Short, since unix sockets have 108 bytes; in memory where bin/test says so.
        where = os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")
        self.directory = Path(tempfile.mkdtemp(prefix="postgres", dir=where if len(where) < 30 else "/tmp"))
        unprivileged.hand_over(self.directory)
        data = str(self.directory / "data")
        made = ["--pgdata", data, "--username=psa", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        words = unprivileged.command([initdb, *made, "--no-instructions"])
        subprocess.run(words, check=True, capture_output=True, cwd="/")
        settings = [word for setting in CARELESS for word in ("-c", setting)]
        words = [server, "-D", data, "-k", str(self.directory), *settings]
        with (self.directory / "log").open("w") as log:
            self.process = subprocess.Popen(unprivileged.command(words), stdout=log, stderr=log, cwd="/")
        self._wait_for_answer()
        self.url = self.create_database("psa")
        return self

    def stop(self) -> None:
        """Ends every connection; the data is gone."""
        self.process.send_signal(signal.SIGQUIT)  # "immediate shutdown"
        self.process.wait(60)
        shutil.rmtree(self.directory)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """The URL of a new database, for SQLAlchemy with psycopg: empty, or a copy of one that nobody is using."""
        made = psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        with psycopg.connect(self._postgres_database(), autocommit=True) as connection:
            connection.execute(made.format(psycopg.sql.Identifier(name), psycopg.sql.Identifier(template)))
        return f"postgresql+psycopg://psa@/{name}?host={self.directory}"

    def drop_database(self, name: str) -> None:
        """Give its room back, whoever is still connected."""
        dropped = psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)").format(psycopg.sql.Identifier(name))
        with psycopg.connect(self._postgres_database(), autocommit=True) as connection:
            connection.execute(dropped)

    def _postgres_database(self) -> str:
        return f"host={self.directory} user=psa dbname=postgres connect_timeout=60"

    def _wait_for_answer(self) -> None:
        for _ in range(3000):
            if self.process.poll() is not None:
                break
            try:
                psycopg.connect(self._postgres_database()).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.directory / 'log').read_text()}")


def _program(name: str) -> str:
    """Debian keeps these out of the PATH, one directory per version: the newest is taken."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return unprivileged.program(name, *map(str, versions), *os.get_exec_path())
