"""The real servers as fixtures. A server that is not installed skips its tests, but fails them with CI=true."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
import trustme

from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.smtp import SmtpServer

SUPPORT = ("support@northwind.example", "a long winter")

Server = TypeVar("Server", Dovecot, Postgres)


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    """The authority that signed every server's certificate; no system trusts it by itself."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_pem(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def running_dovecot(ca: trustme.CA) -> Iterator[Dovecot]:
    with _installed(Dovecot({}, ca=ca)) as server:
        yield server


@pytest.fixture
def dovecot(running_dovecot: Dovecot) -> Iterator[Dovecot]:
    """The session's Dovecot; the mailbox SUPPORT is there and empty at the start of every test, and nothing shared."""
    running_dovecot.forget(SUPPORT[0])
    running_dovecot.add_user(*SUPPORT)
    yield running_dovecot
    running_dovecot.unshare()


@pytest.fixture
def smtp_server(ca: trustme.CA) -> Iterator[SmtpServer]:
    """An SMTP server that knows the user SUPPORT and has received nothing yet."""
    with SmtpServer(dict([SUPPORT]), ca=ca) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with _installed(Postgres()) as server:
        yield server


@contextmanager
def _installed(server: Server) -> Iterator[Server]:
    try:
        server.start()
    except FileNotFoundError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
    try:
        yield server
    finally:
        server.stop()
