"""What a finding comes to: codes, reason, and whether mail to the address must stop."""

from __future__ import annotations

import re

from psa.mail.message.model import ReportRecipient
from psa.mail.message.reports import bounce_reasons
from psa.mail.message.reports.delivery_status import Finding
from psa.mail.message.reports.reasons.providers import by_sign
from psa.mail.message.reports.server_codes import read_codes

MAX_RECIPIENTS = 1_000
MAX_WEIGHED = 100  # of the others only the codes are read
MAX_DIAGNOSTIC = 2_000
ARRIVED = frozenset({"delivered", "relayed", "expanded"})

# At which moment of the conversation a server refused.
_AFTER_DATA = re.compile(
    r"(?:after|to|at) (?:the )?end of (?:the )?data|in reply to (?:end of )?data|smtp command data|after data"
    r"|final data|data command|response to data"
    r"|>>> ?(?:data|\.)\s+<<< ?(?!503)[45]\d\d|after sending (?:the )?(?:message|data)",
    re.I,
)
_AT_RECIPIENT = re.compile(r">>> ?rcpt[^<>]{0,20}<[^<>]{0,200}>[^<]{0,80}<<< ?[45]\d\d|<<< ?503|need rcpt", re.I)
_AT_SENDER = re.compile(
    r"(?:after|reply to|response to|command:?) mail from|>>> ?mail from[^\n]{0,200}\s+<<< ?[45]\d\d", re.I
)


def judged(findings: list[Finding]) -> tuple[ReportRecipient, ...]:
    return tuple(_judged(f, by_words=n < MAX_WEIGHED) for n, f in enumerate(findings[:MAX_RECIPIENTS]))


def _judged(finding: Finding, *, by_words: bool) -> ReportRecipient:
    words = " ".join(finding.words.split())[:MAX_DIAGNOSTIC]
    status, code = read_codes(words, finding.status)
    if status is not None and status.endswith(".4.7") and finding.context:
        status, code = read_codes(f"{words}\n{finding.context}", status)  # what kept failing until time was up
    code = finding.code or code
    if finding.action in ARRIVED:
        return ReportRecipient(finding.email, finding.action, status, code, False, "unknown", words, finding.original)
    reason = bounce_reasons.reason_for(words if by_words else "", status, code)
    if reason == "unknown" and by_words:
        reason = bounce_reasons.reason_for(finding.context, status, code)
    if reason in bounce_reasons.HARD and _AT_SENDER.search(words):
        reason = "policy"  # it was our own address that did not please
    if finding.action == "delayed" and reason == "unknown":
        reason = "expired"
    hard = _is_hard(finding, words, reason, status or code or "")
    if status is None:
        status = bounce_reasons.status_for(reason, "4" if finding.action == "delayed" else code[0] if code else "5")
    return ReportRecipient(finding.email, finding.action, status, code, hard, reason, words, finding.original)


def _is_hard(finding: Finding, words: str, reason: str, status: str) -> bool:
    if finding.action != "failed" or reason not in bounce_reasons.HARD:
        return False
    if reason in ("host-unknown", "mailbox-disabled"):
        # A name server that did not answer says nothing about the domain; a mailbox may be shut for a time.
        return not status.startswith("4")
    if reason == "user-unknown" and not status.endswith(".1.1") and by_sign(words) is None:
        # Who is told "unknown user" only after the text has been sent met a filter: the address may well exist.
        stage = f"{words} {finding.context}"
        return not (_AFTER_DATA.search(stage) and not _AT_RECIPIENT.search(stage))
    return True
