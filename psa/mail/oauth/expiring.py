"""What will stop working by itself: client secrets and grants that end. Asked by pages and alerts; no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psa import clock
from psa.extensions import db
from psa.mail.models import MailAccount
from psa.mail.oauth.models import OAuthApp, OAuthGrant
from psa.mail.oauth.providers import PROVIDERS

# Days before a client secret or a grant ends: time to plan, and time to act.
SOON, NOW = 30, 7
# A grant in use is renewed at least daily; when that has not worked for so long, it will lapse.
UNRENEWED = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Expiring:
    """``kind`` is secret, grant, unrenewed or broken; ``urgent`` when it is broken or will be within a week.

    ``key`` stays the same as long as it is the same trouble. ``grant_id`` is empty for a secret. ``title`` is a
    sentence, ``remedy`` another one; ``ends_on`` the day, in the past when it is over.
    """

    key: str
    kind: str
    provider: str
    grant_id: int | None
    title: str
    remedy: str
    ends_on: date | None
    urgent: bool


def expiring(now: datetime | None = None) -> list[Expiring]:
    """Everything to warn about, the urgent first. Grants that no account uses are left out."""
    now = now or clock.now()
    found = [warning for app in db.session.scalars(db.select(OAuthApp)) if (warning := about_secret(app, now))]
    in_use = db.select(MailAccount.grant_id).where(MailAccount.grant_id.is_not(None))
    for grant in db.session.scalars(db.select(OAuthGrant).where(OAuthGrant.id.in_(in_use)).order_by(OAuthGrant.id)):
        warning = about_grant(grant, now)
        if warning is not None:
            found.append(warning)
    return sorted(found, key=lambda warning: not warning.urgent)


def about_secret(app: OAuthApp, now: datetime) -> Expiring | None:
    """The end of a client secret, as the provider told the administrator who entered it."""
    ends_on = app.secret_expires_on
    if ends_on is None or not app.sealed_secret or (days := days_until(ends_on, now)) > SOON:
        return None
    name = PROVIDERS[app.provider].name
    return Expiring(
        key=f"oauth-secret-{app.provider}-{ends_on}",
        kind="secret",
        provider=app.provider,
        grant_id=None,
        title=f"The client secret for {name} {in_words(days, 'expires', 'expired')}",
        remedy=f"Make a new one at {name} and enter it under Sign-in providers, before mail stops.",
        ends_on=ends_on,
        urgent=days <= NOW,
    )


def about_grant(grant: OAuthGrant, now: datetime) -> Expiring | None:
    name = PROVIDERS[grant.app.provider].name
    if grant.state == "broken":
        return warning_of(
            grant,
            "broken",
            f"The sign-in of {grant.address} at {name} is broken",
            "Open its account and press Reconnect.",
            None,
            urgent=True,
        )
    if grant.grant_expires_at is not None:
        ends_on = grant.grant_expires_at.astimezone().date()
        days = days_until(ends_on, now)
        if days <= SOON:
            title = f"The sign-in of {grant.address} at {name} {in_words(days, 'ends', 'ended')}"
            return warning_of(grant, "grant", title, lasting_remedy(grant), ends_on, urgent=days <= NOW)
    if now - (grant.renewed_at or grant.connected_at) > UNRENEWED:
        return warning_of(
            grant,
            "unrenewed",
            f"The sign-in of {grant.address} at {name} has not been renewed for days",
            f"Check that this machine reaches {name}, and that the PSA's jobs run.",
            None,
            urgent=False,
        )
    return None


def warning_of(
    grant: OAuthGrant, kind: str, title: str, remedy: str, ends_on: date | None, *, urgent: bool
) -> Expiring:
    # A grant that was connected anew and breaks anew is another trouble.
    key = f"oauth-{kind}-{grant.id}-{grant.connected_at.date()}"
    return Expiring(key, kind, grant.app.provider, grant.id, title, remedy, ends_on, urgent)


def lasting_remedy(grant: OAuthGrant) -> str:
    if grant.app.provider == "google":
        return "Google limits it while the app is in testing: publish the app, then press Reconnect at the account."
    return "Open its account and press Reconnect before that day."


def days_until(day: date, now: datetime) -> int:
    return (day - now.astimezone().date()).days


def in_words(days: int, will: str, did: str) -> str:
    if days < 0:
        return f"{did} {-days} day{'s' if days != -1 else ''} ago"
    return f"{will} today" if days == 0 else f"{will} in {days} day{'s' if days != 1 else ''}"
