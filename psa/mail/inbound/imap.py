"""A mailbox over IMAP4rev1 (RFC 3501), one folder at a time."""

from __future__ import annotations

import imaplib
import math
import os
import ssl
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from imapclient import SEEN

from psa import clock
from psa.mail.connect import await_greeting, describe, open_socket
from psa.mail.inbound import imap_filing, imap_folders, imap_idle, slots
from psa.mail.inbound.imap_client import Client
from psa.mail.inbound.mailbox import STREAMED_FROM, Fetched, Listed, Since
from psa.mail.journal import Journal
from psa.mail.message import parse
from psa.mail.oauth import sign_in as sasl
from psa.mail.oauth.grants import AccessToken
from psa.mail.raw import Packed, Packer
from psa.mail.settings import ServerSettings, tls_context

# How many messages are asked about by one command.
LISTING_SLICE = 1000
# A large message is fetched in pieces of so many octets; of one over the limit its headers, up to one piece.
PIECE = 1024 * 1024


class ImapMailbox:
    """One folder, open on one connection. Nothing is ever marked as read by looking at it (BODY.PEEK)."""

    def __init__(self, settings: ServerSettings, journal: Journal | None = None) -> None:
        self.settings = settings
        self.journal = journal = journal or Journal()
        self.verified: set[str] = set()
        self.idles = True
        # When the token that signed us in ends; the server ends the session with it.
        self.good_until: datetime | None = None
        token = sasl.token_for(settings, journal)
        self.slot = slots.take(settings, journal)
        try:
            self.connect(token)
            # Written to by wake(), read by wait().
            self.alarm = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        except BaseException:
            self.slot.release()
            raise

    def connect(self, token: AccessToken | None) -> None:
        """Connect, sign in and open the folder, step by step in the journal."""
        settings, journal = self.settings, self.journal
        connection = open_socket(settings, journal)
        with journal.step("greeting", "Greeting") as step:
            await_greeting(connection, settings)
            self.client = Client(connection, settings)
            step.detail = first_line(self.client.welcome)
        try:
            if settings.security == "starttls":
                with journal.step("tls", "Secure the connection") as step:
                    self.client.starttls(tls_context(settings.ca_pem))
                    secured = self.client.socket()
                    assert isinstance(secured, ssl.SSLSocket)
                    describe(secured, step)
            with journal.step("auth", "Sign in") as step:
                step.detail = f"as {settings.username}"
                self.sign_in(token)
                step.title = "Signed in"
            with journal.step("select", f"Open {settings.folder}") as step:
                self.look(settings.folder)
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
        state = self.client.open_folder(folder)
        self.folder = folder
        self.uidvalidity: int | None = int(state.get(b"UIDVALIDITY", 0))
        self.uidnext = int(state.get(b"UIDNEXT", 0))
        self.exists = int(state[b"EXISTS"])
        self.is_writable = b"READ-ONLY" not in state
        # What the server tells from here on is news.
        self.client._imap.response("EXISTS")
        self.client._imap.response("EXPUNGE")

    def listing(self, after: int) -> Iterator[Listed]:
        if self.uidnext and self.uidnext <= after + 1:
            return
        # "n:*" always answers with the newest message, even when its UID is below n (RFC 3501, 6.4.8).
        uids = sorted(uid for uid in self.client.search(["UID", f"{after + 1}:*"]) if uid > after)
        for start in range(0, len(uids), LISTING_SLICE):
            asked = uids[start : start + LISTING_SLICE]
            known = self.present(asked)
            # What the server told nothing about is fetched all the same: that will show whether it is there.
            yield from (known.get(uid) or Listed(uid, 0, None) for uid in asked)

    def present(self, keys: Sequence[int]) -> Mapping[int | str, Listed]:
        found: dict[int | str, Listed] = {}
        for start in range(0, len(keys), LISTING_SLICE):
            asked = keys[start : start + LISTING_SLICE]
            for uid, answer in self.client.fetch(asked, ["RFC822.SIZE", "INTERNALDATE"]).items():
                found[uid] = Listed(uid, answer.get(b"RFC822.SIZE", 0), in_utc(answer.get(b"INTERNALDATE")))
        return found

    def message_ids(self, keys: Sequence[int]) -> dict[int, str | None]:
        """The Message-ID of each message, as parse() reads it."""
        answers = self.client.fetch(list(keys), ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]) if keys else {}
        lines = {
            uid: next((v for k, v in answer.items() if k.startswith(b"BODY")), b"") for uid, answer in answers.items()
        }
        return {uid: parse(line or b"").message_id for uid, line in lines.items()}

    def fetch(self, listed: Sequence[Listed], limit: int) -> list[Fetched]:
        small = [m.key for m in listed if 0 < m.size <= min(STREAMED_FROM, limit)]
        answers = self.client.fetch(small, ["BODY.PEEK[]"]) if small else {}
        fetched = []
        for message in listed:
            if message.key in small:
                one = self.of_answer(message, answers.pop(message.key, {}).get(b"BODY[]"))
            else:
                one = self.streamed(message, limit)
            if one is not None:
                fetched.append(one)
        return fetched

    def of_answer(self, message: Listed, raw: bytes | None, *, complete: bool = True) -> Fetched | None:
        if raw is not None:
            return Fetched.whole(message, raw, complete=complete)
        # Only after a NOOP must a server tell what others have deleted (RFC 3501, 7.4.1).
        self.client.noop()
        if not self.client.search(["UID", str(message.key)]):
            return None  # deleted by somebody else between the listing and now
        return Fetched.refused(message, "")

    def streamed(self, message: Listed, limit: int) -> Fetched | None:
        """A large message, or one whose size the server did not tell."""
        uid = int(message.key)
        if message.size <= limit:
            packed = self.in_pieces(uid, message.size, limit)
            if packed is None:
                return self.of_answer(message, None)
            if packed.size <= limit:
                return Fetched(message.key, message.size, message.arrived_at, packed)
        return self.of_answer(message, self.piece(uid, "HEADER", 0), complete=False)

    def in_pieces(self, uid: int, size: int, limit: int) -> Packed | None:
        """The whole message, packed piece by piece, or a little more than ``limit`` of it; None when there is none."""
        packer = Packer()
        while packer.size <= limit:
            piece = self.piece(uid, "", packer.size)
            if piece is None and (packer.size < size or not size):
                return None
            packer.add(piece or b"")
            # The size that a server names beforehand is not always the true one.
            if not piece or (len(piece) < PIECE and packer.size >= size):
                break
        return packer.done()

    def piece(self, uid: int, section: str, start: int) -> bytes | None:
        """RFC 3501 (6.4.5): a part of the message, from an octet on."""
        answer = self.client.fetch([uid], [f"BODY.PEEK[{section}]<{start}.{PIECE}>"])
        piece: bytes | None = answer.get(uid, {}).get(f"BODY[{section}]<{start}>".encode())
        return piece

    def mark_seen(self, keys: Sequence[int]) -> None:
        self.client.add_flags(list(keys), [SEEN], silent=True)

    def move(self, keys: Sequence[int], folder: str, *, again: bool) -> str:
        return imap_filing.move(self, list(keys), folder, again=again)

    def delete(self, keys: Sequence[int]) -> str:
        return imap_filing.delete(self.client, list(keys))

    def top(self) -> int:
        if self.uidnext:
            return self.uidnext - 1
        return max(self.client.search(["ALL"]), default=0)

    def survey(self) -> dict[str, Any]:
        return imap_folders.survey(self)

    def count_since(self, since: datetime) -> Since:
        return imap_folders.count_since(self, since)

    def wait(self, seconds: float) -> bool:
        """Wait until the server speaks, for so many seconds at most, or until ``wake``; True when it spoke.

        Raises OSError or imaplib's abort when the connection is dead.
        """
        return imap_idle.wait(self, seconds)

    def wake(self) -> None:
        """End a ``wait``, also one that begins later. From any thread."""
        os.eventfd_write(self.alarm, 1)

    def close(self) -> None:
        """Say goodbye; a server that is gone already is no error."""
        try:
            self.client.logout()
        except (OSError, imaplib.IMAP4.error):
            self.client.shutdown()
        finally:
            self.slot.release()
            os.close(self.alarm)


def in_utc(moment: datetime | None) -> datetime | None:
    """INTERNALDATE as an aware moment; some servers leave it out."""
    try:
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo else None
    except OverflowError:
        return None


def first_line(text: bytes | str) -> str:
    line = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return line.removeprefix("* ").removeprefix("OK ").splitlines()[0][:200] if line else ""
