"""A name may stand for many addresses, and none of them has to answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from psa.mail.connect import open_socket
from psa.mail.journal import Journal
from psa.mail.settings import ServerSettings

Address = tuple[str, int]


@pytest.fixture
def dead() -> Iterator[Address]:
    """An address that takes a connection request and says nothing to it: its queue is full."""
    with ExitStack() as held:
        server = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()


@pytest.fixture
def alive() -> Iterator[Address]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def connect(monkeypatch, addresses: list[Address]) -> socket.socket:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    settings = ServerSettings("imap", "mail.example", 143, "none", "", "", "", timeout=2.0)
    return open_socket(settings, Journal())


def test_many_dead_addresses_take_no_longer_than_one(monkeypatch, dead):
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        connect(monkeypatch, [dead] * 8)
    assert time.monotonic() - begun < 8, "each address had the whole time"


def test_behind_dead_addresses_the_one_that_answers_is_found_and_has_the_whole_time(monkeypatch, dead, alive):
    with connect(monkeypatch, [dead, dead, alive]) as connection:
        assert connection.getpeername() == alive
        assert connection.gettimeout() == 2.0
