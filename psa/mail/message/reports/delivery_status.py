"""The fields of a message/delivery-status body (RFC 3464), as they are written and miswritten."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psa.mail.message.head.references import read_message_ids
from psa.mail.message.reports.server_codes import STATUS
from psa.mail.message.structure.headers import Headers, decode_words, read_headers

MAX_BLOCKS = 1_010
MAX_FIELDS = 500_000

_ADDRESS = re.compile(r"(?:[\w-]{1,30}\s{0,5};\s{0,5})?<?\s{0,5}([^\s<>;]+@[^\s<>;]+?|[^\s<>;]+)\s{0,5}>?\s*\Z")
_FULL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_COMMENT = re.compile(r"\([^()]{0,500}\)\s*\Z")
_TYPE = re.compile(r"\s*[\w.-]{1,40}\s*;\s*")
_NEW_RECIPIENT = re.compile(r"\n(?=(?:final|original)-recipient\s*:)", re.I)
_HEX = re.compile(r"\\x\{([0-9A-F]{2,6})\}|\+(2B|3D)", re.I)
_ENCAPSULATED = re.compile(r"IMCEA(?:SMTP|RFC822)-(.+)@[^@]+\Z", re.I)
_ACTIONS = {
    "failed": "failed",
    "failure": "failed",
    "fail": "failed",
    "expired": "failed",
    "bounced": "failed",
    "undeliverable": "failed",
    "delayed": "delayed",
    "delay": "delayed",
    "deferred": "delayed",
    "retrying": "delayed",
    "queued": "delayed",
    "delivered": "delivered",
    "deliverable": "delivered",
    "relayed": "relayed",
    "expanded": "expanded",
}
# Where the words are when there is no Diagnostic-Code.
_WORDS_ELSEWHERE = ("x-supplementary-info", "x-notes-error", "x-error", "x-diagnostic", "remote-mta-response", "reason")


@dataclass(slots=True)
class Finding:
    """What one place of a report says of one address, before it is judged.

    `words` are the server's about this address, `context` is what else the report says; `original` is the address as
    the message named it, where it was passed on to `email`; `aside`: it is named in the middle of a sentence.
    """

    email: str
    action: str = "failed"
    status: str | None = None
    code: str | None = None
    words: str = ""
    context: str = ""
    original: str = ""
    aside: bool = False


def is_status(text: str) -> bool:
    """Does a text hold the fields of a report, whatever its part is labelled?"""
    lowered = text[:MAX_FIELDS].lower()
    at = lowered.find("final-recipient:")
    return at >= 0 and (at == 0 or lowered[at - 1] in "\r\n") and ("action:" in lowered or "status:" in lowered)


def read_status(text: str) -> list[Finding]:
    """The recipients of a message/delivery-status body: blocks of fields with blank lines between them (section 2.1).

    Blank lines where none belong, or none where one does, are put up with.
    """
    found: list[Finding] = []
    for fields in _blocks(text):
        email, original = _recipient(fields)
        action = fields.text("action").split("(")[0].strip(" .;").lower().split(" ")[0]
        status, words = _status(fields)
        if not email:
            if found and not found[-1].words and (action or status or words):  # a blank line inside a block
                last = found[-1]
                last.action = _ACTIONS.get(action, last.action)
                last.status, last.words = last.status or status, words
            elif action:
                found.append(Finding("", _ACTIONS.get(action, "failed"), status, None, words))
            continue
        found.append(Finding(email, _ACTIONS.get(action, "failed"), status, None, words, original=original))
    return found


def read_original_id(text: str) -> str | None:
    """The Message-ID that some servers name among the fields of the report."""
    for fields in _blocks(text):
        for name in ("x-original-message-id", "original-message-id", "x-ms-original-message-id", "message-id"):
            ids = read_message_ids(fields.first(name))
            if ids:
                return ids[0]
        ids = read_message_ids(fields.first("original-envelope-id"))
        if ids and "@" in ids[0]:
            return ids[0]
    return None


def _blocks(text: str) -> list[Headers]:
    plain = text[:MAX_FIELDS].replace("\r\n", "\n").replace("\r", "\n")
    found: list[Headers] = []
    for paragraph in re.split(r"\n[ \t]*\n", plain)[:MAX_BLOCKS]:
        for block in _one_recipient_each(paragraph.strip("\n")):
            raw = block.encode("utf-8", "replace") + b"\n\n"
            fields = read_headers(raw, 0, len(raw), lambda _: None)[0]
            if fields.fields:
                found.append(fields)
    return found


def _one_recipient_each(paragraph: str) -> list[str]:
    """A paragraph cut where a second Final-Recipient begins: some servers leave out the blank line."""
    if len(re.findall(r"(?im)^final-recipient\s*:", paragraph[:MAX_FIELDS])) < 2:
        return [paragraph]
    blocks: list[str] = []
    seen: set[str] = set()
    for piece in _NEW_RECIPIENT.split(paragraph)[:MAX_BLOCKS]:
        name = piece.partition(":")[0].strip().lower()
        if not blocks or name in seen:
            blocks.append(piece)
            seen = set()
        else:
            blocks[-1] += "\n" + piece
        seen.add(name)
    return blocks


def _recipient(fields: Headers) -> tuple[str, str]:
    """The address that failed, and the one it was written to where that is another."""
    final, original, actual = (
        _address(fields, n) for n in ("final-recipient", "original-recipient", "x-actual-recipient")
    )
    email = final or (actual if fields.first("final-recipient") is None else "") or original
    if not _FULL.match(email):  # a pipe, a file, an X.400 name
        email = next((a for a in (original, actual) if _FULL.match(a)), email)
    return email, original if _FULL.match(original) and original.lower() != email.lower() else ""


def _address(fields: Headers, name: str) -> str:
    value = _COMMENT.sub("", fields.text(name)).strip()
    match = _ADDRESS.search(value[-400:]) if value else None
    return _decoded(match[1].strip("\"'")) if match else ""


def _decoded(address: str) -> str:
    r"""Without the wrappings of RFC 3461 (xtext "+2B"), RFC 6533 ("\x{E4}") and Exchange ("IMCEASMTP-")."""
    wrapped = _ENCAPSULATED.match(address)
    if wrapped:
        return re.sub(r"[+_]([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), wrapped[1])
    return _HEX.sub(lambda m: chr(min(int(m[1] or m[2], 16), 0x10FFFF)), address)


def _status(fields: Headers) -> tuple[str | None, str]:
    """The status of a block and the server's words."""
    words = _TYPE.sub("", decode_words(b" ".join(fields.all("diagnostic-code"))), count=1)
    for name in _WORDS_ELSEWHERE:
        words = words or _TYPE.sub("", fields.text(name), count=1)
    field = fields.text("status")
    told = STATUS.search(field) or STATUS.search(words)
    if not words:
        words = field.partition("(")[2].rpartition(")")[0]  # "5.1.1 (bad destination mailbox address)"
    return told[0] if told else None, words
