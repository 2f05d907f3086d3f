"""What the ledger knows of the messages on a server.

An IMAP message is known by account, folder, the folder's number and its UID. The folder's number is UIDVALIDITY + 2³² ×
``generation``: the first is the server's word that UIDs of before mean nothing any more; the second is our own finding
that it gave out the same UIDs again without that word, as after a restore from a backup. UIDVALIDITY has 32 bits (RFC
3501, 2.3.1.1). A POP3 message is known by account and UIDL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row

from psa.extensions import db, run
from psa.mail.inbound.mailbox import Fetched, Listed
from psa.mail.models import PIPED, InboundEmail, MailAccount, MailFolder, RawMessage

MAILS, RAWS = InboundEmail.__table__, RawMessage.__table__
# How the key of a POP3 message begins that is no longer on the server under its UIDL, which may come to name another.
GONE = "gone:"
AT_ONCE = 500


def number_of(folder: MailFolder) -> int | None:
    """What stands in the ledger as a message's UIDVALIDITY; None before the first look."""
    return None if folder.uidvalidity is None else folder.uidvalidity + (folder.generation << 32)


def rows_of(account: MailAccount, folder: MailFolder | None) -> ColumnElement[bool]:
    """The messages of a folder under its numbers of today; without a folder, those of a maildrop (POP3)."""
    if folder is None:
        return (MAILS.c.account_id == account.id) & MAILS.c.uidl.is_not(None)
    return (
        (MAILS.c.account_id == account.id)
        & (MAILS.c.folder == folder.name)
        & (MAILS.c.uidvalidity == number_of(folder))
    )


def key_column(folder: MailFolder | None) -> ColumnElement[Any]:
    return MAILS.c.uidl if folder is None else MAILS.c.uid


def not_kept(account: MailAccount, folder: MailFolder | None, listed: Iterable[Listed]) -> list[Listed]:
    """Those of ``listed`` that the ledger does not know yet.

    A UIDL that names a message of another size now is not taken for known: there are servers that use them again.
    """
    listed = list(listed)
    key = key_column(folder)
    query = db.select(key, MAILS.c.size, MAILS.c.raw_id).where(rows_of(account, folder))
    known: dict[int | str, int | None] = {}
    for start in range(0, len(listed), AT_ONCE):
        keys = [message.key for message in listed[start : start + AT_ONCE]]
        for found, size, raw_id in db.session.execute(query.where(key.in_(keys))):
            known[found] = size if folder is None and raw_id is not None else None
    return [m for m in listed if m.key not in known or known[m.key] not in (None, m.size)]


def without_known(
    account: MailAccount, folder: MailFolder | None, fetched: Sequence[Fetched], listed: Collection[int | str]
) -> list[Fetched]:
    """Those that are new. A message that we have already, under a number that is not its own any more, takes its row
    along.

    The server renumbered its messages (a restore, a move to another machine): byte for byte the same message in the
    same folder is the same one, and each row answers for one message only. ``listed`` are the UIDLs of the maildrop.
    """
    if folder is not None and not folder.renumbered:
        return list(fetched)
    older = older_rows(account, folder, fetched, listed)
    found = [
        (message, same.pop(0) if message.packed and (same := older.get(message.packed.sha256)) else None)
        for message in fetched
    ]
    if folder is None:
        unchanged = [row.id for message, row in found if row is not None and row.uidl == message.key]
        free(account, [str(message.key) for message in fetched], unchanged)
    for message, row in found:
        if row is not None:
            rebind(row, folder, message)
    return [message for message, row in found if row is None]


def older_rows(
    account: MailAccount, folder: MailFolder | None, fetched: Sequence[Fetched], listed: Collection[int | str]
) -> dict[str, list[Row[Any]]]:
    """By digest, the rows of the account with the bytes of what was fetched, whose own number is free."""
    digests = [message.packed.sha256 for message in fetched if message.packed is not None]
    query = (
        db.select(MAILS.c.id, MAILS.c.uidl, RAWS.c.sha256)
        .select_from(RAWS.join(MAILS, MAILS.c.raw_id == RAWS.c.id))
        .where(RAWS.c.sha256.in_(digests), MAILS.c.account_id == account.id)
        .order_by(MAILS.c.id)
    )
    if folder is None:
        query = query.where(MAILS.c.uidl.is_not(None), ~MAILS.c.uidl.startswith(PIPED))
    else:
        query = query.where(MAILS.c.folder == folder.name, MAILS.c.uidvalidity != number_of(folder))
    fetched_now = {message.key for message in fetched}
    found: dict[str, list[Row[Any]]] = {}
    for row in db.session.execute(query):
        if folder is not None or row.uidl not in listed or row.uidl in fetched_now:
            found.setdefault(row.sha256, []).append(row)
    return found


def rebind(row: Row[Any], folder: MailFolder | None, message: Fetched) -> None:
    """Give a row the number that its message has now. What we deleted and is there again waits to be deleted again."""
    values: dict[str, Any] = {"uidl": message.key, "size": message.size}
    if folder is not None:
        values = {"uidvalidity": number_of(folder), "uid": message.key}
    elif row.uidl.startswith(GONE):
        values["settled"] = False
    run(MAILS.update().where(MAILS.c.id == row.id).values(values))


def free(account: MailAccount, uidls: Collection[str], unchanged: Collection[int]) -> None:
    """Free UIDLs that name other messages from now on, but for the rows that are ``unchanged``."""
    stale = (MAILS.c.account_id == account.id) & MAILS.c.uidl.in_(uidls) & MAILS.c.id.not_in(unchanged)
    run(MAILS.update().where(stale).values(uidl=freed()))


def freed() -> ColumnElement[str]:
    """A key that nothing on a server has, with the old one in it."""
    key: ColumnElement[str] = GONE + db.cast(MAILS.c.id, db.String) + ":" + MAILS.c.uidl
    return key
