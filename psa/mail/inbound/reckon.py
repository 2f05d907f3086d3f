"""The sum that must hold: each message on the server is in the ledger, or lay there before the start, or waits."""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Row

from psa import clock, locks, signing
from psa.extensions import db
from psa.mail import settings as server
from psa.mail.accounts import opened, without_secret
from psa.mail.diagnosis.causes import SEAL_BROKEN
from psa.mail.inbound.ledger import GONE, MAILS, key_column, rows_of
from psa.mail.inbound.mailbox import NETWORK_ERRORS, Listed, Mailbox, open_mailbox
from psa.mail.inbound.positions import begin_generation, folder_of, is_another, looks_same, move_cursor
from psa.mail.inbound.refetch import tell_gone
from psa.mail.inbound.start import LAY_THERE, lies_before_start
from psa.mail.inbound.unseen import never_seen
from psa.mail.journal import Journal, words_of
from psa.mail.models import PIPED, MailAccount, MailFolder
from psa.mail.watch.models import MailboxCheck

log = structlog.get_logger()

NOT_IN_LEDGER = "It is on the server but not in the ledger. The next look fetches it."
IS_ANOTHER = "The server has another message under its number now. The next look fetches that one."
WAITS_IN_VAIN = "It waits to be marked, moved or deleted on the server, but it is gone from there."
NEVER_WHOLE = "We never got all of it, and it is gone from the server. Ask its sender to send it again."
BUSY = "The mailbox is being read just now. Try again in a minute."
# How long we wait for whoever reads the mailbox. In seconds.
PATIENCE = 15.0
# So many differences are named; more of them mean one and the same trouble.
MOST_NAMED = 1000


@dataclass(slots=True)
class Count:
    """What has been found so far."""

    on_server: int = 0
    counted: Counter[str] = field(default_factory=Counter)
    differences: list[dict[str, Any]] = field(default_factory=list)
    unseen: list[dict[str, Any]] = field(default_factory=list)
    # Of what is gone before we got all of it: its folder and its row.
    lost: list[tuple[str, Row[Any]]] = field(default_factory=list)

    def differs(self, folder: str, key: int | str, words: str, inbound_id: int | None = None) -> None:
        if len(self.differences) < MOST_NAMED:
            self.differences.append({"folder": folder, "key": str(key), "words": words, "inbound_id": inbound_id})


def reckon(account_id: int) -> MailboxCheck:
    """Compare a mailbox with the ledger, message by message; commits and returns what was found. Raises nothing.

    What is on the server and should have been read is read by the next look. When the comparison cannot be made, the
    check's ``words`` say why.
    """
    account = db.session.get_one(MailAccount, account_id, populate_existing=True)
    check = MailboxCheck(account_id=account_id, started_at=clock.now())
    count, words = Count(), ""
    try:
        words = compare(account, count)
    except NETWORK_ERRORS as error:
        db.session.rollback()
        words = without_secret(words_of(error), opened(account.sealed_password))
    except signing.SealBroken:
        db.session.rollback()
        words = f"{SEAL_BROKEN.cause.title}. {SEAL_BROKEN.cause.meaning}"
    if not words:
        check.on_server, check.counted, check.differences = count.on_server, dict(count.counted), count.differences
        check.unseen = count.unseen
    check.words, check.finished_at = words, clock.now()
    db.session.add(check)
    db.session.commit()
    log.info("reckoned", account=account.address, on_server=count.on_server, differences=len(count.differences))
    return check


def reckon_all() -> None:
    """Every mailbox that is read, one after the other: the nightly check."""
    ids = list(
        db.session.scalars(
            db.select(MailAccount.id)
            .where(MailAccount.direction == "inbound", MailAccount.parsing)
            .order_by(MailAccount.id)
        )
    )
    db.session.commit()
    for account_id in ids:
        reckon(account_id)


def compare(account: MailAccount, count: Count) -> str:
    """Count folder by folder; returns why it could not be done, or nothing."""
    settings, folders = server.of_account(account), server.folders_of(account)
    db.session.commit()
    if not (lock := lock_of(account.id)):
        return BUSY
    try:
        mailbox = open_mailbox(settings, Journal())
        try:
            for name in folders:
                mailbox.look(name)
                compare_folder(account, folder_of(account, name, mailbox), mailbox, count)
        finally:
            mailbox.close()
        tell_of_lost(account, count)
    finally:
        lock.release()
    return ""


