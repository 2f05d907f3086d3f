"""Delivery reports: RFC 3464, feedback reports (RFC 5965), and the many servers that tell a failure only in their
own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from psa.mail.message import amazon, bounce_reasons, bounce_texts, charset
from psa.mail.message.delivery_status import CODE, STATUS, Finding, read_status
from psa.mail.message.headers import Headers, decode_words, read_headers
from psa.mail.message.model import Address, Report, ReportRecipient
from psa.mail.message.references import read_message_ids
from psa.mail.message.tree import Part

MAX_RECIPIENTS = 1_000
MAX_DIAGNOSTIC = 2_000

_AFTER_DATA = re.compile(
    r"(?:after|to|at) (?:the )?end of (?:the )?data|in reply to (?:end of )?data|smtp command data|after data"
    r"|data command|>>> ?data\s+<<< ?(?!503)[45]\d\d|after sending (?:the )?(?:message|data)",
    re.I,
)
_AT_RECIPIENT = re.compile(r">>> ?rcpt[^<>]{0,20}<[^<>]{0,200}>[^<]{0,80}<<< ?[45]\d\d|<<< ?503|need rcpt", re.I)
_AT_SENDER = re.compile(
    r"(?:after|reply to|response to|command:?) mail from|>>> ?mail from[^\n]{0,200}\s+<<< ?[45]\d\d", re.I
)
_PLAIN_CAUSES = bounce_reasons.HARD | {"mailbox-full"}


def read_report(root: Part, sender: Address | None, subject: str, text: Callable[[], str]) -> Report | None:
    """The report that a message is, or None. `text` is asked for only where something points to a report."""
    parts = list(root.walk()) if root.children else [root]
    feedback = next((p for p in parts if p.type == "message/feedback-report"), None)
    original = _original(parts)
    if feedback is not None:
        return _feedback(feedback, original)
    if original is not None and original.first("x-hmxmroriginalrecipient") is not None:
        # Hotmail's older complaints
        return _complaint([original.text("x-hmxmroriginalrecipient")], "abuse", original)
    status = [p for p in parts if p.type in ("message/delivery-status", "message/global-delivery-status")]
    findings = [f for p in status for f in read_status(charset.decode(p.data)[0])]
    told = bounce_texts.announces(root.headers, sender, subject)
    if not findings and not told and not status:
        return None
    words = text()
    notice = amazon.read_notice(words) if words.lstrip().startswith("{") else None
    if notice is not None:
        return _noticed(notice)
    if not findings:
        if not bounce_texts.is_failure(words, subject, root.headers, strong=told == "strong" or bool(status)):
            return None
        findings = bounce_texts.read_failures(words, root.headers, original)
        if told == "faint":  # no server sent it: believe it only with a server's code in it
            findings = [f for f in findings if _sounds_like_a_server(f.words, subject)]
        if not findings and not status and told != "strong":
            return None
    else:
        bounce_texts.complete(findings, words, root.headers, original)
    return _report(findings, original, words, subject)


def _sounds_like_a_server(words: str, subject: str) -> bool:
    if STATUS.search(words) or CODE.search(words):
        return True
    return bounce_texts.is_announced(subject) and bounce_reasons.reason_for(words, None) in _PLAIN_CAUSES


def _noticed(notice: amazon.Notice) -> Report:
    if notice.kind == "complaint":
        people = tuple(
            ReportRecipient(e, "failed", None, None, False, "spam", "complaint") for e, _, _ in notice.recipients
        )
        return Report("feedback", people, notice.message_id)
    action = "delivered" if notice.kind == "delivery" else "failed"
    found = tuple(judged(Finding(e, action, status, None, words)) for e, status, words in notice.recipients)
    return Report("delivered" if action == "delivered" else "bounce", found, notice.message_id)


def _original(parts: list[Part]) -> Headers | None:
    """The headers of the message that the report is about, as far as they came back."""
    for part in parts:
        if part.type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/global",
            "message/global-headers",
            "message/rfc822-headers",
        ):
            data = part.data
            start = len(data) - len(data.lstrip(b"\r\n \t"))
            fields = read_headers(data[:200_000], start, min(len(data), 200_000), lambda _: None)[0]
            if fields.fields:
                return fields
    return None


def _feedback(part: Part, original: Headers | None) -> Report:
    data = part.data.strip(b"\r\n") + b"\n\n"
    fields = read_headers(data, 0, len(data), lambda _: None)[0]
    emails = [
        decode_words(v).strip("<> ") for name in ("original-rcpt-to", "removal-recipient") for v in fields.all(name)
    ]
    if not emails and original is not None:
        from psa.mail.message.addresses import read_addresses

        emails = [a.email for a in read_addresses(original.first("to"))]
    return _complaint(emails, fields.text("feedback-type") or "abuse", original)


def _complaint(emails: list[str], kind: str, original: Headers | None) -> Report:
    people = tuple(
        ReportRecipient(
            e, "failed", None, None, False, "spam" if kind == "abuse" else "policy", f"Feedback-Type: {kind}"
        )
        for e in dict.fromkeys(emails)
        if e
    )
    return Report("feedback", people[:MAX_RECIPIENTS], _message_id(original, ""))


def _report(findings: list[Finding], original: Headers | None, words: str, subject: str) -> Report:
    actions = {f.action for f in findings}
    if actions and actions <= {"delivered", "relayed", "expanded"}:
        kind = "delivered"
    elif actions == {"delayed"} or not findings and bounce_texts.is_delay(words, subject):
        kind = "delay"
    else:
        kind = "bounce"
    people = tuple(judged(f) for f in findings[:MAX_RECIPIENTS])
    return Report(kind, people, _message_id(original, words))


def judged(finding: Finding) -> ReportRecipient:
    """The finding with its code, reason and weight."""
    words = " ".join(finding.words.split())[:MAX_DIAGNOSTIC]
    status, code = _codes(words, finding)
    reason = bounce_reasons.reason_for(words, status)
    # no code was given: the class alone says whether it is final
    if status is None:
        status = f"{code[0]}.0.0" if code else "4.0.0" if finding.action == "delayed" else "5.0.0"
    if finding.action == "delayed" and reason == "unknown":
        reason = "expired"
    if finding.action in ("delivered", "relayed", "expanded"):
        return ReportRecipient(finding.email, finding.action, status, code, False, "unknown", words)
    stage = f"{words} {finding.context}"
    if reason in bounce_reasons.HARD and _AT_SENDER.search(words):
        reason = "policy"  # it was our own address that did not please
    # Who is told "unknown user" only after the text has been sent met a filter: the address may well exist.
    late = reason == "user-unknown" and _AFTER_DATA.search(stage) is not None and not _AT_RECIPIENT.search(stage)
    temporary = reason == "host-unknown" and status.startswith("4")
    hard = finding.action == "failed" and reason in bounce_reasons.HARD and not late and not temporary
    return ReportRecipient(finding.email, finding.action, status, code, hard, reason, words)


def _codes(words: str, finding: Finding) -> tuple[str | None, str | None]:
    """The enhanced status and the SMTP code. The answer of the other server says more than a general or an "expired"
    code around it.
    """
    status, at = finding.status, 0
    inside = [m for m in STATUS.finditer(words) if m[1] != "2"]
    telling = [m for m in inside if m[3] != "0" and m[0] != "4.4.7"]
    if telling and (status is None or status.endswith((".0", ".4.7"))):
        status, at = telling[0][0], telling[0].start()
    elif inside and (status is None or status.endswith(".0.0")):
        status, at = inside[0][0], inside[0].start()
    codes = list(CODE.finditer(words + " "))
    before = [m[1] for m in codes if m.end() <= at + 1 and at - m.end() < 4]
    code = before[-1] if before else codes[0][1] if codes else None
    return status, finding.code or code


def _message_id(original: Headers | None, words: str) -> str | None:
    if original is not None:
        ids = read_message_ids(original.first("message-id"))
        return ids[0] if ids else None
    stands = re.search(r"^[ \t>]*message-id:\s*<?([^\s<>]+@[^\s<>]+)>?", words, re.I | re.M)
    return stands[1] if stands else None
