"""Where the sandbox keeps its mail: one SQLite file with folders, UIDs, flags and the messages byte for byte.

Knows nothing of IMAP or SMTP. Everything is written when the call returns, so killing the server loses nothing that
it had accepted.
"""

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS folder (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user         TEXT NOT NULL,
    name         TEXT NOT NULL,
    uid_validity INTEGER NOT NULL DEFAULT 0,
    next_uid     INTEGER NOT NULL DEFAULT 1,
    subscribed   INTEGER NOT NULL DEFAULT 0,
    UNIQUE (user, name)
);
CREATE TABLE IF NOT EXISTS message (
    folder_id INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    uid       INTEGER NOT NULL,
    received  TEXT NOT NULL,
    flags     TEXT NOT NULL,
    raw       BLOB NOT NULL,
    PRIMARY KEY (folder_id, uid)
);
"""


@dataclass(frozen=True)
class Folder:
    """One mailbox folder of one user; (uid_validity, uid) names a message for ever (RFC 3501, 2.3.1.1)."""

    id: int
    name: str
    uid_validity: int


@dataclass(frozen=True)
class Kept:
    """What is known of a message without reading it. `received` is aware, `flags` are IMAP's words: \\Seen, $Junk."""

    uid: int
    received: datetime
    flags: frozenset[str]


class MailStore:
    """The file and its operations. Use it from the thread that made it."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        # With WAL and NORMAL a killed process loses nothing; only a power cut can take the last moments.
        self._db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    def folders(self, user: str) -> list[Folder]:
        query = "SELECT id, name, uid_validity FROM folder WHERE user = ? ORDER BY id"
        return [Folder(*row) for row in self._db.execute(query, (user,))]

    def create_folder(self, user: str, name: str) -> Folder:
        """A new, empty folder. Raises ValueError when there is one of this name."""
        with self._db:
            try:
                row = self._db.execute("INSERT INTO folder (user, name) VALUES (?, ?)", (user, name))
            except sqlite3.IntegrityError as taken:
                raise ValueError(f"{user} has a folder {name} already") from taken
            # Ids are never reused and time only grows, so a folder that is deleted and made again, or a sandbox that
            # is wiped and started again, has another UIDVALIDITY and nobody takes its new mail for the old.
            folder = Folder(row.lastrowid or 0, name, int(time.time()) + (row.lastrowid or 0))
            self._db.execute("UPDATE folder SET uid_validity = ? WHERE id = ?", (folder.uid_validity, folder.id))
        return folder

    def rename_folder(self, folder_id: int, name: str) -> None:
        with self._db:
            self._db.execute("UPDATE folder SET name = ? WHERE id = ?", (name, folder_id))

    def delete_folder(self, folder_id: int) -> None:
        with self._db:
            self._db.execute("DELETE FROM folder WHERE id = ?", (folder_id,))

    def subscribe(self, user: str, name: str, subscribed: bool) -> None:
        with self._db:
            self._db.execute("UPDATE folder SET subscribed = ? WHERE user = ? AND name = ?", (subscribed, user, name))

    def subscriptions(self, user: str) -> list[str]:
        query = "SELECT name FROM folder WHERE user = ? AND subscribed ORDER BY id"
        return [name for (name,) in self._db.execute(query, (user,))]

    def next_uid(self, folder_id: int) -> int:
        """The UID that the next message will get."""
        (uid,) = self._db.execute("SELECT next_uid FROM folder WHERE id = ?", (folder_id,)).fetchone()
        return int(uid)

    def messages(self, folder_id: int) -> list[Kept]:
        """Everything in the folder, in the order of UIDs."""
        query = "SELECT uid, received, flags FROM message WHERE folder_id = ? ORDER BY uid"
        return [
            Kept(uid, datetime.fromisoformat(received), frozenset(flags.split()))
            for uid, received, flags in self._db.execute(query, (folder_id,))
        ]

    def raw(self, folder_id: int, uid: int) -> bytes | None:
        """The message as it came, or None when it is gone."""
        query = "SELECT raw FROM message WHERE folder_id = ? AND uid = ?"
        row = self._db.execute(query, (folder_id, uid)).fetchone()
        return None if row is None else bytes(row[0])

    def add(self, folder_id: int, raw: bytes, received: datetime, flags: frozenset[str]) -> Kept:
        with self._db:
            kept = Kept(self._take_uid(folder_id), received, flags)
            self._db.execute(
                "INSERT INTO message (folder_id, uid, received, flags, raw) VALUES (?, ?, ?, ?, ?)",
                (folder_id, kept.uid, received.isoformat(), " ".join(sorted(flags)), raw),
            )
        return kept

    def copy(self, folder_id: int, uid: int, destination_id: int) -> int:
        """The new UID in the destination."""
        with self._db:
            new_uid = self._take_uid(destination_id)
            self._db.execute(
                "INSERT INTO message (folder_id, uid, received, flags, raw)"
                " SELECT ?, ?, received, flags, raw FROM message WHERE folder_id = ? AND uid = ?",
                (destination_id, new_uid, folder_id, uid),
            )
        return new_uid

    def move(self, folder_id: int, uid: int, destination_id: int) -> int:
        """The new UID in the destination. Never in both folders, never in none."""
        with self._db:
            new_uid = self._take_uid(destination_id)
            self._db.execute(
                "UPDATE message SET folder_id = ?, uid = ? WHERE folder_id = ? AND uid = ?",
                (destination_id, new_uid, folder_id, uid),
            )
        return new_uid

    def set_flags(self, folder_id: int, uid: int, flags: frozenset[str]) -> None:
        with self._db:
            self._db.execute(
                "UPDATE message SET flags = ? WHERE folder_id = ? AND uid = ?",
                (" ".join(sorted(flags)), folder_id, uid),
            )

    def remove(self, folder_id: int, uids: Iterable[int]) -> None:
        with self._db:
            self._db.executemany(
                "DELETE FROM message WHERE folder_id = ? AND uid = ?", [(folder_id, uid) for uid in uids]
            )

    def _take_uid(self, folder_id: int) -> int:
        query = "UPDATE folder SET next_uid = next_uid + 1 WHERE id = ? RETURNING next_uid - 1"
        ((uid,),) = self._db.execute(query, (folder_id,)).fetchall()
        return int(uid)
