"""Delivery reports: RFC 3464, feedback reports (RFC 5965), and the many servers that tell a failure only in their
own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from psa.mail.message.charsets import charset
from psa.mail.message.head.addresses import read_addresses
from psa.mail.message.head.references import read_message_ids
from psa.mail.message.model import Address, Report, ReportRecipient
from psa.mail.message.reports import amazon, bounce_signs, bounce_texts
from psa.mail.message.reports.bounce_reasons import HARD, is_telling, reason_for
from psa.mail.message.reports.bounce_returned import id_in, message_id, returned_headers
from psa.mail.message.reports.bounce_verdict import ARRIVED, MAX_RECIPIENTS, judged
from psa.mail.message.reports.delivery_status import Finding, is_status, read_original_id, read_status
from psa.mail.message.reports.feedback import read_feedback
from psa.mail.message.reports.server_codes import CODE, STATUS
from psa.mail.message.structure.headers import Headers, Note
from psa.mail.message.structure.tree import Part, read_tree

MAX_NESTED = 1_000_000

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status", "text/delivery-status"})
_PLAIN_CAUSES = HARD | {"mailbox-full"}
_DELETED = re.compile(r"^disposition:[^\n;]{0,100}automatic[^\n;]{0,100};\s{0,5}(?:deleted|denied|failed)", re.I | re.M)
_REFUSED = re.compile(
    r"\b(?:rejected|refused|not accepted|abgelehnt|zurückgewiesen|refusé|rechazado|rifiutato|recusada?|rejeitada?"
    r"|geweigerd|odrzucon[ay]|отклонен[оа]?)\b",
    re.I,
)
# Amazon's kinds: ours, and the action.
_NOTICES = {"bounce": ("bounce", "failed"), "delivery": ("delivered", "delivered"), "delay": ("delay", "delayed")}


def read_report(root: Part, sender: Address | None, subject: str, text: Callable[[], str], note: Note) -> Report | None:
    """The report that a message is, or None. `text` is asked for only where something points to a report."""
    report = _read(root, sender, subject, text)
    if report is not None and len(report.recipients) >= MAX_RECIPIENTS:
        note(f"The report names {MAX_RECIPIENTS} recipients or more; no others were read.")
    return report


def _read(root: Part, sender: Address | None, subject: str, text: Callable[[], str]) -> Report | None:
    parts = list(root.walk()) if root.children else [root]
    told = bounce_signs.announces(root.headers, sender, subject)
    if not told and root.type != "multipart/report" and not any(p.type.startswith("message/") for p in parts):
        return None
    original = returned_headers(parts)
    complaint = read_feedback(parts, original)
    if complaint is not None:
        return complaint
    fields = _status_texts(parts, told is not None)
    if not fields:
        fields = _refusals(parts, text)
    if not told and not fields:
        return None
    words = text()
    notice = amazon.read_notice(words)
    if notice is not None:
        return _noticed(notice)
    findings: list[Finding] | None = [finding for text_of in fields for finding in read_status(text_of)]
    if findings:
        bounce_texts.complete(findings, words, root.headers, original)
    else:
        findings = _told_in_words(root.headers, subject, words, original, told, is_labelled=bool(fields))
        if findings is None:
            return None
        within = _nested(parts, findings) if told else None
        if within is not None:
            return within
    return _report(findings, message_id(original) or _id_elsewhere(fields, words, root.headers), words, subject)


def _told_in_words(
    headers: Headers,
    subject: str,
    words: str,
    original: Headers | None,
    told: bounce_signs.Announced,
    *,
    is_labelled: bool,
) -> list[Finding] | None:
    """Whom the text says to have failed, None when it tells of no failure. The less the sender is a server, the more
    has to speak for it.
    """
    if not bounce_signs.is_failure(words, subject, headers, strong=told == "strong" or is_labelled):
        return None
    findings = bounce_texts.read_failures(words, headers, original)
    returns_ours = _is_to_its_author(original, headers)
    if told == "faint":
        if bounce_signs.is_persons(words) or not bounce_signs.opens_with_failure(words):
            return None
        if not returns_ours and not bounce_signs.is_announced(subject):
            return None
        findings = [f for f in findings if returns_ours or not f.aside and _sounds_like_a_server(f)]
    if told != "strong" and not is_labelled:
        findings = [f for f in findings if f.action in ARRIVED or is_telling(f"{f.words}\n{f.context}")]
    return findings if findings or is_labelled or told == "strong" else None


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


def _refusals(parts: list[Part], text: Callable[[], str]) -> list[str]:
    """The fields of a receipt by which a mailbox refuses a mail (RFC 5429, 2.1.2): nobody read it, and it says so."""
    receipts = [charset.decode(p.data)[0] for p in parts if p.type == "message/disposition-notification"]
    refusing = [fields for fields in receipts if _DELETED.search(fields)]
    return refusing if refusing and _REFUSED.search(text()[: bounce_signs.MAX_OPENING]) else []


def _is_to_its_author(original: Headers | None, headers: Headers) -> bool:
    """Does a message come back to whom it was from? Only reports do that."""
    if original is None:
        return False
    authors = {
        a.email.lower() for name in ("from", "sender", "return-path") for a in read_addresses(original.first(name))
    }
    return any(a.email.lower() in authors for a in read_addresses(headers.first("to")))


def _sounds_like_a_server(finding: Finding) -> bool:
    words = f"{finding.words}\n{finding.context}"
    return bool(STATUS.search(words) or CODE.search(words)) or reason_for(words, None) in _PLAIN_CAUSES


def _nested(parts: list[Part], findings: list[Finding]) -> Report | None:
    """The report inside a report: a gateway passes on another server's without words of its own."""
    if any(reason_for(f.words, None) != "unknown" for f in findings):
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
        return Report("feedback", people[:MAX_RECIPIENTS], notice.message_id, "abuse")
    kind, action = _NOTICES[notice.kind]
    found = [Finding(email, action, status, None, words) for email, status, words in notice.recipients]
    return Report(kind, judged(found), notice.message_id)


def _report(findings: list[Finding], identity: str | None, words: str, subject: str) -> Report:
    actions = {f.action for f in findings}
    if actions and actions <= ARRIVED:
        kind = "delivered"
    elif actions and actions <= ARRIVED | {"delayed"} or not findings and bounce_signs.is_delay(words, subject):
        kind = "delay"
    else:
        kind = "bounce"
    return Report(kind, judged(findings), identity)


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
