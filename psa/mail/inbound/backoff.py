"""When a mailbox is looked into next: after its interval, or after a pause when something went wrong."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from psa import clock, signing
from psa.extensions import db, update_row
from psa.mail import accounts
from psa.mail.diagnosis.causes import SEAL_BROKEN, Diagnosis, diagnose
from psa.mail.diagnosis.refusal import diagnose_error
from psa.mail.inbound.mailbox import NETWORK_ERRORS
from psa.mail.journal import words_of
from psa.mail.models import MailAccount

log = structlog.get_logger()

# Answers to a login that only a person can change. Providers lock accounts that try too often with a wrong password, so
# after MOST_REFUSALS of them in a row there is one try in an hour.
REFUSALS = frozenset(
    {
        "account_blocked",
        "auth_app_password_required",
        "auth_basic_disabled",
        "auth_policy_blocked",
        "auth_web_login_required",
        "auth_wrong_password",
        "oauth_app_misconfigured",
        "oauth_token_invalid",
        "permission_missing",
        "protocol_disabled",
    }
)
SIGNING_IN = ("token", "auth")
MOST_REFUSALS = 3
REFUSED_PAUSE = timedelta(hours=1)
# Troubles that do not pass within seconds; so is a password that is refused once or twice.
LASTING = frozenset({"too_many_connections", "rate_limited", "auth_rate_limited", "seal_broken"})
# First pause and longest one; twice as long with each failure in a row. Most servers come back soon.
PAUSE, GENTLE_PAUSE = (timedelta(seconds=5), timedelta(minutes=2)), (timedelta(minutes=1), timedelta(minutes=15))
# So that many mailboxes of one server do not come all at the same moment.
JITTER = 0.2


class Scheduled(Protocol):
    """What tells when a mailbox is looked into: an account, or these columns of one."""

    @property
    def next_poll_at(self) -> datetime | None: ...

    @property
    def interval(self) -> int: ...

    @property
    def failures(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a look could not do although the mailbox works: at which stage, in words, and why where that is certain."""

    stage: str
    words: str
    code: str = ""


def note_fault(account_id: int, stage: str, error: Exception) -> str:
    """Write down what went wrong with a mailbox and when to look again. Commits; returns the words."""
    account = db.session.get_one(MailAccount, account_id, populate_existing=True)
    if isinstance(error, signing.SealBroken):
        stage = "auth"
    words, diagnosis = what_it_was(account, stage, error)
    code = diagnosis.cause.code
    refused = stage in SIGNING_IN and code in REFUSALS
    log.warning("mailbox failed", account=account.address, stage=stage, cause=code, words=words)
    if refused != was_refused(account):
        # Refusals and other troubles are counted apart: only explicit refusals in a row stop the tries.
        update_row(MailAccount, account_id, failures=0)
    accounts.note_failure(account_id, stage, diagnosis, words)
    db.session.refresh(account)
    if refused and account.failures >= MOST_REFUSALS:
        if account.refused_since is None:
            update_row(MailAccount, account_id, refused_since=clock.now())
        schedule(account_id, REFUSED_PAUSE)
    else:
        schedule(account_id, pause_after(account.failures, gently=refused or code in LASTING))
    return words


def what_it_was(account: MailAccount, stage: str, error: Exception) -> tuple[str, Diagnosis]:
    """The words of an error, without secrets, and its cause."""
    if isinstance(error, signing.SealBroken):
        return SEAL_BROKEN.cause.title, SEAL_BROKEN
    if isinstance(error, NETWORK_ERRORS):
        secret = accounts.opened(account.sealed_password)
        return diagnose_error(
            error, secret, protocol=account.protocol, stage=stage, host=account.host, port=account.port
        )
    # Nothing that a server said: a fault of ours, or a database that is away. The log has the place.
    log.error("mailbox failed in us", account=account.address, exc_info=error)
    return words_of(error), diagnose(protocol=account.protocol, stage="", text="")


def was_refused(account: MailAccount) -> bool:
    return account.fault_stage in SIGNING_IN and account.fault_cause in REFUSALS


def note_success(account_id: int, interval: timedelta) -> None:
    """Write down that the mailbox could be read, and when to look again. Commits."""
    accounts.note_success(account_id)
    update_row(MailAccount, account_id, refused_since=None)
    schedule(account_id, interval)


def note_complaint(account_id: int, complaint: Complaint) -> None:
    """Say at the account what could not be done although it was read; it is looked into as always. Commits."""
    account = db.session.get_one(MailAccount, account_id, populate_existing=True)
    code = complaint.code or diagnose(protocol=account.protocol, stage=complaint.stage, text=complaint.words).cause.code
    update_row(
        MailAccount, account_id, fault_stage=complaint.stage, fault_cause=code, fault_words=complaint.words[:2000]
    )
    db.session.commit()


def pause_after(failures: int, *, gently: bool) -> timedelta:
    """How long to wait after so many failures."""
    first, longest = GENTLE_PAUSE if gently else PAUSE
    return min(first * (1 << min(failures - 1, 10)), longest)


def schedule(account_id: int, pause: timedelta) -> None:
    """Set when the mailbox is looked into next, a little earlier or later than ``pause``, and commit."""
    pause *= random.uniform(1 - JITTER, 1 + JITTER)
    update_row(MailAccount, account_id, next_poll_at=clock.now() + pause)
    db.session.commit()


def is_due(account: Scheduled, *, grace: timedelta = timedelta()) -> bool:
    """Whether it is time for a look, or was at least ``grace`` ago.

    Also when the next look is set for a time that nothing here sets: then a clock was wrong, or is.
    """
    if account.next_poll_at is None:
        return True
    longest = REFUSED_PAUSE if account.failures else timedelta(seconds=account.interval)
    now = clock.now()
    return not now - grace < account.next_poll_at <= now + longest * (1 + 2 * JITTER)
