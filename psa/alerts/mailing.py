"""Alerts by mail: one message when something goes wrong and one when it is over, through an account that works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from flask import current_app

from psa import clock
from psa.admin.operations import firm
from psa.alerts import operations
from psa.alerts.models import Alert
from psa.auth.models import User
from psa.extensions import db
from psa.mail import accounts
from psa.mail.models import MailAccount, OutboundEmail
from psa.mail.outbound.compose import Unwritable, addr_spec, compose
from psa.mail.outbound.outbox import enqueue
from psa.mail.templates import facts
from psa.mail.templates.render import render

log = structlog.get_logger()

PURPOSE = "alert"
# What is more than that waits, and comes together in one message.
MOST_AN_HOUR = 6


def tell_admins() -> int | None:
    """Mail what the admins have not heard of, all in one message; returns its id. In the caller's transaction.

    None when there is nothing to tell, nobody to tell it to, no account that works, or enough was said this hour: the
    page and ``/health`` have it all the same, and the next round tries again.
    """
    news, ended = operations.to_be_told()
    if not (news or ended) or told_this_hour() >= MOST_AN_HOUR:
        return None
    account, recipients = sender_for([*news, *ended]), admins()
    if account is None or not recipients:
        log.warning("alerts are told by nobody", open=len(news), ended=len(ended))
        return None
    mail = render("alert", None, {"alerts": facts_of(news, ended)})
    composed = compose(
        mail,
        sender=(firm().name, account.address),
        to=[(admin.name, admin.email) for admin in recipients],
        automatic="auto-generated",
    )
    operations.mark_told([*news, *ended])
    return enqueue(
        composed,
        account_id=account.id,
        envelope_sender=account.address,
        recipients=[addr_spec(admin.email) for admin in recipients],
        purpose=PURPOSE,
        template="alert",
    )


def told_this_hour() -> int:
    an_hour_ago = clock.now() - timedelta(hours=1)
    recent = OutboundEmail.queued_at > an_hour_ago
    return (
        db.session.scalar(
            db.select(db.func.count()).select_from(OutboundEmail).where(recent, OutboundEmail.purpose == PURPOSE)
        )
        or 0
    )


def sender_for(alerts: Sequence[Alert]) -> MailAccount | None:
    """An account that works, of another address than the ones in trouble; else the default one, if that works."""
    troubled = db.select(db.func.lower(MailAccount.address)).where(
        MailAccount.id.in_([alert.account_id for alert in alerts if alert.account_id is not None])
    )
    addresses = set(db.session.scalars(troubled))
    working = [account for account in accounts.in_direction("outbound") if not account.fault_cause]
    others = [account for account in working if account.address.lower() not in addresses]
    return next(iter(others), None) or next((account for account in working if account.is_default), None)


def admins() -> list[User]:
    """The administrators who can be mailed."""
    active = db.select(User).where(User.role == "admin", User.active).order_by(User.id)
    return [admin for admin in db.session.scalars(active) if can_be_mailed(admin)]


def can_be_mailed(user: User) -> bool:
    try:
        addr_spec(user.email)
    except Unwritable:
        return False
    return True


def facts_of(news: Sequence[Alert], ended: Sequence[Alert]) -> facts.Alerts:
    """What the template may speak of."""
    base = current_app.config["PSA_BASE_URL"]
    return facts.Alerts(
        headline_of(news, ended),
        tuple(facts.Alert(one.title, one.words, f"{base}{one.link}" if one.link else "") for one in news),
        tuple(facts.Alert(one.title, one.closing_words, "") for one in ended),
        f"{base}/admin/alerts",
    )


def headline_of(news: Sequence[Alert], ended: Sequence[Alert]) -> str:
    """The news first: what is over can wait."""
    what, told = ("Alert", news) if news else ("Over", ended)
    if len(told) == 1:
        return f"{what}: {told[0].title}"
    return f"{len(told)} alerts: {told[0].title}, and more" if news else f"{len(told)} alerts are over"
