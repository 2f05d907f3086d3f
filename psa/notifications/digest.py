"""What users hear together: every hour or once a day, and what was more than a person wants to get within an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from flask import current_app

from psa import clock
from psa.auth.models import User
from psa.extensions import db, run
from psa.mail import accounts
from psa.mail.fuse.operations import may_answer, stopped
from psa.mail.outbound import addresses
from psa.mail.templates import facts
from psa.notifications.by_itself import by_itself
from psa.notifications.choices import Choice, choices_of
from psa.notifications.letters import PURPOSE, write_digest
from psa.notifications.models import Notice
from psa.words import counted

NOTICES = Notice.__table__
# What is more is counted, not listed.
MOST_LINES = 100
KEPT = timedelta(days=90)


def send_due_digests() -> int:
    """Queue each digest whose time has come; returns how many. Commits one by one."""
    sent = 0
    for user_id in due(clock.now()):
        write, give_up = partial(send_digest, user_id), partial(forget, user_id)
        sent += by_itself(write, give_up, "a digest could not be written", user=user_id)
    run(NOTICES.delete().where(NOTICES.c.made_at < clock.now() - KEPT))
    db.session.commit()
    return sent


def due(now: datetime) -> list[int]:
    """The users for whom something waits whose time has come."""
    return [user_id for user_id, waiting in waiting_digests().items() if waiting.leaves_at <= now]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a user's next digest holds by now, and when it leaves."""

    number: int
    leaves_at: datetime


def waiting_digests() -> dict[int, Waiting]:
    """The digests that wait for their time, by user."""
    number, oldest = db.func.count(), db.func.min(Notice.made_at)
    rows = db.session.execute(
        db.select(Notice.user_id, number, oldest)
        .where(Notice.left_at.is_(None), Notice.user_id.is_not(None))
        .group_by(Notice.user_id)
    ).all()
    chosen = choices_of([user_id for user_id, _, _ in rows])
    return {user_id: Waiting(many, next_time(made_at, chosen[user_id])) for user_id, many, made_at in rows}


def next_time(made_at: datetime, choice: Choice) -> datetime:
    """When something that happened then is told: at the next full hour, or at the user's time of the day.

    In the zone of the firm's server, in which all times are typed and shown.
    """
    if choice.rhythm != "daily":
        return made_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    day = made_at.astimezone().date()
    at = at_minute(day.year, day.month, day.day, choice.daily_at)
    if at <= made_at:
        following = day + timedelta(days=1)
        at = at_minute(following.year, following.month, following.day, choice.daily_at)
    return at


def at_minute(year: int, month: int, day: int, minute: int) -> datetime:
    return datetime(year, month, day, minute // 60, minute % 60).astimezone()


def send_digest(user_id: int) -> bool:
    """Queue the digest of one user; False when there is nobody to send it, or to send it to."""
    user, account = db.session.get_one(User, user_id), accounts.default_outbound()
    if not user.active or addresses.suppressed([user.email]):
        forget(user_id)
        return False
    waiting = list(
        db.session.scalars(
            db.select(Notice).where(Notice.user_id == user_id, Notice.left_at.is_(None)).order_by(Notice.id)
        )
    )
    # While answers to them are stopped it waits; the one that is too much opens the incident.
    if account is None or not waiting or stopped(user.email, PURPOSE) or may_answer(user.email, PURPOSE):
        return False
    if not take(waiting):
        # Another host tells of some: what was marked here must not count as told.
        db.session.rollback()
        return False
    outbound_id = write_digest(user, account, facts_of(waiting))
    run(NOTICES.update().where(NOTICES.c.id.in_([one.id for one in waiting])).values(outbound_id=outbound_id))
    return True


def take(waiting: list[Notice]) -> bool:
    """Mark them as told; False when another host has been quicker."""
    ids = [one.id for one in waiting]
    free = NOTICES.c.id.in_(ids) & NOTICES.c.left_at.is_(None)
    return run(NOTICES.update().where(free).values(left_at=clock.now())).rowcount == len(ids)


def forget(user_id: int) -> None:
    """Nobody is there to read it, or it cannot be told."""
    run(NOTICES.delete().where(NOTICES.c.user_id == user_id, NOTICES.c.left_at.is_(None)))


def facts_of(waiting: list[Notice]) -> facts.Digest:
    """What the template may speak of."""
    base = str(current_app.config["PSA_BASE_URL"]).rstrip("/")
    number = len(waiting)
    return facts.Digest(
        f"{counted(number, 'thing has', 'things have')} happened",
        tuple(
            facts.Notice(one.words, f"{base}{path}" if (path := path_of(one)) else "", told_at(one.made_at))
            for one in waiting[:MOST_LINES]
        ),
        max(0, number - MOST_LINES),
    )


def path_of(notice: Notice) -> str:
    return f"/tickets/{notice.ticket_id}" if notice.ticket_id else notice.path


def told_at(moment: datetime) -> str:
    """23 November, 10:12."""
    local = moment.astimezone()
    return f"{local.day} {local:%B, %H:%M}"
