"""Who really wrote: the word of the server that checks senders, else our own check, and what the name pretends.

Anybody can write any From. What is proven here is its domain, as DMARC does it (RFC 9989): by a DKIM signature or SPF
for the same domain. An attacker's own domain can be proven, too; so a name that pretends is a doubt of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from psa import clock
from psa.extensions import db
from psa.mail.inbound import lookalikes, signatures
from psa.mail.inbound.signatures import is_aligned
from psa.mail.message import Address, AuthenticationVerdict, ParsedEmail
from psa.mail.message.head.authentication import read_authentication, topmost_authserv

if TYPE_CHECKING:
    from psa.mail.inbound.receive import Kept
    from psa.mail.inbound.routing import Desk

PROVEN, UNPROVEN, DOUBTFUL, FAILED, UNKNOWN = "proven", "unproven", "doubtful", "failed", "unknown"
# RFC 5322, 3.6, and RFC 2045, 3: what says who wrote to whom, what it answers, and how it is to be read.
ONCE = (
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "thread-index",
    "content-type",
)
# Keys are changed; when, nobody tells, so the signature of an old mail that does not hold would say nothing.
OLD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether a sender is who they seem to be, and by what, in a sentence.

    proven: the domain of From is; unproven: nothing proves it; doubtful: the name or the domain pretends to be another;
    failed: the check says that it is forged; unknown: nobody has checked. ``is_open``: our own check is still to come.
    """

    verdict: str = UNKNOWN
    words: str = "Nobody has checked."
    is_open: bool = False

    @property
    def is_proven(self) -> bool:
        return self.verdict == PROVEN


def weigh(kept: Kept, email: ParsedEmail, desk: Desk) -> Trust:
    """Who really wrote. May ask the DNS, and commits before it does: no transaction is open meanwhile.

    Where nothing is done because of it the mailbox does not wait for a name server: that check is left open, and made
    after the mail is filed (sender_checks).
    """
    sender, policy = email.sender or Address("", ""), desk.trusts
    if policy.vouched_by:
        return Trust(PROVEN, f"{policy.vouched_by} says that it is really from {sender.email}.")
    trust = without_one_author(email) or told(email, policy.authserv)
    if trust.verdict in (UNKNOWN, UNPROVEN) and is_worth_asking(email, sender, desk):
        trust = own_check(kept.raw, email, sender, trust)
    elif trust.verdict == UNKNOWN:
        trust = checked_later(kept, email, sender, trust, desk)
    trust = unless_repeated(email, trust)
    if trust.verdict == FAILED:
        return trust
    pretends = lookalikes.false_name(sender, policy) or look_of_domain(sender, desk)
    return replace(trust, verdict=DOUBTFUL, words=f"{pretends} {trust.words}") if pretends else trust


def without_one_author(email: ParsedEmail) -> Trust | None:
    """A message must have one author: with two, the checks are about one of them and people read the other."""
    lines = len(email.tree.headers.all("from"))
    if lines > 1:
        return Trust(FAILED, f"It has {lines} From lines, so it cannot be told who wrote it.")
    named = {one.email.lower() for one in email.from_ if "@" in one.email}
    if len(named) > 1:
        return Trust(FAILED, f"It names {len(named)} authors in From, so it cannot be told who wrote it.")
    if not named:
        return Trust(UNPROVEN, "From holds no address, so there is nothing that could be proven.")
    return None


def told(email: ParsedEmail, authserv: str) -> Trust:
    """What the server says that is believed. While none is, the topmost bad word counts: that costs nothing."""
    headers = email.tree.headers
    verdict = read_authentication(headers, authserv or topmost_authserv(headers))
    trust = read(verdict, email) if verdict is not None else None
    if authserv:
        return trust or Trust(UNKNOWN, f"{authserv.lstrip('.')} says nothing about it.")
    if trust is not None and trust.verdict == FAILED:
        return trust
    return Trust(UNKNOWN, "No server that checks senders is named for this mailbox.")


