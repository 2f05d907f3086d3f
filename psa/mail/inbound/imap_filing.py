"""What is done with the server's copy after filing: moving it to a folder, or deleting it.

Every way can be gone a second time: whoever dies half way leaves a mail in two places rather than in none, and the next
try finds it in the second one.
"""

from __future__ import annotations

import imaplib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from imapclient import DELETED

from psa.mail.inbound.imap_client import Client
from psa.mail.inbound.mailbox import Listed

if TYPE_CHECKING:
    from psa.mail.inbound.imap import ImapMailbox

STAYS_MARKED = (
    "The server cannot delete single messages (it has neither MOVE nor UIDPLUS). What is dealt with is marked as "
    "deleted and stays until a mail program clears the folder."
)


def move(mailbox: ImapMailbox, uids: list[int], folder: str, *, again: bool) -> str:
    """Move by UID MOVE (RFC 6851) where the server has it, else copy and then delete. Makes the folder."""
    client = mailbox.client
    if client.has_capability("MOVE"):
        into(client, folder, lambda name: client.move(uids, name))
        return ""
    left = not_yet_in(mailbox, uids, folder) if again else uids
    if left:
        into(client, folder, lambda name: client.copy(left, name))
    return delete(client, uids)


def delete(client: Client, uids: list[int]) -> str:
    """Mark as deleted, and clear away these alone (RFC 4315).

    A plain EXPUNGE would take along what others have marked as deleted; so without UIDPLUS ours stay marked.
    """
    client.add_flags(uids, [DELETED], silent=True)
    if not client.has_capability("UIDPLUS"):
        return STAYS_MARKED
    client.uid_expunge(uids)
    return ""


def into(client: Client, folder: str, put: Callable[[str], object]) -> None:
    """Put something into a folder; when it is missing, make it and try once more."""
    try:
        put(folder)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        name = make(client, folder)
        if name is None:
            raise
        put(name)


def make(client: Client, folder: str) -> str | None:
    """Make a folder that is not there; returns its full name, or None when it is there already.

    On some servers all folders must lie in the namespace of the user, mostly below INBOX (RFC 2342).
    """
    if client.folder_exists(folder):
        return None
    try:
        client.create_folder(folder)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        prefix = own_prefix(client)
        if not prefix or folder.startswith(prefix):
            raise
        folder = prefix + folder
        if not client.folder_exists(folder):
            client.create_folder(folder)
    client.subscribe_folder(folder)
    return folder


def own_prefix(client: Client) -> str:
    personal = client.namespace().personal if client.has_capability("NAMESPACE") else None
    return str(personal[0][0]) if personal else ""


def not_yet_in(mailbox: ImapMailbox, uids: list[int], folder: str) -> list[int]:
    """Those of the open folder's messages that ``folder`` has no copy of, byte for byte.

    Raises imaplib's abort when the numbers mean nothing any more once the folder is open again.
    """
    here, numbers, ours = mailbox.folder, mailbox.uidvalidity, mailbox.present(uids)
    if not mailbox.client.folder_exists(folder):
        return list(uids)
    digests = {message.key: digest_of(mailbox, message) for message in ours.values()}
    try:
        mailbox.look(folder)
        there = {digest for size in {m.size for m in ours.values()} for digest in digests_of_size(mailbox, size)}
    finally:
        mailbox.look(here)
    if mailbox.uidvalidity != numbers:
        raise imaplib.IMAP4.abort(f"{here} has got new numbers meanwhile")
    return [uid for uid in uids if uid in digests and digests[uid] not in there]


def digests_of_size(mailbox: ImapMailbox, size: int) -> list[str]:
    uids = mailbox.client.search(["LARGER", str(size - 1), "SMALLER", str(size + 1)] if size else ["ALL"])
    return [digest_of(mailbox, message) for message in mailbox.present(uids).values()]


def digest_of(mailbox: ImapMailbox, message: Listed) -> str:
    fetched = mailbox.fetch([message], sys.maxsize)
    return fetched[0].packed.sha256 if fetched and fetched[0].packed is not None else ""
