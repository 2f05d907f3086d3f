"""Keys that sign our mail (RFC 6376): made here, sealed, and used on the very bytes that leave."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import dkim
import structlog
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from psa import clock, signing
from psa.extensions import db
from psa.mail.deliverability import ed25519
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
    """The keys of a domain: those that sign first, then the newest."""
    found = db.select(DkimKey).where(DkimKey.domain == as_ascii(domain.lower()))
    return list(db.session.scalars(found.order_by(DkimKey.active.desc(), DkimKey.id.desc())))


def first_of(keys: Sequence[DkimKey], algorithm: str) -> DkimKey | None:
    """Of ``keys`` in the order of keys_of() the one of this algorithm that signs, or that waits to."""
    return next((key for key in keys if key.algorithm == algorithm and key.retired_at is None), None)


def make_key(domain: str, algorithm: str = "rsa") -> DkimKey:
    """A new key, which does not sign yet, under a selector that nobody has used. Flushes.

    With ``ed25519`` one that signs beside an RSA key: many receivers know only that (RFC 8463, 1).
    """
    domain = as_ascii(domain.lower())
    secret: RSAPrivateKey | Ed25519PrivateKey
    if algorithm == "ed25519":
        secret = Ed25519PrivateKey.generate()
        # The record holds the bare 32 bytes (RFC 8463, 4.2).
        public = secret.public_key().public_bytes_raw()
    else:
        secret = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
        public = secret.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = DkimKey(
        domain=domain,
        selector=free_selector(domain),
        algorithm=algorithm,
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
    return PublicKey(key.domain, key.selector, key.public_key, key.active, key.algorithm)


def switch_on(key: DkimKey) -> None:
    """Sign with this key from now on, and with no other of its domain and kind: those retire. Flushes."""
    same_kind = (DkimKey.domain == key.domain) & (DkimKey.algorithm == key.algorithm)
    others = db.update(DkimKey).where(same_kind, DkimKey.id != key.id, DkimKey.active)
    db.session.execute(others.values(active=False, retired_at=clock.now()))
    key.active, key.retired_at = True, None
    db.session.flush()


def forget_gone(dns: Dns) -> list[DkimKey]:
    """Remove retired keys whose record is published no more; returns them. Flushes. Raises DnsAway.

    Until then their records must stay: mail that they signed is under way for days, and is read again for years.
    """
    retired = db.session.scalars(db.select(DkimKey).where(DkimKey.retired_at.is_not(None), ~DkimKey.active)).all()
    gone = [key for key in retired if published(public_half(key), dns) == "none"]
    for key in gone:
        db.session.delete(key)
    db.session.flush()
    return gone


def is_proven(key: DkimKey, dns: Dns) -> bool:
    """Whether whoever looks the record up finds a signature of ours to be good; notes when it was. Flushes.

    Raises DnsAway and signing.SealBroken.
    """
    if published(public_half(key), dns) != "same":
        return False
    domain = key.domain.encode()
    sample = SAMPLE % (domain, domain)
    raw = signature(sample, key) + sample
    good = state_of_signature(raw, True, dns) == "good"
    key.verified_at = clock.now() if good else key.verified_at
    db.session.flush()
    return good


def signed(raw: bytes, domain: str) -> bytes:
    """The message with the signatures of its domain's active keys before it, RSA on top; else as it is.

    A key that cannot be opened any more stops no mail: its page says so.
    """
    query = db.select(DkimKey).where(DkimKey.domain == as_ascii(domain.lower()), DkimKey.active)
    made = []
    for key in db.session.scalars(query.order_by(DkimKey.algorithm.desc())):
        try:
            made.append(signature(raw, key))
        except signing.SealBroken:
            log.error("a signing key cannot be opened, so mail leaves unsigned", domain=domain, selector=key.selector)
    return b"".join([*made, raw])


def signature(raw: bytes, key: DkimKey) -> bytes:
    """The header field that signs ``raw``. Raises signing.SealBroken."""
    pem = signing.unseal(key.sealed_key).encode()
    if key.algorithm == "ed25519":
        secret = load_pem_private_key(pem, None)
        assert isinstance(secret, Ed25519PrivateKey)
        return ed25519.sign(raw, key.domain, key.selector, secret)
    made: bytes = dkim.sign(raw, key.selector.encode(), key.domain.encode(), pem, canonicalize=CANONICAL)
    return made


def can_be_opened(key: DkimKey) -> bool:
    try:
        signing.unseal(key.sealed_key)
    except signing.SealBroken:
        return False
    return True
