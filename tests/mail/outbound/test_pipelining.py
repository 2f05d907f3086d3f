"""To a server that takes commands in one go (RFC 2920) the envelope leaves together, whatever the answers."""

from __future__ import annotations

import itertools
import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from psa.mail import pace
from psa.mail.outbound.transport import AllRefused, Letter, Transport
from psa.mail.settings import ServerSettings

SENDER, DANA, ERIC = "support@northwind.example", "dana@harbor-dental.example", "eric@harbor-dental.example"


class Server:
    """Offers PIPELINING and reads whatever has come before it answers; ``bursts`` are the commands that came together.

    ``answers`` maps the beginning of a command to the answer that it gets; ``hesitates``: each comes for itself.
    """

    hesitates = False

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.answers: dict[str, str] = {}
        self.bursts: list[list[str]] = []
        self.messages: list[bytes] = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        connection, _ = self.listening.accept()
        with connection:
            connection.sendall(b"220 burst.example\r\n")
            while received := connection.recv(65536):
                while not received.endswith(b"\r\n"):
                    received += connection.recv(65536)
                commands = received.decode().splitlines()
                self.bursts.append(commands)
                said = [self.answer(command) for command in commands]
                ends = next((place for place, one in enumerate(said, 1) if one.startswith("421")), len(said))
                del said[ends:]
                for piece in said if self.hesitates else ["\r\n".join(said)]:
                    connection.sendall(f"{piece}\r\n".encode())
                    time.sleep(0.02 if self.hesitates else 0)
                if said[-1].startswith("354"):
                    self.take_message(connection)
                if said[-1].startswith(("221", "421")):
                    return

    def answer(self, command: str) -> str:
        for beginning, answer in self.answers.items():
            if command.startswith(beginning):
                return answer
        if command.upper().startswith("EHLO"):
            return "250-burst.example\r\n250-PIPELINING\r\n250 SIZE 1000000"
        return {"DATA": "354 Go on", "QUIT": "221 Bye"}.get(command.upper(), "250 OK")

    def take_message(self, connection: socket.socket) -> None:
        message = b""
        while not message.endswith(b"\r\n.\r\n") and message != b".\r\n":
            message += connection.recv(65536)
        if message != b".\r\n":
            self.messages.append(message)
        connection.sendall(b"554 No valid recipients\r\n" if message == b".\r\n" else b"250 Taken\r\n")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.listening.close()


@pytest.fixture
def transport(app, server) -> Iterator[Transport]:
    settings = ServerSettings("smtp", "127.0.0.1", server.port, "none", address=SENDER, timeout=30)
    with Transport(settings) as transport:
        yield transport


def letter(*recipients: str, sender: str = SENDER, plain: str = "") -> Letter:
    return Letter(sender, recipients or (DANA,), b"Subject: Lamp\r\n\r\nLit?\r\n", plain_sender=plain)


def test_sender_recipients_and_data_leave_together(server, transport):
    assert transport.send(letter(DANA, ERIC)) == {}
    assert server.bursts[1] == [
        f"MAIL FROM:<{SENDER}> SIZE=23",
        f"RCPT TO:<{DANA}>",
        f"RCPT TO:<{ERIC}>",
        "DATA",
    ]
    assert server.messages == [b"Subject: Lamp\r\n\r\nLit?\r\n.\r\n"]


def test_one_of_two_is_refused_and_the_other_gets_it(server, transport):
    server.answers[f"RCPT TO:<{ERIC}>"] = "550 5.1.1 Unknown"
    assert transport.send(letter(DANA, ERIC)) == {ERIC: "550 5.1.1 Unknown"}
    assert len(server.messages) == 1


@pytest.mark.parametrize("to_data", ["503 5.5.1 No valid recipients", "354 Go on all the same"])
def test_when_all_are_refused_nothing_is_sent_and_the_connection_serves_the_next(server, transport, to_data):
    server.answers |= {f"RCPT TO:<{ERIC}>": "550 5.1.1 Unknown", "DATA": to_data}
    with pytest.raises(AllRefused):
        transport.send(letter(ERIC))
    assert server.messages == []
    del server.answers["DATA"]
    assert transport.send(letter(DANA)) == {}
    assert len(server.messages) == 1


@pytest.mark.parametrize("to_data", ["503 5.5.1 MAIL first", "354 Go on all the same"])
def test_a_refused_sender_is_told_and_the_connection_serves_the_next(server, transport, to_data):
    server.answers |= {"MAIL": "550 5.7.1 Not you", "RCPT": "503 5.5.1 MAIL first", "DATA": to_data}
    with pytest.raises(smtplib.SMTPSenderRefused) as refusal:
        transport.send(letter())
    assert (refusal.value.smtp_code, refusal.value.smtp_error) == (550, b"5.7.1 Not you")
    server.answers.clear()
    assert transport.send(letter()) == {}
    assert len(server.messages) == 1


def test_a_refused_signed_sender_gives_way_to_the_plain_one(server, transport):
    signed = "support+b1.aaaaaaaaaaaaaaaa@northwind.example"
    server.answers[f"MAIL FROM:<{signed}"] = "550 5.7.60 Not your address"
    assert transport.send(letter(sender=signed, plain=SENDER)) == {}
    assert transport.sender_refused == "550 5.7.60 Not your address"
    assert server.bursts[2][0].startswith(f"MAIL FROM:<{SENDER}>")
    assert len(server.messages) == 1


def test_a_server_that_says_goodbye_in_the_middle_is_quoted(server, transport):
    server.answers["MAIL"] = "421 4.7.0 Too much mail from you"
    with pytest.raises(smtplib.SMTPSenderRefused) as refusal:
        transport.send(letter())
    assert refusal.value.smtp_code == 421
    assert transport.connection is None


def test_each_answer_has_a_time_of_its_own_however_many_were_asked_for_together(transport, server, monkeypatch):
    # By this clock a server takes 20 seconds for each, of the 30 that it has.
    moments = itertools.count(0.0, 20.0)
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    server.hesitates = True
    everybody = tuple(f"{number}@harbor-dental.example" for number in range(12))
    assert transport.send(Letter(SENDER, everybody, b"Subject: Hello\r\n\r\nHello\r\n")) == {}
    assert len(server.messages) == 1
