"""A provider, our registration with it, and a grant for support@northwind.example."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from psa import clock
from psa.extensions import db
from psa.mail.oauth import apps, client, grants, providers
from psa.mail.oauth.models import OAuthApp, OAuthGrant
from tests.servers.fixtures import SUPPORT
from tests.servers.oauth import SECRET, OAuthProvider

ADDRESS = SUPPORT[0]
REDIRECT_URI = "http://localhost/admin/email/oauth/callback"


@pytest.fixture
def provider() -> Iterator[OAuthProvider]:
    with OAuthProvider() as running:
        yield running


@pytest.fixture
def registered(app, provider) -> OAuthApp:
    """The provider as “Other OAuth2”, by its own addresses."""
    return register(provider)


@pytest.fixture
def as_known(app, provider, monkeypatch) -> Callable[[str], OAuthApp]:
    """``as_known("microsoft")``: the provider in Microsoft's place, with Microsoft's scopes and ways."""

    def enter(code: str) -> OAuthApp:
        known = providers.PROVIDERS[code]
        there = replace(
            known,
            authorize_url=f"{provider.url}/{{tenant}}/authorize",
            token_url=f"{provider.url}/{{tenant}}/token",
            revoke_url=known.revoke_url and f"{provider.url}/revoke",
        )
        table = {**providers.PROVIDERS, code: there}
        for module in (providers, apps):
            monkeypatch.setattr(module, "PROVIDERS", table)
        entry = apps.Entry(client_id=provider.client_id, secret=SECRET, tenant="northwind.example")
        entered = apps.register(code, entry)
        db.session.commit()
        return entered

    return enter


def register(provider: OAuthProvider, **changes: object) -> OAuthApp:
    entry = apps.Entry(
        client_id=provider.client_id,
        secret=provider.secret or "",
        public=provider.secret is None,
        authorize_url=f"{provider.url}/authorize",
        token_url=f"{provider.url}/token",
        scope="mail offline_access openid",
    )
    entered = apps.register("other", replace(entry, **changes))
    db.session.commit()
    return entered


@pytest.fixture
def grant(registered) -> OAuthGrant:
    """What the provider granted us a moment ago."""
    return connect(registered)


def connect(app: OAuthApp, address: str = ADDRESS) -> OAuthGrant:
    """Go the whole way, with a person at the provider who agrees at once."""
    registration = apps.registration_of(app)
    page = client.sign_in_page(registration, REDIRECT_URI, "the state", "v" * 43, address)
    back = requests.get(page, allow_redirects=False, timeout=30).headers["Location"]
    query = parse_qs(urlsplit(back).query)
    assert query["state"] == ["the state"]
    kept = grants.keep(app, address, client.exchange(registration, REDIRECT_URI, query["code"][0], "v" * 43))
    db.session.commit()
    return kept


def again(grant: OAuthGrant) -> OAuthGrant:
    """The grant as it is in the database now."""
    db.session.rollback()
    return db.session.get_one(OAuthGrant, grant.id, populate_existing=True)


def leave(grant: OAuthGrant, left: timedelta) -> None:
    """Let the access token be an hour old but for what is ``left``."""
    grant.expires_at = clock.now() + left
    grant.renewed_at = grant.expires_at - timedelta(hours=1)
    db.session.commit()


def end_access_token(grant: OAuthGrant) -> None:
    """Let the access token be one whose time is over."""
    leave(grant, -timedelta(seconds=1))
