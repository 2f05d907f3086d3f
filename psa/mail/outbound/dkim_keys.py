"""Keys that sign our mail (RFC 6376): made here, sealed, and used on the very bytes that leave."""

from __future__ import annotations

import base64

import dkim
import structlog
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from psa import clock, signing
from psa.extensions import db
from psa.mail.deliverability.dkim_record import PublicKey, published
from psa.mail.deliverability.returned import state_of_signature
from psa.mail.dns import Dns, as_ascii
from psa.mail.outbound.models import DkimKey

log = structlog.get_logger()

# RFC 8301, 3.2: at least 1024 bits, better 2048; many name servers take no longer record.
BITS = 2048
# Spaces and line ends may change on the way, words may not.
CANONICAL = (b"relaxed", b"relaxed")
SAMPLE = b"From: <postmaster@%s>\r\nTo: <postmaster@%s>\r\nSubject: Is it signed\r\n\r\nIt is.\r\n"


def keys_of(domain: str) -> list[DkimKey]:
    """The keys of a domain: the one that signs first, then the newest."""
    found = db.select(DkimKey).where(DkimKey.domain == as_ascii(domain.lower()))
    return list(db.session.scalars(found.order_by(DkimKey.active.desc(), DkimKey.id.desc())))


def make_key(domain: str) -> DkimKey:
    """A new key, which does not sign yet, under a selector that nobody has used. Flushes."""
    domain = as_ascii(domain.lower())
    secret = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    public = secret.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = DkimKey(
        domain=domain,
        selector=free_selector(domain),
        sealed_key=signing.seal(pem.decode()),
        public_key=base64.b64encode(public).decode(),
    )
    db.session.add(key)
    db.session.flush()
    return key


def free_selector(domain: str) -> str:
    """psa2026, then psa2026b, psa2026c …: a selector whose key is replaced must not name two."""
    taken = {key.selector for key in keys_of(domain)}
    names = (f"psa{clock.now().year}{letter}" for letter in ("", *"bcdefghijklmnopqrstuvwxyz"))
    return next((name for name in names if name not in taken), f"psa{int(clock.now().timestamp())}")


def public_half(key: DkimKey) -> PublicKey:
    return PublicKey(key.domain, key.selector, key.public_key, key.active)


def switch_on(key: DkimKey) -> None:
    """Sign with this key from now on, and with no other of its domain. Flushes."""
    db.session.execute(db.update(DkimKey).where(DkimKey.domain == key.domain).values(active=False))
    key.active = True
    db.session.flush()


def is_proven(key: DkimKey, dns: Dns) -> bool:
    """Whether whoever looks the record up finds a signature of ours to be good; notes when it was. Flushes.

    Raises DnsAway and signing.SealBroken.
    """
    if published(public_half(key), dns) != "same":
        return False
    domain = key.domain.encode()
    sample = SAMPLE % (domain, domain)
    good = state_of_signature(signature(sample, key) + sample, True, dns) == "good"
    key.verified_at = clock.now() if good else key.verified_at
    db.session.flush()
    return good


def signed(raw: bytes, domain: str) -> bytes:
    """The message with a signature before it, when a key of its domain signs; else as it is.

    A key that cannot be opened any more stops no mail: its page says so.
    """
    query = db.select(DkimKey).where(DkimKey.domain == as_ascii(domain.lower()), DkimKey.active).limit(1)
    key = db.session.scalars(query).first()
    if key is None:
        return raw
    try:
        return signature(raw, key) + raw
    except signing.SealBroken:
        log.error("a signing key cannot be opened, so mail leaves unsigned", domain=domain, selector=key.selector)
        return raw


def signature(raw: bytes, key: DkimKey) -> bytes:
    """The header field that signs ``raw``. Raises signing.SealBroken."""
    made: bytes = dkim.sign(
        raw, key.selector.encode(), key.domain.encode(), signing.unseal(key.sealed_key).encode(), canonicalize=CANONICAL
    )
    return made


def can_be_opened(key: DkimKey) -> bool:
    try:
        signing.unseal(key.sealed_key)
    except signing.SealBroken:
        return False
    return True