def tell_of_lost(account: MailAccount, count: Count) -> None:
    """Name it by one check, and tell of it on its ticket: then there is nothing that another could still find out.

    Only when all has been compared, for of a check that breaks off nothing is kept.
    """
    for folder, row in count.lost:
        if tell_gone(account, row.id):
            count.differs(folder, row.key, NEVER_WHOLE, row.id)


def lock_of(account_id: int) -> locks.Lock | None:
    """The lock of whoever reads the mailbox; a look is mostly over in a moment."""
    until = time.monotonic() + PATIENCE
    while (lock := locks.acquire(f"mailbox-{account_id}")) is None and time.monotonic() < until:
        time.sleep(0.2)
    return lock


def compare_folder(account: MailAccount, folder: MailFolder | None, mailbox: Mailbox, count: Count) -> None:
    there = {message.key: message for message in mailbox.listing(0)}
    count.on_server += len(there)
    name = folder.name if folder is not None else ""
    unknown, doubtful = set(there), []
    read_up_to = folder.cursor if folder is not None else 0
    seen = array("Q", (int(key) for key in there) if folder is not None else ())
    for row in ledger(account, folder):
        if folder is not None:
            seen.append(row.key)
        if row.key not in there:
            if is_lost(row):
                count.lost.append((name, row))
            elif waits_in_vain(account, row):
                count.differs(name, row.key, WAITS_IN_VAIN, row.id)
            continue
        unknown.discard(row.key)
        if folder is not None and row.raw_id is not None and not looks_same(row.size, row.arrived_at, there[row.key]):
            doubtful.append(row)
        else:
            count.counted["before_start" if row.lay_there else row.status] += 1
    db.session.commit()
    reused = [row for row in doubtful if is_another(row.id, there[row.key], mailbox)]
    for row in doubtful:
        if row in reused:
            count.differs(name, row.key, IS_ANOTHER, row.id)
        else:
            count.counted[row.status] += 1
    missed = [key for key in sorted(unknown, key=str) if not count_unknown(there[key], folder, count)]
    for key in missed:
        count.differs(name, key, NOT_IN_LEDGER)
    if folder is not None:
        count.unseen += never_seen(account, folder, seen, max(read_up_to, mailbox.uidnext - 1))
        make_good(account, folder, mailbox, [int(key) for key in missed], begins_anew=bool(reused))


def ledger(account: MailAccount, folder: MailFolder | None) -> Iterator[Row[Any]]:
    key = key_column(folder)
    columns = (MAILS.c.size, MAILS.c.arrived_at, MAILS.c.status, MAILS.c.raw_id, MAILS.c.complete, MAILS.c.settled)
    before = LAY_THERE.label("lay_there")
    query = db.select(MAILS.c.id, key.label("key"), before, *columns).where(rows_of(account, folder))
    if folder is None:
        query = query.where(~key.startswith(PIPED), ~key.startswith(GONE))
    yield from db.session.execute(query.execution_options(yield_per=1000))


def is_lost(row: Row[Any]) -> bool:
    """Whether a message that is not on the server is one that we still wanted something of. A person who has ignored
    it for good wants nothing.
    """
    return row.status != "ignored" and (not row.complete or (row.status == "failed" and row.raw_id is None))


def waits_in_vain(account: MailAccount, row: Row[Any]) -> bool:
    """Whether one that is not on the server was to be marked, moved or deleted there."""
    to_be_settled = row.complete and row.status in ("filed", "ignored", "reported")
    return account.after_filing != "leave" and not row.settled and to_be_settled


def count_unknown(message: Listed, folder: MailFolder | None, count: Count) -> bool:
    """Count a message that the ledger does not know; False when it should."""
    if folder is None or int(message.key) > folder.cursor:
        count.counted["new"] += 1
        return True
    dated = int(message.key) <= folder.dated_until and lies_before_start(folder.since, message)
    if dated or int(message.key) <= folder.start_uid:
        count.counted["before_start"] += 1
        return True
    return False


def make_good(
    account: MailAccount, folder: MailFolder, mailbox: Mailbox, missed: list[int], *, begins_anew: bool
) -> None:
    """See to it that the next look reads what was missed. Commits."""
    if begins_anew:
        begin_generation(account, folder, mailbox)
    elif missed:
        # From here on each message is looked up in the ledger before it is fetched.
        folder.renumbered = True
        move_cursor(folder, min(missed) - 1)
    db.session.commit()
