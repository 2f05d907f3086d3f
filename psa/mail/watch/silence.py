"""No mail although there should be some: for as many hours as an admin named, or in hours that brought mail before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from psa.alerts.models import Alert
from psa.alerts.operations import Trouble
from psa.extensions import db
from psa.mail import accounts
from psa.mail.models import InboundEmail, MailAccount
from psa.mail.watch.accounts_in_trouble import about, day_and_time
from psa.mail.watch.health import last_mail_of

WEEK = timedelta(days=7)
# Without a number of hours: the same hours of each of so many weeks brought at least so many messages.
WEEKS, USUALLY = 4, 5
# Below that nobody calls it silence.
SHORTEST = timedelta(hours=2)


def silent_mailboxes(now: datetime) -> Iterator[Trouble]:
    """Mailboxes that are read, but where nothing comes in although it is usual."""
    mailboxes = [account for account in accounts.in_direction("inbound") if is_read(account)]
    last_mail = last_mail_of([account.id for account in mailboxes])
    for account in mailboxes:
        last = last_mail.get(account.id, account.created_at)
        why = why_unusual(account, last, now)
        if why:
            words = f"The last message came on {day_and_time(last)}. The mailbox can be read. {why}"
            yield about(account, "silence", f"No mail in {account.address}", words)


def is_read(account: MailAccount) -> bool:
    """Whether silence would mean anything: of a mailbox that cannot be read another alert tells."""
    return account.parsing and not account.failures and account.refused_since is None


def why_unusual(account: MailAccount, last: datetime, now: datetime) -> str:
    """Why the silence since ``last`` is worth telling; empty when it is not."""
    if account.silence_hours is not None:
        if account.silence_hours and now - last > timedelta(hours=account.silence_hours):
            hours = "an hour" if account.silence_hours == 1 else f"{account.silence_hours} hours"
            return f"You want to know when none comes for {hours}."
        return ""
    quiet = min(now - last, WEEK)
    if quiet < SHORTEST:
        return ""
    weeks_before = range(1, WEEKS + 1)
    if all(brought_mail(account.id, now - week * WEEK - quiet, now - week * WEEK) for week in weeks_before):
        return f"In each of the last {WEEKS} weeks at least {USUALLY} came in these hours."
    return ""


def brought_mail(account_id: int, begins: datetime, ends: datetime) -> bool:
    """Whether at least the usual number came in that time."""
    came = (
        db.select(InboundEmail.id)
        .where(InboundEmail.account_id == account_id, InboundEmail.kept_at.between(begins, ends))
        .limit(USUALLY)
    )
    return len(db.session.scalars(came).all()) == USUALLY


def ended(alert: Alert) -> str | None:
    """Mail came, or nobody waits for it any more."""
    account = db.session.get(MailAccount, alert.account_id) if alert.account_id is not None else None
    if account is None or not account.parsing:
        return "The mailbox is not read any more."
    last = last_mail_of([account.id]).get(account.id)
    if last is not None and last > alert.opened_at:
        return f"A message came on {day_and_time(last)}."
    # Whether it is silent cannot be told while it cannot be read; the hours that it is measured by may be over.
    return "It is no longer unusual that none comes." if is_read(account) else None
