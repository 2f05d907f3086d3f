"""Several hosts on one PostgreSQL: each takes its share of the mailboxes, and those of a host that died.

A claim says who looks after a mailbox, so that the work is shared out. It is no lock: that no two read one mailbox at
the same time is the doing of psa.mail.inbound.poll, whatever the claims say.
"""

from __future__ import annotations

import hashlib
import math
import socket
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func

from psa import clock, locks
from psa.extensions import UTCDateTime, db, insert_unless_there, run
from psa.jobs.models import Host
from psa.mail.models import MailAccount

HOSTS, ACCOUNTS = Host.__table__, MailAccount.__table__
# A host beats every second; one that was not heard of for so long is dead, and its mailboxes are free.
ALIVE = timedelta(seconds=6)


def host_id() -> str:
    """This instance: the machine's name and the data directory. A copied directory is another instance elsewhere."""
    place = f"{socket.gethostname()} {current_app.config['PSA_DATA']}"
    return hashlib.sha256(place.encode()).hexdigest()[:16]


def beat() -> None:
    """Say that this host is alive. Commits."""
    now = database_now()
    if run(HOSTS.update().where(HOSTS.c.id == host_id()).values(seen_at=now)).rowcount == 0:
        insert_unless_there(Host, id=host_id(), name=socket.gethostname()[:253], started_at=now, seen_at=now)
    db.session.commit()


def leave() -> None:
    """Say that this host goes, so that the others need not wait until it counts as dead. Commits."""
    run(ACCOUNTS.update().where(ACCOUNTS.c.host_id == host_id()).values(host_id=None))
    run(HOSTS.delete().where(HOSTS.c.id == host_id()))
    db.session.commit()


def claim_mailboxes() -> frozenset[int]:
    """Take this host's share of the mailboxes that are read; returns the accounts that are ours. Commits."""
    me, alive = host_id(), alive_hosts()
    rows = db.session.execute(
        db.select(MailAccount.id, MailAccount.host_id)
        .where(MailAccount.direction == "inbound", MailAccount.parsing)
        .order_by(MailAccount.id)
    ).all()
    share = math.ceil(len(rows) / max(1, len(alive)))
    mine = [row.id for row in rows if row.host_id == me]
    free = [row for row in rows if row.host_id != me and row.host_id not in alive]
    for account_id in mine[share:]:
        pass_on(account_id, me, None)
    taken = [row.id for row in free[: max(0, share - len(mine))] if pass_on(row.id, row.host_id, me)]
    db.session.commit()
    return frozenset(mine[:share] + taken)


def pass_on(account_id: int, before: str | None, after: str | None) -> bool:
    """Give a mailbox from one host to another; False when somebody else was quicker."""
    unchanged = (ACCOUNTS.c.id == account_id) & ACCOUNTS.c.host_id.is_not_distinct_from(before)
    return run(ACCOUNTS.update().where(unchanged).values(host_id=after)).rowcount == 1


def is_first() -> bool:
    """Whether this host does what only one has to do, such as the nightly checks."""
    first = next(iter(alive_hosts()), None)
    db.session.rollback()
    return first in (None, host_id())


def alive_hosts() -> list[str]:
    now = database_now()
    # Nobody was seen in the future: who seems to be died before the clock was set back.
    heard_of = Host.seen_at.between(now - ALIVE, now + ALIVE)
    query = db.select(Host.id).where(heard_of).order_by(Host.id)
    return list(db.session.scalars(query))


def database_now() -> datetime:
    """One clock for all hosts, so that a wrong one makes nobody dead."""
    if not locks.on_postgresql():
        return clock.now()
    now: datetime = db.session.execute(db.select(func.clock_timestamp(type_=UTCDateTime))).scalar_one()
    return now
