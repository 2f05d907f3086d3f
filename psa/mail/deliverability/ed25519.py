"""DKIM with Ed25519 (RFC 8463): short keys and signatures, beside RSA for receivers that know them.

What is hashed is dkimpy's work, as for RSA; only the key is another, and dkimpy would want one more library for it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time

import dkim
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from dkim.canonicalization import CanonicalizationPolicy

# What makes up a message, where it is there (RFC 6376, 5.4.1).
SIGNED = (
    b"from",
    b"to",
    b"cc",
    b"reply-to",
    b"subject",
    b"date",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
    b"auto-submitted",
    b"list-id",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
)
ALGORITHM = b"ed25519-sha256"
RELAXED = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
NAME = b"DKIM-Signature"


def sign(raw: bytes, domain: str, selector: str, key: Ed25519PrivateKey) -> bytes:
    """The header field that signs ``raw``, with its CRLF."""
    headers, body = dkim.rfc822_parse(raw)
    there = {name.lower() for name, _ in headers}
    # From is named once more than it is there: nobody can put another one above it (RFC 6376, 8.15).
    names = [b"from", *(name for name in SIGNED if name in there)]
    lines = [
        b"v=1; a=%s; c=relaxed/relaxed; d=%s;" % (ALGORITHM, domain.encode()),
        b"s=%s; t=%d;" % (selector.encode(), time.time()),
        b"h=" + b":\r\n ".join(names) + b";",
        b"bh=" + hash_of(body) + b";",
        b"b=",
    ]
    field = b" " + b"\r\n ".join(lines)
    signature = base64.b64encode(key.sign(digest(headers, names, field)))
    return NAME + b":" + field + signature[:64] + b"\r\n " + signature[64:] + b"\r\n"


def is_good(raw: bytes, selector: str, public: bytes) -> bool:
    """Whether the first signature with this selector is by the key whose 32 bytes are ``public``."""
    headers, body = dkim.rfc822_parse(raw)
    for name, value in headers:
        if name.lower() != NAME.lower():
            continue
        tags = dkim.parse_tag_value(value)
        if tags.get(b"s") == selector.encode() and tags.get(b"a") == ALGORITHM:
            signature = b"".join(tags[b"b"].split())
            names = [one.strip().lower() for one in tags[b"h"].split(b":")]
            if b"".join(tags[b"bh"].split()) != hash_of(body):
                return False
            try:
                made = base64.b64decode(signature, validate=True)
                Ed25519PublicKey.from_public_bytes(public).verify(made, digest(headers, names, value))
            except (InvalidSignature, binascii.Error, ValueError):
                return False
            return True
    return False


def hash_of(body: bytes) -> bytes:
    return base64.b64encode(hashlib.sha256(RELAXED.canonicalize_body(body)).digest())


def digest(headers: list[tuple[bytes, bytes]], names: list[bytes], own: bytes) -> bytes:
    """What the key signs (RFC 8463, 3): the hash of the named headers and of the signature's own field without b=."""
    hasher = hashlib.sha256()
    dkim.hash_headers(hasher, RELAXED, RELAXED.canonicalize_headers(headers), names, (NAME.lower(), own), {})
    return hasher.digest()
