"""The part of an account's form that says how it signs in."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, RadioField, ValidationError
from wtforms.fields.choices import SelectChoice

from psa.mail.models import MailAccount
from psa.mail.oauth import apps, grants
from psa.mail.oauth.journey import Outcome, arrived
from psa.mail.oauth.models import OAuthApp, OAuthGrant
from psa.mail.oauth.providers import PROVIDERS, Provider, provider_of_host


class SignInForm(FlaskForm):  # type: ignore[misc]
    """How an account signs in: with a password, or with what a provider granted.

    ``account`` and the other fields of a server are its heirs'. ``outcome`` is what came of a visit at a provider that
    began on this form; what was typed before it is there again.
    """

    direction = ""
    account: MailAccount | None = None

    sign_in = RadioField("Sign in with", default="password")
    grant_id = HiddenField()

    def __init__(self, **stored: Any) -> None:
        account_id = self.account.id if self.account is not None else None
        self.outcome: Outcome | None = arrived(self.direction, account_id) if request.method == "GET" else None
        if self.outcome is not None and self.outcome.journey.form:
            typed = self.outcome.journey.form.items()
            stored["formdata"] = MultiDict([(name, value) for name, values in typed for value in values])
        super().__init__(**stored)
        self.sign_in.choices = ways(self.sign_in.data)
        self.take_over_from_outcome()
        self.fill_from_provider()

    def take_over_from_outcome(self) -> None:
        """Sign in with what has just been granted, at the provider's own server; a link may ask for a way too."""
        asked = request.args.get("sign_in", "") if request.method == "GET" else ""
        if self.outcome is not None and self.outcome.grant_id is not None:
            put(self.sign_in, self.outcome.journey.provider)
            put(self.grant_id, str(self.outcome.grant_id))
        elif asked in PROVIDERS:
            put(self.sign_in, asked)
            if self.account is None and not self.address.data:
                put(self.address, request.args.get("address", ""))
        else:
            return
        provider = self.provider
        if provider is not None and not provider.is_home_of(self.host.data or ""):
            put(self.host, "")

    def fill_from_provider(self) -> None:
        """What need not be typed: the provider's server, and the address as the user name."""
        if self.provider is None:
            return
        server = self.provider.servers.get(self.protocol_value)
        if server is not None and not (self.host.data or "").strip():
            put(self.host, server.host)
            put(self.port, server.port)
            put(self.security, server.security)
        if not (self.username.data or "").strip() and self.address.data:
            put(self.username, self.address.data)

    @property
    def provider(self) -> Provider | None:
        """The provider that is chosen, None for a password."""
        return PROVIDERS.get(self.sign_in.data or "")

    @property
    def app(self) -> OAuthApp | None:
        """Our registration with that provider."""
        return apps.find(self.sign_in.data) if self.provider is not None else None

    @cached_property
    def grant(self) -> OAuthGrant | None:
        """What to sign in with there."""
        if self.provider is None:
            return None
        chosen = self.grant_id.data or ""
        return grants.find(self.provider, self.user, int(chosen) if str(chosen).isdecimal() else None)

    @property
    def user(self) -> str:
        """The mailbox that is opened."""
        return (self.username.data or self.address.data or "").strip()

    def validate_sign_in(self, field: Field) -> None:
        provider = self.provider
        if provider is None:
            return
        if self.app is None:
            raise ValidationError(f"{provider.name} does not know this PSA yet: set it up under Sign-in providers.")
        if not provider.is_home_of(self.host.data or ""):
            home = provider.servers[self.protocol_value].host
            raise ValidationError(f"A sign-in at {provider.name} opens its own servers only, such as {home}.")
        if self.security.data == "none":
            raise ValidationError("A sign-in never goes over an unencrypted connection. Choose TLS or SSL.")
        if self.grant is None:
            raise ValidationError(f"Nobody is signed in at {provider.name} for {self.user} yet. Press Connect.")


def ways(chosen: str | None) -> list[SelectChoice]:
    """The ways to sign in; a provider of one's own choice is among them once it is set up."""
    offered = [one for one in PROVIDERS.values() if one.code != "other" or chosen == "other" or apps.find("other")]
    return [SelectChoice("password", "Password"), *(SelectChoice(one.code, one.name) for one in offered)]


def way_of(auth: str, grant_id: int | None, host: str) -> str:
    """The choice that stands for an account's settings."""
    if auth != "oauth2":
        return "password"
    return grants.provider_of(grant_id) or provider_of_host(host)


def put(field: Field, value: Any) -> None:
    """Let ``value`` stand in the field as if it had been typed."""
    field.process_data(value)
    field.raw_data, field.process_errors = [str(value)], []
