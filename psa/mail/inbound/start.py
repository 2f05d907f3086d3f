"""Where reading begins: everything, mail since a moment, or from now on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from psa import clock
from psa.extensions import db, insert_row, update_row
from psa.mail.inbound.ledger import MAILS, not_kept
from psa.mail.inbound.mailbox import Fetched, Listed, Mailbox
from psa.mail.inbound.positions import folder_of, move_cursor
from psa.mail.models import InboundEmail, MailAccount, MailFolder

# A start "from now on" can be asked of the server as long as now is not yet over.
JUST_NOW = timedelta(minutes=1)
BEFORE_START = "It lay in the mailbox before the PSA was connected"
# What is in the ledger only to be known as older. What a person decided to ignore was looked at: it was processed.
LAY_THERE = (MAILS.c.status == "ignored") & MAILS.c.raw_id.is_(None) & MAILS.c.processed_at.is_(None)


def lies_before_start(since: datetime | None, message: Listed | Fetched) -> bool:
    """Whether a message arrived before the moment from which the account takes mail. Servers count whole seconds."""
    return since is not None and message.arrived_at is not None and message.arrived_at < since.replace(microsecond=0)


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


def is_fresh(folder: MailFolder) -> bool:
    """Whether a folder was entered just now, to be read from now on, and nobody has looked into it."""
    return folder.uidvalidity is None and folder.since is not None and clock.now() - folder.since < JUST_NOW


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


def is_decided_by_time(account: MailAccount, listed: Collection[int | str]) -> bool:
    """Whether the messages of a maildrop must say by their own times which of them lie before the start.

    So at the first look, and when none of those that lay there is to be found any more: a server that renumbers its
    messages shows all of them as new.
    """
    if account.last_success_at is None:
        return True
    before = db.select(MAILS.c.uidl).where(MAILS.c.account_id == account.id, LAY_THERE, MAILS.c.uidl.is_not(None))
    lay_there = set(db.session.execute(before).scalars())
    return bool(lay_there) and lay_there.isdisjoint(listed)
