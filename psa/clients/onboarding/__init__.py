"""A new client: what was nobody's comes under it, and the guided path on which a person enters it."""

from psa.clients.onboarding.placing import (
    NewClient,
    Placed,
    belongs_to,
    give_contact,
    give_domain,
    open_client,
    place_all,
)

__all__ = ["NewClient", "Placed", "belongs_to", "give_contact", "give_domain", "open_client", "place_all"]
