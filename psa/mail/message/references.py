"""Message-IDs as Outlook, Exchange, web forms and gateways really write them (RFC 5322, section 3.6.4)."""

from __future__ import annotations

import re

MAX_REFERENCES = 500

_BRACKETED = re.compile(r"<([^<>]{1,2000})>")
_BARE = re.compile(r"[^\s<>\",;()]+@[^\s<>\",;()]+")


def read_message_ids(raw: bytes | None) -> tuple[str, ...]:
    """The ids in a Message-ID, In-Reply-To or References value in order, without brackets and each once.

    In-Reply-To of old programs holds prose ("Your message of … <id>"); blanks inside brackets come from broken folding.
    """
    if not raw:
        return ()
    text = raw.decode("utf-8", "replace")
    found = ["".join(m.split()) for m in _BRACKETED.findall(text)] if "<" in text else []
    if not found:
        found = _BARE.findall(text)
    if not found and "<" not in text:
        found = text.split() if len(text.split()) == 1 else []
    ids = tuple(dict.fromkeys(i for i in found if i))
    return ids if len(ids) <= MAX_REFERENCES else ids[:1] + ids[1 - MAX_REFERENCES :]
