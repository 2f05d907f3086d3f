"""How a mailbox is, in words and figures, for the people who run it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func

from psa import clock
from psa.extensions import db
from psa.mail import accounts, queries
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.catalogue.cause import Cause
from psa.mail.inbound.slots import MOST_LISTENING
from psa.mail.models import ConnectionTest, InboundEmail, MailAccount
from psa.mail.removal import is_retired
from psa.mail.watch import checks
from psa.mail.watch.models import MailboxCheck
from psa.mail.watch.sums import Sum, counts_of, sum_of

HOURS = 24
HOUR = timedelta(hours=1)
CHECKS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class State:
    """A word or two, a tone (ok, warn, bad or nothing), and the rest of the sentence.

    ``code`` is for programs: ok, partly, late, failing, refused, waiting (for its first look) or off.
    """

    code: str
    words: str
    tone: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """One mailbox in the overview. ``waiting`` is how many of its messages wait for a person, ``behind`` for us."""

    account: MailAccount
    state: State
    last_mail_at: datetime | None
    today: int
    waiting: int
    behind: int
    check: MailboxCheck | None


@dataclass(frozen=True, slots=True)
class Health:
    """All about one mailbox. ``flow`` is how many messages came in each of the last 24 hours, the present one last."""

    account: MailAccount
    state: State
    sum: Sum
    last_mail_at: datetime | None
    flow: list[int]
    check: MailboxCheck | None
    checks: list[MailboxCheck]
    is_checking: bool
    seen: str = field(default="")


def briefs() -> list[Brief]:
    """Every mailbox in the order of the page, by few statements however many there are."""
    mailboxes = accounts.in_direction("inbound")
    ids = [account.id for account in mailboxes]
    counts = counts_of(ids, ("held", "failed", "new"))
    today, last_mail = queries.kept_today(), last_mail_of(ids)
    return [
        Brief(
            account=account,
            state=state_of(account),
            last_mail_at=last_mail.get(account.id),
            today=today.get(account.id, 0),
            waiting=counts[account.id]["held"] + counts[account.id]["failed"],
            behind=counts[account.id]["new"],
            check=checks.last_check(account),
        )
        for account in mailboxes
    ]


def health_of(account: MailAccount) -> Health:
    """``seen`` of it changes when anything does that the panel shows."""
    # Asked first: a check that ends meanwhile is then shown as running, and the panel asks again.
    is_checking = checks.is_running(account.id)
    check = checks.last_check(account)
    health = Health(
        account=account,
        state=state_of(account),
        sum=sum_of(account, check),
        last_mail_at=last_mail_of([account.id]).get(account.id),
        flow=flow_of(account.id),
        check=check,
        checks=checks.last_checks(account.id, CHECKS_SHOWN),
        is_checking=is_checking,
    )
    moments = (account.last_success_at, account.last_failure_at, account.next_poll_at, health.last_mail_at)
    ids = [one.id for one in health.checks]
    state = (health.state, health.sum, health.flow, moments, account.address, account.fault_words, account.failures)
    seen = hashlib.sha256(repr((state, ids, health.is_checking)).encode()).hexdigest()[:12]
    return Health(**{name: getattr(health, name) for name in Health.__slots__ if name != "seen"}, seen=seen)


def state_of(account: MailAccount) -> State:
    """What the mailbox is doing, the worst first."""
    if is_retired(account):
        return State("off", "Removed", "", "It is not read any more. What it brought stays here.")
    if not account.parsing:
        return State("off", "Off", "", "Email parsing is off, so the mailbox is left alone. What arrives there waits.")
    if account.refused_since is not None:
        return State("refused", "Signing in is refused", "bad", "tried once an hour until the settings change")
    if account.failures:
        tone = "warn" if cause_of(account).retry else "bad"
        return State("failing", "Cannot be read", tone, cause_of(account).title)
    if queries.is_late(account):
        return State("late", "Nobody looks into it", "warn", "the part of the PSA that reads mail does not run")
    if account.last_success_at is None:
        return State("waiting", "Not looked into yet")
    if account.fault_cause:
        return State("partly", "Works in part", "warn", cause_of(account).title)
    if account.protocol == "imap" and is_one_too_many(account):
        detail = f"The PSA listens to {MOST_LISTENING} earlier mailboxes of this server, and no more"
        return State("ok", f"Looks {every(account.interval)}", "ok", detail)
    if account.protocol == "imap" and tells_at_once(account) is not False:
        beside = f"Looks {every(account.interval)} too, in case the server does not tell"
        return State("ok", "Listening", "ok", "" if tells_at_once(account) else beside)
    return State("ok", f"Looks {every(account.interval)}", "ok")


def is_one_too_many(account: MailAccount) -> bool:
    """Whether earlier mailboxes of the same server have all the listeners that it gets (psa/jobs/mailboxes.py)."""
    before = db.session.scalar(
        db.select(func.count()).where(
            MailAccount.direction == "inbound",
            MailAccount.protocol == "imap",
            MailAccount.parsing,
            func.lower(MailAccount.host) == account.host.lower(),
            MailAccount.host_id.is_not_distinct_from(account.host_id),
            MailAccount.id < account.id,
        )
    )
    return (before or 0) >= MOST_LISTENING


def cause_of(account: MailAccount) -> Cause:
    """What keeps the account from working, with the names of its server in it."""
    cause = CAUSES.get(account.fault_cause, CAUSES["unknown"])
    return cause.told(
        host=account.host,
        port=account.port,
        address=account.address,
        username=account.username,
        protocol=account.protocol.upper(),
        folder=account.folder,
    )


def tells_at_once(account: MailAccount) -> bool | None:
    """Whether the server has IDLE, as the last test found it; None when none was made."""
    found = db.session.scalars(
        db.select(ConnectionTest.findings)
        .where(ConnectionTest.account_id == account.id, ConnectionTest.state == "passed")
        .order_by(ConnectionTest.id.desc())
        .limit(1)
    ).first()
    return "IDLE" in found["capabilities"] if found and "capabilities" in found else None


def every(seconds: int) -> str:
    """How often: every minute, every 5 minutes, every 90 seconds."""
    if seconds % 60:
        return f"every {seconds} seconds"
    return "every minute" if seconds == 60 else f"every {seconds // 60} minutes"


def last_mail_of(account_ids: list[int]) -> dict[int, datetime]:
    """When the last message came in, by mailbox; those that never had one are left out."""
    newest = (
        db.select(func.max(InboundEmail.kept_at))
        .where(InboundEmail.account_id == MailAccount.id)
        .correlate(MailAccount)
        .scalar_subquery()
    )
    rows = db.session.execute(db.select(MailAccount.id, newest.label("at")).where(MailAccount.id.in_(account_ids)))
    return {row.id: row.at for row in rows if row.at is not None}


def flow_of(account_id: int) -> list[int]:
    """How many messages came in each of the last 24 hours."""
    begins = clock.now().replace(minute=0, second=0, microsecond=0) - (HOURS - 1) * HOUR
    numbers = queries.by_hour(InboundEmail.kept_at, begins, InboundEmail.account_id == account_id)
    return [numbers.get(index, 0) for index in range(HOURS)]
