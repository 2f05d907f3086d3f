"""One round, every minute: what is wrong is raised as an alert, what is over is closed, and the admins hear of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import structlog

from psa import clock
from psa.alerts import mailing, operations
from psa.alerts.models import Alert
from psa.alerts.operations import Trouble
from psa.extensions import db
from psa.mail.fuse import incidents
from psa.mail.watch import accounts_in_trouble, expected, silence

log = structlog.get_logger()

Find = Callable[[datetime], Iterator[Trouble]]
Ended = Callable[[Alert], str | None]
# Each kind of alert: what finds it, and what says that it is over.
KINDS: dict[str, tuple[Find, Ended]] = {
    "mailbox": (accounts_in_trouble.unread_mailboxes, accounts_in_trouble.ended),
    "sending": (accounts_in_trouble.senders_in_trouble, accounts_in_trouble.ended),
    "failed": (accounts_in_trouble.failed_mail, accounts_in_trouble.ended),
    "check": (accounts_in_trouble.sums_that_do_not_hold, accounts_in_trouble.ended),
    "expiring": (accounts_in_trouble.sign_ins_that_end, accounts_in_trouble.ended),
    "silence": (silence.silent_mailboxes, silence.ended),
    "expected": (expected.missing_mail, expected.ended),
    "loop": (incidents.blown_fuses, incidents.ended),
}


def watch() -> None:
    """Make the round and commit. What goes wrong with one kind of alert keeps no other from being looked for."""
    now = clock.now()
    for kind, (find, ended) in KINDS.items():
        try:
            look_for(kind, find, ended, now)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("an alert could not be looked for", kind=kind)
    operations.forget_old(now)
    mailing.tell_admins()
    db.session.commit()


def look_for(kind: str, find: Find, ended: Ended, now: datetime) -> None:
    """Raise what is wrong and close what is over. The caller commits."""
    troubles = list(find(now))
    for trouble in troubles:
        if operations.open_alert(trouble):
            log.warning("alert", kind=kind, title=trouble.title)
    wrong = {trouble.key for trouble in troubles}
    for alert in operations.unended():
        if alert.kind != kind or alert.open_key is None or alert.open_key in wrong:
            continue
        words = ended(alert)
        if words is not None:
            operations.close_alert(alert.open_key, words)
            log.info("alert is over", kind=kind, title=alert.title, words=words)
