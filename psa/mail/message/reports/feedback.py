"""Complaints about our mail: feedback reports (RFC 5965, RFC 6591) and what was sent before there were any."""

from __future__ import annotations

from psa.mail.message.head.addresses import read_addresses
from psa.mail.message.model import Report, ReportRecipient
from psa.mail.message.reports.bounce_returned import message_id
from psa.mail.message.structure.headers import Headers, decode_words, read_headers
from psa.mail.message.structure.tree import Part

MAX_RECIPIENTS = 1_000

# What a complaint of that type says about the mail (RFC 5965, 7.3; RFC 6430; RFC 6591).
_REASONS = {
    "abuse": "spam",
    "complaint": "spam",
    "opt-out": "policy",
    "opt-out-list": "policy",
    "fraud": "security",
    "phishing": "security",
    "virus": "security",
    "auth-failure": "authentication",
    "dmarc": "authentication",
    "not-spam": "unknown",
    "other": "unknown",
}


def read_feedback(parts: list[Part], original: Headers | None) -> Report | None:
    """The complaint that a message is, None when it is none."""
    part = next((p for p in parts if p.type == "message/feedback-report"), None)
    if part is None and parts[0].parameters.get("report-type", "").lower() == "feedback-report":
        part = next((p for p in parts[1:] if b"feedback-type:" in p.encoded[:4000].lower()), None)
    if part is None:
        if original is not None and original.first("x-hmxmroriginalrecipient") is not None:  # Hotmail's older ones
            return _complaint([original.text("x-hmxmroriginalrecipient")], "abuse", original, None)
        return None
    data = part.data.strip(b"\r\n") + b"\n\n"
    fields = read_headers(data, 0, len(data), lambda _: None)[0]
    emails = [
        decode_words(v).strip("<> ").removeprefix("rfc822;").strip("<> ")
        for name in ("original-rcpt-to", "removal-recipient", "original-recipient", "delivered-to")
        for v in fields.all(name)
    ]
    if not emails and original is not None:
        named = [
            a.email
            for n in ("x-hmxmroriginalrecipient", "x-original-to", "to")
            for a in read_addresses(original.first(n))
        ]
        emails = [e for e in named if "@" in e][:1] if len(named) == 1 or original.first("cc") is None else named
    identity = fields.text("original-message-id").strip("<> ") or None
    return _complaint(emails, fields.text("feedback-type") or fields.text("abuse-type") or "abuse", original, identity)


def _complaint(emails: list[str], kind: str, original: Headers | None, identity: str | None) -> Report:
    kind = kind.strip(" .;").lower()
    people = tuple(
        ReportRecipient(e, "failed", None, None, False, _REASONS.get(kind, "spam"), f"Feedback-Type: {kind}")
        for e in dict.fromkeys(emails)
        if e
    )
    return Report("feedback", people[:MAX_RECIPIENTS], message_id(original) or identity, kind)
