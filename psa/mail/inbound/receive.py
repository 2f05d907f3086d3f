"""Keep first: what the server handed over is committed before anybody reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam

from psa import clock
from psa.extensions import db, insert_row, insert_rows, run
from psa.mail.inbound.ledger import MAILS, number_of, without_known
from psa.mail.inbound.mailbox import Fetched
from psa.mail.inbound.positions import move_cursor
from psa.mail.inbound.start import BEFORE_START, lies_before_start
from psa.mail.message import ParsedEmail
from psa.mail.models import PIPED, InboundEmail, MailAccount, MailFolder
from psa.mail.raw import keep_all, keep_raw, raw_bytes

NOT_HANDED_OVER = "The server lists this message but did not hand it over"
# What the server did not hand over is asked for once more by itself, since it may be the server's trouble of the hour.
ONCE_MORE = timedelta(hours=1)

KEPT = db.select(MAILS.c.raw_id, MAILS.c.size, MAILS.c.backlog, MAILS.c.complete, MAILS.c.status).where(
    MAILS.c.id == bindparam("inbound_id"),
    MAILS.c.status.in_(bindparam("statuses", expanding=True)),
    MAILS.c.raw_id.is_not(None),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that is in the ledger and waits to be dealt with; ``status`` is what it was found with.

    ``email`` is what was read in it, where that was done already.
    """

    id: int
    raw_id: int
    raw: bytes
    size: int
    backlog: bool
    complete: bool
    status: str = "new"
    email: ParsedEmail | None = None


def receive(
    account: MailAccount,
    folder: MailFolder | None,
    fetched: Sequence[Fetched],
    *,
    listed: Collection[int | str] = (),
    by_time: bool = False,
) -> dict[int, Kept | None]:
    """Keep what is new of a chunk and commit; returns the ids of the new messages, oldest first.

    Beside each id stands what spares looking it up, None for a large message, whose bytes wait in the database. In the
    same transaction the folder's cursor moves past the chunk, so that a crash either repeats it or does not. For POP3
    ``listed`` are the UIDLs of the maildrop, and ``by_time`` says whether their own times tell which lay there before
    the start: a POP3 server tells none before the message is fetched.
    """
    new = without_known(account, folder, fetched, listed)
    left = [by_time and lies_before_start(account.since, m) for m in new]
    raw_ids = keep_all([None if is_left else m.packed for m, is_left in zip(new, left, strict=True)])
    rows = [row_of(account, folder, m, raw_id, by_time=by_time) for m, raw_id in zip(new, raw_ids, strict=True)]
    kept: dict[int, Kept | None] = {}
    for inbound_id, m, row in zip(insert_rows(InboundEmail, rows), new, rows, strict=True):
        if row["raw_id"] is not None and m.raw is not None:
            kept[inbound_id] = Kept(inbound_id, row["raw_id"], m.raw, m.size, row["backlog"], m.complete)
        elif row["raw_id"] is not None:
            kept[inbound_id] = None
    if folder is not None and fetched:
        move_cursor(folder, max(int(message.key) for message in fetched))
    db.session.commit()
    return kept


def row_of(
    account: MailAccount, folder: MailFolder | None, message: Fetched, raw_id: int | None, *, by_time: bool
) -> dict[str, Any]:
    return {
        "account_id": account.id,
        "folder": folder.name if folder is not None else "",
        "uidvalidity": number_of(folder) if folder is not None else None,
        "uid": message.key if folder is not None else None,
        "uidl": message.key if folder is None else None,
        "raw_id": raw_id,
        "size": message.size,
        "complete": message.complete,
        "arrived_at": message.arrived_at,
        "backlog": is_backlog(account, folder, message, by_time=by_time),
        "trace": [],
    } | disposition_of(message, raw_id)


def is_backlog(account: MailAccount, folder: MailFolder | None, message: Fetched, *, by_time: bool) -> bool:
    """Whether a message is from before the PSA was connected; then nobody is notified of it.

    Without a time of arrival it is taken, and held for older when it may be: at the first look, or when all of the
    folder is read anew.
    """
    if message.arrived_at is not None:
        # Servers tell the time of arrival in whole seconds (RFC 9051, 9: date-time).
        return message.arrived_at < account.created_at.replace(microsecond=0)
    return by_time if folder is None else int(message.key) <= folder.dated_until


def disposition_of(message: Fetched, raw_id: int | None) -> dict[str, Any]:
    """``new`` for what is kept; what is not kept has its reason from the start."""
    values: dict[str, Any] = {"status": "new", "reason": "", "settled": False, "fetch_asked_at": None}
    if raw_id is not None:
        return values
    if message.packed is None:
        reason = f"{NOT_HANDED_OVER}: {message.words}" if message.words else NOT_HANDED_OVER
        return values | {"status": "failed", "reason": reason, "fetch_asked_at": clock.now() + ONCE_MORE}
    return values | {"status": "ignored", "reason": BEFORE_START, "settled": True}


def kept_message(inbound_id: int, statuses: Sequence[str] = ("new",)) -> Kept | None:
    """A message of the ledger that has one of ``statuses``, with its bytes; else None."""
    row = run(KEPT, {"inbound_id": inbound_id, "statuses": list(statuses)}).one_or_none()
    if row is None:
        return None
    return Kept(inbound_id, row.raw_id, raw_bytes(row.raw_id), row.size, row.backlog, row.complete, row.status)


def receive_piped(account: MailAccount, raw: bytes) -> int:
    """Keep one message that came without a mailbox (``flask psa mail receive``) and commit; returns its id."""
    key = f"{PIPED}{hashlib.sha256(raw).hexdigest()[:32]}:{clock.now().timestamp():.6f}"
    inbound_id = insert_row(
        InboundEmail,
        account_id=account.id,
        uidl=key,
        size=len(raw),
        raw_id=keep_raw(raw),
        arrived_at=clock.now(),
        settled=True,
        trace=[],
    )
    db.session.commit()
    return inbound_id
