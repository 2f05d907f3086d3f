"""The checks of a sender, each a Finding. Pure but for the resolver that they ask."""

from __future__ import annotations

import ipaddress

from psa.mail.deliverability import dmarc, spf
from psa.mail.deliverability.finding import Finding, Record, Sender, out_of_reach
from psa.mail.deliverability.spf import Evaluation, PermanentError
from psa.mail.dns import Dns, DnsAway


def check_spf(sender: Sender, dns: Dns) -> Finding:
    """Whether the domain's SPF record allows the server that we hand mail to, or its provider's."""
    domain = sender.domain
    try:
        wanted = mechanism_for(sender, dns)
    except DnsAway:
        wanted = mechanism_alone(sender)
    try:
        record = spf.record_of(domain, dns)
    except DnsAway:
        return out_of_reach("spf", "SPF", Record("TXT", domain, spf.allowing(None, wanted)))
    except PermanentError as error:
        found = tuple(text for text in dns.txt(domain) if text.lower().startswith("v=spf1"))
        publish = Record("TXT", domain, spf.allowing(merged(found), wanted))
        return Finding("spf", "SPF", "bad", "is there more than once", str(error), found, publish, replaces=True)
    if record is None:
        why = f"Anybody can write in the name of {domain}, and many receivers take mail without SPF for spam."
        publish = Record("TXT", domain, spf.allowing(None, wanted))
        return Finding("spf", "SPF", "bad", "is missing", why, publish=publish)
    try:
        return judged(sender, record, wanted, dns)
    except DnsAway:
        why = "A name server that it leads to does not answer. Check again in a while."
        return Finding("spf", "SPF", "", "could not be followed to its end", why, (record,))
    except PermanentError as error:
        why = f"{error} Receivers then treat the domain as if it had none. Take out what is not needed any more."
        return Finding("spf", "SPF", "bad", "cannot be used by anybody", why, (record,))


def judged(sender: Sender, record: str, wanted: str, dns: Dns) -> Finding:
    """A record that is there once and can be read."""
    whole = Evaluation(dns, sender.address)
    whole.check(sender.domain)
    costs = f"Reading it takes {whole.lookups} of at most {spf.MOST_LOOKUPS} questions to the DNS."
    if whole.ending == "+":
        why = "It ends in +all: whoever likes may send in your name. End it with ~all."
        return Finding("spf", "SPF", "bad", "allows everybody", why, (record,))
    allowed = is_allowed(sender, whole, dns)
    if allowed is None:
        why = (
            f"{sender.host} is inside of your network, so nobody can know here which address it has outside. "
            f"The record must allow that address, as ip4:… {costs}"
        )
        return Finding("spf", "SPF", "warn", f"is there; whether it allows {sender.host} is not known", why, (record,))
    if not allowed:
        why = (
            "The record exists, but does not name it. Replace it by the one below; what it allows today stays allowed."
        )
        if whole.lookups >= spf.MOST_LOOKUPS:
            why += f" {costs} One more is too much: take out what is not needed any more first."
        publish = Record("TXT", sender.domain, spf.allowing(record, wanted))
        say = f"does not allow {named(sender)} to send for you"
        return Finding("spf", "SPF", "bad", say, why, (record,), publish, replaces=True)
    if whole.ending in ("", "?"):
        why = f"But it says nothing of all other servers: end it with ~all, so that forgeries are noticed. {costs}"
        return Finding("spf", "SPF", "warn", f"allows {named(sender)}, and forbids nobody", why, (record,))
    return Finding("spf", "SPF", "ok", f"allows {named(sender)} to send for you", costs, (record,))


def is_allowed(sender: Sender, whole: Evaluation, dns: Dns) -> bool | None:
    """None where it cannot be known, because the server has no address that others would see.

    A provider sends from many servers that are not the one we talk to: its own record must be included.
    """
    wanted = mechanism_for(sender, dns)
    if wanted.startswith("include:") and wanted.removeprefix("include:") in whole.included:
        return True
    addresses = dns.addresses(sender.host) if not is_address(sender.host) else [sender.host]
    outside = [address for address in addresses if ipaddress.ip_address(address).is_global]
    if sender.provider is not None and sender.provider.spf:
        return False
    if addresses and not outside:
        return None
    return bool(outside) and all(passes(address, sender, dns) for address in outside)


def passes(address: str, sender: Sender, dns: Dns) -> bool:
    return Evaluation(dns, sender.address, ipaddress.ip_address(address)).check(sender.domain) == "pass"


def mechanism_for(sender: Sender, dns: Dns) -> str:
    """What the record must say to allow the server. Raises DnsAway."""
    alone, parent = mechanism_alone(sender), sender.host.lower().partition(".")[2]
    if not alone.startswith("a:") or "." not in parent or parent == sender.domain:
        return alone
    # Whoever sends for others mostly publishes from where, under one of these names.
    for name in (f"_spf.{parent}", f"spf.{parent}"):
        if any(text.lower().startswith("v=spf1") for text in dns.txt(name)):
            return f"include:{name}"
    return alone


def mechanism_alone(sender: Sender) -> str:
    """The same without asking anybody."""
    provider = sender.provider
    if provider is not None and provider.spf:
        return f"include:{provider.spf}"
    if is_address(sender.host):
        return f"ip{ipaddress.ip_address(sender.host).version}:{sender.host}"
    return f"a:{sender.host}"


def merged(records: tuple[str, ...]) -> str:
    """Several SPF records in one, with the mildest end."""
    words = [word for record in records for word in record.split()[1:]]
    middle = [word for word in words if word.lower().lstrip("+-~?") != "all"]
    return " ".join(["v=spf1", *dict.fromkeys(middle), "~all"])


