"""A POP3 server that says more than it was asked: no mail gets the words of another one."""

from __future__ import annotations

import poplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from psa.mail.inbound.pop3 import Client
from psa.mail.settings import ServerSettings

SETTINGS = ServerSettings("pop3", "127.0.0.1", 110, "none", "u", "p", address="support@northwind.example")


@contextmanager
def saying(*answers: bytes) -> Iterator[Client]:
    """A client of a server that greets, and answers each command with the next of these."""
    ours, theirs = socket.socketpair()

    def speak() -> None:
        theirs.sendall(b"+OK\r\n")
        commands = theirs.makefile("rb")
        for answer in answers:
            if commands.readline():
                theirs.sendall(answer)

    server = threading.Thread(target=speak)
    server.start()
    ours.settimeout(30)
    client = Client(ours, SETTINGS)
    try:
        yield client
    finally:
        client.close()
        server.join()
        theirs.close()


def test_a_mail_that_begins_with_a_dot_does_not_end_there():
    """Dovecot 2.3 puts no second dot before it, so that it looks like the end of the message."""
    with saying(b"+OK 3 octets\r\n.\r\n.\r\n", b"+OK\r\nSubject: Next\r\n.\r\n") as client:
        list(client.retrieved(1))
        assert b"".join(client.retrieved(2)) == b"Subject: Next\r\n"


def test_words_that_nobody_asked_for_are_not_taken_for_an_answer():
    with saying(b"+OK\r\nOne\r\n.\r\n", b"+OK 2 messages\r\n1 10\r\n.\r\nmore\r\n") as client:
        assert b"".join(client.retrieved(1)) == b"One\r\n"
        client.list()
        with pytest.raises(poplib.error_proto, match="EOF, out of step: more"):
            client.stat()


def test_a_server_that_says_goodbye_unasked_is_heard():
    with saying(b"+OK\r\n.\r\n-ERR [SYS/TEMP] Going down\r\n") as client:
        client.list()
        with pytest.raises(poplib.error_proto, match="Going down"):
            client.stat()
