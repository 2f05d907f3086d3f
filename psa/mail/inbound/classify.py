"""What kind of message is this, before anybody asks which ticket it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from psa.mail.message import ParsedEmail
from psa.mail.outbound.compose import ticket_of


class Kind(StrEnum):
    PERSON = "person"
    AUTOMATIC = "automatic"
    DELIVERY_REPORT = "delivery report"
    OWN_LOOP = "our own"


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: Kind
    words: str


def classify(email: ParsedEmail) -> Verdict:
    """The kind of ``email`` with the reason in words: our own coming back, a report, automatic, or a person's.

    What a person writes through a mailing list is a person's; that nobody answers it by machine is notify()'s care.
    """
    if email.message_id and ticket_of(email.message_id) is not None:
        return Verdict(Kind.OWN_LOOP, "its Message-ID carries our signature: we sent it ourselves")
    if email.report is not None:
        return Verdict(Kind.DELIVERY_REPORT, f"it is a {email.report.kind} report")
    if email.automatic is not None and email.automatic.kind != "list":
        return Verdict(Kind.AUTOMATIC, email.automatic.reason)
    if email.automatic is not None:
        return Verdict(Kind.PERSON, f"people write through a list or a help desk: {email.automatic.reason}")
    return Verdict(Kind.PERSON, "nothing says that a machine wrote it")
