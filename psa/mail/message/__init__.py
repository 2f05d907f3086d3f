"""Mail understood: bytes in, frozen dataclasses out. No Flask, no database, no network; no bytes make it raise."""

from psa.mail.message.as_json import to_json
from psa.mail.message.lines import print_parsed
from psa.mail.message.model import (
    Address,
    Attachment,
    Attendee,
    AuthenticationVerdict,
    Automatic,
    ContactCard,
    Forwarded,
    Invitation,
    Protection,
    Report,
    ReportRecipient,
)
from psa.mail.message.parse import ParsedEmail, attachment_bytes, parse, render_html, show_html

__all__ = [
    "Address",
    "Attachment",
    "Attendee",
    "AuthenticationVerdict",
    "Automatic",
    "ContactCard",
    "Forwarded",
    "Invitation",
    "ParsedEmail",
    "Protection",
    "Report",
    "ReportRecipient",
    "attachment_bytes",
    "parse",
    "print_parsed",
    "render_html",
    "show_html",
    "to_json",
]
