"""What every kind of mailbox can do, whatever protocol it speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from psa.mail.journal import Journal
from psa.mail.raw import Packed, pack
from psa.mail.settings import ServerSettings

# A chunk is fetched, kept and committed as one: bounded by bytes so that memory stays flat, and by count.
CHUNK_BYTES = 4 * 1024 * 1024
CHUNK_COUNT = 50
# Of a message over this size only the headers are taken; its ticket says so.
MESSAGE_LIMIT = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listed:
    """A message on the server before it is fetched. ``key`` is a UID (IMAP) or a UIDL (POP3); ``size`` in octets."""

    key: int | str
    size: int
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as the server handed it over; ``raw`` is None when it did not, and headers only when not ``complete``.

    ``words`` are what the server said instead of handing it over.

    ``packed`` is made by the fetching thread, so that the one that files need not.
    """

    key: int | str
    size: int
    arrived_at: datetime | None
    raw: bytes | None
    complete: bool = True
    packed: Packed | None = None
    words: str = ""

    def ready(self) -> Fetched:
        """The same, packed for the database."""
        return replace(self, packed=pack(self.raw)) if self.raw is not None else self


class Mailbox(Protocol):
    """An open mailbox. Network errors come as they are: OSError, imaplib's and poplib's errors."""

    uidvalidity: int | None  # None for POP3, whose UIDLs are keys of their own
    exists: int
    journal: Journal

    def look(self, folder: str) -> None:
        """Open a folder and see it anew; ``uidvalidity`` and ``exists`` (how many messages it holds) are then its."""

    def listing(self, after: int) -> Iterator[Listed]:
        """What is there, oldest first; for IMAP only UIDs above ``after``."""

    def fetch(self, listed: Sequence[Listed]) -> list[Fetched]:
        """The messages themselves, without marking them as read. What was deleted meanwhile is left out."""

    def mark_seen(self, keys: Sequence[int]) -> None: ...

    def top(self) -> int:
        """The highest UID that has been given out so far."""

    def survey(self) -> dict[str, Any]:
        """What a person wants to know before using it: folders with counts, oldest and newest mail."""

    def wait(self, seconds: float) -> bool:
        """Wait until something changes in the mailbox, or for ``seconds``; False when the server cannot tell."""

    def close(self) -> None: ...


def open_mailbox(settings: ServerSettings, journal: Journal) -> Mailbox:
    """Connect, sign in and open the folder, step by step in ``journal``."""
    from psa.mail.inbound.imap import ImapMailbox
    from psa.mail.inbound.pop3 import Pop3Mailbox

    return Pop3Mailbox(settings, journal) if settings.protocol == "pop3" else ImapMailbox(settings, journal)


def chunks(listed: Iterable[Listed]) -> Iterator[list[Listed]]:
    """Bounded groups in the same order; a message that is larger than a chunk goes alone."""
    chunk: list[Listed] = []
    size = 0
    for message in listed:
        if chunk and (size + message.size > CHUNK_BYTES or len(chunk) == CHUNK_COUNT):
            yield chunk
            chunk, size = [], 0
        chunk.append(message)
        size += message.size
    if chunk:
        yield chunk
