"""SPF (RFC 7208): which servers a domain lets send in its name."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from psa.mail.dns import Dns

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

# 4.6.4: more questions than these make the whole record an error.
MOST_LOOKUPS, MOST_VOID, MOST_EXCHANGERS = 10, 2, 10
RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
TERM = re.compile(r"(?P<qualifier>[+\-~?]?)(?P<name>[A-Za-z][\w.-]*)(?P<mark>[:=/]?)(?P<rest>.*)")
MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
CIDR = re.compile(r"(?P<domain>.*?)(?:/(?P<four>\d{1,2}))?(?://(?P<six>\d{1,3}))?")
MACRO = re.compile(r"%\{(\w)(\d*)(r?)([.\-+,/_=]*)\}|%%|%_|%-")


class PermanentError(ValueError):
    """The record cannot be used by anybody (4.6, permerror); the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a record; ``mark`` is what stands behind its name: a colon, a slash, or = for a modifier."""

    qualifier: str
    name: str
    mark: str
    rest: str
    text: str


@dataclass(slots=True)
class Evaluation:
    """One check_host() (4): whether ``ip`` may send for a domain. Without an ``ip`` nothing matches, so all is read.

    ``lookups`` are the questions that count, ``included`` the domains that were included or redirected to, ``matched``
    the term that decided, ``ending`` what a domain's own record says of everybody else.
    """

    dns: Dns
    sender: str
    ip: IP | None = None
    lookups: int = 0
    void: int = 0
    included: list[str] = field(default_factory=list)
    matched: str = ""
    ending: str = ""

    def check(self, domain: str, depth: int = 0) -> str:
        """pass, fail, softfail, neutral or none. Raises PermanentError and DnsAway."""
        record = record_of(domain, self.dns)
        if record is None:
            return "none"
        terms = parsed(record)
        for term in terms:
            if term.name == "all":
                self.ending = term.qualifier if depth == 0 else self.ending
                if self.ip is None:
                    return "neutral"
            if term.mark != "=" and self.matches(term, domain, depth):
                self.matched = term.text if depth == 0 else self.matched
                return RESULTS[term.qualifier]
        redirect = next((term for term in terms if (term.name, term.mark) == ("redirect", "=")), None)
        if redirect is None:
            return "neutral"
        return self.redirected(self.expanded(redirect.rest, domain), depth)

    def redirected(self, target: str, depth: int) -> str:
        self.count()
        self.included.append(target.lower())
        result = self.check(target, depth)
        if result == "none":
            raise PermanentError(f"It sends readers on to {target}, which has no SPF record.")
        return result

    def matches(self, term: Term, domain: str, depth: int) -> bool:
        if term.name == "all":
            return True
        if term.name in ("ip4", "ip6"):
            return self.in_network(term)
        self.count()
        match = CIDR.fullmatch(term.rest if term.mark == ":" else term.mark + term.rest)
        assert match is not None
        target = self.expanded(match["domain"], domain) or domain
        if term.name == "include":
            return self.includes(target, depth)
        if self.ip is None or term.name == "ptr":
            # ptr "SHOULD NOT be published" (5.5) and many receivers do not look: nothing is built on it.
            return False
        if term.name == "exists":
            return bool(self.counted(self.dns.addresses(target)))
        four, six = int(match["four"] or 32), int(match["six"] or 128)
        return any(self.is_within(address, four, six) for address in self.addresses_of(term.name, target))

    def includes(self, target: str, depth: int) -> bool:
        self.included.append(target.lower())
        result = self.check(target, depth + 1)
        if result == "none":
            raise PermanentError(f"It includes {target}, which has no SPF record.")
        return result == "pass"

    def addresses_of(self, name: str, target: str) -> list[str]:
        if name == "a":
            return self.counted(self.dns.addresses(target))
        hosts = self.counted([host for _, host in self.dns.mx(target)])
        if len(hosts) > MOST_EXCHANGERS:
            raise PermanentError(f"It allows the mail exchangers of {target}, which are more than {MOST_EXCHANGERS}.")
        return [address for host in hosts for address in self.dns.addresses(host)]

    def in_network(self, term: Term) -> bool:
        try:
            network = ipaddress.ip_network(term.rest, strict=False)
        except ValueError as error:
            raise PermanentError(f"“{term.text}” names no network.") from error
        return self.ip is not None and self.ip.version == network.version and self.ip in network

    def is_within(self, address: str, four: int, six: int) -> bool:
        found = ipaddress.ip_address(address)
        assert self.ip is not None
        if found.version != self.ip.version:
            return False
        length = min(four, 32) if found.version == 4 else min(six, 128)
        return self.ip in ipaddress.ip_network(f"{address}/{length}", strict=False)

    def count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise PermanentError(f"Reading it takes more than {MOST_LOOKUPS} questions to the DNS.")

    def counted(self, found: list[str]) -> list[str]:
        self.void += not found
        if self.void > MOST_VOID:
            raise PermanentError(f"More than {MOST_VOID} of the names in it do not exist.")
        return found

    def expanded(self, spec: str, domain: str) -> str:
        """A domain-spec with its macros filled in (7)."""
        if "%" not in spec:
            return spec.rstrip(".")
        ip = self.ip or ipaddress.IPv4Address("0.0.0.0")
        dotted = str(ip) if ip.version == 4 else ".".join(ip.exploded.replace(":", ""))
        local = self.sender.rpartition("@")[0] or "postmaster"
        values = {"i": dotted, "s": self.sender, "l": local, "o": self.sender.rpartition("@")[2], "d": domain}
        values |= {"h": domain, "v": "in-addr" if ip.version == 4 else "ip6"}

        def fill(match: re.Match[str]) -> str:
            if match[1] is None:
                return {"%%": "%", "%_": " ", "%-": "%20"}[match[0]]
            parts = re.split(f"[{re.escape(match[4] or '.')}]", values.get(match[1].lower(), "unknown"))
            parts = parts[::-1] if match[3] else parts
            return ".".join(parts[-int(match[2]) :] if match[2] else parts)

        return MACRO.sub(fill, spec).rstrip(".")


def record_of(domain: str, dns: Dns) -> str | None:
    """The SPF record of a domain. Raises PermanentError when there are several (4.5), and DnsAway."""
    found = [text for text in dns.txt(domain) if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]
    if len(found) > 1:
        raise PermanentError(f"{domain} has {len(found)} SPF records. Nobody heeds any of them until only one is left.")
    return found[0] if found else None


def parsed(record: str) -> list[Term]:
    """The words of a record behind its version. Raises PermanentError for one that is none (4.6.1)."""
    terms = []
    for word in record.split()[1:]:
        match = TERM.fullmatch(word)
        name = match["name"].lower() if match else ""
        if match is None or (match["mark"] != "=" and name not in MECHANISMS):
            raise PermanentError(f"“{word}” is no word of an SPF record.")
        if name in ("include", "exists", "ip4", "ip6") and not match["rest"]:
            raise PermanentError(f"Something is missing behind “{word}”.")
        terms.append(Term(match["qualifier"] or "+", name, match["mark"], match["rest"], word))
    return terms


def allowing(record: str | None, mechanism: str) -> str:
    """``record`` with one more mechanism, before what is said of everybody else; all that it allows stays allowed."""
    if record is None:
        return f"v=spf1 {mechanism} ~all"
    words = record.split()
    if mechanism in words:
        return record
    ends = [place for place, word in enumerate(words) if re.fullmatch(r"[+\-~?]?all|redirect=.*", word, re.IGNORECASE)]
    place = ends[0] if ends else len(words)
    return " ".join([*words[:place], mechanism, *words[place:]]) + ("" if ends else " ~all")
