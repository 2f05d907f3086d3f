"""Once a day: whether mail of ours is believed as it was yesterday, and whether authorities of our own still hold.

A verdict that gets worse is an alert until it is as it was; what was never good is no news.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509

from psa import clock
from psa.alerts import operations as alerts
from psa.alerts.operations import Trouble
from psa.extensions import db
from psa.mail import accounts, certificates, dns
from psa.mail.deliverability.finding import Finding, Sender
from psa.mail.deliverability.report import examine
from psa.mail.dns import DnsAway
from psa.mail.models import MailAccount
from psa.mail.outbound import dkim_keys
from psa.mail.outbound.models import SenderVerdict

log = structlog.get_logger()

EVERY = timedelta(days=1)
# Soon enough to get a new certificate, and not so soon that the alert is forgotten again.
ENDS_SOON = timedelta(days=14)
RANKS = {"ok": 0, "warn": 1, "bad": 2}
IN_WORDS = {"ok": "good", "warn": "not certain", "bad": "bad"}
# An authority for all servers (OpenSSL reads it); the system's own bundle is not ours to look after.
AUTHORITY = "SSL_CERT_FILE"


def look_at_senders() -> None:
    """Look at each sending account that was not looked at within a day, and at all authorities. Commits."""
    now = clock.now()
    for account in accounts.in_direction("outbound"):
        if is_due(account, now):
            look_at(account, now)
    try:
        for key in dkim_keys.forget_gone(dns.ours()):
            log.info("a retired signing key is forgotten with its record", domain=key.domain, selector=key.selector)
    except DnsAway:
        log.info("no name server answers, so retired signing keys are kept")
    look_at_authorities(now)
    db.session.commit()


def is_due(account: MailAccount, now: datetime) -> bool:
    """Never for an address that a provider gives to everybody: its owner can publish nothing there."""
    if Sender(account.address, account.host).domain_is_providers:
        return False
    last = db.session.scalar(
        db.select(db.func.max(SenderVerdict.checked_at)).where(SenderVerdict.account_id == account.id)
    )
    return last is None or last < now - EVERY


def look_at(account: MailAccount, now: datetime) -> None:
    """Ask what is published, and compare it with what was. Commits."""
    sender, keys = Sender(account.address, account.host), dkim_keys.keys_of(account.domain)
    first, second = (dkim_keys.first_of(keys, algorithm) for algorithm in ("rsa", "ed25519"))
    halves = [dkim_keys.public_half(key) if key is not None else None for key in (first, second)]
    # Nothing is held in the database while the name servers think.
    db.session.commit()
    for finding in examine(sender, halves[0], dns.ours(), halves[1]).findings:
        # What could not be asked for says nothing.
        if finding.tone:
            compare(account, finding, now)
    db.session.commit()


def compare(account: MailAccount, finding: Finding, now: datetime) -> None:
    """Write a finding down, and raise or close the alert about it."""
    known = db.session.get(SenderVerdict, (account.id, finding.code))
    if known is None:
        known = SenderVerdict(account_id=account.id, code=finding.code, tone=finding.tone, was="")
        db.session.add(known)
    best = known.was or known.tone
    known.was = best if RANKS[finding.tone] > RANKS[best] else ""
    known.tone, known.say, known.checked_at = finding.tone, finding.say, now
    key = f"deliverability:{account.id}:{finding.code}"
    if not known.was:
        alerts.close_alert(key, f"{finding.name} is {IN_WORDS[finding.tone]} again")
        return
    words = f"It was {IN_WORDS[known.was]} and is {IN_WORDS[finding.tone]} now. {finding.why}".strip()
    title = f"{finding.name} of {account.domain} {finding.say}"
    link = f"/admin/email/deliverability/{account.id}"
    alerts.open_alert(Trouble(key, title, words, link, account.id))


def look_at_authorities(now: datetime) -> None:
    """Tell of certificates that somebody entered, or named for all servers, before they end. The caller commits."""
    with_own = db.select(MailAccount).where(MailAccount.ca_pem != "").order_by(MailAccount.id)
    for account in db.session.scalars(with_own):
        key, link = f"authority:{account.id}", f"/admin/email/accounts/{account.id}"
        tell_of(key, f"trusted for {account.address}", account.ca_pem, link, account.id, now)
    named = os.environ.get(AUTHORITY, "")
    if named:
        tell_of("authority:file", f"in {named} ({AUTHORITY})", pem_in(Path(named)), "", None, now)


def tell_of(key: str, which: str, pem: str, link: str, account_id: int | None, now: datetime) -> None:
    soon = [(name, ends_at) for name, ends_at in ends_of(pem) if ends_at < now + ENDS_SOON]
    if not soon:
        alerts.close_alert(key, "The certificate has been replaced")
        return
    name, ends_at = min(soon, key=lambda one: one[1])
    says = "has ended" if ends_at < now else f"ends on {ends_at.day} {ends_at:%B %Y}"
    words = "Servers that it vouches for are refused from then on, and no mail goes through them. Enter its successor."
    alerts.open_alert(Trouble(key, f"The certificate “{name}” {which} {says}", words, link, account_id))


def ends_of(pem: str) -> Iterator[tuple[str, datetime]]:
    """The certificates with their ends, also those that have ended; nothing of what cannot be read."""
    try:
        found = x509.load_pem_x509_certificates(pem.encode()) if certificates.BEGIN in pem else []
    except ValueError:
        return
    if len(found) <= certificates.MOST:
        yield from ((certificates.name_of(one), one.not_valid_after_utc) for one in found)


def pem_in(path: Path) -> str:
    try:
        return path.read_text() if path.stat().st_size <= certificates.LONGEST else ""
    except (OSError, UnicodeDecodeError):
        return ""
