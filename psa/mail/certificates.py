"""Certificates that somebody pasted, to be trusted beside those of the system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from psa import clock
from psa.mail.settings import SettingsError

BEGIN = "-----BEGIN CERTIFICATE-----"
END = "-----END CERTIFICATE-----"
# An authority and those between it and the server are two or three; a bundle of everything belongs into the system.
MOST = 10
LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Trusted:
    """One certificate: what it calls itself, when it ends, and whether it may issue others or is one server's own."""

    name: str
    ends_at: datetime
    issues: bool


def read(pem: str) -> list[Trusted]:
    """What was pasted, certificate by certificate. Raises SettingsError with a sentence."""
    return [trusted(certificate) for certificate in loaded(pem)]


def tidied(pem: str) -> str:
    """The certificates alone, without what stood around them. Raises SettingsError with a sentence."""
    blocks = pem.replace("\r\n", "\n").split(BEGIN)[1:]
    return "".join(f"{BEGIN}{block.partition(END)[0]}{END}\n" for block in blocks) if loaded(pem) else ""


def loaded(pem: str) -> list[x509.Certificate]:
    if not pem.strip():
        return []
    if "PRIVATE KEY-----" in pem:
        raise SettingsError(
            "There is a private key in it. Keep that to its server; here only the certificate is needed."
        )
    if BEGIN not in pem or len(pem) > LONGEST:
        raise SettingsError(f"It is a text that begins with {BEGIN} (PEM).")
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise SettingsError(f"This is no whole certificate. Copy it again, from {BEGIN} to {END}.") from error
    if len(found) > MOST:
        raise SettingsError(f"These are {len(found)} certificates. Only the one that issued the server’s is needed.")
    for certificate in found:
        if certificate.not_valid_after_utc < clock.now():
            ended = certificate.not_valid_after_utc
            raise SettingsError(f"{name_of(certificate)} ended on {ended.day} {ended:%B %Y}. Paste its successor.")
    return found


def trusted(certificate: x509.Certificate) -> Trusted:
    try:
        issues = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        # Version 1 knew no extensions; an authority of that age names itself as its issuer.
        issues = certificate.issuer == certificate.subject
    return Trusted(name_of(certificate), certificate.not_valid_after_utc, issues)


def name_of(certificate: x509.Certificate) -> str:
    """Its common name, else its organisation, else the whole of its subject."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        named = certificate.subject.get_attributes_for_oid(oid)
        if named and str(named[0].value).strip():
            return str(named[0].value).strip()
    return certificate.subject.rfc4514_string() or "A certificate without a name"
