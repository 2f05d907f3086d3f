"""The message inside a forwarded one: who wrote it, when, about what. Inline in many languages, or attached as
message/rfc822.
"""

from __future__ import annotations

import re
from datetime import datetime

from psa.mail.message import wording as phrases
from psa.mail.message.addresses import read_addresses
from psa.mail.message.dates import read_date
from psa.mail.message.header_block import header_block
from psa.mail.message.model import Address, Forwarded

_FORWARD_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{1,60}\]\s*)?(?:fwd?|fw|wg|tr|rv|enc|i|vs|vb|pd|fs|vidarebef|doorst|пересл|转发|轉寄|転送|전달"
    r"|továbbítás|ilt|trs)\s*[:：]",
    re.I,
)


def looks_forwarded(text: str, subject: str) -> bool:
    """Was this mail passed on rather than answered? The subject says so, or a line in the text."""
    if _FORWARD_SUBJECT.match(subject):
        return True
    return any(phrases.is_forwarded_line(line) for line in text.split("\n", 400)[:400] if line.strip())


def read_forwarded(text: str, subject: str) -> Forwarded | None:
    """The first forwarded message in a text; None when there is none with a sender."""
    if not looks_forwarded(text, subject):
        return None
    lines = text.split("\n", 50_000)
    announced = _FORWARD_SUBJECT.match(subject) is not None
    for at, line in enumerate(lines):
        if phrases.is_forwarded_line(line):
            announced = True
        if not announced or not line.strip():
            continue
        found = header_block(_unquoted(lines[at : at + 40]), 0)
        if found:
            return _forwarded(found.fields, _unquoted(lines), at + found.end)
    return None


def _unquoted(lines: list[str]) -> list[str]:
    return [re.sub(r"^\s{0,3}>\s?", "", line) for line in lines]


def _forwarded(found: dict[str, str], lines: list[str], at: int) -> Forwarded:
    text = "\n".join(lines[at:]).strip()
    return Forwarded(_author(found["from"]), found.get("subject") or None, _date(found.get("date")), text)


def _author(value: str) -> Address:
    value = re.sub(r"\[?mailto:\s*([^\s\]>]+)\]?", r"<\1>", value).replace("*", "")
    value = re.sub(r"<\s*<", "<", re.sub(r">\s*>", ">", value))
    addresses = read_addresses(value.encode("utf-8", "replace"))
    return next((a for a in addresses if a.email), addresses[0] if addresses else Address(value.strip(), ""))


def _date(value: str | None) -> datetime | None:
    return read_date(value) if value else None
