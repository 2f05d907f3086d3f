"""The conversation with a provider over HTTPS (RFC 6749, with PKCE as in RFC 7636). Nothing here knows the database.

Authlib speaks it; ours are the time limits, the certificates, and what an answer means.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter

from psa import clock
from psa.mail.diagnosis.causes import diagnose
from psa.mail.oauth.providers import Provider
from psa.mail.settings import tls_context

# To connect, and between two pieces of the answer. In seconds.
TIMEOUT = (10.0, 20.0)
# How long an access token is held to be good when the provider does not tell (RFC 6749, 5.1 allows that).
USUAL_LIFE = timedelta(hours=1)
# Some providers say "for ever" with a number that no calendar holds. In seconds.
LONGEST_LIFE = 10 * 365 * 86_400
WORDS_LIMIT = 1000


class ProviderRefused(Exception):
    """The provider said no, in its own words: “invalid_grant: Token has been expired or revoked.”"""


class ProviderAway(OSError):
    """The provider could not be reached, or had trouble of its own: it may answer next time."""

    cause = "provider_away"


@dataclass(frozen=True, slots=True)
class Registration:
    """How a provider knows us. Without a ``secret`` we are a public client (RFC 6749, 2.1)."""

    provider: Provider
    client_id: str
    secret: str = field(repr=False)
    authorize_url: str
    token_url: str
    scope: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """A provider's answer. ``scope`` is what was granted, empty when that is all that was asked for (RFC 6749, 5.1).

    ``identity`` is the address of who signed in, in lower case, empty where the provider does not tell.
    ``grant_expires_at`` is when the refresh token ends, where the provider tells.
    """

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str = field(repr=False)
    grant_expires_at: datetime | None
    scope: str
    identity: str


def sign_in_page(app: Registration, redirect_uri: str, state: str, verifier: str, hint: str) -> str:
    """The provider's page to send the browser to; ``hint`` is the address that should sign in there."""
    with session(app, redirect_uri) as asked:
        url, _ = asked.create_authorization_url(
            app.authorize_url, state=state, code_verifier=verifier, login_hint=hint or None, **app.provider.extras
        )
    return str(url)


def exchange(app: Registration, redirect_uri: str, code: str, verifier: str) -> Tokens:
    """The tokens for a code that the browser brought back. Raises ProviderRefused and ProviderAway."""
    now = clock.now()
    with asking(app.token_url), session(app, redirect_uri) as asked:
        answer = asked.fetch_token(
            app.token_url,
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            allow_redirects=False,
        )
        return read(answer, now)


def renew(app: Registration, refresh_token: str) -> Tokens:
    """New tokens; the refresh token among them may be another one (rotation). Raises as exchange()."""
    now = clock.now()
    with asking(app.token_url), session(app) as asked:
        answer = asked.refresh_token(app.token_url, refresh_token=refresh_token, allow_redirects=False)
        return read(answer, now)


def revoke(app: Registration, refresh_token: str) -> None:
    """Give a grant back where the provider takes it (RFC 7009). Raises as exchange()."""
    with asking(app.provider.revoke_url), session(app) as asked:
        asked.revoke_token(app.provider.revoke_url, token=refresh_token, allow_redirects=False).raise_for_status()


def session(app: Registration, redirect_uri: str = "") -> OAuth2Session:
    asked = OAuth2Session(
        client_id=app.client_id,
        client_secret=app.secret or None,
        # In the form, not as Basic: there Authlib leaves out the percent-encoding that RFC 6749, 2.3.1 wants.
        token_endpoint_auth_method="client_secret_post" if app.secret else "none",
        # A renewal asks for no scope: it must not name one that was never granted (RFC 6749, 6).
        scope=app.scope if redirect_uri else None,
        redirect_uri=redirect_uri or None,
        code_challenge_method="S256",
        default_timeout=TIMEOUT,
    )
    asked.mount("https://", CheckedAdapter())
    return asked


class CheckedAdapter(HTTPAdapter):
    """Trusts the authorities that our mail connections trust, a private one of SSL_CERT_FILE included."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=tls_context(), **kwargs)


@contextmanager
def asking(url: str) -> Iterator[None]:
    """Tell a refusal from trouble; neither's words hold anything secret."""
    host = urlsplit(url).hostname
    try:
        yield
    except OAuthError as error:
        words = f"{error.error}: {error.description or 'no reason given'}"[:WORDS_LIMIT]
        if diagnose(protocol="oauth", stage="token", text=words).retry:
            raise ProviderAway(words) from error
        raise ProviderRefused(words) from error
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "unknown"
        raise ProviderAway(f"{host} answered with HTTP status {status}") from error
    except requests.Timeout as error:
        raise ProviderAway(f"{host} did not answer in time") from error
    except requests.RequestException as error:
        raise ProviderAway(f"{host} could not be reached: {reason_of(error)}") from error
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise ProviderAway(f"{host} answered with something that is no token") from error


def reason_of(error: BaseException) -> str:
    """What the network said, from under the wrappings of requests and urllib3."""
    inner = error
    while (deeper := getattr(inner, "reason", None) or inner.__cause__ or inner.__context__) is not None:
        if not isinstance(deeper, BaseException):
            break
        inner = deeper
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


def read(answer: Mapping[str, Any], now: datetime) -> Tokens:
    """An answer of the token endpoint (RFC 6749, 5.1). Raises ValueError, TypeError and KeyError when it is none."""
    access, refresh = answer["access_token"], answer.get("refresh_token") or ""
    if not (isinstance(access, str) and access and isinstance(refresh, str)):
        raise TypeError("a token is a string")
    return Tokens(
        access_token=access,
        expires_at=now + (seconds(answer.get("expires_in")) or USUAL_LIFE),
        refresh_token=refresh,
        grant_expires_at=now + life if (life := seconds(answer.get("refresh_token_expires_in"))) else None,
        scope=str(answer.get("scope") or ""),
        identity=identity(str(answer.get("id_token") or "")),
    )


def seconds(given: Any) -> timedelta | None:
    """A length of life, in seconds; None for what is none."""
    return timedelta(seconds=min(int(given), LONGEST_LIFE)) if given and int(given) > 0 else None


def identity(id_token: str) -> str:
    """Who signed in, by an ID token (OpenID Connect Core, 2).

    Its signature need not be checked: it came straight from the provider over TLS (3.1.3.7, 6).
    """
    try:
        payload = id_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        names = (claims.get(name) for name in ("email", "preferred_username", "upn"))
    except (IndexError, AttributeError, binascii.Error, ValueError):
        return ""
    return next((name.lower() for name in names if isinstance(name, str) and "@" in name), "")
