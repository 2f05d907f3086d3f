"""A mail of ours that came back: what the server that received it wrote about it, and whether it proves itself."""

from __future__ import annotations

import base64
from email.parser import BytesHeaderParser

import dkim

from psa.mail.deliverability import ed25519
from psa.mail.deliverability.dmarc import tags_of
from psa.mail.dns import Dns, DnsAway

# A verdict is a few lines; what is longer was written to be shown here.
LONGEST = 2000


def seen_in(raw: bytes, dns: Dns) -> dict[str, str]:
    """``verdict`` is the topmost Authentication-Results (RFC 8601, 5): the mailbox's own server wrote it, if any.

    ``signature`` is good, bad, none, or unknown when no name server answers.
    """
    headers = BytesHeaderParser().parsebytes(raw)
    verdict = " ".join(str(headers.get("Authentication-Results", "")).split())
    return {"verdict": verdict[:LONGEST], "signature": state_of_signature(raw, "DKIM-Signature" in headers, dns)}


def state_of_signature(raw: bytes, is_signed: bool, dns: Dns) -> str:
    if not is_signed:
        return "none"
    try:
        return "good" if is_good(raw, dns) else "bad"
    except DnsAway:
        return "unknown"


def is_good(raw: bytes, dns: Dns) -> bool:
    """Whether the topmost signature is. Raises DnsAway."""
    topmost = tags_of(str(BytesHeaderParser().parsebytes(raw)["DKIM-Signature"]))
    if topmost.get("a") != ed25519.ALGORITHM.decode():
        return bool(dkim.verify(raw, dnsfunc=lambda name, timeout=0: looked_up(name, dns)))
    selector = topmost.get("s", "")
    record = looked_up(f"{selector}._domainkey.{topmost.get('d', '')}".encode(), dns) or b""
    try:
        public = base64.b64decode(tags_of(record.decode()).get("p", ""), validate=True)
        return ed25519.is_good(raw, selector, public)
    except (ValueError, KeyError, dkim.DKIMException):
        return False


def looked_up(name: bytes, dns: Dns) -> bytes | None:
    """The record that dkimpy asks for."""
    return next((text.encode() for text in dns.txt(name.decode().rstrip("."))), None)
