"""The providers that we know: where one signs in, what to ask for, and their mail servers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from psa.mail.diagnosis import providers as known
from psa.mail.diagnosis.providers import Server


@dataclass(frozen=True, slots=True)
class Provider:
    """``scopes`` maps each protocol to the permission that it needs; ``lasting`` are asked for besides, so that the
    grant can be renewed and tells who gave it. ``extras`` are further parameters of the sign-in page.

    ``hosts`` are the names of the provider's own mail servers: its tokens go nowhere else. In the addresses
    ``{tenant}`` stands for Microsoft's directory; they are empty for a provider that the administrator describes.
    ``delegates``: whoever signs in may open other people's mailboxes too, where the provider lets him (shared ones).
    """

    code: str
    name: str
    authorize_url: str = ""
    token_url: str = ""
    revoke_url: str = ""
    scopes: Mapping[str, str] = field(default_factory=dict)
    lasting: tuple[str, ...] = ()
    extras: Mapping[str, str] = field(default_factory=dict)
    servers: Mapping[str, Server] = field(default_factory=dict)
    hosts: re.Pattern[str] = re.compile("")
    delegates: bool = True

    @property
    def scope(self) -> str:
        """Everything that is asked for at once, so that one grant serves both directions."""
        return " ".join(dict.fromkeys((*self.scopes.values(), *self.lasting)))

    def is_home_of(self, host: str) -> bool:
        """Whether ``host`` is a mail server of this provider."""
        return self.hosts.search(host.lower()) is not None

    def lacks(self, protocol: str, granted: str) -> bool:
        """Whether ``granted`` (a token answer's scope) leaves out what ``protocol`` needs; an empty one means all."""
        needed = self.scopes.get(protocol, "")
        return bool(granted and needed) and needed.lower() not in granted.lower().split()


MICROSOFT = Provider(
    code="microsoft",
    name="Microsoft 365",
    # learn.microsoft.com, “Microsoft identity platform and OAuth 2.0 authorization code flow”
    authorize_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    token_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    # learn.microsoft.com, “Authenticate an IMAP, POP or SMTP connection using OAuth”
    scopes={
        "imap": "https://outlook.office.com/IMAP.AccessAsUser.All",
        "pop3": "https://outlook.office.com/POP.AccessAsUser.All",
        "smtp": "https://outlook.office.com/SMTP.Send",
    },
    lasting=("offline_access", "openid", "profile"),
    # Whoever sets this up is signed in as himself, which is seldom the mailbox.
    extras={"prompt": "select_account"},
    servers=known.providers()["microsoft"].servers,
    hosts=re.compile(r"(^|\.)(office365|outlook|office)\.com$"),
)
GOOGLE = Provider(
    code="google",
    name="Google",
    # developers.google.com, “Using OAuth 2.0 for Web Server Applications”
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",
    revoke_url="https://oauth2.googleapis.com/revoke",
    scopes=dict.fromkeys(("imap", "pop3", "smtp"), "https://mail.google.com/"),
    lasting=("openid", "email"),
    # Without them a second sign-in gives no refresh token.
    extras={"access_type": "offline", "prompt": "consent"},
    servers=known.providers()["google"].servers,
    hosts=re.compile(r"(^|\.)(gmail|googlemail|google)\.com$"),
    delegates=False,
)
OTHER = Provider(code="other", name="Other OAuth2")

PROVIDERS: Mapping[str, Provider] = MappingProxyType({one.code: one for one in (MICROSOFT, GOOGLE, OTHER)})


def provider_of_host(host: str) -> str:
    """The code of the provider whose mail server ``host`` is."""
    return next((one.code for one in (MICROSOFT, GOOGLE) if one.is_home_of(host)), OTHER.code)
