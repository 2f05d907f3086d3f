"""A mailbox over POP3 (RFC 1939). There are no folders and no marks; UIDL tells one message from another."""

from __future__ import annotations

import binascii
import hashlib
import poplib
import re
import socket
import ssl
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from psa.mail.connect import await_greeting, describe, open_socket
from psa.mail.inbound import slots
from psa.mail.inbound.ledger import GONE
from psa.mail.inbound.mailbox import STREAMED_FROM, Fetched, Listed, Since, Unfit
from psa.mail.journal import Journal
from psa.mail.models import PIPED
from psa.mail.oauth import sign_in as sasl
from psa.mail.oauth.grants import AccessToken
from psa.mail.raw import Packer
from psa.mail.settings import ServerSettings, tls_context

# poplib refuses lines over 2,048 octets; headers have longer ones (RFC 5322 forbids them, many programs write them).
poplib._MAXLINE = 1024 * 1024  # type: ignore[attr-defined]
# A message is read in pieces of at most so many octets, however long its lines are.
PIECE = 64 * 1024
# Longer names for messages are shortened; RFC 1939 allows 70 octets.
LONGEST_UIDL = 200
# To count the mail since a moment, the headers of so many messages are read, for so many seconds.
MOST_TOPS, LONGEST_COUNT = 2000, 10.0
NO_UIDL = "The server has neither UIDL nor TOP, so its messages cannot be told apart. Read this mailbox by IMAP."


