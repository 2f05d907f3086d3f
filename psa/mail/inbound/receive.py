"""Keep first: what the server handed over is committed before anybody reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam

from psa import clock
from psa.extensions import db, insert_row, run, update_row
from psa.mail.inbound.mailbox import Fetched, Listed, Mailbox
from psa.mail.models import PIPED, InboundEmail, MailAccount, MailFolder, RawMessage
from psa.mail.raw import Packed, keep_packed, keep_raw, raw_bytes

# A start "from now on" can be asked of the server as long as now is not yet over.
JUST_NOW = timedelta(minutes=1)
BEFORE_START = "It lay in the mailbox before the PSA was connected"
NOT_HANDED_OVER = "The server lists this message but did not hand it over"

MAILS = InboundEmail.__table__
KEEP = MAILS.insert().returning(MAILS.c.id, sort_by_parameter_order=True)
KEPT = db.select(MAILS.c.raw_id, MAILS.c.size, MAILS.c.backlog, MAILS.c.complete, MAILS.c.status).where(
    MAILS.c.id == bindparam("inbound_id"),
    MAILS.c.status.in_(bindparam("statuses", expanding=True)),
    MAILS.c.raw_id.is_not(None),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that is in the ledger and waits to be dealt with; ``status`` is what it was found with."""

    id: int
    raw_id: int
    raw: bytes
    size: int
    backlog: bool
    complete: bool
    status: str = "new"


def receive(account: MailAccount, folder: MailFolder | None, fetched: Sequence[Fetched]) -> list[Kept]:
    """Keep what is new of a chunk and commit; returns the new messages, oldest first.

    In the same transaction the folder's cursor moves past the chunk, so that a crash either repeats it or does not.
    """
    new = [message for message in fetched if not is_rebound(account, folder, message)]
    # POP3 tells no time of arrival before the message is fetched, so a first look at a mailbox decides here.
    first = folder is None and account.last_success_at is None
    taken = [m for m in new if m.raw is not None and not (first and lies_before_start(account.since, m))]
    raw_ids = dict(zip((m.key for m in taken), keep_packed([packed_of(m) for m in taken]), strict=True))
    rows = [row_of(account, folder, m, raw_ids.get(m.key)) for m in new]
    ids = list(run(KEEP, rows).scalars()) if rows else []
    if folder is not None and fetched:
        move_cursor(folder, max(int(message.key) for message in fetched))
    db.session.commit()
    return [
        Kept(inbound_id, raw_ids[m.key], m.raw, m.size, row["backlog"], m.complete)
        for inbound_id, m, row in zip(ids, new, rows, strict=True)
        if m.raw is not None and m.key in raw_ids
    ]


def packed_of(message: Fetched) -> Packed:
    packed = message.packed or message.ready().packed
    assert packed is not None
    return packed


def row_of(account: MailAccount, folder: MailFolder | None, message: Fetched, raw_id: int | None) -> dict[str, Any]:
    return {
        "account_id": account.id,
        "folder": folder.name if folder is not None else "",
        "uidvalidity": folder.uidvalidity if folder is not None else None,
        "uid": message.key if folder is not None else None,
        "uidl": message.key if folder is None else None,
        "raw_id": raw_id,
        "size": message.size,
        "complete": message.complete,
        "arrived_at": message.arrived_at,
        "backlog": message.arrived_at is not None and message.arrived_at < account.created_at,
        "settled": raw_id is None,
        "trace": [],
    } | disposition_of(message, raw_id)


def disposition_of(message: Fetched, raw_id: int | None) -> dict[str, str]:
    """``new`` for what is kept; what is not kept has its reason from the start."""
    if raw_id is not None:
        return {"status": "new", "reason": ""}
    if message.raw is None:
        return {
            "status": "failed",
            "reason": f"{NOT_HANDED_OVER}: {message.words}" if message.words else NOT_HANDED_OVER,
        }
    return {"status": "ignored", "reason": BEFORE_START}


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


def not_kept(account: MailAccount, folder: MailFolder | None, listed: Iterable[Listed]) -> list[Listed]:
    """Those of ``listed`` that the ledger does not know yet."""
    listed = list(listed)
    table = MAILS
    column = table.c.uidl if folder is None else table.c.uid
    query = db.select(column).where(table.c.account_id == account.id)
    if folder is not None:
        query = query.where(table.c.folder == folder.name, table.c.uidvalidity == folder.uidvalidity)
    known: set[int | str] = set()
    for start in range(0, len(listed), 500):
        keys = [message.key for message in listed[start : start + 500]]
        known.update(db.session.execute(query.where(column.in_(keys))).scalars())
    return [message for message in listed if message.key not in known]


