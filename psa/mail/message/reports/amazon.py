"""Amazon SES tells bounces, complaints and deliveries as JSON, which its notification service sends on by mail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from psa.mail.message.reports.server_codes import STATUS

MAX_CHARACTERS = 500_000

_RECIPIENTS = {
    "bounce": "bouncedRecipients",
    "complaint": "complainedRecipients",
    "delivery": "recipients",
    "delay": "delayedRecipients",
}
# What the sub-type says where the receiving server said nothing.
_SUBTYPES = {
    "NoEmail": "no such mailbox",
    "MailboxFull": "mailbox full",
    "MessageTooLarge": "message too large",
    "ContentRejected": "content rejected",
    "AttachmentRejected": "attachment rejected",
    "Suppressed": "invalid address, suppressed after earlier bounces",
    "OnAccountSuppressionList": "invalid address, suppressed after earlier bounces",
    "TransientCommunicationFailure": "connection failed",
    "RecipientServerError": "internal server error",
    "InternalFailure": "internal server error",
    "SpamDetected": "spam detected",
    "IPFailure": "ip address blocked",
    "SamplingIssue": "rate limit",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Kind is bounce, complaint, delivery or delay; recipients are (email, enhanced status or None, the server's
    words).
    """

    kind: str
    recipients: tuple[tuple[str, str | None, str], ...]
    message_id: str | None


def read_notice(text: str) -> Notice | None:
    """The notice that a text begins with, None when it is none."""
    start = text[:2000].find("{")
    if start < 0 or text[:start].strip():
        return None
    try:
        # Some servers break long lines with "!".
        value, _ = json.JSONDecoder().raw_decode(text[start:MAX_CHARACTERS].replace("!\n ", ""))
        if isinstance(value, dict) and isinstance(value.get("Message"), str):  # wrapped once more by the service
            value = json.loads(value["Message"])
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    kind = str(value.get("notificationType") or value.get("eventType") or "").lower()
    told = value.get("deliveryDelay") if kind == "deliverydelay" else value.get(kind)
    kind = "delay" if kind == "deliverydelay" else kind
    if kind not in _RECIPIENTS or not isinstance(told, dict):
        return None
    people = told.get(_RECIPIENTS[kind])
    recipients = tuple(_recipient(p, told) for p in people) if isinstance(people, list) else ()
    return Notice(kind, recipients, _message_id(value.get("mail")))


def _recipient(person: Any, told: dict[str, Any]) -> tuple[str, str | None, str]:
    if not isinstance(person, dict):
        return str(person), None, str(told.get("smtpResponse") or "")
    status = STATUS.search(str(person.get("status") or ""))
    words = person.get("diagnosticCode") or _SUBTYPES.get(
        str(told.get("bounceSubType") or told.get("delayType") or ""), ""
    )
    return str(person.get("emailAddress") or ""), status[0] if status else None, str(words)


def _message_id(mail: Any) -> str | None:
    headers = mail.get("commonHeaders") if isinstance(mail, dict) else None
    value = headers.get("messageId") if isinstance(headers, dict) else None
    value = value or (mail.get("messageId") if isinstance(mail, dict) else None)
    return str(value).strip("<>") if value else None
