"""Certificates as administrators get them wrong."""

from __future__ import annotations

import datetime
import ssl
import tempfile
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from psa import clock

NAMES = ("localhost", "127.0.0.1")
DAY = datetime.timedelta(days=1)


def server_side() -> ssl.SSLContext:
    return ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)


def good(ca: trustme.CA, *names: str, days: tuple[int, int] = (-1, 30)) -> ssl.SSLContext:
    """A certificate for ``names`` that is good from and until so many days from now."""
    context, now = server_side(), clock.now()
    leaf = ca.issue_cert(*(names or NAMES), not_before=now + days[0] * DAY, not_after=now + days[1] * DAY)
    leaf.configure_cert(context)
    return context


def self_signed() -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    return holding(made(key, key, "localhost"), key)


def without_intermediate(ca: trustme.CA) -> ssl.SSLContext:
    """The leaf of a sub-authority, sent without the sub-authority's own certificate."""
    leaf = ca.create_child_ca().issue_cert(*NAMES)
    context = server_side()
    with tempfile.TemporaryDirectory() as directory:
        pem, key = Path(directory, "leaf.pem"), Path(directory, "key.pem")
        leaf.cert_chain_pems[0].write_to_path(str(pem))
        leaf.private_key_pem.write_to_path(str(key))
        context.load_cert_chain(pem, key)
    return context


def weak_key(ca: trustme.CA) -> ssl.SSLContext:
    """A key of 1024 bits, which OpenSSL does not take for secure at its usual level."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return holding(made(key, authority_key(ca), "localhost", issuer=authority(ca)), key, lenient=True)


def without_key_identifier(ca: trustme.CA) -> ssl.SSLContext:
    """A leaf that does not name its authority's key (RFC 5280, 4.2.1.1), which Python 3.13 insists on."""
    key = ec.generate_private_key(ec.SECP256R1())
    return holding(made(key, authority_key(ca), "localhost", issuer=authority(ca)), key)


def made(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    signed_with: ec.EllipticCurvePrivateKey,
    name: str,
    *,
    issuer: x509.Certificate | None = None,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer is not None else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 30 * DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(signed_with, hashes.SHA256())
    )


def holding(
    certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *, lenient: bool = False
) -> ssl.SSLContext:
    context = server_side()
    if lenient:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "both.pem")
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context.load_cert_chain(path)
    return context


def authority(ca: trustme.CA) -> x509.Certificate:
    return x509.load_pem_x509_certificate(ca.cert_pem.bytes())


def authority_key(ca: trustme.CA) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(ca.private_key_pem.bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
