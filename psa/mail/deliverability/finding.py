"""What is asked about, and what a check comes to."""

from __future__ import annotations

from dataclasses import dataclass

from psa.mail.diagnosis.providers import Provider, is_below, provider_of, providers


@dataclass(frozen=True, slots=True)
class Sender:
    """An address that sends, and the server that its mail is handed to."""

    address: str
    host: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()

    @property
    def provider(self) -> Provider | None:
        """Whose server it is, where we know them."""
        return providers().get(provider_of(self.host) or "")

    @property
    def domain_is_providers(self) -> bool:
        """Whether the address is one that a provider gives to everybody: nobody else can publish anything there."""
        owner = providers().get(provider_of(self.domain) or "")
        return owner is not None and bool(owner.servers) and any(is_below(self.domain, end) for end in owner.hosts)


@dataclass(frozen=True, slots=True)
class Record:
    """A DNS record as it is to be published."""

    type: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check comes to: ``say`` goes on from the ``name`` in a sentence, ``why`` is what it means and what to do.

    ``tone`` is ok, warn, bad, or nothing where nothing can be known. ``found`` is what there is, ``publish`` what there
    should be; it takes the place of the former where ``replaces``.
    """

    code: str
    name: str
    tone: str
    say: str
    why: str = ""
    found: tuple[str, ...] = ()
    publish: Record | None = None
    replaces: bool = False


def out_of_reach(code: str, name: str, publish: Record | None = None) -> Finding:
    """No name server has answered; what there should be can be said all the same."""
    why = "No name server answers this machine, so nobody knows what is published. What should be there can be copied."
    if publish is None:
        why = "No name server answers this machine, so nobody knows what is published."
    return Finding(code, name, "", "could not be asked for", why, publish=publish)
