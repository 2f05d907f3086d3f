"""Checking mailboxes against their servers, message by message: on demand, and every night."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import Select, select

from psa import clock, locks
from psa.extensions import db
from psa.mail.inbound.reckon import reckon
from psa.mail.models import MailAccount
from psa.mail.watch.models import MailboxCheck

log = structlog.get_logger()

# In the server's zone, by the hour. Who was off at night is checked when a day and a half is over.
NIGHT = range(2, 6)
NIGHTLY, AT_THE_LATEST = timedelta(hours=20), timedelta(hours=36)
# The first check of a mailbox waits until what lay there has been dealt with; one that could not be made, for a while.
SETTLING, RETRY, RECHECK = timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=1)
KEPT = 30


def last_check(account: MailAccount) -> MailboxCheck | None:
    """The last comparison that could be made with the mailbox that the account reads now."""
    begun = account.since if account.since is not None and account.since > account.created_at else account.created_at
    query = latest(account.id).where(MailboxCheck.on_server.is_not(None), MailboxCheck.started_at >= begun)
    return db.session.scalars(query.limit(1)).first()


def last_checks(account_id: int, limit: int) -> list[MailboxCheck]:
    """The latest ones first, also those that could not be made."""
    return list(db.session.scalars(latest(account_id).limit(limit)))


def latest(account_id: int) -> Select[Any]:
    finished = select(MailboxCheck).where(MailboxCheck.account_id == account_id, MailboxCheck.finished_at.is_not(None))
    return finished.order_by(MailboxCheck.id.desc())


def begin(account_id: int) -> bool:
    """Check a mailbox in the background; False when that is being done already."""
    lock = locks.acquire_here(lock_of(account_id))
    if lock is None:
        return False
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    arguments = (app, account_id, lock)
    threading.Thread(target=in_background, args=arguments, name=f"check {account_id}", daemon=True).start()
    return True


def in_background(app: Flask, account_id: int, lock: locks.Lock) -> None:
    with app.app_context():
        try:
            run(account_id)
        finally:
            lock.release()


def is_running(account_id: int) -> bool:
    """Whether this host checks the mailbox now."""
    return locks.is_taken_here(lock_of(account_id))


def lock_of(account_id: int) -> str:
    return f"check-{account_id}"


def run(account_id: int) -> None:
    """Check one mailbox now and forget the oldest checks. Whatever goes wrong is written down as one that failed."""
    try:
        reckon(account_id)
    except Exception as error:  # the edge of one check
        log.exception("a check failed in us", account=account_id)
        db.session.rollback()
        words = f"{type(error).__name__}: {error}"
        db.session.add(MailboxCheck(account_id=account_id, words=words[:2000], finished_at=clock.now()))
        db.session.commit()
    kept = latest(account_id).with_only_columns(MailboxCheck.id).limit(KEPT)
    old = db.delete(MailboxCheck).where(MailboxCheck.account_id == account_id, MailboxCheck.id.not_in(kept))
    db.session.execute(old, execution_options={"synchronize_session": False})
    db.session.commit()


def check_due() -> int | None:
    """Check the mailbox that has waited longest, if one is due; returns its account."""
    account_id = due(clock.now())
    db.session.rollback()
    if account_id is None or (lock := locks.acquire_here(lock_of(account_id))) is None:
        return None
    try:
        run(account_id)
    finally:
        lock.release()
    return account_id


def due(now: datetime) -> int | None:
    """At night each mailbox once; by day only one that has had no check for long, or never."""
    tried = db.func.max(MailboxCheck.started_at)
    checked = db.func.max(db.case((MailboxCheck.on_server.is_not(None), MailboxCheck.started_at)))
    last = (
        db.select(MailboxCheck.account_id, tried.label("tried"), checked.label("checked"))
        .group_by(MailboxCheck.account_id)
        .subquery()
    )
    mailboxes = db.session.execute(
        db.select(MailAccount.id, MailAccount.created_at, last.c.tried, last.c.checked)
        .outerjoin(last, last.c.account_id == MailAccount.id)
        .where(
            MailAccount.direction == "inbound",
            MailAccount.parsing,
            # What cannot be read cannot be checked: it would only fail once more.
            MailAccount.last_success_at.is_not(None),
            MailAccount.failures == 0,
        )
        .order_by(db.func.coalesce(last.c.checked, MailAccount.created_at), MailAccount.id)
    )
    for mailbox in mailboxes:
        if mailbox.tried is not None and now - mailbox.tried < RETRY:
            continue
        since, wait = mailbox.created_at, SETTLING
        if mailbox.checked is not None:
            since, wait = mailbox.checked, pause(mailbox.id, now)
        if now - since > wait:
            return int(mailbox.id)
    return None


def pause(account_id: int, now: datetime) -> timedelta:
    """How long after its last check a mailbox is checked again.

    What a check found missing is fetched by the next look, so soon another one tells whether the sum holds now; once.
    """
    last, *before = last_checks(account_id, 2)
    if last.differences and not any(check.differences for check in before):
        return RECHECK
    return NIGHTLY if now.astimezone().hour in NIGHT else AT_THE_LATEST
