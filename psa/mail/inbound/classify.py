"""What kind of message is this, before anybody asks which ticket it belongs to."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from psa.mail.inbound import loop_letters
from psa.mail.message import ParsedEmail
from psa.mail.outbound.compose import SIGNED_ID, TOKEN_HEADER, ticket_of


class Kind(StrEnum):
    PERSON = "person"
    AUTOMATIC = "automatic"
    DELIVERY_REPORT = "delivery report"
    OWN_LOOP = "our own"


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: Kind
    words: str


def classify(email: ParsedEmail, own_addresses: Set[str] = frozenset()) -> Verdict:
    """The kind of ``email`` with the reason in words: our own coming back, a report, automatic, or a person's.

    ``own_addresses`` are those that we send from and read, in lower case. What a person writes through a mailing list
    is a person's; that no machine of ours answers it is why_never's care.
    """
    own = own_loop(email, own_addresses)
    if own:
        return Verdict(Kind.OWN_LOOP, own)
    if email.report is not None:
        return Verdict(Kind.DELIVERY_REPORT, f"it is a {email.report.kind} report")
    if carries_our_token(email):
        return Verdict(Kind.AUTOMATIC, f"a machine has copied {TOKEN_HEADER} of our own mail into it")
    if email.automatic is not None and email.automatic.kind != "list":
        return Verdict(Kind.AUTOMATIC, email.automatic.reason)
    if email.automatic is not None:
        return Verdict(Kind.PERSON, f"people write through a list or a help desk: {email.automatic.reason}")
    return Verdict(Kind.PERSON, "nothing says that a machine wrote it")


def own_loop(email: ParsedEmail, own_addresses: Set[str]) -> str:
    """By what it is known as our own mail that came back; empty for all other mail.

    What a person writes as one of our addresses in a mail program of their own is not: only what our machines made.
    """
    if email.message_id and ticket_of(email.message_id) is not None:
        return "its Message-ID carries our signature: we sent it ourselves"
    if email.sender is None or email.sender.email.lower() not in own_addresses:
        return ""
    if carries_our_token(email):
        return f"{TOKEN_HEADER} carries our signature: a server on the way gave our mail another Message-ID"
    if is_by_another_psa(email):
        return "another installation of ours sent it from one of our own addresses"
    # The letters of the full-loop test are on purpose what this is about.
    is_trial = loop_letters.SHAPE.match(email.message_id or "") is not None
    if not is_trial and email.automatic is not None and any(ticket_of(one) is not None for one in email.references):
        return "one of our own addresses sent it by machine, and it refers to our own mail"
    return ""


def carries_our_token(email: ParsedEmail) -> bool:
    """Whether it has the Message-ID that we gave to one of ours, beside its own."""
    return ticket_of(token_of(email)) is not None


def is_by_another_psa(email: ParsedEmail) -> bool:
    """Whether it was made as we make mail, under another key than ours."""
    return any(SIGNED_ID.fullmatch(one) for one in (email.message_id or "", token_of(email)))


def token_of(email: ParsedEmail) -> str:
    return email.tree.headers.text(TOKEN_HEADER.lower()).strip(" <>")
