"""Which server an address has: what providers tell their customers, what the domain says of itself, and else a guess.

Nothing here connects to a mail server, and no password is needed: the answer is a proposal to be looked at and tested.
"""

from __future__ import annotations

from dataclasses import dataclass

from psa.mail.diagnosis.providers import Provider, Server, is_below, provider_of, providers
from psa.mail.dns import Dns, DnsAway, Srv
from psa.mail.settings import PORTS, SECURITIES

# Encrypted from the first byte comes first (RFC 8314, 3); the names are those of RFC 6186 and RFC 8314.
SERVICES = {
    "smtp": (("_submissions._tcp", "ssl"), ("_submission._tcp", "starttls")),
    "imap": (("_imaps._tcp", "ssl"), ("_imap._tcp", "starttls")),
    "pop3": (("_pop3s._tcp", "ssl"), ("_pop3._tcp", "starttls")),
}
USUAL_NAMES = {"smtp": ("smtp", "mail"), "imap": ("imap", "mail"), "pop3": ("pop", "pop3", "mail")}
GUESSED_SECURITY = {"smtp": "starttls", "imap": "ssl", "pop3": "ssl"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Settings for one protocol, and in a sentence where they come from; ``is_sure`` when somebody said so.

    ``provider`` is a code of providers.toml, or nothing.
    """

    protocol: str
    host: str
    port: int
    security: str
    username: str
    source: str
    is_sure: bool = True
    provider: str = ""

    @property
    def words(self) -> str:
        return f"{self.host}, {self.port} {SECURITIES[self.security]}"


def propose(address: str, protocol: str, dns: Dns) -> Proposal:
    """The server of ``address`` (a whole one) for smtp, imap or pop3. Always answers, with a guess at the worst."""
    domain = address.rpartition("@")[2].lower()
    provider = providers().get(provider_of(domain) or "")
    if provider is not None and (server := provider.server_for(protocol, domain)) is not None:
        return of_server(server, address, protocol, f"{provider.name} names it to everybody.", provider)
    try:
        return by_records(address, domain, protocol, dns) or guess(address, domain, protocol, dns)
    except DnsAway:
        return unchecked_guess(address, domain, protocol)


def by_records(address: str, domain: str, protocol: str, dns: Dns) -> Proposal | None:
    """What the domain's own records say: SRV for this very question, MX for whose customer it is."""
    for service, security in SERVICES[protocol]:
        offered = next((one for one in dns.srv(f"{service}.{domain}") if one.target), None)
        if offered is not None:
            return of_srv(offered, address, protocol, security, domain)
    for _, exchanger in dns.mx(domain):
        provider = providers().get(provider_of(exchanger) or "")
        if provider is not None and (server := provider.server_for(protocol, exchanger)) is not None:
            source = f"Mail for {domain} goes to {provider.name} (MX record)."
            return of_server(server, address, protocol, source, provider)
    return None


def of_srv(found: Srv, address: str, protocol: str, security: str, domain: str) -> Proposal:
    source = f"Found through the SRV record of {domain}."
    if not is_below(found.target.lower(), domain):
        # RFC 6186, 6: who can forge an answer of the DNS could lead the password elsewhere.
        source += " It lies outside of that domain: make sure that it is your provider’s."
    provider = provider_of(found.target) or ""
    return Proposal(protocol, found.target, found.port, security, address, source, provider=provider)


def of_server(server: Server, address: str, protocol: str, source: str, provider: Provider) -> Proposal:
    return Proposal(protocol, server.host, server.port, server.security, address, source, provider=provider.code)


def guess(address: str, domain: str, protocol: str, dns: Dns) -> Proposal:
    """The first of the usual names that exists, else the one that takes the domain's mail."""
    usual = [f"{name}.{domain}" for name in USUAL_NAMES[protocol]]
    exchangers = [host for _, host in dns.mx(domain) if is_below(host.lower(), domain)]
    for host in (*usual, *exchangers):
        if dns.addresses(host):
            source = f"A guess: {domain} says nothing of its mail servers, but {host} exists."
            return guessed(host, address, protocol, source)
    source = f"A guess: {domain} says nothing of its mail servers, and none of the usual names exists."
    return guessed(usual[0], address, protocol, source)


def unchecked_guess(address: str, domain: str, protocol: str) -> Proposal:
    source = "A guess: no name server answers this machine, so nobody could be asked."
    return guessed(f"{USUAL_NAMES[protocol][0]}.{domain}", address, protocol, source)


def guessed(host: str, address: str, protocol: str, source: str) -> Proposal:
    security = GUESSED_SECURITY[protocol]
    return Proposal(protocol, host, PORTS[protocol, security], security, address, source, is_sure=False)
