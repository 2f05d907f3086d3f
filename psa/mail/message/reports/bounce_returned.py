"""Where a report's own words end and the message begins that came back, and what is left of that message."""

from __future__ import annotations

import re

from psa.mail.message.head.references import read_message_ids
from psa.mail.message.reports.bounce_words import FAILURES
from psa.mail.message.reports.reasons.notation import unaccented
from psa.mail.message.structure.headers import Headers, read_headers
from psa.mail.message.structure.tree import Part

MAX_HEADERS = 200_000
MAX_BEHIND = 400

_TYPES = frozenset(
    {
        "message/rfc822",
        "text/rfc822-headers",
        "message/global",
        "message/global-headers",
        "message/rfc822-headers",
        "text/rfc822",
        "message/headers",
        "message/partial",
    }
)
# What stands above it: rules with words on them, sentences that announce it, or its own first headers.
_MESSAGE = (
    r"(?:message|mail|e-?mail|text|headers?|nachricht|courriel|mensaje|messaggio|mensagem|bericht|сообщение|письмо)"
)
_KINDS = (
    "original|returned|undelivered|undeliverable|unsent|rejected|bounced|failed|unzustellbare|ursprüngliche|исходное"
)
_ANNOUNCED = "|".join(
    (
        r"(?:below (?:this line )?is|here is|this is|the following is|attached is)?[ \t]?(?:a |the )?(?:copy of )?"
        rf"(?:your |the )?(?:{_KINDS})[ -]?{_MESSAGE}\b"
        r"(?! (?:was|could|has|to|is|ist|wurde|konnte|may|will|had|sent|not|id\b|size)\b)",
        r"(?:below this line is|this is a copy of|message header|the header of|included is a copy of)",
        r"headers? of (?:the )?(?:original|message)",
        r"start of (?:returned|message|forwarded)",
        r"(?:returned message|message follows|unsent message|message text follows|a copy of (?:the|your))",
        r"your message (?:reads|follows)",
        r"(?:mensaje|messaggio|mensagem) original|message (?:d'origine|original)|oorspronkelijk bericht|es folgt",
        r"(?:元のメッセージ|原文|原始邮件|原始郵件|원본 메시지|送信(?:された|した)メール)",
    )
)
_RETURNED = re.compile(
    rf"^[ \t>|]*(?:[-=*_#]{{2,}}[ \t]*)?(?:{_ANNOUNCED})[^\n]{{0,120}}$"
    r"|^[ \t>|]*-{3,} ?(?:undelivered|returned|forwarded)[^\n]{0,120}$"
    r"|^[ \t>]{0,4}(?:received: (?:from|by|\(qmail)|return-path: ?<|x-mailer: |message-id: ?<|dkim-signature: "
    r"|mime-version: ?1)",
    re.I | re.M,
)
_HEADERS = re.compile(
    r"(?:[ \t>|]*[-=*_#]*[ \t]*\n){0,6}(?:[ \t>|]*(?:[A-Za-z][\w-]{1,60}[ \t]?:|From )[^\n]*(?:\n|\Z))+"
)
_ANY_WORDS = re.compile(r"\w")
_ID_LINE = re.compile(
    # MDaemon gives it in a log, behind the time.
    r"^[ \t>|*]{0,20}(?:[a-z]{3} \d{4}-\d\d-\d\d [\d:]{8}: \*?[ \t]{0,8})?"
    r"(?:message[- ]id|nachrichten-?id|id (?:de |del )?mensaje|id du message)[ \t]*:[ \t]*"
    r"<?([^\s<>]{1,900}@[^\s<>]{1,255})>?",
    re.I | re.M,
)
_TO_LINE = re.compile(r"^[ \t>|]{0,20}to:[ \t]*([^\n]{0,2000}@[^\n]{0,2000})$", re.I | re.M)


def returned_headers(parts: list[Part]) -> Headers | None:
    """The headers of the message that the report is about, as far as they came back in a part of their own."""
    for part in parts:
        if part.type in _TYPES or part.file_name.lower().endswith((".eml", ".hdr")):
            data = part.data
            start = len(data) - len(data.lstrip(b"\r\n \t"))
            fields = read_headers(data[:MAX_HEADERS], start, min(len(data), MAX_HEADERS), lambda _: None)[0]
            if fields.fields:
                return fields
    return None


def returned_at(text: str) -> int:
    """Where the returned message begins in a text; its length when it is not in it."""
    named = text.find("@")
    looked_at = 0
    for match in _RETURNED.finditer(text):
        if 0 <= named < match.start():
            return match.start()
        if match.start() < looked_at:
            continue  # one of the header lines that were looked at together
        headers = _HEADERS.match(text, match.start()) or _HEADERS.match(text, match.end())
        if not _is_inside(text, match.end(), headers):
            return match.start()
        looked_at = headers.end() if headers is not None else 0
    return len(text)


def _is_inside(text: str, end: int, headers: re.Match[str] | None) -> bool:
    """Is what looks like the returned message a part of a report that has named nobody yet: a heading above its own
    words, or the headers that it quotes before it comes to them?
    """
    if headers is None:
        return _ANY_WORDS.search(text, end) is not None
    return FAILURES.search(unaccented(text[headers.end() : headers.end() + MAX_BEHIND])) is not None


def id_in(text: str) -> str | None:
    """The Message-ID in a message that was returned within a text."""
    match = _ID_LINE.search(text)
    return match[1] if match else None


def recipients_in(text: str) -> bytes | None:
    """The value of the To line of a message that was returned within a text."""
    match = _TO_LINE.search(text)
    return match[1].encode("utf-8", "replace") if match else None


def message_id(fields: Headers | None) -> str | None:
    ids = read_message_ids(fields.first("message-id")) if fields is not None else ()
    return ids[0] if ids else None
