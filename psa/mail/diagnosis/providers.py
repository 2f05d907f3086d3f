"""Mail providers, by the names of their servers or by what they say, and what helps there: see providers.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as the provider names it; ``security`` as in ServerSettings."""

    host: str
    port: int
    security: str


@dataclass(frozen=True, slots=True)
class Provider:
    """``remedies`` maps the code of a cause to what to do here, step by step.

    ``servers`` maps a protocol to what one enters here; ``regions`` does so for some of the ends of names. ``spf`` is
    what the SPF record of a sender includes to allow this provider.
    """

    code: str
    name: str
    hosts: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    remedies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    servers: Mapping[str, Server] = field(default_factory=dict)
    regions: Mapping[str, Mapping[str, Server]] = field(default_factory=dict)
    spf: str = ""

    def server_for(self, protocol: str, name: str) -> Server | None:
        """What to enter for an address or a mail exchanger whose domain is ``name``."""
        ends = [end for end in self.regions if is_below(name.lower(), end)]
        return (self.regions[max(ends, key=len)] if ends else self.servers).get(protocol)


@cache
def providers() -> Mapping[str, Provider]:
    """All providers by their code, in the order in which they are asked."""
    listed = tomllib.loads(Path(__file__).with_name("providers.toml").read_text())
    return {code: provider_from(code, **values) for code, values in listed.items()}


def provider_from(
    code: str,
    name: str,
    hosts: list[str],
    said: list[str],
    also: list[str],
    remedies: dict[str, list[str]],
    servers: Mapping[str, str | dict[str, str]] = MappingProxyType({}),
    spf: str = "",
) -> Provider:
    steps = {cause: tuple(listed) for cause, listed in remedies.items()}
    everywhere = {protocol: server_from(told) for protocol, told in servers.items() if isinstance(told, str)}
    regions = {
        end: {protocol: server_from(one) for protocol, one in told.items()}
        for end, told in servers.items()
        if isinstance(told, dict)
    }
    return Provider(code, name, tuple(hosts), tuple(said), tuple(also), steps, everywhere, regions, spf)


def server_from(told: str) -> Server:
    """From “smtp.gmail.com:465 ssl”."""
    where, _, security = told.partition(" ")
    host, _, port = where.partition(":")
    return Server(host, int(port), security)


def provider_of(host: str, words: str = "") -> str | None:
    """The code of the provider behind ``host``, else of the one who says ``words`` (lower case); None if unknown."""
    known = providers().values()
    by_host = [(len(end), one.code) for one in known for end in one.hosts if is_below(host.lower(), end)]
    if by_host:
        # smtp-mail.outlook.com is Outlook.com's, outlook.office365.com Microsoft 365's: the longest name knows best.
        return max(by_host)[1]
    return next((one.code for one in known if any(trace in words for trace in one.said)), None)


def is_below(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def named(name: str) -> str | None:
    """The code of the provider that is called ``name`` somewhere: “exchange_online” is microsoft. None if unknown."""
    return next((one.code for one in providers().values() if name in (one.code, *one.also)), None)


def steps_at(cause: str, provider: str | None) -> tuple[str, ...]:
    """What to do about ``cause`` at ``provider``; nothing where the general remedies hold."""
    known = providers().get(provider or "")
    return known.remedies.get(cause, ()) if known is not None else ()
