"""The form of a registration with a provider."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from wtforms import BooleanField, DateField, Field, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from psa import clock
from psa.mail.oauth.apps import Entry
from psa.mail.oauth.models import OAuthApp
from psa.mail.oauth.providers import Provider
from psa.saving import SettingsForm

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
SAVED = ("client_id", "tenant", "secret_expires_on", "authorize_url", "token_url", "scope")
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderForm(SettingsForm):
    """Our registration with ``provider``; ``app`` is what is stored, None for a new one."""

    client_id = StringField("Client ID", [InputRequired("Which client ID did the provider give you?"), Length(max=200)])
    tenant = StringField("Directory (tenant) ID", [Length(max=100)])
    secret = PasswordField("Client secret", [Length(max=500)])
    public = BooleanField("It has none (public client)")
    secret_expires_on = DateField("Secret expires on", [Optional()])
    authorize_url = StringField("Authorization endpoint", [Length(max=500)])
    token_url = StringField("Token endpoint", [Length(max=500)])
    scope = StringField("Scope", [Length(max=2000)])

    def __init__(self, provider: Provider, app: OAuthApp | None) -> None:
        super().__init__(obj=app)
        self.provider, self.app = provider, app
        if not self.is_submitted():
            self.public.data = app is not None and not app.sealed_secret
        if provider.code == "microsoft":
            self.client_id.label.text = "Application (client) ID"
        else:
            del self.tenant
        if provider.code == "google":
            del self.secret_expires_on, self.public
        if provider.code != "other":
            del self.authorize_url, self.token_url, self.scope
        if not self.is_submitted():
            self.take_up(self.stored())

    def stored(self) -> dict[str, object]:
        """What is saved, by the fields of the form; of the secret no more than that it is this one."""
        app = self.app
        settings = {name: getattr(app, name, None) or "" for name in SAVED if name in self}
        if "public" in self:
            settings["public"] = app is not None and not app.sealed_secret
        return settings | {"secret": app.sealed_secret if app is not None else ""}

    def validate_client_id(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        if self.provider.code == "microsoft" and not GUID.fullmatch(field.data):
            raise ValidationError(
                "That is none: it looks like 3f2a8c1e-5b7d-4e9f-a0c2-6d8b1e4f7a90, on the app's Overview."
            )
        if self.provider.code == "google" and not field.data.endswith(".apps.googleusercontent.com"):
            raise ValidationError("That is none: it ends with .apps.googleusercontent.com.")

    def validate_tenant(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        if field.data and not TENANT.fullmatch(field.data):
            raise ValidationError("Write the ID from the app's Overview, or a domain of yours.")

    def validate_secret(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        if self.is_public:
            return
        if self.provider.code == "microsoft" and GUID.fullmatch(field.data):
            raise ValidationError("That is the secret's ID. Enter its Value, which Entra shows only once.")
        if field.data:
            return
        if self.app is None or not self.app.sealed_secret:
            raise ValidationError("Which secret did the provider give you?")
        # Whoever may change the settings must not learn the stored secret by naming an address of their own.
        if "token_url" in self and self.token_url.data != self.app.token_url:
            raise ValidationError("The token endpoint is another one now. Enter the secret that belongs to it.")

    def validate_secret_expires_on(self, field: Field) -> None:
        if field.data is not None and not self.is_public and field.data < clock.now().astimezone().date():
            raise ValidationError("That day is over. Make a new secret, and enter it with its own last day.")

    def validate_authorize_url(self, field: Field) -> None:
        field.data = web_address(field.data)

    def validate_token_url(self, field: Field) -> None:
        field.data = web_address(field.data)

    @property
    def is_public(self) -> bool:
        return "public" in self and bool(self.public.data)

    def entry(self) -> Entry:
        """What was entered."""
        own = [name for name in ("authorize_url", "token_url", "scope") if name in self]
        return Entry(
            client_id=self.client_id.data,
            secret="" if self.is_public else self.secret.data,
            public=self.is_public,
            tenant=self.tenant.data if "tenant" in self else "",
            secret_expires_on=self.secret_expires_on.data if "secret_expires_on" in self else None,
            **{name: (self[name].data or "").strip() for name in own},
        )


def web_address(text: str | None) -> str:
    """``text`` when tokens may travel there: encrypted, or within this machine."""
    text = (text or "").strip()
    parts = urlsplit(text)
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise ValidationError("Write a whole address, such as https://login.example.com/oauth2/token.")
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        raise ValidationError("It must begin with https://: secrets travel there.")
    return text
