"""Questions to the DNS. One place, so that the tests can put their own name server behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.name
import dns.resolver
import dns.reversename
from flask import current_app

# For one question; a person waits for the page. In seconds.
PATIENCE = 3.0
# One name server that is silent may be the asked domain's own; after the second nobody is asked any more.
MOST_SILENCES = 2


class DnsAway(Exception):
    """No name server has answered: nothing is known, neither that there is a record nor that there is none."""


@dataclass(frozen=True, slots=True)
class Srv:
    """Where a service is (RFC 2782); a ``target`` that is empty means that it is not offered."""

    priority: int
    weight: int
    port: int
    target: str


class Dns:
    """Asks the system's name servers, or those that are given. Each question is asked once.

    What is not there is an empty list, whether the name or only the record is missing. Raises DnsAway.
    """

    def __init__(self, nameservers: Sequence[str] = (), port: int = 53, patience: float = PATIENCE) -> None:
        self.known: dict[tuple[str, str], list[Any]] = {}
        self.patience = patience
        self.silences = 0
        self.resolver: dns.resolver.Resolver | None
        try:
            self.resolver = dns.resolver.Resolver(configure=not nameservers)
        except dns.resolver.NoResolverConfiguration:
            self.resolver = None
        if self.resolver is not None and nameservers:
            self.resolver.nameservers, self.resolver.port = list(nameservers), port

    def txt(self, name: str) -> list[str]:
        """Each record as one text, its pieces joined without blanks (RFC 7208, 3.3)."""
        return [b"".join(record.strings).decode("utf-8", "replace") for record in self.ask(name, "TXT")]

    def mx(self, name: str) -> list[tuple[int, str]]:
        """(preference, host), the preferred first; a host that is empty takes no mail (RFC 7505)."""
        return sorted((int(record.preference), written(record.exchange)) for record in self.ask(name, "MX"))

    def srv(self, name: str) -> list[Srv]:
        """The lowest priority first, in it the greatest weight."""
        found = [Srv(one.priority, one.weight, one.port, written(one.target)) for one in self.ask(name, "SRV")]
        return sorted(found, key=lambda one: (one.priority, -one.weight))

    def addresses(self, name: str) -> list[str]:
        """IPv4 and IPv6."""
        return [str(record.address) for kind in ("A", "AAAA") for record in self.ask(name, kind)]

    def names_of(self, address: str) -> list[str]:
        """The names behind an IP address (PTR)."""
        try:
            backwards = str(dns.reversename.from_address(address))
        except dns.exception.SyntaxError:
            return []
        return [written(record.target) for record in self.ask(backwards, "PTR")]

    def ask(self, name: str, kind: str) -> list[Any]:
        question = (name.lower().rstrip("."), kind)
        if question not in self.known:
            self.known[question] = self.answer(*question)
        return self.known[question]

    def answer(self, name: str, kind: str) -> list[Any]:
        if self.resolver is None:
            raise DnsAway("This machine names no name server (/etc/resolv.conf).")
        if self.silences >= MOST_SILENCES:
            raise DnsAway("The name servers of this machine are silent.")
        try:
            absolute = dns.name.from_text(as_ascii(name))
            found = self.resolver.resolve(absolute, kind, raise_on_no_answer=False, lifetime=self.patience)
        except (dns.resolver.NXDOMAIN, dns.exception.SyntaxError, dns.name.NameTooLong, UnicodeError):
            # What no name can be does not exist either.
            return []
        except dns.exception.Timeout as error:
            self.silences += 1
            raise DnsAway(f"No name server answers for {name}.") from error
        except (dns.exception.DNSException, OSError) as error:
            raise DnsAway(f"No name server answers for {name}.") from error
        return list(found) if found.rrset is not None else []


def ours() -> Dns:
    """The resolver of this application, with nothing asked yet."""
    make: Callable[[], Dns] = current_app.extensions.get("psa.dns", Dns)
    return make()


def written(name: dns.name.Name) -> str:
    """A name as people write it, without the dot at its end."""
    return name.to_text(omit_final_dot=True) if name != dns.name.root else ""


def as_ascii(name: str) -> str:
    """A name as it travels (RFC 5890); names of records such as _dmarc stand in no law of IDNA."""
    return name if name.isascii() else name.encode("idna").decode("ascii")
