"""Whether the names that a maildrop (POP3) gives its messages still mean what they meant.

A UIDL is to be unique and lasting (RFC 1939, 7). There are servers whose UIDLs are the numbers of the messages, which
move up when others are deleted: then a new message may have the name, and even the size, of one that we know.
"""

from __future__ import annotations

import poplib
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Row

from psa.extensions import db, run
from psa.mail.inbound.ledger import AT_ONCE, MAILS, freed, rows_of
from psa.mail.inbound.mailbox import Listed, is_dead
from psa.mail.inbound.pop3 import Pop3Mailbox
from psa.mail.models import MailAccount
from psa.mail.raw import raw_bytes

log = structlog.get_logger()


def forget_names_that_moved(account: MailAccount, mailbox: Pop3Mailbox) -> None:
    """Where names are mere numbers, and they have moved, free them all. Commits.

    Each message is then fetched anew, and recognised by its bytes.
    """
    listed = list(mailbox.listing(0))
    if any(message.key != str(number) for number, message in enumerate(listed, 1)):
        return
    known = known_rows(account, listed)
    if have_moved(mailbox, listed, known):
        log.warning("numbers for names have moved", account=account.address)
        for start in range(0, len(known), AT_ONCE):
            moved = MAILS.c.id.in_([row.id for row in known[start : start + AT_ONCE]])
            run(MAILS.update().where(moved).values(uidl=freed()))
    db.session.commit()


def known_rows(account: MailAccount, listed: Sequence[Listed]) -> list[Row[Any]]:
    """What the ledger has under these names."""
    rows: list[Row[Any]] = []
    query = db.select(MAILS.c.id, MAILS.c.uidl.label("key"), MAILS.c.size, MAILS.c.raw_id)
    for start in range(0, len(listed), AT_ONCE):
        keys = [message.key for message in listed[start : start + AT_ONCE]]
        rows += db.session.execute(query.where(rows_of(account, None), MAILS.c.uidl.in_(keys))).all()
    db.session.commit()
    return rows


def have_moved(mailbox: Pop3Mailbox, listed: Sequence[Listed], known: Sequence[Row[Any]]) -> bool:
    """A message that is deleted moves all behind it, so the last one that we know tells of every one before it.

    Of what lay there before the start we have sizes only.
    """
    sizes = {message.key: message.size for message in listed}
    if any(row.size != sizes[row.key] for row in known):
        return True
    kept = [row for row in known if row.raw_id is not None]
    try:
        return bool(kept) and not has_same_headers(mailbox, max(kept, key=lambda row: int(row.key)))
    except poplib.error_proto as error:
        if is_dead(error):
            raise
        return False  # a server without TOP: there is no telling


def has_same_headers(mailbox: Pop3Mailbox, row: Row[Any]) -> bool:
    """Whether the message under a name (``row.key``) begins as the one that we kept under it (``row.raw_id``)."""
    raw = raw_bytes(row.raw_id)
    db.session.commit()
    head = mailbox.head(row.key).rstrip()
    same = raw.replace(b"\r\n", b"\n").startswith(head.replace(b"\r\n", b"\n"))
    if not same:
        log.warning("another message under a known UIDL", account=mailbox.settings.address, uidl=row.key)
    return same
