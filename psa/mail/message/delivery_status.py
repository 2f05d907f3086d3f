"""The fields of a message/delivery-status body, and the codes in servers' answers (RFC 3464, RFC 3463)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psa.mail.message.headers import Headers, decode_words, read_headers

MAX_BLOCKS = 1_000

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
CODE = re.compile(
    r"(?<![\d./#-])(?<!\d:)([45]\d\d)(?=[ \t\n:,-])(?![ \t]*(?:bytes|kb|mb|sec|min|hours|days"
    r"|messages))",
    re.I,
)
_FIELD_ADDRESS = re.compile(r"(?:[\w-]+\s*;\s*)?<?\s*([^\s<>;]+@[^\s<>;]+?|[^\s<>;]+)\s*>?\s*\Z")
_ACTIONS = {
    "failed": "failed",
    "failure": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "expanded",
    "expired": "failed",
    "deliverable": "delivered",
    "bounced": "failed",
}
_FULL = re.compile(r"[^@\s]+@[^@\s]+\Z")


@dataclass(slots=True)
class Finding:
    """What one place of a report says of one address, before it is judged."""

    email: str
    action: str = "failed"
    status: str | None = None
    code: str | None = None
    words: str = ""
    context: str = ""


def read_status(text: str) -> list[Finding]:
    """The recipients of a message/delivery-status body: blocks of fields with
    blank lines between them (RFC 3464, 2.1).
    """
    found: list[Finding] = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n"))[:MAX_BLOCKS]:
        raw = block.strip("\n").encode("utf-8", "replace") + b"\n\n"
        fields = read_headers(raw, 0, len(raw), lambda _: None)[0]
        email = _address(fields, "x-actual-recipient") if not fields.first("final-recipient") else ""
        email = _address(fields, "final-recipient") or _address(fields, "original-recipient") or email
        original = _address(fields, "original-recipient")
        if original and "@" in original and not _FULL.match(email):
            email = original
        action = fields.text("action").split("(")[0].strip(" .;").lower().split(" ")[0]
        if not email and not action:
            continue
        diagnostic = re.sub(r"^\s*[\w.-]+\s*;\s*", "", decode_words(b" ".join(fields.all("diagnostic-code"))))
        told = STATUS.search(fields.text("status")) or STATUS.search(diagnostic)
        found.append(Finding(email, _ACTIONS.get(action, "failed"), told[0] if told else None, None, diagnostic))
    return found


def _address(fields: Headers, name: str) -> str:
    value = fields.text(name)
    match = _FIELD_ADDRESS.search(value) if value else None
    return match[1].strip("\"'") if match else ""
