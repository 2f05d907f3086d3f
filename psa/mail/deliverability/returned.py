"""A mail of ours that came back: what the server that received it wrote about it, and whether it proves itself."""

from __future__ import annotations

from email.parser import BytesHeaderParser

import dkim

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
        return "good" if dkim.verify(raw, dnsfunc=lambda name, timeout=0: looked_up(name, dns)) else "bad"
    except DnsAway:
        return "unknown"


def looked_up(name: bytes, dns: Dns) -> bytes | None:
    """The record that dkimpy asks for."""
    return next((text.encode() for text in dns.txt(name.decode().rstrip("."))), None)
