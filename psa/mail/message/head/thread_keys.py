"""Weak signs that mails belong together, for when nothing stronger does: Outlook's conversation index ([MS-OXOMSG],
2.2.1.3), and the numbers that help desks put into headers of their own.
"""

from __future__ import annotations

import re

from psa.mail.message.structure.headers import Headers, decode_words
from psa.mail.message.structure.transfer import decode_base64

ROOT_BYTES = 22
MAX_KEY = 100

# X-RT-Ticket, X-Redmine-Issue-Id, X-Trac-Ticket-ID, X-Case-Number …
_NUMBERED = re.compile(
    r"(?:x-)?(?:[a-z0-9]+-){0,3}(?:ticket|issue|case|bug|incident|conversation|workorder)(?:-?(?:id|iid|number|no|nr|key))?\Z"
)


def read_thread_index(headers: Headers) -> str | None:
    """The root of Outlook's conversation as 44 hex digits: the same for a mail and all that answer it."""
    value = headers.first("thread-index")
    if not value:
        return None
    index = decode_base64(value[:4_000])
    return index[:ROOT_BYTES].hex() if len(index) >= ROOT_BYTES else None


def read_thread_topic(headers: Headers) -> str | None:
    """The subject that the conversation began with."""
    value = headers.first("thread-topic")
    return decode_words(value) if value else None


def read_foreign_numbers(headers: Headers, domain: str) -> tuple[str, ...]:
    """The numbers that another help desk gives the matter, as "vendor.example x-rt-ticket: 4711".

    `domain` is the sender's, for numbers repeat.
    """
    found = []
    for name, values in headers.index.items():
        if _NUMBERED.match(name):
            value = decode_words(values[0])
            if len(value) <= MAX_KEY and any(c.isdigit() for c in value):
                found.append(f"{domain} {name}: {value}")
    return tuple(found)