def read(verdict: AuthenticationVerdict, email: ParsedEmail) -> Trust:
    """The verdict of a server in our words."""
    domain, by = email.sender.domain if email.sender is not None else "", verdict.by.lstrip(".")
    if verdict.asked_about and verdict.asked_about != domain:
        return Trust(FAILED, f"{by} checked {verdict.asked_about}, but the mail shows {domain} as its sender.")
    if verdict.dmarc == "fail":
        return Trust(FAILED, f"{by} says that DMARC fails for {domain}.")
    signer = next((one for one in verdict.signed_by if is_aligned(one, domain)), "")
    if signer:
        return Trust(PROVEN, f"{by} checked DKIM for {signer}.")
    by_spf = verdict.spf == "pass" and is_aligned(verdict.sent_by, domain)
    if by_spf or verdict.dmarc == "pass":
        return Trust(PROVEN, f"{by} checked {'SPF' if by_spf else 'DMARC'} for {domain}.")
    if verdict.spf in ("fail", "softfail"):
        return Trust(FAILED, f"{by} says that SPF fails: the server that sent it may not send for its domain.")
    found = f"SPF {verdict.spf or 'not checked'}, DKIM {verdict.dkim or 'not checked'}"
    return Trust(UNPROVEN, f"{by} found nothing that proves {domain} ({found}).")


def is_worth_asking(email: ParsedEmail, sender: Address, desk: Desk) -> bool:
    """Whether somebody would act on our own check: it claims to be one of us, or our own form speaks for another."""
    if desk.trusts.user_at(sender.email) is not None:
        return True
    return email.original_sender is not None and sender.domain in desk.trusts.own_domains


def unless_repeated(email: ParsedEmail, trust: Trust) -> Trust:
    """``trust``, but nothing is proven of a message that has two of what can be there once: a signature may cover the
    one, and another be read.
    """
    if not trust.is_proven:
        return trust
    for name in ONCE:
        if (lines := len(email.tree.headers.all(name))) > 1:
            return Trust(UNPROVEN, f"It has {lines} {name.title()} lines, so it cannot be told which one was checked.")
    return trust


def checked_later(kept: Kept, email: ParsedEmail, sender: Address, trust: Trust, desk: Desk) -> Trust:
    """``trust`` of somebody for whom no server speaks: our own check is open, or there is nothing to be checked."""
    if "dkim-signature" not in email.tree.headers.index:
        return replace(trust, words=f"{trust.words} It bears no DKIM signature that we could check ourselves.")
    if not kept.complete:
        return replace(
            trust, words=f"{trust.words} We have taken in only its head, so its signature cannot be checked."
        )
    if email.date is not None and email.date < clock.now() - OLD:
        return replace(trust, words=f"{trust.words} It is too old for us to check its signature: keys are changed.")
    return own_check(kept.raw, email, sender, trust) if desk.checks_everybody else replace(trust, is_open=True)


def own_check(raw: bytes, email: ParsedEmail, sender: Address, before: Trust) -> Trust:
    """Check the DKIM signature ourselves."""
    # Nothing is written yet; a name server may take seconds, and no transaction waits for it.
    db.session.commit()
    signed = signatures.check(raw, sender.domain, email.tree.headers.index)
    if signed.by:
        return Trust(PROVEN, f"We checked DKIM for {signed.by} ourselves.")
    words = f"{before.words} Our own check: {signed.why_not}."
    if signed.is_away:
        return Trust(UNKNOWN, words, is_open=True)
    return Trust(UNPROVEN, f"{words} SPF only the server that received it could tell.")


def look_of_domain(sender: Address, desk: Desk) -> str:
    """Only a domain that is nobody's can pretend to be a client's."""
    if (
        not sender.domain
        or sender.domain in desk.trusts.own_domains
        or desk.client_of_domain(sender.domain) is not None
    ):
        return ""
    if sender.domain not in desk.looks:
        desk.looks[sender.domain] = lookalikes.false_domain(sender, desk.trusts)
    return desk.looks[sender.domain]
