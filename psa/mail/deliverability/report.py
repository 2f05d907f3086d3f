"""All that is to be said of one sender."""

from __future__ import annotations

from dataclasses import dataclass

from psa.mail.deliverability.checks import check_dmarc, check_mx, check_reverse, check_spf
from psa.mail.deliverability.dkim_record import PublicKey, check_dkim, check_second_key
from psa.mail.deliverability.finding import Finding, Sender
from psa.mail.dns import Dns

WORST_FIRST = ("bad", "warn", "", "ok")
HEADLINES = {
    "bad": "Some receivers will treat your mail as spam",
    "warn": "Whether receivers take your mail for yours is not certain",
    "": "Not all of it could be looked up",
    "ok": "Receivers can see that your mail is yours",
}


@dataclass(frozen=True, slots=True)
class Report:
    """The findings, the worst first."""

    sender: Sender
    findings: tuple[Finding, ...]
    # Whether SPF or DKIM holds for this mail, as far as that is known.
    holds: bool | None

    @property
    def tone(self) -> str:
        return self.findings[0].tone

    @property
    def headline(self) -> str:
        if all(finding.say == "could not be asked for" for finding in self.findings):
            return "Nobody could be asked: no name server answers this machine"
        if self.tone == "warn" and self.holds:
            return "Receivers can take your mail for yours; some of it can be surer"
        return HEADLINES[self.tone]

    @property
    def good(self) -> int:
        return sum(finding.tone == "ok" for finding in self.findings)


def examine(sender: Sender, key: PublicKey | None, dns: Dns, second: PublicKey | None = None) -> Report:
    """Ask for everything; ``key`` is the one of ours that signs, or that waits to, and ``second`` one beside it."""
    found_spf, found_dkim = check_spf(sender, dns), check_dkim(sender, key, dns)
    holds = whether_either_holds(found_spf, found_dkim)
    findings = [
        found_spf,
        found_dkim,
        *([check_second_key(second, dns)] if second is not None else []),
        check_dmarc(sender, dns, holds=holds),
        check_mx(sender, dns),
        check_reverse(sender, dns),
    ]
    return Report(sender, tuple(sorted(findings, key=lambda finding: WORST_FIRST.index(finding.tone))), holds)


def whether_either_holds(found_spf: Finding, found_dkim: Finding) -> bool | None:
    """Whether DMARC finds SPF or DKIM to hold for our mail (RFC 7489, 4.2); None where that is not known.

    Both speak for the very domain that stands in From, so they are aligned with it however strict it is.
    """
    if "ok" in (found_spf.tone, found_dkim.tone):
        return True
    return False if (found_spf.tone, found_dkim.tone) in (("bad", "bad"), ("bad", "warn")) else None
