"""Accounts that do not work: mailboxes that cannot be read or do not add up, senders that cannot send, sign-ins that
end. Each function finds what is wrong now; ``ended`` says in words when it is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func

from psa.alerts.models import Alert
from psa.alerts.operations import Trouble
from psa.extensions import db
from psa.mail import accounts
from psa.mail.inbound.backoff import MOST_REFUSALS, SIGNING_IN
from psa.mail.models import InboundEmail, MailAccount, OutboundEmail
from psa.mail.oauth.expiring import expiring
from psa.mail.watch import checks
from psa.mail.watch.health import cause_of
from psa.mail.watch.sums import counts_of

# Most troubles of a server are over sooner.
PATIENCE = timedelta(minutes=10)


def unread_mailboxes(now: datetime) -> Iterator[Trouble]:
    """Mailboxes that have not been readable for a while, or whose server refuses the credentials."""
    for account in accounts.in_direction("inbound"):
        since = account.last_success_at or account.created_at
        if not account.parsing:
            continue
        if account.refused_since is not None:
            yield about(account, "mailbox", f"Signing in to {account.address} is refused", in_words(account))
        elif account.failures and now - since > PATIENCE:
            yield about(account, "mailbox", f"{account.address} cannot be read", in_words(account))
        elif account.next_poll_at is not None and now - account.next_poll_at > PATIENCE:
            words = "The part of the PSA that reads mail stands still. Mail waits on the server and is not lost."
            yield about(account, "mailbox", f"Nobody looks into {account.address}", words)


def senders_in_trouble(now: datetime) -> Iterator[Trouble]:
    """Sending accounts whose mail has waited for a while, or whose server refuses the credentials."""
    waiting = (
        db.select(OutboundEmail.account_id, func.min(OutboundEmail.queued_at).label("since"))
        .where(OutboundEmail.status == "queued", OutboundEmail.attempts > 0)
        .group_by(OutboundEmail.account_id)
    )
    since = {row.account_id: row.since for row in db.session.execute(waiting)}
    for account in accounts.in_direction("outbound"):
        refused = account.fault_stage in SIGNING_IN and account.failures >= MOST_REFUSALS
        late = account.id in since and now - since[account.id] > PATIENCE
        if account.fault_cause and (refused or late):
            yield about(account, "sending", f"{account.address} cannot send", in_words(account))


def failed_mail(now: datetime) -> Iterator[Trouble]:
    """Mailboxes with messages that could not be filed."""
    mailboxes = accounts.in_direction("inbound")
    counts = counts_of([account.id for account in mailboxes], ("failed",))
    for account in mailboxes:
        number = counts[account.id]["failed"]
        if number:
            messages = "1 message" if number == 1 else f"{number:,} messages"
            yield Trouble(
                f"failed:{account.id}",
                f"{messages} to {account.address} could not be filed",
                "They are kept. Each has its reason; process them again, or convert them.",
                path_to("mail_log.index", direction="in", became="failed", account=account.id),
                account.id,
            )


def sums_that_do_not_hold(now: datetime) -> Iterator[Trouble]:
    """Mailboxes whose last check found messages that are not accounted for. One that is left alone cannot be checked
    again, so nothing could ever end it: that waits until it is read again.
    """
    for account in accounts.in_direction("inbound"):
        check = checks.last_check(account) if account.parsing else None
        if check is not None and check.differences:
            number = len(check.differences)
            messages = "1 message" if number == 1 else f"{number:,} messages"
            title = f"{messages} in {account.address} {'is' if number == 1 else 'are'} not accounted for"
            words = (
                "What was missed is fetched by the next look. The mailbox’s page names each; check it once more there."
            )
            yield about(account, "check", title, words)


def sign_ins_that_end(now: datetime) -> Iterator[Trouble]:
    """Grants and client secrets that have ended or will soon."""
    for one in expiring(now):
        yield Trouble(f"expiring:{one.key}", one.title.rstrip("."), one.remedy, path_to("oauth.providers"))


def about(account: MailAccount, kind: str, title: str, words: str) -> Trouble:
    return Trouble(
        f"{kind}:{account.id}", title, words, path_to("email.account", account_id=account.id), account_id=account.id
    )


def in_words(account: MailAccount) -> str:
    """What it is, what it means and what helps first. What the server said stands on the page, not in mail."""
    cause = cause_of(account)
    since = f" It last worked on {day_and_time(account.last_success_at)}." if account.last_success_at else ""
    return f"{cause.title}. {cause.meaning} {cause.remedies[0] if cause.remedies else ''}{since}".replace("  ", " ")


def day_and_time(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local.day} {local:%B at %H:%M}"


def path_to(endpoint: str, **values: object) -> str:
    """The path of a page, also where no request is being answered."""
    return current_app.url_map.bind("localhost").build(endpoint, values)


def ended(alert: Alert) -> str | None:
    """How a trouble that is not found any more has ended, in words; None as long as nothing proves that it has."""
    account = db.session.get(MailAccount, alert.account_id) if alert.account_id is not None else None
    if alert.kind == "failed":
        return "None is left."
    if alert.kind in ("check", "mailbox") and account is not None and not account.parsing:
        return "Email parsing was switched off."
    if alert.kind == "check":
        return "The mailbox was checked again, and every message is accounted for."
    if alert.kind == "expiring":
        return "The sign-in is good again, or nothing uses it any more."
    if account is None:
        return "The account was removed."
    # Settings that were saved, or one that was not tried again, are no proof that it works.
    if account.failures or account.last_success_at is None or account.last_success_at <= alert.opened_at:
        return None
    return caught_up(account, alert) if alert.kind == "mailbox" else "It sends again, and what waited has left."


def caught_up(account: MailAccount, alert: Alert) -> str:
    number = db.session.scalar(
        db.select(func.count()).where(InboundEmail.account_id == account.id, InboundEmail.kept_at > alert.opened_at)
    )
    return f"It is read again: recovered, {number:,} message{'' if number == 1 else 's'} caught up."
