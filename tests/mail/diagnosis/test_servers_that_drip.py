"""A server that says a little now and then, and never all, holds nobody up; a slow line does not look like one."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest

from psa.mail import connect, pace
from psa.mail.diagnosis.knock import knock
from psa.mail.diagnosis.opening import MailboxRefuses, opened
from psa.mail.journal import Journal
from psa.mail.settings import ServerSettings

GREETINGS = {"imap": b"* OK here\r\n", "pop3": b"+OK here\r\n", "smtp": b"220 here.example ESMTP\r\n"}
SETTINGS = ServerSettings("imap", "127.0.0.1", 0, "none", "support", "a long winter", timeout=1.0)


@dataclass
class Server:
    """Says ``said`` in turn, the first unasked and the others each after a line; then drips ``drop`` for a while.

    Whoever is not timed out meanwhile sees the connection end.
    """

    said: list[bytes]
    drop: bytes = b"*"
    drops: int = 60
    every: float = 0.1
    end: bytes = b""
    # Whether it is asked for something before it begins to drip.
    waits: bool = True
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as asked:
            for number, words in enumerate(self.said):
                if number:
                    asked.readline()
                connection.sendall(words)
            if self.said and self.waits:
                asked.readline()
            for _ in range(self.drops):
                connection.sendall(self.drop)
                time.sleep(self.every)
            connection.sendall(self.end)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def begin(*said: bytes, **how: object) -> Server:
        server = Server(list(said), **how)  # type: ignore[arg-type]
        servers.append(server)
        threading.Thread(target=server.serve, daemon=True).start()
        return server

    yield begin
    for server in servers:
        server.listening.close()


def refused(protocol: str, server: Server) -> tuple[str, str]:
    """The cause and the words with which the server's settings fail."""
    settings = replace(SETTINGS, protocol=protocol, port=server.port)
    if protocol == "smtp":
        told = knock(settings)
        assert told.diagnosis is not None
        return told.diagnosis.cause.code, told.words
    with pytest.raises(MailboxRefuses) as error, opened(settings, Journal()):
        pass
    return error.value.found.cause.code, error.value.words


@pytest.mark.parametrize("protocol", ["imap", "pop3", "smtp"])
def test_a_greeting_that_drips_is_timed_out_as_a_whole(serve, protocol):
    _, words = refused(protocol, serve(drop=b"*" if protocol == "imap" else b"+" if protocol == "pop3" else b"2"))
    assert "timed out" in words


@pytest.mark.parametrize("protocol", ["imap", "pop3", "smtp"])
def test_so_is_an_answer_to_a_command(serve, protocol):
    cause, words = refused(protocol, serve(GREETINGS[protocol]))
    assert cause == "server_timeout"
    assert words.endswith("timed out")


def test_lines_that_say_nothing_but_that_it_lives_have_a_longer_limit_of_their_own(serve, monkeypatch):
    monkeypatch.setattr(pace, "WHOLE", 2.0)
    cause, words = refused("imap", serve(GREETINGS["imap"], drop=b"* OK Still here\r\n"))
    assert cause == "server_timeout"
    assert words.endswith("timed out")


def test_so_long_as_it_tells_that_it_works_on_it_it_may_take_longer_than_a_line(serve):
    # Three seconds of work with a limit of one.
    server = serve(GREETINGS["imap"], drop=b"* OK Still here\r\n", drops=10, every=0.3)
    cause, _ = refused("imap", server)
    assert cause == "connection_dropped"


def test_a_large_message_on_a_slow_line_is_read_to_its_end(serve):
    # 2 KB at a time without the end of a line in them, five times as long as the server may be silent.
    said = [b"+OK\r\n"] * 3 + [b"+OK 1 102400\r\n", b"+OK\r\n1 102400\r\n.\r\n", b"+OK\r\n1 a\r\n.\r\n", b"+OK\r\n"]
    server = serve(*said, drop=b"a" * 2048, drops=50, end=b"\r\n.\r\n", waits=False)

    with opened(replace(SETTINGS, protocol="pop3", port=server.port), Journal()) as mailbox:
        message = next(mailbox.listing(0))
        (fetched,) = mailbox.fetch([message], 10**9)

    assert fetched.raw == b"a" * 102400 + b"\r\n"