def is_rebound(account: MailAccount, folder: MailFolder | None, message: Fetched) -> bool:
    """Whether this is a message we kept under an older UIDVALIDITY; its ledger key is then brought up to date.

    The server renumbered the folder (a restore, a move to another machine): byte for byte the same message in the same
    folder is the same one, and each ledger row answers for one message only.
    """
    if folder is None or message.raw is None or not folder.renumbered:
        return False
    mails, raws = MAILS, RawMessage.__table__
    older = db.session.execute(
        db.select(mails.c.id)
        .select_from(raws.join(mails, mails.c.raw_id == raws.c.id))
        .where(
            raws.c.sha256 == packed_of(message).sha256,
            mails.c.account_id == account.id,
            mails.c.folder == folder.name,
            mails.c.uidvalidity != folder.uidvalidity,
        )
        .limit(1)
    ).scalar()
    if older is None:
        return False
    db.session.execute(
        mails.update().where(mails.c.id == older).values(uidvalidity=folder.uidvalidity, uid=message.key)
    )
    return True


def folder_of(account: MailAccount, name: str, mailbox: Mailbox) -> MailFolder | None:
    """The reading position in the folder that is open; None for POP3. A changed UIDVALIDITY starts again at UID 1.

    A folder that is looked at for the first time starts at its first message too when everything is taken or mail since
    a moment; ``lies_before_start`` then leaves out what is older.
    """
    if mailbox.uidvalidity is None:
        return None
    folder = db.session.execute(
        db.select(MailFolder).where(MailFolder.account_id == account.id, MailFolder.name == name)
    ).scalar_one_or_none()
    if folder is None:
        folder = MailFolder(name=name, since=account.since, cursor=0)
        account.folders.append(folder)
    if folder.uidvalidity != mailbox.uidvalidity:
        folder.renumbered = folder.uidvalidity is not None
        folder.uidvalidity, folder.cursor, folder.start_uid = mailbox.uidvalidity, 0, 0
        folder.dated_until = mailbox.top()
    db.session.commit()
    return folder


def lies_before_start(since: datetime | None, message: Listed | Fetched) -> bool:
    """Whether a message arrived before the moment from which the account takes mail. Servers count whole seconds."""
    return since is not None and message.arrived_at is not None and message.arrived_at < since.replace(microsecond=0)


def move_cursor(folder: MailFolder, uid: int) -> None:
    folders = MailFolder.__table__
    db.session.execute(folders.update().where(folders.c.id == folder.id).values(cursor=uid))
    folder.cursor = uid


def is_fresh(folder: MailFolder) -> bool:
    """Whether a folder was entered just now, to be read from now on, and nobody has looked into it."""
    return folder.uidvalidity is None and folder.since is not None and clock.now() - folder.since < JUST_NOW


def mark_start(account: MailAccount, mailbox: Mailbox) -> int:
    """Take mail from now on: what lies there at this moment is left alone. Commits; returns how many messages that are.

    Asking the server for its position is exact; the time alone would depend on two clocks.
    """
    if mailbox.uidvalidity is None:
        return mark_start_of_maildrop(account, mailbox)
    left_alone = 0
    for folder in [folder for folder in account.folders if is_fresh(folder)]:
        mailbox.look(folder.name)
        position = folder_of(account, folder.name, mailbox)
        assert position is not None
        move_cursor(position, mailbox.top())
        update_row(MailFolder, position.id, start_uid=mailbox.top())
        db.session.commit()
        left_alone += mailbox.exists
    return left_alone


def mark_start_of_maildrop(account: MailAccount, mailbox: Mailbox) -> int:
    rows = not_kept(account, None, mailbox.listing(0))
    for message in rows:
        insert_row(
            InboundEmail,
            account_id=account.id,
            uidl=message.key,
            size=message.size,
            status="ignored",
            reason=BEFORE_START,
            settled=True,
            trace=[],
        )
    # The server has been asked: what comes from now on is new, whatever time of arrival it names.
    update_row(MailAccount, account.id, last_success_at=clock.now())
    db.session.commit()
    return len(rows)
