"""A parsed message as the object that `flask psa mail parse --json` prints; the keys are a promise to programs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from psa.mail.message.model import Address, Attachment, Invitation
from psa.mail.message.parse import ParsedEmail


def to_json(parsed: ParsedEmail, file: str) -> dict[str, Any]:
    """JSON-ready values only; `file` is the path as the caller gave it."""
    forwarded, automatic, report, verdict = parsed.forwarded, parsed.automatic, parsed.report, parsed.authentication
    return {
        "file": file,
        "message_id": parsed.message_id,
        "in_reply_to": list(parsed.in_reply_to),
        "references": list(parsed.references),
        "date": parsed.date.isoformat() if parsed.date else None,
        "from": [_person(a) for a in parsed.from_],
        "reply_to": [_person(a) for a in parsed.reply_to],
        "to": [_person(a) for a in parsed.to],
        "cc": [_person(a) for a in parsed.cc],
        "sender": _person(parsed.sender) if parsed.sender else None,
        "original_sender": _person(parsed.original_sender) if parsed.original_sender else None,
        "delivered_to": list(parsed.delivered_to),
        "subject": parsed.subject,
        "base_subject": parsed.base_subject,
        "former_ids": list(parsed.former_ids),
        "thread_index": parsed.thread_index,
        "partial": asdict(parsed.partial) if parsed.partial else None,
        "text": parsed.text,
        "html": parsed.html,
        "reply_text": parsed.reply_text,
        "folded_text": parsed.folded_text,
        "signature_text": parsed.signature_text,
        "reply_html": parsed.reply_html,
        "forwarded": {
            "from": _person(forwarded.from_),
            "to": [_person(a) for a in forwarded.to],
            "cc": [_person(a) for a in forwarded.cc],
            "subject": forwarded.subject,
            "date": forwarded.date.isoformat() if forwarded.date else None,
            "text": forwarded.text,
        }
        if forwarded
        else None,
        "attachments": [_file(a) for a in parsed.attachments],
        "automatic": {"kind": automatic.kind, "reason": automatic.reason} if automatic else None,
        "report": {
            "kind": report.kind,
            "recipients": [
                {
                    "email": r.email,
                    "action": r.action,
                    "status": r.status,
                    "code": r.code,
                    "hard": r.hard,
                    "reason": r.reason,
                    "diagnostic": r.diagnostic,
                    "original_email": r.original,
                }
                for r in report.recipients
            ],
            "original_message_id": report.original_message_id,
            "feedback_type": report.feedback_type,
        }
        if report
        else None,
        "authentication": {"spf": verdict.spf, "dkim": verdict.dkim, "dmarc": verdict.dmarc, "by": verdict.by}
        if verdict
        else None,
        "protected": parsed.protected,
        "protection": asdict(parsed.protection) if parsed.protection else None,
        "invitations": [_meeting(i) for i in parsed.invitations],
        "contact_cards": [asdict(card) for card in parsed.contact_cards],
        "defects": list(parsed.defects),
    }


def _meeting(invitation: Invitation) -> dict[str, Any]:
    """A moment without an offset is meant wherever the reader is; one without a time is a whole day."""
    start, end = invitation.start, invitation.end
    return asdict(invitation) | {
        "start": start.isoformat() if start else None,
        "end": end.isoformat() if end else None,
        "all_day": start is not None and not isinstance(start, datetime),
    }


def _person(address: Address) -> dict[str, str]:
    return {"name": address.name, "email": address.email}


def _file(attachment: Attachment) -> dict[str, Any]:
    return {
        "name": attachment.name,
        "type": attachment.type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "content_id": attachment.content_id,
        "disposition": attachment.disposition,
        "part": attachment.part,
    }
