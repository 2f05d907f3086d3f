"""The catalogue: every cause there is, by its code."""

from psa.mail.diagnosis.catalogue.cause import Cause
from psa.mail.diagnosis.catalogue.delivery import DELIVERY
from psa.mail.diagnosis.catalogue.login import LOGIN
from psa.mail.diagnosis.catalogue.mailbox import MAILBOX
from psa.mail.diagnosis.catalogue.network import NETWORK
from psa.mail.diagnosis.catalogue.ours import OURS

CAUSES: dict[str, Cause] = {cause.code: cause for cause in (*NETWORK, *LOGIN, *DELIVERY, *MAILBOX, *OURS)}