class Pop3Mailbox:
    """The maildrop, locked for us until it is closed."""

    uidvalidity: int | None = None
    uidnext = 0
    is_writable = True

    def __init__(self, settings: ServerSettings, journal: Journal | None = None) -> None:
        self.settings = settings
        self.journal = journal = journal or Journal()
        self.verified: set[str] = set()
        self.numbers: dict[str, int] = {}
        self.sizes: dict[int, int] = {}
        token = sasl.token_for(settings, journal)
        self.slot = slots.take(settings, journal)
        try:
            self.connect(token)
        except BaseException:
            self.slot.release()
            raise

    def connect(self, token: AccessToken | None) -> None:
        """Connect, sign in and open the maildrop, step by step in the journal."""
        settings, journal = self.settings, self.journal
        connection = open_socket(settings, journal)
        with journal.step("greeting", "Greeting") as step:
            await_greeting(connection, settings)
            self.client = Client(connection, settings)
            step.detail = self.client.getwelcome().decode("utf-8", "replace").removeprefix("+OK ")[:200]
        try:
            if settings.security == "starttls":
                with journal.step("tls", "Secure the connection") as step:
                    self.client.stls(tls_context(settings.ca_pem))
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
            # A handshake that failed has closed the socket already; what went wrong there is the thing to tell.
            with suppress(OSError):
                self.client.close()
            raise

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
        if not self.numbers:
            self.name_all()
        return iter([Listed(uidl, self.sizes[number], None) for uidl, number in self.numbers.items()])

    def name_all(self) -> None:
        """Ask for the names and sizes of all messages; a session shows no others later."""
        self.sizes = {int(number): int(size) for number, size in (line.split()[:2] for line in self.client.list()[1])}
        uidls = self.uidls()
        times = Counter(uidls.values())
        for number in sorted(self.sizes):
            uidl = uidls.get(number, "")
            self.name(uidl if uidl and times[uidl] == 1 else self.by_headers(uidl, number), number)

    def uidls(self) -> dict[int, str]:
        """The unique names by message number; empty where the server has none (RFC 1939 makes UIDL optional)."""
        try:
            lines = self.client.uidl()[1]
        except poplib.error_proto as error:
            if "EOF" in str(error):
                raise
            return {}
        pairs = [line.split(maxsplit=1) for line in lines]
        return {int(pair[0]): as_name(pair[1]) for pair in pairs if len(pair) == 2}

    def by_headers(self, uidl: str, number: int) -> str:
        """A name for a message that has none, or not one of its own: a digest of its headers."""
        try:
            head = b"\r\n".join(self.client.top(number, 0)[1])
        except poplib.error_proto as error:
            raise Unfit("no_uidl", NO_UIDL) from error
        return f"{uidl[:100]} {hashlib.sha256(head.rstrip()).hexdigest()[:40]}".strip()

    def name(self, uidl: str, number: int) -> None:
        """Give the message its key; of twins each gets one."""
        twin = 1
        while (key := uidl if twin == 1 else f"{uidl} {twin}") in self.numbers:
            twin += 1
        self.numbers[key] = number

    def present(self, keys: Sequence[str]) -> Mapping[int | str, Listed]:
        return {key: Listed(key, self.sizes[self.numbers[key]], None) for key in keys if key in self.numbers}

    def fetch(self, listed: Sequence[Listed], limit: int) -> list[Fetched]:
        return [self.retrieve(message, limit) for message in listed]

    def retrieve(self, message: Listed, limit: int) -> Fetched:
        number = self.numbers[str(message.key)]
        if message.size > limit:
            lines = self.client.top(number, 0)[1]
            here = Listed(message.key, message.size, arrival(lines))
            return Fetched.whole(here, b"\r\n".join(lines) + b"\r\n", complete=False)
        if message.size > STREAMED_FROM:
            return self.streamed(message, number)
        raw = b"".join(self.client.retrieved(number))
        return Fetched.whole(Listed(message.key, message.size, arrival(raw[:PIECE].splitlines())), raw)

    def streamed(self, message: Listed, number: int) -> Fetched:
        """A large message, packed while it arrives."""
        packer, head = Packer(), b""
        for piece in self.client.retrieved(number):
            head += piece if len(head) < PIECE else b""
            packer.add(piece)
        return Fetched(message.key, message.size, arrival(head.splitlines()), packer.done())

    def head(self, key: str) -> bytes:
        """The headers of a message."""
        return b"\r\n".join(self.client.top(self.numbers[key], 0)[1])

    def mark_seen(self, keys: Sequence[str]) -> None:
        """POP3 has no marks: there is nothing to do."""

    def move(self, keys: Sequence[str], folder: str, *, again: bool) -> str:
        """POP3 has no folders: everything stays where it is."""
        return ""

    def delete(self, keys: Sequence[str]) -> str:
        """Delete, and end the session: only with QUIT does the server really do it (RFC 1939, 6)."""
        for key in keys:
            self.client.dele(self.numbers[key])
        self.client.quit()
        return ""

    def top(self) -> int:
        return 0

    def survey(self) -> dict[str, Any]:
        """As with IMAP."""
        with self.journal.step("list", "Count the messages") as step:
            count, octets = self.client.stat()
            step.title, step.detail = f"{count} messages found", f"{octets} octets"
            found: dict[str, Any] = {"name": "INBOX", "label": "INBOX", "special": "inbox", "messages": count}
            numbers = [int(line.split()[0]) for line in self.client.list()[1]]
            moments = [m.isoformat() for n in numbers[:1] + numbers[-1:] if (m := arrival(self.top_of(n))) is not None]
            found |= {"oldest": moments[0], "newest": moments[-1]} if moments else {}
        return {"folders": [found], "capabilities": sorted(self.client.capabilities())}

    def count_since(self, since: datetime) -> Since:
        """By the headers, for the server tells no dates: from the newest on, whose numbers are the highest, until there
        are too many or it takes too long.
        """
        begun, asked, older, undated = time.monotonic(), 0, 0, 0
        numbers = [int(line.split()[0]) for line in self.client.list()[1]]
        for number in reversed(numbers[-MOST_TOPS:]):
            lines = self.top_of(number)
            if not lines or time.monotonic() - begun > LONGEST_COUNT:
                break
            asked += 1
            moment = arrival(lines)
            older += moment is not None and moment < since
            undated += moment is None
        return Since(len(numbers) - older, undated, exact=asked == len(numbers))

    def top_of(self, number: int) -> list[bytes]:
        """The lines of the headers; none where the server does not show them, for TOP is optional (RFC 1939, 7)."""
        try:
            return self.client.top(number, 0)[1]
        except poplib.error_proto as error:
            if "EOF" in str(error):
                raise
            return []

    def close(self) -> None:
        """QUIT, which also unlocks the maildrop; a server that is gone already is no error."""
        try:
            self.client.quit()
        except (OSError, poplib.error_proto, AttributeError):
            self.client.close()
        finally:
            self.slot.release()


