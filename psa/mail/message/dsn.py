"""Delivery reports: RFC 3464, feedback reports (RFC 5965), and the many servers that tell a failure only in their
own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from psa.mail.message import amazon, bounce_reasons, bounce_signs, bounce_texts, charset
from psa.mail.message.addresses import read_addresses
from psa.mail.message.bounce_returned import id_in, message_id, returned_headers
from psa.mail.message.delivery_status import Finding, is_status, read_original_id, read_status
from psa.mail.message.feedback import read_feedback
from psa.mail.message.headers import Headers
from psa.mail.message.model import Address, Report, ReportRecipient
from psa.mail.message.reasons.providers import by_sign
from psa.mail.message.references import read_message_ids
from psa.mail.message.server_codes import CODE, STATUS, read_codes
from psa.mail.message.tree import Part, read_tree

MAX_RECIPIENTS = 1_000
MAX_DIAGNOSTIC = 2_000
MAX_NESTED = 1_000_000
MAX_WEIGHED = 100  # of the others only the codes are read

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status", "text/delivery-status"})
_PLAIN_CAUSES = bounce_reasons.HARD | {"mailbox-full"}
_ARRIVED = frozenset({"delivered", "relayed", "expanded"})

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


def read_report(root: Part, sender: Address | None, subject: str, text: Callable[[], str]) -> Report | None:
    """The report that a message is, or None. `text` is asked for only where something points to a report."""
    parts = list(root.walk()) if root.children else [root]
    told = bounce_signs.announces(root.headers, sender, subject)
    is_report = root.type == "multipart/report" or any(p.type.startswith("message/") for p in parts)
    if not told and not is_report:
        return None
    original = returned_headers(parts)
    complaint = read_feedback(parts, original)
    if complaint is not None:
        return complaint
    fields = _status_texts(parts, told is not None)
    findings = [f for text_of in fields for f in read_status(text_of)]
    if not findings and not told and not fields:
        return None
    words = text()
    notice = amazon.read_notice(words)
    if notice is not None:
        return _noticed(notice)
    if findings:
        bounce_texts.complete(findings, words, root.headers, original)
    else:
        if not bounce_signs.is_failure(words, subject, root.headers, strong=told == "strong" or bool(fields)):
            return None
        findings = bounce_texts.read_failures(words, root.headers, original)
        returns_ours = _is_to_its_author(original, root.headers)
        if told == "faint":  # no server sent it: believe it only when it opens like a report, with a server's words
            if bounce_signs.is_persons(words) or not bounce_signs.opens_with_failure(words):
                return None
            if not returns_ours and not bounce_signs.is_announced(subject):
                return None
            findings = [f for f in findings if (returns_ours or not f.aside) and _sounds_like_a_server(f, subject)]
        elif told == "weak" and not returns_ours:
            findings = [
                f for f in findings if f.action in _ARRIVED or bounce_reasons.is_telling(f"{f.words}\n{f.context}")
            ]
        if not findings and not fields and told != "strong":
            return None
        within = _nested(parts, findings) if told else None
        if within is not None:
            return within
    identity = message_id(original) or _id_elsewhere(fields, words, root.headers)
    return _report(findings, identity, words, subject)


def _status_texts(parts: list[Part], told: bool) -> list[str]:
    """The parts with the fields of a report: by their type, or by what is in them where the label is wrong."""
    labelled = [charset.decode(p.data)[0] for p in parts if p.type in _STATUS_TYPES]
    if labelled or not told:
        return labelled
    return [
        decoded
        for p in parts[:20]
        if p.file_name and p.type in ("text/plain", "application/octet-stream") and len(p.encoded) < 200_000
        for decoded in [charset.decode(p.data)[0]]
        if is_status(decoded)
    ]


def _is_to_its_author(original: Headers | None, headers: Headers) -> bool:
    """Does a message come back to whom it was from? Only reports do that."""
    if original is None:
        return False
    authors = {
        a.email.lower() for name in ("from", "sender", "return-path") for a in read_addresses(original.first(name))
    }
    return any(a.email.lower() in authors for a in read_addresses(headers.first("to")))


def _sounds_like_a_server(finding: Finding, subject: str) -> bool:
    words = f"{finding.words}\n{finding.context}"
    if STATUS.search(words) or CODE.search(words):
        return True
    return bounce_signs.is_announced(subject) and bounce_reasons.reason_for(words, None) in _PLAIN_CAUSES


def _nested(parts: list[Part], findings: list[Finding]) -> Report | None:
    """The report inside a report: a gateway passes on another server's without words of its own."""
    if any(bounce_reasons.reason_for(f.words, None) != "unknown" for f in findings):
        return None
    inner = next((p for p in parts if p.type == "message/rfc822" and len(p.encoded) < MAX_NESTED), None)
    if inner is None:
        return None
    root = read_tree(inner.data.lstrip(b"\r\n"), lambda _: None)
    inside = list(root.walk()) if root.children else [root]
    fields = [charset.decode(p.data)[0] for p in inside if p.type in _STATUS_TYPES]
    found = [f for text_of in fields for f in read_status(text_of)]
    if not found:
        return None
    return _report(found, message_id(returned_headers(inside)), "", "")


