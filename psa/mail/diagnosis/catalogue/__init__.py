"""The catalogue: every cause there is, by its code."""

from psa.mail.diagnosis.catalogue.cause import Cause
from psa.mail.diagnosis.catalogue.delivery import DELIVERY
from psa.mail.diagnosis.catalogue.login import LOGIN
from psa.mail.diagnosis.catalogue.mailbox import MAILBOX
from psa.mail.diagnosis.catalogue.network import NETWORK
from psa.mail.diagnosis.catalogue.ours import OURS

GROUPS: dict[str, tuple[Cause, ...]] = {
    "network": NETWORK,
    "login": LOGIN,
    "delivery": DELIVERY,
    "mailbox": MAILBOX,
    "ours": OURS,
}
CAUSES: dict[str, Cause] = {cause.code: cause for group in GROUPS.values() for cause in group}