def named(sender: Sender) -> str:
    return sender.provider.name if sender.provider is not None else sender.host


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def check_dmarc(sender: Sender, dns: Dns, *, holds: bool | None) -> Finding:
    """What the domain asks receivers to do with forgeries. ``holds``: whether SPF or DKIM does for our mail."""
    name = f"_dmarc.{sender.domain}"
    begin = Record("TXT", name, f"v=DMARC1; p=none; rua=mailto:{sender.address}")
    try:
        policy = dmarc.policy_of(sender.domain, dns)
    except DnsAway:
        return out_of_reach("dmarc", "DMARC", begin)
    except dmarc.Unusable as error:
        return Finding("dmarc", "DMARC", "bad", "cannot be used by anybody", str(error), error.found, begin, True)
    if policy is None:
        why = "Large receivers ask for it. Begin with p=none: nothing is refused, and you hear who writes as you."
        return Finding("dmarc", "DMARC", "warn", "is missing", why, publish=begin)
    where = "" if policy.domain == sender.domain else f" It is {policy.domain}’s and holds for {sender.domain} too."
    if policy.asks != "none" and holds is False:
        why = (
            f"It asks receivers to {dmarc.DEEDS[policy.asks]} mail for which neither SPF nor DKIM holds, and for yours "
            f"neither does. Mend one of them first.{where}"
        )
        return Finding(
            "dmarc", "DMARC", "bad", f"is turned against your own mail (p={policy.asks})", why, (policy.text,)
        )
    if policy.asks == "none":
        say = "is there, but asks nobody to act (p=none)"
        if not holds:
            why = f"Good for a start. It must not ask for more before SPF or DKIM is green.{where}"
            return Finding("dmarc", "DMARC", "warn", say, why, (policy.text,))
        why = f"Good for a start. When you have read a few reports, ask receivers to put forgeries aside.{where}"
        firmer = Record("TXT", f"_dmarc.{policy.domain}", dmarc.firmer(policy.text))
        return Finding("dmarc", "DMARC", "warn", say, why, (policy.text,), firmer, True)
    why = f"It asks receivers to {dmarc.DEEDS[policy.asks]} forgeries.{where}"
    if not policy.reports_to:
        why += " Nobody gets reports: add rua=mailto: and an address to hear of forgeries."
    return Finding("dmarc", "DMARC", "ok", f"protects your name (p={policy.asks})", why, (policy.text,))


def check_mx(sender: Sender, dns: Dns) -> Finding:
    """Whether answers can come back: many receivers refuse mail from a domain that takes none."""
    domain = sender.domain
    try:
        exchangers = dns.mx(domain)
        listed = tuple(f"{preference} {host}" for preference, host in exchangers)
        if not exchangers:
            if dns.addresses(domain):
                why = "Mail goes to the address of the domain itself, as before there were MX records. Publish one."
                return Finding("mx", "MX", "warn", "is missing", why)
            why = "Answers cannot reach you, and many receivers refuse mail that cannot be answered."
            return Finding("mx", "MX", "bad", "is missing: this domain takes no mail", why)
        if [host for _, host in exchangers] == [""]:
            why = "A null MX (RFC 7505) says that the domain takes no mail, so receivers refuse yours, too."
            return Finding("mx", "MX", "bad", "says that this domain takes no mail", why, listed)
        lost = [host for _, host in exchangers if not dns.addresses(host)]
    except DnsAway:
        return out_of_reach("mx", "MX")
    if lost:
        tone = "bad" if len(lost) == len(exchangers) else "warn"
        return Finding("mx", "MX", tone, f"names {lost[0]}, which has no address", "Mend or remove it.", listed)
    return Finding("mx", "MX", "ok", f"brings answers to {exchangers[0][1]}", found=listed)


def check_reverse(sender: Sender, dns: Dns) -> Finding:
    """Whether the server's addresses have names that lead back to them (RFC 1912, 2.1), as receivers want it."""
    code, name = "reverse", "Reverse DNS"
    theirs = f" It is {sender.provider.name}’s, there is nothing to do for you." if sender.provider is not None else ""
    try:
        addresses = [sender.host] if is_address(sender.host) else dns.addresses(sender.host)
        outside = [address for address in addresses if ipaddress.ip_address(address).is_global]
        pairs = [(address, dns.names_of(address)) for address in outside]
        agree = {address: name for address, names in pairs for name in names if address in dns.addresses(name)}
    except DnsAway:
        return out_of_reach(code, name)
    if not addresses:
        return Finding(code, name, "bad", f"cannot be asked for: {sender.host} has no address", "See Outbound.")
    if not outside:
        why = f"{sender.host} is inside of your network. What counts is the address that it shows outside."
        return Finding(code, name, "", "is not known here", why, tuple(addresses))
    missing = [address for address in outside if address not in agree]
    listed = tuple(f"{address} is {', '.join(names) or 'without a name'}" for address, names in pairs)
    if not missing:
        why = f"Both directions agree.{theirs}"
        return Finding(code, name, "ok", f"leads from {outside[0]} to {agree[outside[0]]}, and back", why, listed)
    if sender.provider is not None:
        why = f"You hand mail to it, but others get it from other servers of {sender.provider.name}.{theirs}"
        return Finding(code, name, "ok", f"is {sender.provider.name}’s care", why, listed)
    why = (
        "If this server hands mail to receivers itself, ask whoever gave it its address for a PTR record with its "
        "name; many refuse mail from servers without one. If it hands it to another one, that one counts."
    )
    return Finding(code, name, "warn", f"is missing for {missing[0]}", why, listed)
