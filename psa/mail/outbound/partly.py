"""Mail that some of its recipients have got and others have not: who is who, in words."""

from __future__ import annotations

from dataclasses import dataclass

from psa.mail.models import OutboundEmail
from psa.mail.outbound.outbox import results_of

# What is said of those who have not got it, by the states of OutboundEmail.results.
MISSED = {
    "failed": "refused for",
    "bounced": "came back from",
    "suppressed": "not written to",
    "waiting": "not yet for",
}


@dataclass(frozen=True, slots=True)
class Partly:
    """Of how many recipients a server took a message, and who they are: never none of them, and never all."""

    accepted: tuple[str, ...]
    # The others by their state, each with its addresses.
    missed: dict[str, tuple[str, ...]]

    @property
    def settled(self) -> bool:
        """Whether nobody is tried again."""
        return "waiting" not in self.missed

    @property
    def state(self) -> str:
        """Such as "Sent to 1 of 2"."""
        total = len(self.accepted) + sum(len(addresses) for addresses in self.missed.values())
        return f"Sent to {len(self.accepted)} of {total}"

    @property
    def sentence(self) -> str:
        """Such as "Accepted for helen@a.example, refused for lena@a.example"."""
        others = [f"{MISSED[state]} {', '.join(self.missed[state])}" for state in MISSED if state in self.missed]
        return ", ".join([f"Accepted for {', '.join(self.accepted)}", *others])


def partly(email: OutboundEmail) -> Partly | None:
    """Who has got a message and who has not; None when it is the same for all."""
    by_state: dict[str, tuple[str, ...]] = {}
    for address, result in results_of(email).items():
        by_state[result["state"]] = (*by_state.get(result["state"], ()), address)
    accepted = by_state.pop("sent", ())
    return Partly(accepted, by_state) if accepted and by_state else None
