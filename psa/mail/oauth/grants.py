"""What providers have granted us: kept, renewed in time, given back.

A renewal may exchange the refresh token for another one (RFC 6749, 6), so two of them at once would lose one. A lock
for each grant holds them apart; no transaction is open while we ask the provider, and the new tokens are committed
before they are used.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session, joinedload

from psa import clock, locks, signing
from psa.extensions import db
from psa.mail.models import MailAccount
from psa.mail.oauth import client
from psa.mail.oauth.apps import registration_of, try_again
from psa.mail.oauth.client import ProviderAway, ProviderRefused, Registration, Tokens
from psa.mail.oauth.models import OAuthApp, OAuthGrant
from psa.mail.oauth.providers import Provider

log = structlog.get_logger()

# An access token is renewed before it ends: so long before, or when three quarters of a short life are over.
LEEWAY = timedelta(minutes=10)
# While the provider is away, a token that is good for so long yet is rather used than none.
LAST_MOMENT = timedelta(minutes=1)
# A token that a server refuses although it was given out just now would be refused as a new one too.
JUST_NOW = timedelta(minutes=1)
# An unused refresh token lapses (90 days at Microsoft, half a year at Google), so each is used now and then.
KEPT_ALIVE = timedelta(days=1)
# How long to wait for somebody else who is renewing the same grant. In seconds.
PATIENCE = 60.0
PAUSE = 0.25
NOT_CONNECTED = "Nobody is signed in at the provider for this account"
SEALED = "The stored sign-in cannot be opened any more: the key that sealed it is gone"


class GrantBroken(OSError):
    """There is no token before a person does something. ``cause`` is the catalogue's, empty when the words tell it."""

    def __init__(self, words: str, cause: str = "") -> None:
        super().__init__(words)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a mail server takes. By ``good_until`` another one is asked for, before the server ends the session."""

    value: str = field(repr=False)
    good_until: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A grant as it was read: everything that a renewal needs, without a session behind it."""

    id: int
    revision: int
    renewed_at: datetime
    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str = field(repr=False)
    registration: Registration

    @property
    def token(self) -> AccessToken:
        return AccessToken(self.access_token, good_until(self.renewed_at, self.expires_at))

    def is_good(self, refused: str) -> bool:
        """Whether the access token can be used, which a server may have ``refused`` already."""
        if self.access_token and self.access_token == refused:
            return clock.now() - self.renewed_at < JUST_NOW
        return bool(self.access_token) and clock.now() < self.token.good_until

    @property
    def is_good_for_a_moment(self) -> bool:
        return bool(self.access_token) and clock.now() + LAST_MOMENT < self.expires_at


