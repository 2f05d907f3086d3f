"""Mail that one writes for another: a web form, a mailing list. Whom From names, and who is the sender all the same."""

from __future__ import annotations

from psa.mail.inbound.disposition import Trace
from psa.mail.inbound.signatures import is_aligned
from psa.mail.inbound.trust import FAILED, Trust
from psa.mail.inbound.trust_policy import TrustPolicy
from psa.mail.message import Address, ParsedEmail


def who_speaks(email: ParsedEmail, trust: Trust, policy: TrustPolicy, trace: Trace) -> Address:
    """The sender: whom From names, or whoever Reply-To does where that may be believed.

    Anybody can write a Reply-To. It counts when an admin has said so for this machine, or when the mail is proven to be
    of our own domain or of that of the Reply-To itself.
    """
    sender = email.sender or Address("", "")
    other = next(
        (one for one in email.reply_to if "@" in one.email and one.email.lower() != sender.email.lower()), None
    )
    if other is None or not sender.email:
        return sender
    if policy.speaks_for_others(sender.email, sender.domain) and trust.verdict != FAILED:
        trace.note("Reply-To", "Counts", f"{sender.email} writes for others, as an admin has entered: {other.email}")
        return other
    speaker = email.original_sender
    if speaker is None or speaker.email.lower() != other.email.lower():
        return sender
    ours = sender.domain in policy.own_domains
    if trust.is_proven and (ours or is_aligned(sender.domain, other.domain)):
        trace.note("Reply-To", "Counts", f"{sender.email} is proven, and writes for {other.email}")
        return other
    trace.note("Reply-To", "Shown only", f"it asks for answers to {other.email}, which nothing proves")
    return sender
