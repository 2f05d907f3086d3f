"""One number for one mail, however many mailboxes it came through."""

from __future__ import annotations

import hashlib
import re

from psa.mail.message.tree import Part

_IDENTIFYING = ("from", "to", "subject", "date", "message-id")
_BLANKS = re.compile(rb"[ \t]+")


def content_hash(root: Part) -> str:
    """Hex SHA-256 that is the same for one mail in two mailboxes, whatever Received and Delivered-To lines and line
    ends differ.
    """
    digest = hashlib.sha256()
    for name in _IDENTIFYING:
        value = b"\n".join(root.headers.all(name))
        digest.update(name.encode() + b":" + _BLANKS.sub(b" ", value).strip() + b"\n")
    body = root.raw[root.start :]
    digest.update(body.replace(b"\r\n", b"\n").rstrip(b"\n"))
    return digest.hexdigest()
