"""A mailbox over POP3 (RFC 1939). There are no folders and no flags; UIDL tells one message from another."""

from __future__ import annotations

import binascii
import poplib
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from psa.mail.connect import describe, open_socket
from psa.mail.inbound.mailbox import MESSAGE_LIMIT, Fetched, Listed
from psa.mail.journal import Journal
from psa.mail.oauth import sign_in as sasl
from psa.mail.oauth.grants import AccessToken
from psa.mail.settings import ServerSettings, tls_context

# poplib refuses lines over 2,048 octets; real mail has longer ones (RFC 5322 forbids them, many programs write them),
# and a message may be one single line.
poplib._MAXLINE = MESSAGE_LIMIT + 1024  # type: ignore[attr-defined]


class Pop3Mailbox:
    """The maildrop, locked for us until it is closed. Everything is left on the server."""

    uidvalidity: int | None = None

    def __init__(self, settings: ServerSettings, journal: Journal | None = None) -> None:
        self.settings = settings
        self.journal = journal = journal or Journal()
        token = sasl.token_for(settings, journal)
        connection = open_socket(settings, journal)
        with journal.step("greeting", "Greeting") as step:
            self.client = Client(connection, settings)
            step.detail = self.client.getwelcome().decode("utf-8", "replace").removeprefix("+OK ")[:200]
        try:
            if settings.security == "starttls":
                with journal.step("tls", "Secure the connection") as step:
                    self.client.stls(tls_context())
                    assert isinstance(self.client.sock, ssl.SSLSocket)
                    describe(self.client.sock, step)
            with journal.step("auth", "Sign in") as step:
                step.detail = f"as {settings.username}"
                self.sign_in(token)
                step.title = "Signed in"
            with journal.step("select", "Look into the mailbox") as step:
                self.exists, _ = self.client.stat()
                step.title, step.detail = "Mailbox opened", f"{self.exists} messages"
        except BaseException:
            self.client.close()
            raise
        self.numbers: dict[str, int] = {}

    def sign_in(self, token: AccessToken | None) -> None:
        """With the provider's token (RFC 5034) or, without one, with the password."""
        if token is None:
            self.client.user(self.settings.username)
            self.client.pass_(self.settings.password)
            return
        sasl.sign_in(self.settings, token, self.client.mechanisms(), self.client.authenticate, (poplib.error_proto,))

    def look(self, folder: str) -> None:
        """A POP3 session shows the maildrop as it was when it began (RFC 1939, 8): there is nothing newer to see."""

    def listing(self, after: int) -> Iterator[Listed]:
        del after  # UIDLs have no order; the ledger tells which are new
        uidls = [line.split(maxsplit=1) for line in self.client.uidl()[1]]
        sizes = {int(number): int(size) for number, size in (line.split()[:2] for line in self.client.list()[1])}
        self.numbers = {uidl.decode("ascii", "backslashreplace"): int(number) for number, uidl in uidls}
        return iter([Listed(uidl, sizes.get(number, 0), None) for uidl, number in self.numbers.items()])

    def fetch(self, listed: Sequence[Listed]) -> list[Fetched]:
        return [self.retrieve(message) for message in listed]

    def retrieve(self, message: Listed) -> Fetched:
        number = self.numbers[str(message.key)]
        complete = message.size <= MESSAGE_LIMIT
        lines = self.client.retr(number)[1] if complete else self.client.top(number, 0)[1]
        return Fetched(message.key, message.size, arrival(lines), b"\r\n".join(lines) + b"\r\n", complete)

    def mark_seen(self, keys: Sequence[int]) -> None:
        """POP3 has no flags: there is nothing to do."""

    def top(self) -> int:
        return 0

    def survey(self) -> dict[str, Any]:
        with self.journal.step("list", "Count the messages") as step:
            count, octets = self.client.stat()
            step.title, step.detail = f"{count} messages found", f"{octets} octets"
        return {"folders": [{"name": "INBOX", "messages": count}], "capabilities": sorted(self.client.capa())}

    def wait(self, seconds: float) -> bool:
        return False

    def close(self) -> None:
        """QUIT, which also unlocks the maildrop; a server that is gone already is no error."""
        try:
            self.client.quit()
        except (OSError, poplib.error_proto):
            self.client.close()


def arrival(lines: Sequence[bytes]) -> datetime | None:
    """When the message reached its last server, by its topmost Received header (RFC 5321, 4.4); POP3 keeps no date."""
    received = b""
    for line in lines[:50]:
        if received and not line.startswith((b" ", b"\t")):
            break
        if received or line.lower().startswith(b"received:"):
            received += line
    try:
        moment = parsedate_to_datetime(received.rpartition(b";")[2].decode("ascii", "replace").strip())
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


class Client(poplib.POP3):
    """poplib over a socket that is there already."""

    def __init__(self, connection: socket.socket, settings: ServerSettings) -> None:
        self.connection = connection
        super().__init__(settings.host, settings.port, timeout=settings.timeout)

    def _create_socket(self, timeout: float) -> socket.socket:
        return self.connection

    def mechanisms(self) -> list[str]:
        """What the server offers to sign in with (RFC 2449, 6.3); nothing when it does not tell."""
        try:
            return self.capa().get("SASL", [])
        except poplib.error_proto:
            return []

    def authenticate(self, exchange: sasl.Exchange) -> None:
        """AUTH (RFC 5034). A token is longer than a command may be, so it follows on a line of its own."""
        answer = self.ask(f"AUTH {exchange.mechanism}")
        while not answer.startswith(b"+OK"):
            answer = self.ask(b64encode(exchange.answer(challenge_in(answer))).decode())

    def ask(self, line: str) -> bytes:
        answer: bytes = self._shortcmd(line)  # type: ignore[attr-defined]
        return answer


def challenge_in(line: bytes) -> bytes:
    """What stands behind "+ "; some servers put words there that are no base64."""
    try:
        return b64decode(line.removeprefix(b"+").strip(), validate=True)
    except binascii.Error:
        return line[2:]
