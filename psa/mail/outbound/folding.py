"""Headers as lines: subjects and names in any script reach the reader as they were written, blank by blank.

The standard library of Python 3.11 loses or adds a blank where two encoded words meet: these are written here.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from email.headerregistry import Address
from email.policy import EmailPolicy
from textwrap import wrap
from typing import Any

# An encoded word has at most 75 characters, a line with one 76 (RFC 2047, 2): these octets make 64 of it.
OCTETS = 39
# Of a line in ASCII, without the name of its header. Recommended are 78 with it (RFC 5322, 2.1.1).
WIDTH = 66
FOLD = "\r\n "


class Folding(EmailPolicy):
    """Writes Subject, From, To and Cc by encoded_text, and all else as its base does."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        field = name.lower()
        if field == "subject" and is_odd(value):
            lines = encoded_text(value)
        elif field in ("from", "to", "cc") and any(is_odd(one.display_name) for one in value.addresses):
            lines = [*(f"{one}," for one in map(mailbox, value.addresses[:-1])), mailbox(value.addresses[-1])]
        else:
            return super().fold_binary(name, value)
        return f"{name}: {FOLD.join(lines)}\r\n".encode("ascii")


def mailbox(address: Address) -> str:
    """One mailbox: its name as encoded words where it must be, and as the standard library quotes it where not."""
    if not is_odd(address.display_name):
        return str(address)
    return FOLD.join([*encoded_words(address.display_name), f"<{address.addr_spec}>"])


def encoded_text(text: str) -> list[str]:
    """Lines that unfold to the text: its words from the first odd one to the last encoded, the others as they are."""
    words = text.split(" ")
    odd = [place for place, word in enumerate(words) if is_odd(word)] or [0, len(words) - 1]
    before, within, after = words[: odd[0]], words[odd[0] : odd[-1] + 1], words[odd[-1] + 1 :]
    return [*lines_of(before), *encoded_words(" ".join(within)), *lines_of(after)]


def lines_of(words: Iterable[str]) -> list[str]:
    return wrap(" ".join(words), WIDTH, break_long_words=False, break_on_hyphens=False)


def encoded_words(text: str) -> list[str]:
    """The text as encoded words in UTF-8 (RFC 2047, 4.1), none of which ends within a character."""
    pieces = [b""]
    for character in text:
        octets = character.encode()
        if len(pieces[-1]) + len(octets) > OCTETS:
            pieces.append(b"")
        pieces[-1] += octets
    return [f"=?utf-8?b?{b64encode(piece).decode()}?=" for piece in pieces]


def is_odd(text: str) -> bool:
    """Whether it cannot stand as it is: other letters, what looks like an encoded word, a word too long for a line."""
    return not text.isascii() or "=?" in text or any(len(word) > WIDTH for word in text.split(" "))
