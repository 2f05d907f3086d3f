"""A server that says what a story wants, line by line, over a real socket; it takes real messages and counts them."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

# In place of an answer.
HANG, DROP, RESET = "hang", "drop", "reset"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time: closing sends RST instead of FIN
EHLO = "250-lab.example\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 10000000"

Talk = Callable[["Wire"], None]
# What is said, or done.
Answer = str | Talk


def and_hang_up(words: str) -> Talk:
    """Say this and close."""

    def say_and_close(wire: Wire) -> None:
        wire.say(words)
        raise HungUp

    return say_and_close


class HungUp(Exception):
    """The conversation is over."""


class Wire:
    """One connection. Saying DROP, RESET or HANG does that instead of speaking."""

    def __init__(self, connection: socket.socket, server: Script) -> None:
        self.connection = connection
        self.server = server
        self.buffer = b""
        # Of the command that is answered (IMAP).
        self.tag = ""

    def say(self, text: str) -> None:
        if text in (HANG, DROP, RESET):
            self.leave(text)
        self.send(text.replace("{tag}", self.tag).encode() + b"\r\n")

    def give(self, answer: Answer) -> None:
        if callable(answer):
            answer(self)
        else:
            self.say(answer)

    def leave(self, way: str) -> None:
        if way == HANG:
            self.server.ended.wait(30)
        if way == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        raise HungUp

    def send(self, raw: bytes) -> None:
        self.connection.sendall(raw)

    def line(self) -> str:
        """The next line without its end; HungUp when the other side is gone."""
        while b"\n" not in self.buffer:
            got = self.connection.recv(65536)
            if not got:
                raise HungUp
            self.buffer += got
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode("latin-1").rstrip("\r")

    def body(self) -> bytes:
        """What stands between DATA and the dot."""
        lines = []
        while (line := self.line()) != ".":
            lines.append(line)
        return "\r\n".join(lines).encode("latin-1")

    def secure(self, context: ssl.SSLContext) -> None:
        self.buffer = b""
        self.connection = context.wrap_socket(self.connection, server_side=True)


class Script:
    """Listens on `port` of 127.0.0.1 and has ``talk`` with everybody; with ``tls`` encrypted from the first byte.

    `accepted` are the recipients of each message that it took for good, `connections` how many came.
    """

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self.talk = talk
        self.tls = tls
        self.accepted: list[tuple[str, ...]] = []
        self.connections = 0
        self.ended = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        threading.Thread(target=self.listen, name="script", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.set()
        self.listening.close()

    def listen(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), name="script", daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        wire = Wire(connection, self)
        try:
            if self.tls is not None:
                wire.secure(self.tls)
            self.talk(wire)
        except (OSError, HungUp):
            pass  # who is gone is gone: that is what most of these stories are about
        finally:
            wire.connection.close()


def says(*lines: str) -> Talk:
    """Say these lines at once and wait for nothing but the other side's end."""

    def talk(wire: Wire) -> None:
        for line in lines:
            wire.say(line)
        while True:
            wire.line()

    return talk


def later(seconds: float, talk: Talk) -> Talk:
    """Keep silent for so long, and then talk."""

    def wait(wire: Wire) -> None:
        time.sleep(seconds)
        talk(wire)

    return wait


def smtp(
    answers: Mapping[str, Answer | list[Answer]] | None = None,
    *,
    greeting: str = "220 lab.example ESMTP",
    ehlo: str = EHLO,
    tls: ssl.SSLContext | None = None,
    before_tls: str = "220 2.0.0 Go ahead",
) -> Talk:
    """An SMTP conversation (RFC 5321) in which everything is well but for ``answers`` by verb.

    MESSAGE is the answer to a whole message. A list is used up from its beginning, and for all connections.
    """
    told = dict(answers or {})

    def answer_to(verb: str) -> Answer | None:
        answer = told.get(verb)
        if isinstance(answer, list):
            return answer.pop(0) if answer else None
        return answer

    def talk(wire: Wire) -> None:
        wire.say(greeting)
        recipients: list[str] = []
        while True:
            line = wire.line()
            verb = line[:4].upper().strip()
            answer = answer_to("STARTTLS" if verb == "STAR" else verb)
            if answer is not None:
                wire.give(answer)
            elif verb == "EHLO":
                wire.say(ehlo)
            elif verb == "STAR" and tls is not None:
                wire.say(before_tls)
                wire.secure(tls)
            elif verb == "MAIL":
                recipients = []
                wire.say("250 2.1.0 Ok")
            elif verb == "RCPT":
                recipients.append(line.partition("<")[2].partition(">")[0])
                wire.say("250 2.1.5 Ok")
            elif verb == "DATA":
                wire.say("354 Go on")
                wire.body()
                answer = answer_to("MESSAGE")
                if answer is None or answer in (DROP, RESET, HANG):
                    # It has it, whatever the other side hears of that.
                    wire.server.accepted.append(tuple(recipients))
                wire.give(answer or "250 2.0.0 Taken")
            elif verb == "QUIT":
                wire.say("221 Bye")
                return
            else:
                wire.say("235 2.7.0 Welcome" if verb == "AUTH" else "250 Ok")

    return talk


def imap(
    answers: Mapping[str, Answer] | None = None,
    *,
    greeting: str = "* OK lab ready",
    capabilities: str = "IMAP4rev1 STARTTLS AUTH=PLAIN",
) -> Talk:
    """An IMAP conversation (RFC 3501) as far as to a login; ``answers`` by command, {tag} is the client's."""
    told = answers or {}

    def talk(wire: Wire) -> None:
        wire.say(greeting)
        while True:
            tag, _, rest = wire.line().partition(" ")
            command = rest.split(" ")[0].upper()
            if command in told:
                wire.tag = tag
                wire.give(told[command])
            elif command == "CAPABILITY":
                wire.say(f"* CAPABILITY {capabilities}\r\n{tag} OK done")
            elif command == "LOGOUT":
                wire.say(f"* BYE\r\n{tag} OK done")
                return
            else:
                wire.say(f"{tag} OK done")

    return talk


def pop3(answers: Mapping[str, Answer] | None = None, *, greeting: str = "+OK lab ready") -> Talk:
    """A POP3 conversation (RFC 1939) as far as to a login; ``answers`` by command."""
    told = answers or {}

    def talk(wire: Wire) -> None:
        wire.say(greeting)
        while True:
            command = wire.line().split(" ")[0].upper()
            wire.give(told.get(command, "+OK 0 0" if command == "STAT" else "+OK"))
            if command == "QUIT":
                return

    return talk
