"""Whether a message bears a DKIM signature (RFC 6376) of its sender's domain that holds: our own check, for mailboxes
whose server tells nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
from flask import current_app

from psa.mail import dns
from psa.mail.dns import Dns, DnsAway
from psa.registrable import has_one_owner

log = structlog.get_logger()

Value = TypeVar("Value")
# Whoever adds more wants us to be busy.
MOST_SIGNATURES = 4
# In seconds. Keys are published for days; a name server that is away is left alone for a moment.
KEY_IS_GOOD_FOR, NO_KEY_IS_GOOD_FOR = 3600.0, 300.0
LEFT_ALONE_FOR = 60.0
MOST_KEYS = 1000
# In seconds, for one question; the mailbox waits for it.
PATIENCE = 2.0
# RFC 8301, 3.2
FEWEST_BITS = 1024
# What the arithmetic of larger keys takes, no other thread of the process gets. RFC 6376, 3.3.3, asks for 2048 bits.
MOST_BITS, MOST_BITS_OF_EXPONENT = 4096, 32
# In characters; a key of so many bits takes 736.
LONGEST_RECORD = 2000
# dkimpy takes the square of the time for what is longer: heads in octets and lines, one signature in octets.
LONGEST_HEAD, MOST_LINES_OF_HEAD = 256 * 1024, 5000
LONGEST_SIGNATURE = 4000
# What a signature must cover, where it is there: what is left out anybody can change, or add, who has the mail. It
# tells who wrote to whom, about which ticket, and where in the mail the words stand.
TO_BE_SIGNED = frozenset(
    {
        b"from",
        b"to",
        b"cc",
        b"subject",
        b"date",
        b"message-id",
        b"in-reply-to",
        b"references",
        b"thread-index",
        b"content-type",
    }
)
# RFC 6376, 3.6.1: a key for trials proves nothing.
FOR_TRIALS = re.compile(r"(?:\A|;)\s*t\s*=[^;]*\by\b")
END_OF_HEAD = re.compile(rb"\n\r?\n")
BLANKS = re.compile(rb"[\t ]+")


class KeyTooLarge(Exception):
    """A published key that is too dear to calculate with."""


@dataclass(frozen=True, slots=True)
class Signed:
    """``by`` is the aligned domain whose signature holds, "" for none; ``why_not`` says then why.

    ``is_away``: a name server has not answered, so it may hold all the same.
    """

    by: str
    why_not: str = ""
    is_away: bool = False


@dataclass(slots=True)
class Keys:
    """The published keys that were asked for lately, and the domains that nobody is asked about for a moment.

    Each domain is silent for itself: whoever sends mail of one without name servers keeps no other from being checked.
    """

    known: dict[str, tuple[float, str]] = field(default_factory=dict)
    silent_until: dict[str, float] = field(default_factory=dict)

    def of(self, name: str, asks: Dns) -> str:
        """The key record under ``name``, "" where there is none. Raises DnsAway."""
        now = time.monotonic()
        until, text = self.known.get(name, (0.0, ""))
        if now < until:
            return text
        domain = name.rpartition("._domainkey.")[2]
        if now < self.silent_until.get(domain, 0.0):
            raise DnsAway(f"The name servers of {domain} are silent.")
        try:
            text = next(iter(asks.txt(name)), "")
        except DnsAway:
            remember(self.silent_until, domain, now + LEFT_ALONE_FOR)
            raise
        remember(self.known, name, (now + (KEY_IS_GOOD_FOR if text else NO_KEY_IS_GOOD_FOR), text))
        return text


def remember(known: dict[str, Value], name: str, value: Value) -> None:
    """Keep ``value``, and never more than so many."""
    if len(known) >= MOST_KEYS:
        known.clear()
    known[name] = value


def is_aligned(domain: str, sender_domain: str) -> bool:
    """Whether a proof for ``domain`` is one for the sender's: both are of one owner, as DMARC has it (relaxed)."""
    return has_one_owner(domain.lower().strip("."), sender_domain.lower().strip("."))


def check(raw: bytes, sender_domain: str, read_as: Iterable[str] = ()) -> Signed:
    """Look for a signature that proves the sender's domain. Asks the DNS, so no transaction may be open.

    ``read_as`` are the names of the headers as our parser reads them, which takes "In Reply To" for In-Reply-To: what
    we heed must be covered under the name by which we heed it.
    """
    import dkim  # dear to import, and most processes never check anything

    if has_dear_head(raw):
        return Signed("", "its headers are too long to be checked")
    try:
        headers = dkim.DKIM(raw).headers
    except dkim.DKIMException:
        return Signed("", "its headers cannot be read")
    there = {name.lower() for name, _ in headers} | {name.lower().encode() for name in read_as}
    asks, reasons = dns.ours(), []
    asks.patience = min(asks.patience, PATIENCE)
    signatures = [value for name, value in headers if name.lower() == b"dkim-signature"]
    for number, value in enumerate(signatures[:MOST_SIGNATURES]):
        signed = check_one(raw, number, value, sender_domain, there, asks)
        if signed.by or signed.is_away:
            return signed
        reasons.append(signed.why_not)
    return Signed("", "; ".join(dict.fromkeys(reasons)) or "it bears no DKIM signature")