def as_name(uidl: bytes) -> str:
    """RFC 1939 wants 1 to 70 printable ASCII letters; whatever comes becomes a name that fits and stays the same."""
    name = uidl.strip().decode("ascii", "backslashreplace").replace("\0", "\\x00")
    is_fit = len(name) <= LONGEST_UIDL and not name.startswith((PIPED, GONE))
    return name if is_fit else f"sha256 {hashlib.sha256(uidl).hexdigest()}"


RECEIVED = re.compile(rb"received:", re.IGNORECASE)


def arrival(lines: Sequence[bytes]) -> datetime | None:
    """When the message reached its last server, by its topmost Received header (RFC 5321, 4.4); POP3 keeps no date."""
    received = b""
    for line in lines[:50]:
        if received and not line.startswith((b" ", b"\t")):
            break
        if received or RECEIVED.match(line):
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

    def capabilities(self) -> dict[str, list[str]]:
        """What CAPA lists (RFC 2449), which old servers do not know."""
        try:
            return self.capa()
        except poplib.error_proto as error:
            if "EOF" in str(error):
                raise
            return {}

    def mechanisms(self) -> list[str]:
        """What the server offers to sign in with (RFC 2449, 6.3); nothing when it does not tell."""
        return self.capabilities().get("SASL", [])

    def authenticate(self, exchange: sasl.Exchange) -> None:
        """AUTH (RFC 5034). A token is longer than a command may be, so it follows on a line of its own."""
        answer = self.ask(f"AUTH {exchange.mechanism}")
        while not answer.startswith(b"+OK"):
            answer = self.ask(b64encode(exchange.answer(challenge_in(answer))).decode())

    def _putcmd(self, line: str) -> None:
        words = self.waiting_words()
        if words and not words.startswith(b"-ERR"):
            # Whatever is asked now, this would be taken for its answer, and each answer for that to the next question.
            raise poplib.error_proto(f"-ERR EOF, out of step: {words[:100].decode('ascii', 'replace')}")
        super()._putcmd(line)  # type: ignore[misc]

    def waiting_words(self) -> bytes:
        """What the server has said that nobody has read yet."""
        limit = self.sock.gettimeout()
        self.sock.setblocking(False)
        try:
            words: bytes = self.file.peek(1)  # type: ignore[attr-defined]
            return words
        except (BlockingIOError, ssl.SSLWantReadError):
            return b""
        finally:
            self.sock.settimeout(limit)

    def ask(self, line: str) -> bytes:
        answer: bytes = self._shortcmd(line)  # type: ignore[attr-defined]
        return answer

    def retrieved(self, number: int) -> Iterator[bytes]:
        """The message in pieces, lines ending with CR LF and the dots taken off that RFC 1939 (3) puts before dots.

        poplib itself would make a list of all lines, which takes several times the message. A dot behind which the
        server says more is not the end: Dovecot puts none before the dot that a message begins with.
        """
        self.ask(f"RETR {number}")
        gathered, begins, last = bytearray(), True, b""
        while True:
            piece = self.file.readline(PIECE)
            if not piece:
                raise poplib.error_proto("-ERR EOF")
            if begins and piece in (b".\r\n", b".\n") and not self.waiting_words():
                break
            if begins and piece.startswith(b"."):
                piece = piece[1:]
            begins = piece.endswith(b"\n")
            if begins and not (last + piece).endswith(b"\r\n"):
                piece = piece[:-1] + b"\r\n"
            last = piece[-1:]
            gathered += piece
            if len(gathered) >= PIECE:
                yield bytes(gathered)
                gathered.clear()
        yield bytes(gathered)


def challenge_in(line: bytes) -> bytes:
    """What stands behind "+ "; some servers put words there that are no base64."""
    try:
        return b64decode(line.removeprefix(b"+").strip(), validate=True)
    except binascii.Error:
        return line[2:]