def test_a_large_message_leaves_on_a_slow_line_whatever_it_leaves_by():
    # Six megabytes at three in a second, with a limit of one second: a copy into Sent leaves in one piece.
    message, arrived = b"a" * 6_000_000, []
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def read_slowly() -> None:
            connection, _ = listening.accept()
            with connection:
                while piece := connection.recv(65536):
                    arrived.append(len(piece))
                    time.sleep(len(piece) / 3_000_000)

        reading = threading.Thread(target=read_slowly)
        reading.start()
        port = listening.getsockname()[1]
        try:
            with connect.open_socket(replace(SETTINGS, port=port), Journal()) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 131072)
                connection.sendall(message)
        finally:
            reading.join()
    assert sum(arrived) == len(message)


@pytest.mark.parametrize(("protocol", "port"), [("imap", "imaps"), ("pop3", "pop3s")])
@pytest.mark.parametrize("security", ["none", "starttls"])
def test_a_port_that_wants_tls_at_once_is_told_by_its_silence(dovecot, monkeypatch, protocol, port, security):
    monkeypatch.setattr(connect, "SILENT", 0.3)
    settings = replace(SETTINGS, protocol=protocol, port=getattr(dovecot, port), security=security, timeout=20.0)
    with pytest.raises(MailboxRefuses) as error, opened(settings, Journal()):
        pass
    assert (error.value.stage, error.value.found.cause.code) == ("greeting", "tls_port_mismatch")
    assert "before encryption begins" in error.value.words


def test_so_is_one_for_sending(smtp_server, monkeypatch):
    monkeypatch.setattr(connect, "SILENT", 0.3)
    told = knock(replace(SETTINGS, protocol="smtp", port=smtp_server.smtps_port, timeout=20.0))
    assert told.diagnosis is not None
    assert told.diagnosis.cause.code == "tls_port_mismatch"


def test_on_a_usual_port_for_plain_words_nobody_speaks_before_the_greeting(dovecot, monkeypatch):
    monkeypatch.setattr(connect, "SILENT", 0.1)
    monkeypatch.setattr(connect, "PLAIN_PORTS", {dovecot.imaps})
    monkeypatch.setattr(connect, "takes_tls", lambda settings: pytest.fail("it was spoken to"))
    settings = replace(SETTINGS, protocol="imap", port=dovecot.imaps, security="none", timeout=0.5)
    with pytest.raises(MailboxRefuses) as error, opened(settings, Journal()):
        pass
    assert (error.value.stage, error.value.found.cause.code) == ("greeting", "server_timeout")


@pytest.mark.parametrize(("protocol", "port"), [("imap", "imap"), ("pop3", "pop3")])
def test_a_port_that_begins_in_plain_words_is_told_from_one_that_wants_tls_at_once(dovecot, protocol, port):
    settings = replace(SETTINGS, protocol=protocol, port=getattr(dovecot, port), security="ssl", timeout=20.0)
    with pytest.raises(MailboxRefuses) as error, opened(settings, Journal()):
        pass
    assert error.value.found.cause.code == "tls_port_mismatch"


def test_a_server_that_thinks_before_it_greets_is_waited_for(serve, monkeypatch):
    monkeypatch.setattr(connect, "SILENT", 0.1)
    late = Server([GREETINGS["smtp"]])

    def talk(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            time.sleep(0.6)
            connection.sendall(b"220 here.example ESMTP\r\n")
            with connection.makefile("rb") as asked:
                while asked.readline():
                    connection.sendall(b"250 Yes\r\n")

    late.talk = talk  # type: ignore[method-assign]
    threading.Thread(target=late.serve, daemon=True).start()
    told = knock(replace(SETTINGS, protocol="smtp", port=late.port, username="", password="", timeout=5.0))
    late.listening.close()
    assert told.diagnosis is None


def test_a_server_that_greets_in_plain_words_at_last_is_believed_although_it_takes_tls_too(monkeypatch):
    monkeypatch.setattr(connect, "SILENT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings = replace(SETTINGS, port=listening.getsockname()[1], timeout=5.0)
        with connect.open_socket(settings, Journal()) as connection, listening.accept()[0] as server:

            def takes_tls(_: ServerSettings) -> bool:
                server.sendall(GREETINGS["imap"])
                return connect.has_spoken(connection, 5)

            monkeypatch.setattr(connect, "takes_tls", takes_tls)
            connect.await_greeting(connection, settings)
            assert connection.recv(100) == GREETINGS["imap"]
