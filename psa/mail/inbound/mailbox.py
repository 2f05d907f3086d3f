"""What every kind of mailbox can do, whatever protocol it speaks."""

from __future__ import annotations

import imaplib
import poplib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self

from psa.mail.journal import Journal
from psa.mail.raw import Packed, pack
from psa.mail.settings import ServerSettings

# A chunk is fetched, kept and committed as one: bounded by bytes so that memory stays flat, and by count.
CHUNK_BYTES = 4 * 1024 * 1024
CHUNK_COUNT = 50
# A larger message is packed while it arrives, so that its bytes are in memory only while it is dealt with.
STREAMED_FROM = 1024 * 1024
# What a server says to one command; the connection may live on.
REFUSALS = (imaplib.IMAP4.error, poplib.error_proto)
NETWORK_ERRORS = (UnicodeError, OSError, imaplib.IMAP4.error, poplib.error_proto)


class Unfit(OSError):
    """The server works, but lacks what we cannot do without; ``cause`` is a code of the catalogue."""

    def __init__(self, cause: str, words: str) -> None:
        super().__init__(words)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Listed:
    """A message on the server before it is fetched. ``key`` is a UID (IMAP) or a UIDL (POP3); ``size`` in octets."""

    key: int | str
    size: int
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as the server handed it over, ready for the database; headers only when not ``complete``.

    ``packed`` is None when the server did not hand it over; ``words`` are what it said instead. ``raw`` spares the
    unpacking, and is None for a message that was packed while it arrived.
    """

    key: int | str
    size: int
    arrived_at: datetime | None
    packed: Packed | None
    raw: bytes | None = None
    complete: bool = True
    words: str = ""

    @classmethod
    def whole(cls, message: Listed, raw: bytes, *, complete: bool = True) -> Self:
        return cls(message.key, message.size, message.arrived_at, pack(raw), raw, complete)

    @classmethod
    def refused(cls, message: Listed, words: str) -> Self:
        return cls(message.key, message.size, message.arrived_at, None, words=words)


@dataclass(frozen=True, slots=True)
class Since:
    """How many messages arrived at a moment or later. ``undated`` of them tell no time of arrival: they are taken too.

    ``exact`` is False when it is at most so many, because not each of them could be asked.
    """

    messages: int = 0
    undated: int = 0
    exact: bool = True

    def __add__(self, other: Since) -> Since:
        exact = self.exact and other.exact
        return Since(self.messages + other.messages, self.undated + other.undated, exact)


class Mailbox(Protocol):
    """An open mailbox. Network errors come as they are: OSError, imaplib's and poplib's errors."""

    settings: ServerSettings
    journal: Journal
    uidvalidity: int | None  # None for POP3, whose UIDLs are keys of their own
    uidnext: int  # 0 where the server does not tell
    exists: int
    is_writable: bool
    verified: set[str]  # the folders whose numbers were found to mean what they meant, on this connection

    def look(self, folder: str) -> None:
        """Open a folder and see it anew; ``uidvalidity``, ``uidnext`` and ``exists`` (messages) are then its."""

    def listing(self, after: int) -> Iterator[Listed]:
        """What is there, oldest first; for IMAP only UIDs above ``after``."""

    def present(self, keys: Sequence[Any]) -> Mapping[int | str, Listed]:
        """Those of the messages that are there at this moment, as the server lists them."""

    def fetch(self, listed: Sequence[Listed], limit: int) -> list[Fetched]:
        """The messages themselves, without marking them as read; only the headers of those over ``limit`` octets.

        What was deleted meanwhile is left out.
        """

    def mark_seen(self, keys: Sequence[Any]) -> None:
        """Mark as read. Where there are no such marks (POP3), nothing happens."""

    def move(self, keys: Sequence[Any], folder: str, *, again: bool) -> str:
        """Move to a folder, which is made when it is missing; returns what the server could not do, in words.

        ``again``: an earlier try may have come half way.
        """

    def delete(self, keys: Sequence[Any]) -> str:
        """Delete for good; returns what the server could not do, in words. With POP3 this ends the session."""

    def top(self) -> int:
        """The highest UID that has been given out so far."""

    def survey(self) -> dict[str, Any]:
        """What a person wants to know before using it; see psa.mail.inbound.imap_folders.survey."""

    def count_since(self, since: datetime) -> Since:
        """What the open folder holds of that moment or later."""

    def close(self) -> None: ...


def open_mailbox(settings: ServerSettings, journal: Journal) -> Mailbox:
    """Connect, sign in and open the folder, step by step in ``journal``."""
    from psa.mail.inbound.imap import ImapMailbox
    from psa.mail.inbound.pop3 import Pop3Mailbox

    return Pop3Mailbox(settings, journal) if settings.protocol == "pop3" else ImapMailbox(settings, journal)


def is_dead(error: BaseException) -> bool:
    """Whether the connection is gone: what imaplib calls abort, what poplib says at the end, and the network's own."""
    return isinstance(error, imaplib.IMAP4.abort | OSError) or "EOF" in str(error)


def chunks(listed: Iterable[Listed], count: int = CHUNK_COUNT) -> Iterator[list[Listed]]:
    """Bounded groups in the same order; a message that is larger than a chunk goes alone."""
    chunk: list[Listed] = []
    size = 0
    for message in listed:
        if chunk and (size + message.size > CHUNK_BYTES or len(chunk) == count):
            yield chunk
            chunk, size = [], 0
        chunk.append(message)
        size += message.size
    if chunk:
        yield chunk
