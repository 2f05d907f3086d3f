"""``GET /health``: whether the database answers, whether somebody looks after the mail, and how the mailboxes are.

Everybody may ask, so there are numbers and states, and no address; an administrator who is signed in sees both.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from psa import clock, locks
from psa.alerts import operations as alerts
from psa.extensions import db
from psa.jobs import hosts
from psa.jobs.models import Host
from psa.mail import accounts
from psa.mail.models import MailAccount
from psa.mail.watch.health import Brief, briefs

bp = Blueprint("health", __name__)

# The leader of a host gives a sign of life every second. When it dies another worker leads within seconds.
LEADERLESS = timedelta(seconds=30)


def init_app(app: Flask) -> None:
    app.extensions["psa.started"] = clock.now()
    app.register_blueprint(bp)


@bp.get("/health")
def health() -> ResponseReturnValue:
    """200, or 503 when the database does not answer or nobody has looked after this host's mail for half a minute.

    Troubles of single accounts are no reason for 503: they stand in ``mailboxes``, ``senders`` and ``alerts``.
    """
    try:
        db.session.execute(text("SELECT 1"))
        led_ago = since_led()
        values = figures(names=bool(getattr(current_user, "is_admin", False)))
    except SQLAlchemyError:
        return jsonify(database=False), 503
    leads = locks.is_taken_here(locks.LEAD)
    status = 200 if led_ago < LEADERLESS else 503
    return jsonify(database=True, leader=leads, led_seconds_ago=round(led_ago.total_seconds()), **values), status


def since_led() -> timedelta:
    """How long ago the leader of this host gave its last sign of life; before the first one, since we were started.

    Signs of life carry the database's time, so it is that clock they are compared with.
    """
    since_started: timedelta = clock.now() - current_app.extensions["psa.started"]
    seen = db.session.scalar(db.select(Host.seen_at).where(Host.id == hosts.host_id()))
    return since_started if seen is None else min(since_started, hosts.database_now() - seen)


def figures(*, names: bool) -> dict[str, Any]:
    """How the accounts are; with ``names`` also which they are, and what the alerts say."""
    opened = alerts.open_alerts()
    told = {"alert_titles": [alert.title for alert in opened]} if names else {}
    return {
        "mailboxes": [mailbox(one, names=names) for one in briefs()],
        "senders": [sender(account, names=names) for account in accounts.in_direction("outbound")],
        "alerts": len(opened),
        **told,
    }


def mailbox(one: Brief, *, names: bool) -> dict[str, Any]:
    named = {"address": one.account.address} if names else {}
    return named | {
        "id": one.account.id,
        "state": one.state.code,
        "last_success_seconds_ago": seconds_since(one.account.last_success_at),
        "last_mail_seconds_ago": seconds_since(one.last_mail_at),
        "today": one.today,
        "new": one.behind,
        "waiting_for_a_person": one.waiting,
        "differences": len(one.check.differences) if one.check is not None else None,
    }


def sender(account: MailAccount, *, names: bool) -> dict[str, Any]:
    named = {"address": account.address} if names else {}
    return named | {
        "id": account.id,
        "state": "failing" if account.fault_cause else "ok",
        "cause": account.fault_cause or None,
        "last_success_seconds_ago": seconds_since(account.last_success_at),
    }


def seconds_since(moment: datetime | None) -> int | None:
    return round((clock.now() - moment).total_seconds()) if moment is not None else None
