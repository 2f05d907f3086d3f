"""What was kept and not dealt with when the PSA was stopped: it is here, so it waits for no mailbox."""

from __future__ import annotations

from datetime import timedelta

from psa import clock, locks
from psa.extensions import db, update_row
from psa.mail.inbound.disposition import give_up
from psa.mail.inbound.ledger import MAILS
from psa.mail.inbound.process import process
from psa.mail.inbound.routing import Desk
from psa.mail.models import InboundEmail, MailAccount

# What was kept so long ago, and whose mailbox nobody is reading, is in nobody's hands.
LEFT_FOR = timedelta(minutes=1)
# Generous: a machine that is switched off again and again must not cost a message that is only the first in line.
MOST_TRIES = 10


def deal_with_left_over() -> int:
    """Deal with what is left over of every account, also one that cannot be reached, is switched off or was removed.

    Returns how many there were. Commits.
    """
    left = (MAILS.c.status == "new") & (MAILS.c.kept_at < clock.now() - LEFT_FOR)
    account_ids = list(db.session.scalars(db.select(MAILS.c.account_id).where(left).distinct()))
    db.session.commit()
    return sum(deal_with_account(account_id) for account_id in account_ids)


def deal_with_account(account_id: int) -> int:
    with locks.holding(f"mailbox-{account_id}") as ours:
        if not ours:
            return 0  # who reads the mailbox begins with these
        account = db.session.get_one(MailAccount, account_id, populate_existing=True)
        return process_left_over(account, Desk.of(account))


def process_left_over(account: MailAccount, desk: Desk) -> int:
    """Deal with what is left over of one account, whose lock the caller holds; returns how many there were. Commits.

    Each try is counted before it begins: a message that ends the process itself (memory, a fault in a library) is given
    up after a few, instead of ending every process that follows.
    """
    waiting = db.session.execute(
        db.select(MAILS.c.id, MAILS.c.tries)
        .where(MAILS.c.account_id == account.id, MAILS.c.status == "new")
        .order_by(MAILS.c.id)
    ).all()
    for row in waiting:
        update_row(InboundEmail, row.id, tries=row.tries + 1)
        db.session.commit()
        if row.tries < MOST_TRIES:
            process(row.id, None, desk)
        else:
            give_up(row.id, "new", f"The PSA was stopped {row.tries} times while it dealt with this message")
    db.session.commit()
    return len(waiting)
