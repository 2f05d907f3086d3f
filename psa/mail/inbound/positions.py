"""How far each folder is read, and whether its numbers still mean what they meant."""

from __future__ import annotations

import sys
from datetime import datetime

import structlog

from psa.extensions import db, run
from psa.mail.inbound.imap import ImapMailbox
from psa.mail.inbound.ledger import AT_ONCE, MAILS, RAWS, number_of, rows_of
from psa.mail.inbound.mailbox import Listed, Mailbox
from psa.mail.inbound.maildrop import forget_names_that_moved
from psa.mail.inbound.pop3 import Pop3Mailbox
from psa.mail.message import parse
from psa.mail.models import MailAccount, MailFolder

log = structlog.get_logger()

FOLDERS = MailFolder.__table__
# The newest messages of a folder are looked at once on each connection, whether they are still the same.
SAMPLE = 3


def folder_of(account: MailAccount, name: str, mailbox: Mailbox) -> MailFolder | None:
    """The reading position in the folder that is open; None for POP3. Commits.

    When the numbers of before mean nothing any more, the folder is read again from its first message; the ledger
    recognises what it knows. So too when everything is taken, or mail since a moment; ``lies_before_start`` then leaves
    out what is older.
    """
    if isinstance(mailbox, Pop3Mailbox):
        forget_names_that_moved(account, mailbox)
        return None
    folder = db.session.execute(
        db.select(MailFolder).where(MailFolder.account_id == account.id, MailFolder.name == name)
    ).scalar_one_or_none()
    if folder is None:
        folder = MailFolder(name=name, since=account.since, cursor=0, generation=0)
        account.folders.append(folder)
    if folder.uidvalidity != mailbox.uidvalidity:
        folder.renumbered = folder.uidvalidity is not None
        folder.uidvalidity = mailbox.uidvalidity
        read_anew(folder, mailbox)
    elif gives_numbers_again(account, folder, mailbox):
        begin_generation(account, folder, mailbox)
    db.session.commit()
    return folder


def read_anew(folder: MailFolder, mailbox: Mailbox) -> None:
    folder.cursor, folder.start_uid = 0, 0
    folder.dated_until = mailbox.top()


def gives_numbers_again(account: MailAccount, folder: MailFolder, mailbox: Mailbox) -> bool:
    """Whether the server gives out UIDs that it gave out before, without saying so.

    The next UID must be above every one that we have seen, and a message does not change (RFC 3501, 2.3.1.1).
    """
    if mailbox.uidnext and mailbox.uidnext <= folder.cursor:
        return True
    if folder.name in mailbox.verified:
        return False
    mailbox.verified.add(folder.name)
    assert isinstance(mailbox, ImapMailbox)
    newest = db.session.execute(
        db.select(MAILS.c.id, MAILS.c.uid, MAILS.c.size, MAILS.c.arrived_at, MAILS.c.message_id)
        .where(rows_of(account, folder), MAILS.c.raw_id.is_not(None))
        .order_by(MAILS.c.uid.desc())
        .limit(SAMPLE)
    ).all()
    db.session.commit()
    there = mailbox.present([row.uid for row in newest])
    # Two messages of one size can come within one second: their names tell them apart.
    names = mailbox.message_ids([row.uid for row in newest if row.uid in there])
    return any(
        row.uid in there
        and not (looks_same(row.size, row.arrived_at, there[row.uid]) and names.get(row.uid) == row.message_id)
        and is_another(row.id, there[row.uid], mailbox)
        for row in newest
    )


def looks_same(size: int, arrived_at: datetime | None, message: Listed) -> bool:
    """Whether a message of the ledger and one on the server agree in what can be seen from outside."""
    return size in (message.size, 0) and (arrived_at == message.arrived_at or None in (arrived_at, message.arrived_at))


def is_another(inbound_id: int, message: Listed, mailbox: Mailbox) -> bool:
    """Whether the message under a number is not the one that we kept under it: neither its bytes nor its words.

    Some servers write out the same mail a little differently each time, and name another size.
    """
    kept = db.session.execute(
        db.select(RAWS.c.sha256, MAILS.c.message_id, MAILS.c.content_hash)
        .join(RAWS, RAWS.c.id == MAILS.c.raw_id)
        .where(MAILS.c.id == inbound_id)
    ).one()
    db.session.commit()
    fetched = mailbox.fetch([message], sys.maxsize)
    if not fetched or fetched[0].packed is None or fetched[0].packed.sha256 == kept.sha256:
        return False
    email = parse(fetched[0].packed.unpacked())
    return (email.message_id, email.content_hash) != (kept.message_id, kept.content_hash)


def begin_generation(account: MailAccount, folder: MailFolder, mailbox: Mailbox) -> None:
    """Start a new count of the folder's numbers, and take along the messages that are still the same."""
    assert isinstance(mailbox, ImapMailbox)
    log.warning("numbers given out again", account=account.address, folder=folder.name, uidnext=mailbox.uidnext)
    # First the server is asked, which may take minutes; SQLite has one writer, and all others would wait for us.
    same = still_the_same(account, folder, mailbox)
    folder.generation += 1
    folder.renumbered = True
    read_anew(folder, mailbox)
    for start in range(0, len(same), AT_ONCE):
        taken_along = MAILS.c.id.in_(same[start : start + AT_ONCE])
        run(MAILS.update().where(taken_along).values(uidvalidity=number_of(folder)))


def still_the_same(account: MailAccount, folder: MailFolder, mailbox: ImapMailbox) -> list[int]:
    """The rows of a folder whose message lies under the same UID as before. Writes nothing."""
    same: list[int] = []
    there = list(mailbox.listing(0))
    for start in range(0, len(there), AT_ONCE):
        listed = {message.key: message for message in there[start : start + AT_ONCE]}
        columns = (MAILS.c.id, MAILS.c.uid, MAILS.c.size, MAILS.c.arrived_at, MAILS.c.message_id)
        query = db.select(*columns).where(rows_of(account, folder), MAILS.c.uid.in_(listed))
        rows = db.session.execute(query).all()
        db.session.commit()
        alike = [row for row in rows if row.message_id and looks_same(row.size, row.arrived_at, listed[row.uid])]
        names = mailbox.message_ids([row.uid for row in alike])
        same += [row.id for row in alike if names.get(row.uid) == row.message_id]
    return same


def move_cursor(folder: MailFolder, uid: int) -> None:
    run(FOLDERS.update().where(FOLDERS.c.id == folder.id).values(cursor=uid))
    folder.cursor = uid
