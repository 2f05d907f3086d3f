"""The folders of a mailbox, for choosing among them, and how much mail of which time is in them."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from imapclient import imap_utf7
from imapclient.response_parser import parse_response

from psa.mail.inbound.imap_client import Client
from psa.mail.inbound.mailbox import Since

if TYPE_CHECKING:
    from psa.mail.inbound.imap import ImapMailbox

# RFC 6154, 2; and Gmail's older words for the same.
SPECIAL = {
    b"\\all": "all",
    b"\\allmail": "all",
    b"\\archive": "archive",
    b"\\drafts": "drafts",
    b"\\flagged": "flagged",
    b"\\starred": "flagged",
    b"\\junk": "junk",
    b"\\spam": "junk",
    b"\\sent": "sent",
    b"\\trash": "trash",
}
UNUSABLE = frozenset({b"\\noselect", b"\\nonexistent"})
# A person chooses among them; who has more types the name.
MOST_FOLDERS = 500


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that can be opened. ``name`` is what opens it, ``label`` is for people: “Clients / Büro”.

    ``special`` is inbox, sent, junk, trash, drafts, archive, all, flagged, or empty for an ordinary one.
    """

    name: str
    label: str
    special: str


def survey(mailbox: ImapMailbox) -> dict[str, Any]:
    """``{"folders": [{"name", "label", "special", "messages", …}], "capabilities": […]}``; the chosen folders first.

    Of the chosen folders also ``oldest`` and ``newest``, times of arrival in ISO 8601 where there are any.
    """
    with mailbox.journal.step("list", "List the folders") as step:
        folders = folders_of(mailbox.client)
        chosen = mailbox.settings.folders
        order = {name: place for place, name in enumerate(chosen)}
        folders.sort(key=lambda folder: (order.get(folder.name, len(order)), folder.special != "inbox"))
        found = [entry for folder in folders[:MOST_FOLDERS] if (entry := described(mailbox, folder))]
        step.title = f"{len(folders)} folders found" if len(folders) != 1 else "1 folder found"
    mailbox.look(mailbox.settings.folder)
    capabilities = sorted(capability.decode() for capability in mailbox.client.capabilities())
    return {"folders": found, "capabilities": capabilities}


def folders_of(client: Client) -> list[Folder]:
    """All folders that can be opened, also those that others share, INBOX first and the rest by name."""
    folders = {folder.name: folder for prefix in prefixes(client) for folder in listed_below(client, prefix)}
    return sorted(folders.values(), key=lambda folder: (folder.special != "inbox", folder.label.lower()))


def prefixes(client: Client) -> list[str]:
    """Where folders may lie: everything of ours, and the namespaces of others (RFC 2342), which "*" may leave out."""
    if not client.has_capability("NAMESPACE"):
        return [""]
    spaces = client.namespace()
    return [
        "",
        *dict.fromkeys(prefix for space in (spaces.other, spaces.shared) for prefix, _ in space or () if prefix),
    ]


def listed_below(client: Client, prefix: str) -> Iterator[Folder]:
    for flags, delimiter, wire in answers(client, prefix):
        attributes = {flag.lower() for flag in flags}
        name = in_words(wire)
        if name is None or attributes & UNUSABLE:
            continue
        # INBOX is one name however it is written (RFC 3501, 5.1).
        name = "INBOX" if name.upper() == "INBOX" else name
        special = "inbox" if name == "INBOX" else next((SPECIAL[a] for a in sorted(attributes) if a in SPECIAL), "")
        yield Folder(name, label_of(name, delimiter), special)


def answers(client: Client, prefix: str) -> list[tuple[Sequence[bytes], bytes | None, bytes]]:
    """What LIST says: attributes, delimiter and name of each folder, the name as it came."""
    place = [client._normalise_folder(prefix), b'"*"']
    wanted = [[b"RETURN", b"(SPECIAL-USE)"]] if client.has_capability("SPECIAL-USE") else []
    for options in (*wanted, []):
        try:
            typ, data = client._imap._simple_command("LIST", *place, *options)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            continue  # a server that offers SPECIAL-USE and does not know RETURN
        if typ == "OK":
            _, data = client._imap._untagged_response(typ, data, "LIST")
            parsed = parse_response([line for line in data if line])
            return [(parsed[i], parsed[i + 1], as_bytes(parsed[i + 2])) for i in range(0, len(parsed), 3)]
    raise imaplib.IMAP4.error(f"LIST failed: {data}")


def as_bytes(name: bytes | int) -> bytes:
    """A folder called 2026 is read as a number."""
    return name if isinstance(name, bytes) else str(name).encode()


def in_words(wire: bytes) -> str | None:
    """The name of a folder from modified UTF-7 (RFC 3501, 5.1.3), or from the plain UTF-8 that some servers send.

    What cannot be turned back into the server's own spelling stays as it is; None is what no text can hold.
    """
    try:
        name = str(imap_utf7.decode(wire))
        if imap_utf7.encode(name) == wire:
            return name
    except ValueError:
        pass
    try:
        return wire.decode()
    except UnicodeDecodeError:
        return None


def label_of(name: str, delimiter: bytes | None) -> str:
    return " / ".join(name.split(delimiter.decode("ascii", "replace"))) if delimiter else name


def described(mailbox: ImapMailbox, folder: Folder) -> dict[str, Any] | None:
    """A folder as a person wants to know it; None for one that is listed, and yet not for us."""
    named = {"name": folder.name, "label": folder.label, "special": folder.special}
    try:
        if folder.name in mailbox.settings.folders:
            return named | looked_over(mailbox, folder.name)
        return named | {"messages": int(mailbox.client.folder_status(folder.name, ["MESSAGES"])[b"MESSAGES"])}
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, KeyError):
        return None


def looked_over(mailbox: ImapMailbox, folder: str) -> dict[str, Any]:
    mailbox.look(folder)
    return {"messages": mailbox.exists} | span(mailbox)


def span(mailbox: ImapMailbox) -> dict[str, str]:
    """Arrival of the oldest and the newest message of the open folder, ISO 8601."""
    uids = mailbox.client.search(["ALL"])
    ends = [mailbox.present([uid]).get(uid) for uid in (uids[:1] + uids[-1:])]
    dates = [message.arrived_at.isoformat() for message in ends if message and message.arrived_at]
    return {"oldest": dates[0], "newest": dates[-1]} if dates else {}


def count_since(mailbox: ImapMailbox, since: datetime) -> Since:
    """How many messages of the open folder arrived at that moment or later.

    SEARCH SINCE knows whole days only, in nobody knows which zone (RFC 3501, 6.4.4): of those about the day itself the
    time of arrival is asked.
    """
    search = mailbox.client.search
    certain = set(search(["SINCE", (since + timedelta(days=2)).date()]))
    doubtful = sorted(set(search(["SINCE", (since - timedelta(days=1)).date()])) - certain)
    arrived = mailbox.present(doubtful)
    undated = sum(one.arrived_at is None for one in arrived.values())
    later = sum(one.arrived_at is not None and one.arrived_at >= since for one in arrived.values())
    return Since(len(certain) + later + undated, undated)