def access_token(grant_id: int | None, *, refused: str = "") -> AccessToken:
    """A token that is good for some minutes, renewed when it must be; ``refused`` is one that a server did not take.

    Uses a connection of its own; the caller's session must not hold the write lock. Raises GrantBroken, and
    ProviderAway when trying again later may help.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        kept = look_up(grant_id)
        if kept.is_good(refused):
            return kept.token
        with locks.holding(f"grant-{grant_id}") as ours:
            if ours:
                # Whoever held the lock before us may have done it.
                kept = look_up(grant_id)
                return kept.token if kept.is_good(refused) else renewed(kept, refused)
        if time.monotonic() > deadline:
            raise ProviderAway("Another process has been renewing this sign-in for too long")
        time.sleep(PAUSE)


def look_up(grant_id: int | None) -> Kept:
    if grant_id is None:
        raise GrantBroken(NOT_CONNECTED, "not_connected")
    with Session(db.engine) as session:
        grant = session.get(OAuthGrant, grant_id, options=[joinedload(OAuthGrant.app)])
        if grant is None:
            raise GrantBroken(NOT_CONNECTED, "not_connected")
        if not grant.sealed_refresh_token:
            raise GrantBroken(grant.words, "oauth_token_invalid")
        try:
            return Kept(
                id=grant.id,
                revision=grant.revision,
                renewed_at=grant.renewed_at or grant.connected_at,
                access_token=signing.unseal(grant.sealed_access_token) if grant.sealed_access_token else "",
                expires_at=grant.expires_at or clock.now(),
                refresh_token=signing.unseal(grant.sealed_refresh_token),
                registration=registration_of(grant.app),
            )
        except signing.SealBroken as error:
            raise GrantBroken(SEALED, "oauth_token_invalid") from error


def good_until(renewed_at: datetime, expires_at: datetime) -> datetime:
    return expires_at - min(LEEWAY, (expires_at - renewed_at) / 4)


def renewed(kept: Kept, refused: str) -> AccessToken:
    """Ask the provider, with the lock held; what it answers is committed before anybody uses it."""
    try:
        tokens = client.renew(kept.registration, kept.refresh_token)
    except ProviderRefused as error:
        words = str(error)
        write(kept, state="broken", words=words)
        log.warning("a grant is broken", grant=kept.id, provider=kept.registration.provider.code, words=words)
        raise GrantBroken(words) from error
    except ProviderAway as error:
        log.warning("a provider is away", grant=kept.id, provider=kept.registration.provider.code, words=str(error))
        if kept.access_token != refused and kept.is_good_for_a_moment:
            return AccessToken(kept.access_token, clock.now() + LAST_MOMENT)
        raise
    now = clock.now()
    # A renewal that tells no new end of the grant leaves the old one standing.
    ends = {"grant_expires_at": tokens.grant_expires_at} if tokens.grant_expires_at else {}
    write(kept, state="connected", words="", renewed_at=now, **ends, **sealed(tokens, kept.refresh_token))
    return AccessToken(tokens.access_token, good_until(now, tokens.expires_at))


def sealed(tokens: Tokens, refresh_token: str) -> dict[str, Any]:
    """The columns of ``tokens``; without a new refresh token the one we have stays good."""
    return {
        "sealed_access_token": signing.seal(tokens.access_token),
        "sealed_refresh_token": signing.seal(tokens.refresh_token or refresh_token),
        "expires_at": tokens.expires_at,
    }


def write(kept: Kept, **values: Any) -> None:
    """Change the grant and commit, unless somebody has connected it anew meanwhile: then theirs is the better one."""
    with db.engine.begin() as connection:
        connection.execute(
            db.update(OAuthGrant)
            .where(OAuthGrant.id == kept.id, OAuthGrant.revision == kept.revision)
            .values(revision=kept.revision + 1, **values)
        )


def keep_alive() -> int:
    """Renew what nobody has used for a day, so that no grant lapses unseen; returns how many were renewed."""
    idle = clock.now() - KEPT_ALIVE
    in_use = db.select(MailAccount.grant_id).where(MailAccount.grant_id.is_not(None))
    last_renewed = db.func.coalesce(OAuthGrant.renewed_at, OAuthGrant.connected_at)
    asleep = (OAuthGrant.state == "connected") & (last_renewed < idle)
    ids = list(db.session.scalars(db.select(OAuthGrant.id).where(OAuthGrant.id.in_(in_use), asleep)))
    db.session.commit()
    return sum(is_alive(grant_id) for grant_id in ids)


def is_alive(grant_id: int) -> bool:
    try:
        access_token(grant_id)
    except (GrantBroken, ProviderAway):
        return False
    return True


def keep(app: OAuthApp, address: str, tokens: Tokens) -> OAuthGrant:
    """Keep what was granted for ``address``, in place of an older grant for it; its accounts are tried at once.

    Flushes.
    """
    known = db.select(OAuthGrant).where(OAuthGrant.app_id == app.id, OAuthGrant.address == address.lower())
    grant = db.session.scalars(known).first()
    if grant is None:
        grant = OAuthGrant(app_id=app.id, address=address.lower(), revision=0)
        db.session.add(grant)
    now = clock.now()
    grant.state, grant.words, grant.scope = "connected", "", tokens.scope
    grant.connected_at = grant.renewed_at = now
    grant.grant_expires_at = tokens.grant_expires_at
    for name, value in sealed(tokens, "").items():
        setattr(grant, name, value)
    grant.revision += 1
    db.session.flush()
    try_again(db.select(OAuthGrant.id).where(OAuthGrant.id == grant.id))
    return grant


def find(provider: Provider, user: str, chosen: int | None) -> OAuthGrant | None:
    """The grant that opens the mailbox ``user``: the chosen one, one by which it is opened already, or its own."""
    user = user.lower()
    opening = db.select(MailAccount.grant_id).where(db.func.lower(MailAccount.username) == user)
    its_own = OAuthGrant.address == user
    ways = [OAuthGrant.id == chosen, OAuthGrant.id.in_(opening), its_own] if provider.delegates else [its_own]
    of_provider = db.select(OAuthGrant).join(OAuthGrant.app).where(OAuthApp.provider == provider.code)
    for way in ways:
        query = of_provider.where(way).order_by(OAuthGrant.state.desc(), OAuthGrant.id)
        found: OAuthGrant | None = db.session.scalars(query).first()
        if found is not None:
            return found
    return None


def provider_of(grant_id: int | None) -> str | None:
    """The code of the provider that gave a grant."""
    query = db.select(OAuthApp.provider).join(OAuthGrant).where(OAuthGrant.id == grant_id)
    code: str | None = db.session.scalar(query)
    return code


def give_back(grant: OAuthGrant) -> str:
    """Forget a grant and commit; returns the provider's name where it must be told by hand, else nothing.

    Its accounts stay as they are, without a sign-in.
    """
    try:
        registration, token = registration_of(grant.app), signing.unseal(grant.sealed_refresh_token or "")
    except signing.SealBroken:
        registration, token = None, ""
    try_again(db.select(OAuthGrant.id).where(OAuthGrant.id == grant.id))
    db.session.delete(grant)
    db.session.commit()
    if registration is None or not registration.provider.revoke_url:
        return ""
    try:
        client.revoke(registration, token)
    except (ProviderRefused, ProviderAway):
        return registration.provider.name
    return ""
