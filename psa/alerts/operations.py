"""Raising alerts and closing them. Each is open once, whoever finds the trouble and however often."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from psa import clock
from psa.alerts.models import Alert
from psa.auth.models import User
from psa.extensions import db, insert_unless_there, run

ALERTS = Alert.__table__
KEPT = timedelta(days=365)
FOR_AGENTS = ("loop",)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now. ``key`` is the same as long as it is the same trouble: ``mailbox:3``.

    ``kind`` is the part of the key before the colon. ``title`` is a sentence without its full stop, ``words`` say what
    it means and what to do, ``link`` is the path of the page where that is done.
    """

    key: str
    title: str
    words: str
    link: str = ""
    account_id: int | None = None

    @property
    def kind(self) -> str:
        return self.key.partition(":")[0]


def open_alert(trouble: Trouble) -> bool:
    """Raise an alert unless it is raised already; its words are brought up to date. True when it is new.

    In the caller's transaction. One that a person has dismissed stays so until the trouble has ended once.
    """
    said = {"title": trouble.title[:300], "words": trouble.words, "link": trouble.link[:300]}
    values = {"open_key": trouble.key, "kind": trouble.kind, "account_id": trouble.account_id, **said}
    if insert_unless_there(Alert, **values):
        return True
    changed = (ALERTS.c.title != said["title"]) | (ALERTS.c.words != said["words"])
    run(ALERTS.update().where(ALERTS.c.open_key == trouble.key, ALERTS.c.closed_at.is_(None), changed).values(**said))
    return False


def close_alert(key: str, words: str) -> bool:
    """Say that a trouble has ended, with ``words`` such as how. False when no alert was open. In the caller's
    transaction.
    """
    # One that was dismissed is closed already: only its name becomes free.
    run(ALERTS.update().where(ALERTS.c.open_key == key, ALERTS.c.closed_at.is_not(None)).values(open_key=None))
    ended = ALERTS.update().where(ALERTS.c.open_key == key)
    return run(ended.values(open_key=None, closed_at=clock.now(), closing_words=words)).rowcount == 1


def dismiss(alert: Alert, by: str) -> None:
    """Take an alert off the pages. The same trouble is told of again only after it has ended. The caller commits."""
    if alert.closed_at is None:
        alert.closed_at, alert.closing_words = clock.now(), f"Dismissed by {by}"
        # Whoever has dismissed it waits for no news of it.
        alert.told_at = None


def open_alerts() -> list[Alert]:
    """What is wrong now, the newest first."""
    return list(db.session.scalars(db.select(Alert).where(Alert.closed_at.is_(None)).order_by(Alert.opened_at.desc())))


def alerts_for(user: User) -> list[Alert]:
    """The open alerts that concern a user: all for administrators; agents see the pulse, and what they can end."""
    return [alert for alert in open_alerts() if user.is_admin or alert.kind in FOR_AGENTS]


def unended() -> list[Alert]:
    """Everything that has not ended, dismissed or not."""
    return list(db.session.scalars(db.select(Alert).where(Alert.open_key.is_not(None)).order_by(Alert.id)))


def closed_alerts(limit: int) -> list[Alert]:
    """What is over, the latest first."""
    closed = db.select(Alert).where(Alert.closed_at.is_not(None)).order_by(Alert.closed_at.desc(), Alert.id.desc())
    return list(db.session.scalars(closed.limit(limit)))


def to_be_told() -> tuple[list[Alert], list[Alert]]:
    """Alerts that the admins have not heard of, and those whose end they have not heard of."""
    news = db.select(Alert).where(Alert.closed_at.is_(None), Alert.told_at.is_(None)).order_by(Alert.id)
    ended = db.select(Alert).where(Alert.closed_at.is_not(None), Alert.told_at < Alert.closed_at).order_by(Alert.id)
    return list(db.session.scalars(news)), list(db.session.scalars(ended))


def mark_told(alerts: Iterable[Alert]) -> None:
    """Note that the admins have been mailed. The caller commits."""
    ids = [alert.id for alert in alerts]
    run(ALERTS.update().where(ALERTS.c.id.in_(ids)).values(told_at=clock.now()))


def forget_old(now: datetime) -> None:
    """Alerts that were over a year ago. The caller commits."""
    run(ALERTS.delete().where(ALERTS.c.closed_at < now - KEPT, ALERTS.c.open_key.is_(None)))
