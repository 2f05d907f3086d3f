"""Touch the server last: what is committed here is marked, moved or deleted there, as the account wants it.

Whoever dies between the server's deed and our note of it finds the message gone, or still there, and goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from psa.extensions import db, run
from psa.mail.inbound import ledger
from psa.mail.inbound.backoff import Complaint
from psa.mail.inbound.ledger import MAILS, key_column, rows_of
from psa.mail.inbound.mailbox import Mailbox
from psa.mail.inbound.maildrop import has_same_headers
from psa.mail.inbound.pop3 import Pop3Mailbox
from psa.mail.inbound.positions import looks_same
from psa.mail.models import MailAccount, MailFolder

# What is held or failed, and what we never got or only the headers of, stays where it is.
DEALT_WITH = MAILS.c.status.in_(("filed", "ignored", "reported")) & MAILS.c.complete & MAILS.c.raw_id.is_not(None)
WAITS = MAILS.c.settled.is_(False) & DEALT_WITH & MAILS.c.fetch_asked_at.is_(None)
AT_ONCE = 500
READ_ONLY = "The folder may only be read, so what is dealt with cannot be {deed} there"
DEEDS = {"seen": "marked as read", "move": "moved", "delete": "deleted"}


def settle(
    account: MailAccount, folder: MailFolder | None, mailbox: Mailbox, *, fresh_from: int | None
) -> Complaint | None:
    """Do with the server's copies what the account wants; commits batch by batch. Returns what was impossible.

    Rows from the id ``fresh_from`` on were kept on this very connection; what is older was left by an earlier look,
    which may have come half way.
    """
    if account.after_filing == "leave":
        # Whatever waited under another setting is left too.
        note_settled(account, rows_of(account, folder) & WAITS)
        return None
    words = ""
    while batch := waiting(account, folder):
        if not mailbox.is_writable:
            return Complaint("settle", READ_ONLY.format(deed=DEEDS[account.after_filing]), "permission_missing")
        fresh = [row for row in batch if fresh_from is not None and row.id >= fresh_from]
        if len(fresh) in (0, len(batch)) or folder is None:
            words = deal_with(account, folder, mailbox, batch, fresh) or words
        else:
            words = deal_with(account, folder, mailbox, [row for row in batch if row not in fresh], []) or words
    return Complaint("settle", words, "no_uidplus") if words else None


def waiting(account: MailAccount, folder: MailFolder | None) -> Sequence[Row[Any]]:
    query = (
        db.select(MAILS.c.id, key_column(folder).label("key"), MAILS.c.size, MAILS.c.arrived_at, MAILS.c.raw_id)
        .where(rows_of(account, folder), WAITS)
        .order_by(MAILS.c.id)
    )
    # POP3 deletes at the end of the session only, so there all of it is one batch.
    rows = db.session.execute(query.limit(AT_ONCE) if folder is not None else query).all()
    db.session.commit()
    return rows


def deal_with(
    account: MailAccount,
    folder: MailFolder | None,
    mailbox: Mailbox,
    batch: Sequence[Row[Any]],
    fresh: Sequence[Row[Any]],
) -> str:
    """One batch: first make sure that each number still means the message of its row, then act."""
    there = mailbox.present([row.key for row in batch])
    ours = [row for row in batch if row.key in there and looks_same(row.size, row.arrived_at, there[row.key])]
    if isinstance(mailbox, Pop3Mailbox) and account.after_filing == "delete":
        ours = [row for row in ours if row in fresh or has_same_headers(mailbox, row)]
    words = act(account, folder, mailbox, [row.key for row in ours], again=not fresh) if ours else ""
    freed = isinstance(mailbox, Pop3Mailbox) and account.after_filing == "delete"
    note_settled(account, MAILS.c.id.in_([row.id for row in batch]), freed=freed)
    return words


def act(account: MailAccount, folder: MailFolder | None, mailbox: Mailbox, keys: list[Any], *, again: bool) -> str:
    if account.after_filing == "delete":
        words = mailbox.delete(keys)
    elif account.after_filing != "move" or not account.move_to:
        mailbox.mark_seen(keys)
        return ""
    elif folder is None or folder.name == account.move_to:
        return ""  # what lies in that folder already has arrived
    else:
        words = mailbox.move(keys, account.move_to, again=again)
    if not words:
        mailbox.exists -= len(keys)
    return words


def note_settled(account: MailAccount, which: Any, *, freed: bool = False) -> None:
    """Write down that the server's copies are dealt with; ``freed``: their UIDLs may come to name others. Commits."""
    values: dict[str, Any] = {"settled": True}
    if freed:
        values["uidl"] = ledger.freed()
    run(MAILS.update().where(MAILS.c.account_id == account.id, which).values(values))
    db.session.commit()
