"""Signing in to a mail server with a provider's token: SASL XOAUTH2, or OAUTHBEARER where only that is offered.

XOAUTH2: developers.google.com, “IMAP, POP, and SMTP: OAuth 2.0 Mechanism”. OAUTHBEARER: RFC 7628.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from psa.mail.accounts import without_secret
from psa.mail.diagnosis.causes import diagnose
from psa.mail.journal import Journal, words_of
from psa.mail.oauth import grants
from psa.mail.oauth.grants import AccessToken
from psa.mail.settings import ServerSettings

# How a refusal reads when a password was wrong. A token that the provider gave out just now is not wrong: its owner may
# not do this here.
GENERIC = frozenset({"auth_wrong_password", "auth_app_password_required", "oauth_token_invalid", "unknown"})
MOST_ANSWERS = 3


class TokenRefused(OSError):
    """The server did not take a fresh token. ``cause`` is the catalogue's, empty when the words tell it."""

    def __init__(self, words: str, cause: str) -> None:
        super().__init__(words)
        self.cause = cause


@dataclass(slots=True)
class Exchange:
    """One SASL exchange: ``answer`` gives what to send, first the ``response`` with the token, before base64.

    A challenge that comes after it tells why the server will refuse (``reason``), and wants one more answer.
    """

    mechanism: str
    response: bytes = field(repr=False)
    reason: str = ""
    answers: int = 0

    def answer(self, challenge: bytes = b"") -> bytes:
        self.answers += 1
        if self.answers == 1:
            return self.response
        if self.answers > MOST_ANSWERS:
            raise ConnectionError("The server asks for more and more instead of signing us in")
        self.reason = challenge.decode("utf-8", "replace")
        return b"\1" if self.mechanism == "OAUTHBEARER" else b""


def token_for(settings: ServerSettings, journal: Journal) -> AccessToken | None:
    """The token to sign in with, before a connection is opened; None for an account with a password.

    Raises GrantBroken and ProviderAway.
    """
    if settings.auth != "oauth2":
        return None
    with journal.step("token", "Sign-in at the provider") as step:
        token = grants.access_token(settings.grant_id)
        step.title = "The sign-in at the provider is good"
    return token


def sign_in(
    settings: ServerSettings,
    token: AccessToken,
    offered: Collection[str],
    carry_out: Callable[[Exchange], object],
    refusals: tuple[type[Exception], ...],
) -> AccessToken:
    """Sign in with ``token``: ``carry_out`` holds the exchange in its protocol and raises one of ``refusals`` at a no.

    ``offered`` are the server's mechanisms. A token that is refused is renewed once: it may have ended just now, or
    been taken back. Returns the one that was taken. Raises TokenRefused at the second no, GrantBroken, ProviderAway.
    """
    mechanism = "OAUTHBEARER" if "OAUTHBEARER" in offered and "XOAUTH2" not in offered else "XOAUTH2"
    for _ in range(2):
        exchange = Exchange(mechanism, initial_response(mechanism, settings, token.value))
        try:
            carry_out(exchange)
            return token
        except refusals as error:
            words = without_secret(f"{words_of(error)} {exchange.reason}".strip(), token.value)
        refused, token = token, grants.access_token(settings.grant_id, refused=token.value)
        if token.value == refused.value:
            break
    raise TokenRefused(words, cause_of_refusal(settings.protocol, words))


def initial_response(mechanism: str, settings: ServerSettings, token: str) -> bytes:
    """What the client says first. The user may be a shared mailbox that the token's owner may open."""
    user = settings.username or settings.address
    if mechanism == "OAUTHBEARER":
        quoted = user.replace("=", "=3D").replace(",", "=2C")  # RFC 5801, 4
        text = f"n,a={quoted},\1host={settings.host}\1port={settings.port}\1auth=Bearer {token}\1\1"
    else:
        text = f"user={user}\1auth=Bearer {token}\1\1"
    return text.encode()


def cause_of_refusal(protocol: str, words: str) -> str:
    """The cause where the words would be read as a wrong password, else nothing."""
    found = diagnose(protocol=protocol, stage="auth", text=words).cause.code
    return "permission_missing" if found in GENERIC else ""
