"""The proxy of faults, in front of a real Dovecot."""

import socket
from collections.abc import Iterator

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.proxy import FaultProxy

pytestmark = pytest.mark.dovecot


@pytest.fixture
def proxy(dovecot: Dovecot) -> Iterator[FaultProxy]:
    with FaultProxy(dovecot.imap) as proxy:
        yield proxy


def connect(proxy: FaultProxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=30)


def test_it_passes_both_ways(proxy: FaultProxy) -> None:
    with connect(proxy) as connection:
        assert connection.recv(4) == b"* OK"
        connection.recv(4096)
        connection.sendall(b"a LOGOUT\r\n")
        assert connection.recv(4096).startswith(b"* BYE")


def test_it_refuses_and_accepts_again_on_the_same_port(proxy: FaultProxy) -> None:
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    proxy.accept()
    with connect(proxy) as connection:
        assert connection.recv(4) == b"* OK"


def test_a_black_hole_accepts_and_says_nothing(proxy: FaultProxy) -> None:
    proxy.faults.blackhole = True
    with connect(proxy) as connection, pytest.raises(TimeoutError):
        connection.settimeout(0.3)
        connection.recv(1)


def test_it_cuts_after_so_many_bytes(proxy: FaultProxy) -> None:
    proxy.faults.cut_after = 3
    with connect(proxy) as connection:
        assert connection.recv(10) == b"* O"
        assert connection.recv(10) == b""


def test_a_cut_can_be_a_reset(proxy: FaultProxy) -> None:
    proxy.faults.cut_after, proxy.faults.reset = 0, True
    with connect(proxy) as connection, pytest.raises(ConnectionResetError):
        connection.recv(10)


def test_it_stalls_but_stays_connected(proxy: FaultProxy) -> None:
    proxy.faults.stall_after = 3
    with connect(proxy) as connection:
        assert connection.recv(10) == b"* O"
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(10)


def test_it_delays(proxy: FaultProxy) -> None:
    proxy.faults.delay = 0.1
    with connect(proxy) as connection:
        connection.settimeout(0.02)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(30)
        assert connection.recv(4) == b"* OK"


def test_killing_resets_what_is_open(proxy: FaultProxy) -> None:
    with connect(proxy) as connection:
        connection.recv(4096)
        proxy.kill()
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
