"""Numbers that a server gave out while nothing lay there at any look of ours.

Mostly somebody else was quicker: a person, a filter, another program. It is also all that is to be seen of mail that
was taken, and moved or deleted on the server, behind the backup from which this database was restored. By itself it is
no difference: UIDs need not follow each other without a gap (RFC 9051, 2.3.1.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psa.extensions import db
from psa.mail.inbound.ledger import MAILS, rows_of
from psa.mail.models import MailAccount, MailFolder

# So many runs of a folder are named, the latest ones.
MOST_RUNS = 20


def never_seen(account: MailAccount, folder: MailFolder, seen: Iterable[int], given_out: int) -> list[dict[str, Any]]:
    """The latest runs of such numbers, as in MailboxCheck.unseen.

    ``seen`` are the UIDs of the ledger and those on the server, ``given_out`` is the last one of which the server says
    that it was given out. What lay there at the start says nothing: nobody knows what else had been there.
    """
    runs, last = [], max(folder.start_uid, folder.dated_until)
    for uid in sorted({*seen, given_out + 1}):
        if uid > last + 1:
            runs.append((last + 1, uid - 1))
        last = max(last, uid)
    named = runs[-MOST_RUNS:]
    around = {edge for first, last in named for edge in (first - 1, last + 1)}
    query = db.select(MAILS.c.uid, MAILS.c.arrived_at, MAILS.c.kept_at)
    rows = db.session.execute(query.where(rows_of(account, folder), MAILS.c.uid.in_(around)))
    came = {row.uid: (row.arrived_at or row.kept_at).isoformat() for row in rows}
    return [
        {"folder": folder.name, "first": a, "last": z, "after": came.get(a - 1), "before": came.get(z + 1)}
        for a, z in named
    ]