def check_one(raw: bytes, number: int, value: bytes, sender_domain: str, there: set[bytes], asks: Dns) -> Signed:
    import dkim

    if len(value) > LONGEST_SIGNATURE:
        return Signed("", "its DKIM signature is too long to be checked")
    try:
        tags = dkim.parse_tag_value(value)
    except dkim.util.InvalidTagValueList:
        return Signed("", "its DKIM signature cannot be read")
    domain = tags.get(b"d", b"").decode("ascii", "replace").strip().lower()
    if not is_aligned(domain, sender_domain):
        return Signed("", f"it is signed by {domain or 'nobody'}, not by {sender_domain}")
    obstacle = what_it_leaves_out(there, tags)
    if obstacle:
        return Signed("", obstacle)
    try:
        mail = dkim.DKIM(raw, minkey=FEWEST_BITS)
        if tags.get(b"c", b"").endswith(b"/relaxed"):
            mail.body = relaxed(mail.body)
        holds = mail.verify(idx=number, dnsfunc=lambda name, timeout=0: key(name, asks))
    except KeyTooLarge:
        return Signed("", f"the signature of {domain} cannot be checked, its key is too large")
    except DnsAway:
        return Signed("", f"the key of {domain} could not be asked for, no name server answers", is_away=True)
    except dkim.ValidationError:
        return Signed("", f"the signature of {domain} does not hold")
    except (dkim.DKIMException, ValueError, TypeError, IndexError, KeyError, OverflowError) as error:
        # dkimpy raises what its parsing stumbles over.
        log.info("a signature cannot be checked", domain=domain, error=type(error).__name__)
        return Signed("", f"the signature of {domain} cannot be checked")
    return Signed(domain) if holds else Signed("", f"the signature of {domain} does not hold")


def has_dear_head(raw: bytes) -> bool:
    """Whether the head is longer than any that programs write, so that reading it may take minutes."""
    end = END_OF_HEAD.search(raw, 0, LONGEST_HEAD)
    if end is None and len(raw) > LONGEST_HEAD:
        return True
    return raw.count(b"\n", 0, end.start() if end is not None else len(raw)) > MOST_LINES_OF_HEAD


def relaxed(body: bytes) -> bytes:
    """The body with its blanks as the relaxed algorithm wants them (RFC 6376, 3.4.4), its last lines as they are.

    dkimpy does the same once more, to no effect, but alone it takes the square of the time for a long run of blanks.
    """
    return BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n")


def what_it_leaves_out(there: set[bytes], tags: dict[bytes, bytes]) -> str:
    """Why a signature may hold and the message be another's work all the same; "" when it covers what counts of the
    headers that are ``there``.
    """
    if b"l" in tags:
        # RFC 6376, 8.2: whoever gets such a mail can write below it what he likes.
        return "its signature covers only the beginning of the text"
    covered = {name.strip().lower() for name in tags.get(b"h", b"").split(b":")}
    missing = sorted((TO_BE_SIGNED & there) - covered)
    return f"its signature does not cover {missing[0].decode().title()}" if missing else ""


def key(name: bytes, asks: Dns) -> bytes | None:
    """The record that dkimpy asks for. Raises DnsAway, KeyTooLarge."""
    text = keys().of(name.decode("ascii", "replace").rstrip("."), asks)
    if len(text) > LONGEST_RECORD:
        raise KeyTooLarge
    if not text or FOR_TRIALS.search(text):
        return None
    record = text.encode()
    if is_too_large(record):
        raise KeyTooLarge
    return record


def is_too_large(record: bytes) -> bool:
    """Whether it is an RSA key with which nobody signs mail. Raises what dkimpy raises for a record that is none."""
    import dkim

    public, bits, algorithm, _ = dkim.evaluate_pk("", record)
    if algorithm != b"rsa":
        return False
    exponent: int = public["publicExponent"]
    return bool(bits > MOST_BITS) or exponent.bit_length() > MOST_BITS_OF_EXPONENT


def keys() -> Keys:
    found: Keys = current_app.extensions.setdefault("psa.signatures", Keys())
    return found
