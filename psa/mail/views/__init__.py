"""Admin > Email Settings: Outbound and Inbound, their tests, and what the sidebar says about arriving mail."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, Flask, abort, current_app, g, redirect, url_for
from werkzeug.wrappers import Response

from psa.auth.guards import admin_required
from psa.extensions import db
from psa.mail.models import MailAccount
from psa.mail.settings import SECURITIES
from psa.mail.watch.health import cause_of

bp = Blueprint("email", __name__)


def init_app(app: Flask) -> None:
    """Bind the pages. The imports stand here because each of these modules puts its routes on ``bp``."""
    from psa.mail.views import accounts, deliverability, health, inbound, outbound, ports, proposals, removal, tests

    del accounts, deliverability, inbound, outbound, ports, proposals, removal, tests
    app.register_blueprint(bp)
    app.add_template_filter(clock_time)
    app.add_template_filter(day)
    app.jinja_env.globals.update(
        mail_pulse=health.pulse,
        flow_bars=health.flow_bars,
        securities=SECURITIES,
        cause_of=cause_of,
        unchanged_since=unchanged_since,
        has_rules=has_rules,
    )


@bp.get("/admin/")
@bp.get("/admin/email/")
@admin_required
def settings() -> Response:
    """The way in: the first page of the settings."""
    return redirect(url_for("email.outbound"), 303)


def account_or_404(account_id: int, direction: str | None = None) -> MailAccount:
    """The account, of that direction if one is asked for. Its page stands under its direction in the sidebar."""
    account = db.session.get(MailAccount, account_id)
    if account is None or direction not in (None, account.direction):
        abort(404)
    g.section = f"email.{account.direction}"
    return account


def unchanged_since(account: MailAccount) -> str:
    """What stands in the field of a password that is stored: when it was set, never how long it is."""
    if account.password_set_at is None:
        return "Unchanged"
    local = account.password_set_at.astimezone()
    return f"Unchanged, set on {local.day} {local:%B %Y}"


def has_rules() -> bool:
    """Whether the page of the Auto-Assignment Rules exists."""
    return "rules.index" in current_app.view_functions


def clock_time(moment: datetime) -> str:
    """The time of day to the second, for what has just been started: 10:24:51."""
    return f"{moment.astimezone():%H:%M:%S}"


def day(iso: str) -> str:
    """A day of the year in words: 1 November 2026."""
    found = date.fromisoformat(iso)
    return f"{found.day} {found:%B %Y}"