def _noticed(notice: amazon.Notice) -> Report:
    if notice.kind == "complaint":
        people = tuple(
            ReportRecipient(e, "failed", None, None, False, "spam", "complaint") for e, _, _ in notice.recipients
        )
        return Report("feedback", people, notice.message_id, "abuse")
    action = {"delivery": "delivered", "delay": "delayed"}.get(notice.kind, "failed")
    found = tuple(judged(Finding(e, action, status, None, words)) for e, status, words in notice.recipients)
    kind = {"delivery": "delivered", "delay": "delay"}.get(notice.kind, "bounce")
    return Report(kind, found, notice.message_id)


def _report(findings: list[Finding], identity: str | None, words: str, subject: str) -> Report:
    actions = {f.action for f in findings}
    if actions and actions <= _ARRIVED:
        kind = "delivered"
    elif actions and actions <= _ARRIVED | {"delayed"} or not findings and bounce_signs.is_delay(words, subject):
        kind = "delay"
    else:
        kind = "bounce"
    people = tuple(judged(f, by_words=n < MAX_WEIGHED) for n, f in enumerate(findings[:MAX_RECIPIENTS]))
    return Report(kind, people, identity)


def judged(finding: Finding, *, by_words: bool = True) -> ReportRecipient:
    """The finding with its code, reason and weight."""
    words = " ".join(finding.words.split())[:MAX_DIAGNOSTIC]
    status, code = read_codes(words, finding.status)
    if status is not None and status.endswith(".4.7") and finding.context:
        status, code = read_codes(f"{words}\n{finding.context}", status)  # what kept failing until time was up
    code = finding.code or code
    if finding.action in _ARRIVED:
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
    if reason == "host-unknown":
        return not status.startswith("4")  # a name server that did not answer says nothing about the domain
    if reason == "user-unknown" and not status.endswith(".1.1") and by_sign(words) is None:
        # Who is told "unknown user" only after the text has been sent met a filter: the address may well exist.
        stage = f"{words} {finding.context}"
        return not (_AFTER_DATA.search(stage) and not _AT_RECIPIENT.search(stage))
    return True


def _id_elsewhere(fields: list[str], words: str, headers: Headers) -> str | None:
    """The Message-ID of the message that failed, where its headers did not come back in a part of their own."""
    for text in fields:
        identity = read_original_id(text)
        if identity:
            return identity
    return id_in(words[: bounce_signs.MAX_TEXT]) or next(
        (i for name in ("x-original-message-id", "in-reply-to") for i in read_message_ids(headers.first(name))[:1]),
        next(iter(reversed(read_message_ids(headers.first("references")))), None),
    )
