"""The application that a provider knows us by, and what it granted us."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.extensions import Model, UTCDateTime


class OAuthApp(Model):
    """Our registration with a provider: client id and secret. ``secret_expires_on`` is as the provider told the admin.

    The two addresses are empty for the known providers; ``tenant`` is Microsoft's.
    """

    __tablename__ = "oauth_apps"
    __table_args__ = (CheckConstraint("provider IN ('microsoft', 'google', 'other')", name="provider"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(20), unique=True)
    tenant: Mapped[str] = mapped_column(String(100), default="")
    client_id: Mapped[str] = mapped_column(String(200))
    sealed_secret: Mapped[str] = mapped_column(Text, default="")
    secret_expires_on: Mapped[date | None]
    authorize_url: Mapped[str] = mapped_column(String(500), default="")
    token_url: Mapped[str] = mapped_column(String(500), default="")
    scope: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class OAuthGrant(Model):
    """What a provider allowed us for one address, shared by its mailbox and its sending account.

    ``state`` is connected, or broken when the provider refused to renew it: then ``words`` are the provider's.
    ``sealed_access_token`` is good until ``expires_at``.
    """

    __tablename__ = "oauth_grants"
    __table_args__ = (
        UniqueConstraint("app_id", "address"),
        CheckConstraint("state IN ('connected', 'broken')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    app_id: Mapped[int] = mapped_column(ForeignKey("oauth_apps.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(320))
    state: Mapped[str] = mapped_column(String(10), default="connected")
    sealed_refresh_token: Mapped[str] = mapped_column(Text, default="")
    sealed_access_token: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # When the refresh token itself ends, where the provider tells.
    grant_expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    scope: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[str] = mapped_column(Text, default="")
    connected_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    renewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Raised by every renewal: who waited for the lock sees that another one has done it.
    revision: Mapped[int] = mapped_column(default=1)

    app: Mapped[OAuthApp] = relationship()
