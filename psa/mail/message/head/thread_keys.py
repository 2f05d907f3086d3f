"""Weak signs that mails belong together, for when nothing stronger does: Outlook's conversation index ([MS-OXOMSG],
2.2.1.3), and the numbers that help desks put into headers of their own.
"""

from __future__ import annotations

import re
from itertools import islice

from psa.mail.message.structure.headers import Headers, decode_words
from psa.mail.message.structure.transfer import decode_base64

ROOT_BYTES = 22
MAX_KEY = 100

# X-RT-Ticket, X-Redmine-Issue-Id, X-Trac-Ticket-ID, X-Case-Number …
_NUMBERED = re.compile(
    r"(?:x-)?(?:[a-z0-9]+-){0,3}(?:ticket|issue|case|bug|incident|conversation|workorder)(?:-?(?:id|iid|number|no|nr|key))?\Z"
)
# What they put into subjects: [OPS-123] (Jira, YouTrack; with two digits it is a server's name), [Vendor #123] (RT,
# Redmine), Ticket#2026112310000055 (Znuny), Case: 00123456 (Salesforce), INC0012345 (ServiceNow). Not our [#123].
_MATTER = r"\b(?i:ticket|case|incident|request|issue|vorgang|anfrage|fall)"
_IN_SUBJECT = re.compile(
    r"\[[A-Z][A-Z0-9]{1,9}-\d{3,10}\]"
    r"|\[[^\[\]#\r\n]{1,40}#\s?\d{1,20}\]"
    rf"|{_MATTER}[ -]?(?i:id|no\.?|nr\.?|number|nummer)\s?[:#]{{0,2}}\s?\d{{2,20}}\b"
    rf"|{_MATTER}\s?:?\s?#\s?\d{{2,20}}\b"
    # What is only called so must look like a number of a long series: "Request: 2026 holidays" is none.
    rf"|{_MATTER}\s?:\s?\d{{5,20}}\b"
    r"|\b(?:INC|RITM|REQ|CHG|CS)\d{6,12}\b"
)
_MOST_IN_SUBJECT = 3
_LONGEST_SUBJECT = 1_000


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


def read_numbers_in_subject(subject: str) -> tuple[str, ...]:
    """The numbers that another help desk gives the matter in its subjects, in lower case without blanks."""
    found = islice(_IN_SUBJECT.finditer(subject[:_LONGEST_SUBJECT]), _MOST_IN_SUBJECT)
    return tuple(dict.fromkeys("".join(one[0].split()).lower() for one in found))


def without_numbers(subject: str) -> str:
    """The subject without what read_numbers_in_subject finds in it."""
    return " ".join(_IN_SUBJECT.sub(" ", subject[:_LONGEST_SUBJECT]).split())
