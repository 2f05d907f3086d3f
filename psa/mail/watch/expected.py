"""Mail that should be there by a time of day: the backup's report, the night's orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from psa import clock
from psa.alerts.models import Alert
from psa.alerts.operations import Trouble
from psa.extensions import db
from psa.mail.models import InboundEmail, MailAccount
from psa.mail.watch.accounts_in_trouble import day_and_time, path_to
from psa.mail.watch.models import ExpectedMail

# What comes within so long before the time counts for that day: the report of a backup that was done at ten at night.
EARLY = timedelta(hours=12)
LOOKED_BACK = timedelta(days=31)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected, and when it last came within a month."""

    mail: ExpectedMail
    last_at: datetime | None
    last_id: int | None


def expectations() -> list[Expectation]:
    """All of them by name."""
    found = []
    for mail in all_expected():
        last = latest(mail, since=LOOKED_BACK)
        found.append(Expectation(mail, last.kept_at if last else None, last.id if last else None))
    return found


def all_expected() -> list[ExpectedMail]:
    return list(db.session.scalars(select(ExpectedMail).order_by(ExpectedMail.name, ExpectedMail.id)))


def missing_mail(now: datetime) -> Iterator[Trouble]:
    """What should have come today and has not."""
    for mail in all_expected():
        due = due_today(mail, now)
        if due is None or not mail.active or mail.created_at > due or arrived_since(mail, due - EARLY):
            continue
        words = f"Expected: {in_words(mail)}. What came instead stands in the Mail log. {may_wait(mail)}".rstrip()
        title = f"“{mail.name}” was not here by {mail.due_by}"
        yield Trouble(key_of(mail), title, words, path_to("expected.index"), mail.account_id)


def key_of(mail: ExpectedMail) -> str:
    return f"expected:{mail.id}"


def due_today(mail: ExpectedMail, now: datetime) -> datetime | None:
    """The moment of today by which it should be there, once that is over; None on a day on which it is not expected."""
    local = now.astimezone()
    hour, _, minute = mail.due_by.partition(":")
    due = local.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return due if local.weekday() in mail.weekdays and local >= due else None


def arrived_since(mail: ExpectedMail, moment: datetime) -> bool:
    return any(fits(mail, row) for row in db.session.execute(candidates(mail, moment)))


def latest(mail: ExpectedMail, since: timedelta) -> Any | None:
    """The newest message that it was, as a row with ``id`` and ``kept_at``."""
    rows = db.session.execute(candidates(mail, clock.now() - since).order_by(InboundEmail.kept_at.desc()))
    return next((row for row in rows if fits(mail, row)), None)


def candidates(mail: ExpectedMail, since: datetime) -> Any:
    """Messages since that moment that it may have been, as far as the database tells."""
    query = select(InboundEmail.id, InboundEmail.kept_at, InboundEmail.sender_email, InboundEmail.subject)
    query = query.where(InboundEmail.kept_at >= since)
    if mail.account_id is not None:
        query = query.where(InboundEmail.account_id == mail.account_id)
    if mail.sender:
        query = query.where(func.lower(InboundEmail.sender_email).endswith(mail.sender.lower(), autoescape=True))
    return query


def fits(mail: ExpectedMail, row: Any) -> bool:
    """Whether it is from that address or domain, with all words of the subject, in any order and capitalisation."""
    sender, wanted, subject = row.sender_email.lower(), mail.sender.lower(), row.subject.casefold()
    is_from = sender == wanted if "@" in wanted else f".{sender.rpartition('@')[2]}".endswith(f".{wanted}")
    return (not wanted or is_from) and all(word in subject for word in mail.subject.casefold().split())


def may_wait(mail: ExpectedMail) -> str:
    """That it may have come to where nobody reads it, in a sentence; empty where its mailbox is read."""
    account = db.session.get(MailAccount, mail.account_id) if mail.account_id is not None else None
    if account is None:
        return ""
    if not account.parsing:
        return "Email parsing is off for the mailbox, so it may wait there."
    if account.failures or account.refused_since is not None:
        return "The mailbox cannot be read at the moment, so it may wait there."
    return ""


def in_words(mail: ExpectedMail) -> str:
    """What is expected, and when: from backup@vendor.example, “Backup report”, on weekdays by 08:00."""
    parts = [f"from {mail.sender}"] * bool(mail.sender) + [f"“{mail.subject}”"] * bool(mail.subject)
    return ", ".join([*parts, f"{days_in_words(mail.weekdays)} by {mail.due_by}"])


def days_in_words(weekdays: Sequence[int]) -> str:
    days = sorted(set(weekdays))
    if len(days) == 7:
        return "every day"
    if days == [0, 1, 2, 3, 4]:
        return "on weekdays"
    return "on " + ", ".join(DAYS[day] for day in days)


def ended(alert: Alert) -> str | None:
    """It arrived late, was there and not recognised, or nobody expects it any more."""
    number = (alert.open_key or "").partition(":")[2]
    mail = db.session.get(ExpectedMail, int(number)) if number.isdecimal() else None
    if mail is None or not mail.active:
        return "It is not expected any more."
    last = latest(mail, since=LOOKED_BACK)
    # What came in time is recognised only now where an admin has corrected by what: then nobody needs to look for it.
    due = due_today(mail, alert.opened_at)
    since = due - EARLY if due is not None else alert.opened_at
    if last is None or last.kept_at <= since:
        return None
    return f"It came on {day_and_time(last.kept_at)}."
