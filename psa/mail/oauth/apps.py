"""Our registrations with providers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Select

from psa import signing
from psa.extensions import db
from psa.mail.models import MailAccount
from psa.mail.oauth.client import Registration
from psa.mail.oauth.models import OAuthApp, OAuthGrant
from psa.mail.oauth.providers import PROVIDERS

# Microsoft's directory for everybody, when the registration is not limited to one (“multitenant”).
ANY_TENANT = "common"
MOVED = "login_required: the provider's addresses are others now, so the old sign-in must not go there"


@dataclass(frozen=True, slots=True)
class Entry:
    """A registration as it is typed in; an empty ``secret`` keeps the stored one, unless ``public`` wants none."""

    client_id: str
    secret: str = field(default="", repr=False)
    public: bool = False
    tenant: str = ""
    secret_expires_on: date | None = None
    authorize_url: str = ""
    token_url: str = ""
    scope: str = ""


def find(provider: str) -> OAuthApp | None:
    """Our registration with ``provider``, if there is one."""
    return db.session.scalars(db.select(OAuthApp).where(OAuthApp.provider == provider)).first()


def registered() -> dict[str, OAuthApp]:
    """All registrations, by provider."""
    return {app.provider: app for app in db.session.scalars(db.select(OAuthApp))}


def register(provider: str, entry: Entry) -> OAuthApp:
    """Enter a registration or change it; its mailboxes are tried again at once. Flushes."""
    app = find(provider) or OAuthApp(provider=provider, token_url=entry.token_url)
    if app.id is not None and app.token_url != entry.token_url:
        # A refresh token is for the one who gave it, and not for whoever is typed in later.
        db.session.execute(
            db.update(OAuthGrant)
            .where(OAuthGrant.app_id == app.id)
            .values(
                state="broken",
                words=MOVED,
                sealed_refresh_token="",
                sealed_access_token="",
                revision=OAuthGrant.revision + 1,
            )
        )
    app.client_id, app.tenant = entry.client_id, entry.tenant
    app.authorize_url, app.token_url, app.scope = entry.authorize_url, entry.token_url, entry.scope
    app.secret_expires_on = None if entry.public else entry.secret_expires_on
    if entry.secret or entry.public:
        app.sealed_secret = signing.seal(entry.secret) if entry.secret else ""
    db.session.add(app)
    db.session.flush()
    try_again(db.select(OAuthGrant.id).where(OAuthGrant.app_id == app.id))
    return app


def try_again(grant_ids: Select[tuple[int]]) -> None:
    """Let the accounts that sign in with these grants forget their troubles: whatever was wrong may be mended now."""
    db.session.execute(
        db.update(MailAccount)
        .where(MailAccount.grant_id.in_(grant_ids))
        .values(
            failures=0,
            fault_stage="",
            fault_cause="",
            fault_words="",
            next_poll_at=None,
            paused_until=None,
            refused_since=None,
            # Open connections are those of the old sign-in.
            revision=MailAccount.revision + 1,
        )
        .execution_options(synchronize_session=False)
    )


def registration_of(app: OAuthApp) -> Registration:
    """What the conversation with the provider needs. Raises signing.SealBroken when the secret cannot be opened."""
    provider = PROVIDERS[app.provider]
    tenant = app.tenant or ANY_TENANT
    return Registration(
        provider=provider,
        client_id=app.client_id,
        secret=signing.unseal(app.sealed_secret) if app.sealed_secret else "",
        authorize_url=app.authorize_url or provider.authorize_url.format(tenant=tenant),
        token_url=app.token_url or provider.token_url.format(tenant=tenant),
        scope=app.scope or provider.scope,
    )
