"""A mailbox folder over IMAP4rev1 (RFC 3501), with IDLE (RFC 2177) where the server has it."""

from __future__ import annotations

import imaplib
import math
import select
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from imapclient import SEEN, IMAPClient, SocketTimeout

from psa import clock
from psa.mail.connect import describe, open_socket
from psa.mail.inbound.mailbox import MESSAGE_LIMIT, Fetched, Listed
from psa.mail.journal import Journal
from psa.mail.oauth import sign_in as sasl
from psa.mail.oauth.grants import AccessToken
from psa.mail.settings import ServerSettings, tls_context

# RFC 2177: a client re-issues IDLE at least every 29 minutes, lest the server takes it for dead.
IDLE_LIMIT = 25 * 60.0
LISTING_SLICE = 1000
# A SEARCH in a folder of a million messages answers with one line of some 8 MB; imaplib would refuse it at one.
imaplib._MAXLINE = 32 * 1024 * 1024  # type: ignore[attr-defined]


class ImapMailbox:
    """One folder, open on one connection. Nothing is ever marked as read by looking at it (BODY.PEEK).

    One thread may fetch while another marks as read: ``turn`` lets one command at a time onto the connection.
    """

    def __init__(self, settings: ServerSettings, journal: Journal | None = None) -> None:
        self.settings = settings
        self.journal = journal = journal or Journal()
        self.turn = threading.Lock()
        # When the token that signed us in ends; the server ends the session with it.
        self.good_until: datetime | None = None
        token = sasl.token_for(settings, journal)
        connection = open_socket(settings, journal)
        with journal.step("greeting", "Greeting") as step:
            self.client = Client(connection, settings)
            step.detail = first_line(self.client.welcome)
        try:
            if settings.security == "starttls":
                with journal.step("tls", "Secure the connection") as step:
                    self.client.starttls(tls_context())
                    secured = self.client.socket()
                    assert isinstance(secured, ssl.SSLSocket)
                    describe(secured, step)
            with journal.step("auth", "Sign in") as step:
                step.detail = f"as {settings.username}"
                self.sign_in(token)
                step.title = "Signed in"
            with journal.step("select", f"Open {settings.folder}") as step:
                self.enter(settings.folder)
                step.title = f"{settings.folder} opened"
                step.detail = f"{self.exists} messages"
        except BaseException:
            self.client.shutdown()
            raise

    def sign_in(self, token: AccessToken | None) -> None:
        """With the provider's token (AUTHENTICATE) or, without one, with the password."""
        if token is None:
            self.client.login(self.settings.username, self.settings.password)
            return
        capabilities = (capability.decode() for capability in self.client.capabilities())
        offered = [name.removeprefix("AUTH=") for name in capabilities if name.startswith("AUTH=")]
        taken = sasl.sign_in(self.settings, token, offered, self.authenticate, (imaplib.IMAP4.error,))
        self.good_until = taken.good_until

    def seconds_left(self) -> float:
        """For how long the sign-in lasts: without an end unless it was by a provider's token."""
        return (self.good_until - clock.now()).total_seconds() if self.good_until else math.inf

    def authenticate(self, exchange: sasl.Exchange) -> None:
        self.client._imap.authenticate(exchange.mechanism, exchange.answer)

    def look(self, folder: str) -> None:
        with self.turn:
            self.enter(folder)

    def enter(self, folder: str) -> None:
        state = self.client.select_folder(folder)
        self.uidvalidity: int | None = int(state[b"UIDVALIDITY"])
        self.uidnext = int(state.get(b"UIDNEXT", 0))
        self.exists = int(state[b"EXISTS"])

    def listing(self, after: int) -> Iterator[Listed]:
        # "n:*" always answers with the newest message, even when its UID is below n (RFC 3501, 6.4.8).
        with self.turn:
            uids = sorted(uid for uid in self.client.search(["UID", f"{after + 1}:*"]) if uid > after)
        for start in range(0, len(uids), LISTING_SLICE):
            with self.turn:
                answers = self.client.fetch(uids[start : start + LISTING_SLICE], ["RFC822.SIZE", "INTERNALDATE"])
            for uid in uids[start : start + LISTING_SLICE]:
                # What the server told nothing about is fetched all the same: that will show whether it is there.
                answer = answers.get(uid, {})
                yield Listed(uid, answer.get(b"RFC822.SIZE", 0), in_utc(answer.get(b"INTERNALDATE")))

    def fetch(self, listed: Sequence[Listed]) -> list[Fetched]:
        with self.turn:
            return self.fetch_in_turn(listed)

    def fetch_in_turn(self, listed: Sequence[Listed]) -> list[Fetched]:
        whole = [message for message in listed if message.size <= MESSAGE_LIMIT]
        large = [message for message in listed if message.size > MESSAGE_LIMIT]
        answers = self.client.fetch([m.key for m in whole], ["BODY.PEEK[]"]) if whole else {}
        heads = self.client.fetch([m.key for m in large], ["BODY.PEEK[HEADER]"]) if large else {}
        fetched = []
        for message in listed:
            answer, part = (answers, b"BODY[]") if message.size <= MESSAGE_LIMIT else (heads, b"BODY[HEADER]")
            raw = answer.get(message.key, {}).get(part)
            if raw is None and not self.client.search(["UID", str(message.key)]):
                continue  # deleted by somebody else between the listing and now
            complete = message.size <= MESSAGE_LIMIT
            fetched.append(Fetched(message.key, message.size, message.arrived_at, raw, complete))
        return fetched

    def mark_seen(self, keys: Sequence[int]) -> None:
        with self.turn:
            self.client.add_flags(list(keys), [SEEN], silent=True)

    def top(self) -> int:
        if self.uidnext:
            return self.uidnext - 1
        return max(self.client.search(["ALL"]), default=0)

    def survey(self) -> dict[str, Any]:
        """``{"folders": [{"name", "messages", "oldest", "newest"}], "capabilities": […]}``; dates of one."""
        with self.journal.step("list", "List the folders") as step:
            names = [name for flags, _, name in self.client.list_folders() if b"\\Noselect" not in flags]
            folders = []
            for name in sorted(names, key=lambda name: (name != self.settings.folder, name.lower()))[:100]:
                messages = (
                    self.exists if name == self.settings.folder else self.client.folder_status(name, ["MESSAGES"])
                )
                count = messages if isinstance(messages, int) else int(messages[b"MESSAGES"])
                folders.append({"name": name, "messages": count})
            folders[:1] = [{**folder, **self.span()} for folder in folders[:1]]
            step.title = f"{len(names)} folders found" if len(names) != 1 else "1 folder found"
        capabilities = sorted(capability.decode() for capability in self.client.capabilities())
        return {"folders": folders, "capabilities": capabilities}

    def span(self) -> dict[str, str]:
        """Arrival of the oldest and the newest message of the open folder, ISO 8601."""
        uids = self.client.search(["ALL"])
        if not uids:
            return {}
        dates = {
            uid: in_utc(a[b"INTERNALDATE"])
            for uid, a in self.client.fetch([uids[0], uids[-1]], ["INTERNALDATE"]).items()
        }
        return {"oldest": str(dates[uids[0]]), "newest": str(dates[uids[-1]])}

    def wait(self, seconds: float) -> bool:
        """True when the server spoke or the time was up, so that a look is worth it; False when it has no IDLE.

        Raises OSError or imaplib's abort when the connection is dead.
        """
        if not self.client.has_capability("IDLE"):
            return False
        if self.has_news():
            return True
        self.client.idle()
        connection = self.client.socket()
        # What arrived together with the "+ idling" line lies in the file's buffer, where poll(2) cannot see it.
        connection.setblocking(False)
        try:
            heard = bool(self.client._imap.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            heard = False
        finally:
            connection.settimeout(self.settings.timeout)
        if not heard:
            poll = select.poll()
            poll.register(connection, select.POLLIN)
            poll.poll(int(min(seconds, IDLE_LIMIT) * 1000))
        self.client.idle_done()
        return True

    def has_news(self) -> bool:
        """Whether the server has told of new messages since the last look; it will not tell again while we wait."""
        _, told = self.client._imap.response("EXISTS")
        counts = [int(count) for count in told or () if count]
        return bool(counts) and counts[-1] != self.exists

    def close(self) -> None:
        """Say goodbye; a server that is gone already is no error."""
        try:
            self.client.logout()
        except (OSError, imaplib.IMAP4.error):
            self.client.shutdown()


class Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient over a socket that is there already."""

    def __init__(self, connection: socket.socket, settings: ServerSettings) -> None:
        self.connection = connection
        super().__init__(
            settings.host,
            settings.port,
            ssl=False,
            timeout=SocketTimeout(connect=settings.timeout, read=settings.timeout),
        )
        # Aware moments: by default they come naive and in local time.
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:
        return Imap4(self.connection, self.host, self.port)

    def shutdown(self) -> None:
        try:
            self._imap.shutdown()
        except OSError:
            self.connection.close()


class Imap4(imaplib.IMAP4):
    def __init__(self, connection: socket.socket, host: str, port: int) -> None:
        self.connection = connection
        super().__init__(host, port)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self.connection


def in_utc(moment: datetime | None) -> datetime | None:
    """INTERNALDATE as an aware moment; some servers leave it out."""
    try:
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo else None
    except OverflowError:
        return None


def first_line(text: bytes | str) -> str:
    line = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return line.removeprefix("* ").removeprefix("OK ").splitlines()[0][:200] if line else ""
