"""DKIM (RFC 6376): whether the key that signs our mail is published, or that of the provider who signs it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from psa.mail.deliverability.dmarc import tags_of
from psa.mail.deliverability.finding import Finding, Record, Sender, out_of_reach
from psa.mail.dns import Dns, DnsAway

# Under which names providers have their customers publish the keys that they sign with.
SELECTORS = {
    "google": ("google",),
    "microsoft": ("selector1", "selector2"),
    "icloud": ("sig1",),
    "fastmail": ("fm1", "fm2", "fm3"),
    "proton": ("protonmail", "protonmail2", "protonmail3"),
    "zoho": ("zmail", "zoho"),
    "sendgrid": ("s1", "s2"),
    "mailgun": ("mx", "k1", "smtp", "pic"),
    "mailjet": ("mailjet",),
    "ionos": ("s1-ionos", "s2-ionos"),
    "ovh": ("ovhmo1", "ovhmo2"),
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of ours without its secret; ``text`` is its public half in base64. ``signs`` once it is switched on.

    ``algorithm`` is rsa or ed25519 (RFC 8463).
    """

    domain: str
    selector: str
    text: str
    signs: bool
    algorithm: str = "rsa"

    @property
    def record(self) -> Record:
        return Record("TXT", f"{self.selector}._domainkey.{self.domain}", f"v=DKIM1; k={self.algorithm}; p={self.text}")


def published(key: PublicKey, dns: Dns) -> str:
    """same, other (something else stands there) or none. Raises DnsAway."""
    found = [tags_of(text).get("p", "") for text in dns.txt(key.record.name)]
    if any("".join(text.split()) == key.text for text in found):
        return "same"
    return "other" if found else "none"


def check_dkim(sender: Sender, key: PublicKey | None, dns: Dns) -> Finding:
    """Whether mail is signed so that others can check it."""
    try:
        return signed_by_provider(sender, dns) if key is None else signed_by_us(key, dns)
    except DnsAway:
        return out_of_reach("dkim", "DKIM", key.record if key is not None else None)


def check_second_key(key: PublicKey, dns: Dns) -> Finding:
    """The same of the short key that signs beside the first one: who does not know its kind heeds the first."""
    code, name = "dkim_ed25519", "DKIM, second key"
    try:
        return replace(signed_by_us(key, dns), code=code, name=name)
    except DnsAway:
        return out_of_reach(code, name, key.record)


def signed_by_us(key: PublicKey, dns: Dns) -> Finding:
    there, record = published(key, dns), key.record
    found = tuple(dns.txt(record.name))
    if there == "same" and key.signs:
        say = f"signed by us with selector {key.selector}, and the record agrees"
        return Finding("dkim", "DKIM", "ok", say, found=found)
    if there == "same":
        say = f"ready: the record of selector {key.selector} is there"
        return Finding("dkim", "DKIM", "warn", say, "Switch signing on, and every message is signed.", found)
    what = "another one stands there" if there == "other" else "nothing stands there"
    if key.signs:
        why = f"Every message carries a signature that nobody can check, for {what}. Publish the record, or switch off."
        say = f"signed by us, but the record of selector {key.selector} is not there"
        return Finding("dkim", "DKIM", "bad", say, why, found, record, there == "other")
    why = f"We have a key; its record is not published yet: {what}. An hour can pass until everybody sees a new one."
    return Finding("dkim", "DKIM", "warn", "waits for its record", why, found, record, there == "other")


def signed_by_provider(sender: Sender, dns: Dns) -> Finding:
    """Without a key of ours: the provider may sign. Its key shows that it has been set up there."""
    provider = sender.provider
    for selector in SELECTORS.get(provider.code, ()) if provider is not None else ():
        found = tuple(dns.txt(f"{selector}._domainkey.{sender.domain}"))
        if provider is not None and any(tags_of(text).get("p") for text in found):
            say = f"signed by {provider.name} with selector {selector}"
            return Finding("dkim", "DKIM", "ok", say, "Its record is there. We need not sign as well.", found)
    why = (
        "Let us make a key: you publish its record, and we sign. It counts most for confirmations, which leave "
        "without an envelope sender so that they cannot bounce back to you: SPF says nothing of those."
    )
    if provider is not None:
        why = f"{provider.name} may sign once that is set up there. {why}"
    return Finding("dkim", "DKIM", "warn", "does not sign your mail yet", why)
