"""One number for one mail, however many mailboxes it came through."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from psa.mail.message.structure.tree import Part

_IDENTIFYING = ("from", "to", "subject", "date", "message-id")
_PIECE = 1024 * 1024
_BLANKS = re.compile(rb"[ \t]+")


def content_hash(root: Part) -> str:
    """Hex SHA-256 that is the same for one mail in two mailboxes, whatever Received and Delivered-To lines and line
    ends differ.
    """
    digest = hashlib.sha256()
    for name in _IDENTIFYING:
        value = b"\n".join(root.headers.all(name))
        if b"  " in value or b"\t" in value:
            value = _BLANKS.sub(b" ", value)
        digest.update(name.encode() + b":" + value.strip() + b"\n")
    for piece in _body(root):
        digest.update(piece)
    return digest.hexdigest()


def _body(root: Part) -> Iterator[bytes]:
    """The body with its line ends as LF and none at its end; in pieces, since a large mail is not copied lightly."""
    held = b""
    for start in range(root.start, len(root.raw), _PIECE):
        piece = held + root.raw[start : start + _PIECE]
        said = piece.rstrip(b"\r\n")
        yield said.replace(b"\r\n", b"\n")
        held = piece[len(said) :]
    yield held.replace(b"\r\n", b"\n").rstrip(b"\n")
