"""Message-IDs as Outlook, Exchange, web forms and gateways really write them (RFC 5322, section 3.6.4)."""

from __future__ import annotations

import re

from psa.mail.message.structure.header_text import decode_encoded_words
from psa.mail.message.structure.headers import Headers

MAX_ID = 2_000

_ONE = re.compile(rb"\s*<([^<>\s?%&\x00]+)>\s*\Z")
_PIECE = re.compile(r"<([^<>]*)(>?)|([^<>]+)")
_COMMENT = re.compile(r"\([^()]*\)")
_ESCAPED_BRACKET = re.compile(r"%3([CE])|&([lg])t;", re.I)
# Where relays keep the id that a mail had before they gave it one of their own.
_FORMER = (
    "x-microsoft-original-message-id",
    "x-google-original-message-id",
    "x-original-message-id",
    "original-message-id",
    "resent-message-id",
)
_AROUND = " \t\r\n,;\"'()[]"


def read_message_ids(raw: bytes | None) -> tuple[str, ...]:
    """The ids in a Message-ID, In-Reply-To or References value in order, without brackets and each once.

    In-Reply-To of old programs holds prose ("Your message of … <id>"); blanks inside brackets come from broken folding.
    """
    if not raw:
        return ()
    one = _ONE.match(raw)
    if one and one[1].isascii() and len(one[1]) <= MAX_ID:
        return (one[1].decode("ascii"),)
    text = raw.decode("utf-8", "replace")
    if "=?" in text:
        text = decode_encoded_words(text)
    if "%3" in text or "&" in text:
        text = _ESCAPED_BRACKET.sub(lambda m: "<" if (m[1] or m[2]) in "cClL" else ">", text)
    # No text of PostgreSQL holds a NUL.
    text = text.replace("\x00", "")
    found = _in_brackets(text) if "<" in text or ">" in text else _bare(_COMMENT.sub(" ", text))
    return tuple(dict.fromkeys(i for i in found if i and len(i) <= MAX_ID))


def read_former_ids(headers: Headers) -> tuple[str, ...]:
    """The ids that the mail had before a relay changed them: Outlook.com and Gmail do. Replies may name either."""
    return tuple(dict.fromkeys(i for name in _FORMER for i in read_message_ids(headers.first(name))))


def _in_brackets(text: str) -> list[str]:
    found: list[str] = []
    for inside, closed, outside in _PIECE.findall(text):
        if closed:
            found.append("".join(inside.split()))
        elif inside:  # the closing bracket is missing
            found += [word for word in inside.split()[:1] if "@" in word]
        else:
            words = outside.split()
            # Other words beside it make it prose, and the address in it somebody's.
            if all("@" in word for word in words):
                found += [word.strip(_AROUND) for word in words]
    return found


def _bare(text: str) -> list[str]:
    words = [word for word in (w.strip(_AROUND) for w in re.split(r"[\s,;]+", text)) if word]
    named = [word for word in words if "@" in word]
    return named or (words if len(words) == 1 else [])
