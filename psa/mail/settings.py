"""What it takes to reach a mail server: one frozen value for the pages, the command line, polls, sends and tests."""

from __future__ import annotations

import json
import re
import ssl
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from psa import signing
from psa.mail.pace import PacedTLSSocket

if TYPE_CHECKING:
    from psa.mail.models import MailAccount

TIMEOUT = 30.0
PORTS = {
    ("smtp", "starttls"): 587,
    ("smtp", "ssl"): 465,
    ("smtp", "none"): 25,
    ("imap", "starttls"): 143,
    ("imap", "ssl"): 993,
    ("imap", "none"): 143,
    ("pop3", "starttls"): 110,
    ("pop3", "ssl"): 995,
    ("pop3", "none"): 110,
}
SCHEMES = {
    "smtp": ("smtp", "none"),
    "smtps": ("smtp", "ssl"),
    "smtp+starttls": ("smtp", "starttls"),
    "imap": ("imap", "none"),
    "imaps": ("imap", "ssl"),
    "imap+starttls": ("imap", "starttls"),
    "pop3": ("pop3", "none"),
    "pop3s": ("pop3", "ssl"),
    "pop3+starttls": ("pop3", "starttls"),
}
APP_PASSWORD = re.compile(r"[a-z]{4}( [a-z]{4}){3}")
SECURITIES = {"starttls": "TLS", "ssl": "SSL", "none": "None"}


class SettingsError(ValueError):
    """Settings that cannot work; the message is for the person who typed them."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One server and how to sign in to it: with the ``password``, or (``auth`` is oauth2) with a provider's grant.

    ``timeout`` is in seconds and bounds the wait for each line of an answer (psa.mail.pace).
    """

    protocol: str
    host: str
    port: int
    security: str
    username: str = ""
    password: str = ""
    address: str = ""
    display_name: str = ""
    folders: tuple[str, ...] = ("INBOX",)
    timeout: float = TIMEOUT
    auth: str = "password"
    # Empty when nobody is connected at the provider (any more).
    grant_id: int | None = None
    # Certificates in PEM that are trusted beside those of the system.
    ca_pem: str = ""

    @property
    def folder(self) -> str:
        """The folder that is listened to."""
        return self.folders[0]

    @property
    def signs_in(self) -> bool:
        """Whether there is anything to sign in with; a relay inside the firm may want nothing."""
        return bool(self.auth == "oauth2" or self.username or self.password)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def __repr__(self) -> str:
        return f"<{self.protocol} {self.host}:{self.port} {self.security} as {self.username!r}>"


def of_account(account: MailAccount) -> ServerSettings:
    """The settings of a saved account. Raises signing.SealBroken when its password cannot be opened any more."""
    has_password = account.sealed_password and account.auth == "password"
    return ServerSettings(
        protocol=account.protocol,
        host=account.host,
        port=account.port,
        security=account.security,
        username=account.username,
        password=signing.unseal(account.sealed_password) if has_password else "",
        address=account.address,
        display_name=account.display_name,
        folders=folders_of(account),
        auth=account.auth,
        grant_id=account.grant_id,
        ca_pem=account.ca_pem,
    )


def folders_of(account: MailAccount) -> tuple[str, ...]:
    """The folders that are read; POP3 knows only one."""
    return tuple(folder.name for folder in account.folders) or ("INBOX",)


def sealed(settings: ServerSettings) -> str:
    """The settings, password included, sealed for the database."""
    return signing.seal(json.dumps(asdict(settings)))


def unsealed(text: str) -> ServerSettings:
    """The settings again. Raises signing.SealBroken."""
    fields = json.loads(signing.unseal(text))
    return ServerSettings(**fields | {"folders": tuple(fields["folders"])})


def from_url(url: str, *, address: str = "") -> ServerSettings:
    """Settings from a URL such as ``imaps://user:password@host:993/INBOX`` or ``smtp+starttls://user@host``.

    User name, password and folder are percent-decoded (RFC 3986). Without a user name the address is it; without a
    port the usual one of the protocol and its security. Raises SettingsError with a sentence.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise SettingsError(f"{parts.scheme or url}:// is not a mail server. Write one of {', '.join(SCHEMES)}.")
    protocol, security = SCHEMES[parts.scheme]
    try:
        port = parts.port
    except ValueError as error:
        raise SettingsError("The port is a number from 1 to 65535.") from error
    if not parts.hostname:
        raise SettingsError(f"No server in the URL. Write {parts.scheme}://user:password@mail.example.com.")
    return ServerSettings(
        protocol=protocol,
        host=parts.hostname,
        port=port or PORTS[protocol, security],
        security=security,
        username=unquote(parts.username or "") or (address if parts.password else ""),
        password=unquote(parts.password or ""),
        address=address,
        folders=(unquote(parts.path.strip("/")) or "INBOX",),
    )


def port_contradiction(protocol: str, port: int, security: str) -> tuple[str, int] | None:
    """What is wrong when a well-known port and the rest cannot both be meant, and the port that would fit."""
    fits, chosen = PORTS[protocol, security], SECURITIES[security]
    for (other, usual_security), usual_port in PORTS.items():
        if usual_port != port or usual_security == "none":
            continue
        if other != protocol:
            return f"{port} is for {other.upper()}, not for {protocol.upper()}: {chosen} is on {fits}.", fits
        if (security == "ssl") != (usual_security == "ssl"):
            return f"{port} and {chosen} contradict each other: {chosen} is on {fits}.", fits
    return None


def typed_password(text: str) -> str:
    """The password that was meant: app passwords are shown as ``abcd efgh ijkl mnop`` and sent without the blanks."""
    return text.replace(" ", "") if APP_PASSWORD.fullmatch(text.strip()) else text


def tls_context(ca_pem: str = "") -> ssl.SSLContext:
    """Certificates and host names are always checked, against the authorities of the system and those in ``ca_pem``.

    ``SSL_CERT_FILE`` names a private authority for all servers (OpenSSL reads it).
    """
    context = ssl.create_default_context()
    context.sslsocket_class = PacedTLSSocket
    if ca_pem:
        context.load_verify_locations(cadata=ca_pem)
        # What somebody entered is trusted itself: also an authority in the middle, or one server's own certificate.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
