"""Amazon SES tells bounces, complaints and deliveries as JSON, which its notification service sends on by mail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Notice:
    """Kind is bounce, complaint or delivery; recipients are (email, enhanced status or None, the server's words)."""

    kind: str
    recipients: tuple[tuple[str, str | None, str], ...]
    message_id: str | None


def read_notice(text: str) -> Notice | None:
    """The notice that a text begins with, None when it is none."""
    try:
        # Some servers break long lines with "!".
        value, _ = json.JSONDecoder().raw_decode(text[:MAX_BYTES].replace("!\n ", "").lstrip())
        if isinstance(value, dict) and isinstance(value.get("Message"), str):  # wrapped once more by the service
            value = json.loads(value["Message"])
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    kind = str(value.get("notificationType") or value.get("eventType") or "").lower()
    told = value.get(kind)
    if kind not in ("bounce", "complaint", "delivery") or not isinstance(told, dict):
        return None
    people = told.get(
        {"bounce": "bouncedRecipients", "complaint": "complainedRecipients", "delivery": "recipients"}[kind]
    )
    mail = value.get("mail") if isinstance(value.get("mail"), dict) else {}
    return Notice(
        kind, tuple(_recipient(p, told) for p in people) if isinstance(people, list) else (), _message_id(mail)
    )


def _recipient(person: Any, told: dict[str, Any]) -> tuple[str, str | None, str]:
    if not isinstance(person, dict):
        return str(person), str(told.get("smtpResponse") or "")[:0] or None, str(told.get("smtpResponse") or "")
    status = person.get("status")
    return (
        str(person.get("emailAddress") or ""),
        str(status) if status else None,
        str(person.get("diagnosticCode") or ""),
    )


def _message_id(mail: Any) -> str | None:
    headers = mail.get("commonHeaders") if isinstance(mail, dict) else None
    value = headers.get("messageId") if isinstance(headers, dict) else None
    value = value or (mail.get("messageId") if isinstance(mail, dict) else None)
    return str(value).strip("<>") if value else None
