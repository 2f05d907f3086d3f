"""`Content-Type: x/y; name="…"` read as clients really write it: RFC 2045 5.1, RFC 2231, RFC 2047 and all wrong
mixtures of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from psa.mail.message.charsets import charset
from psa.mail.message.structure.headers import decode_words

# Unquoted values may hold semicolons: the next one counts where a name and an equals sign follow it.
_PARAMETER = re.compile(
    rb"""[;\s]*([^\s=;"]{1,200}?)\s*=\s*(?:"((?:[^"\\]|\\.|\\\Z)*)(?:"|\Z)([^;]{0,300})|((?:=\?[^?]*\?[bBqQ]\?[^?]*\?=\s*)+)"""
    rb"""|([^;]*(?:;(?!\s*(?:[\w*-]{1,60}\s*=|\Z))[^;]*)*))""",
    re.S,
)
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?\Z")
_COMMENT = re.compile(rb"\([^()]*\)")
_AROUND_SLASH = re.compile(rb"[ \t]{0,9}/[ \t]{0,9}")
_ESCAPED = re.compile(rb"\\([\"\\])")
_ONE_WORD = {"charset", "format", "delsp", "boundary"}


def read_value(raw: bytes) -> tuple[str, dict[str, str]]:
    """The value before the first semicolon in lower case, and its parameters decoded; the first of two alike counts.

    `boundary` is left as it stands, one character for each byte (ISO-8859-1).
    """
    return _read_short(raw) if len(raw) <= 100 else _read(raw)


@lru_cache(maxsize=512)
def _read_short(raw: bytes) -> tuple[str, dict[str, str]]:
    return _read(raw)


def _read(raw: bytes) -> tuple[str, dict[str, str]]:
    head, _, rest = raw.partition(b";")
    head = _AROUND_SLASH.sub(b"/", _COMMENT.sub(b" ", head)).strip()
    if b"=" in head:  # the semicolon was forgotten
        head, _, behind = head.replace(b",", b" ", 1).partition(b" ")
        rest = behind + b";" + rest
    words = head.replace(b",", b" ").strip(b" \t\"'").split()
    value = words[0].decode("ascii", "replace").lower().rstrip("\"'") if words else ""
    return value, _parameters(rest) if b"=" in rest else {}


def _parameters(rest: bytes) -> dict[str, str]:
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, bytes]]] = {}
    at = 0
    while 0 <= at < len(rest):
        match = _PARAMETER.match(rest, at)
        if match is None:
            at = rest.find(b";", at + 1)
            continue
        name = match[1].decode("ascii", "replace").lower()
        value, behind = _value(match, name)
        at = max(behind, at + 1)
        named = _CONTINUED.match(name)
        if named and (named[2] is not None or named[3]):
            pieces.setdefault(named[1], {}).setdefault(int(named[2] or 0), (bool(named[3]), value))
        elif name == "boundary":
            plain.setdefault(name, value.decode("latin-1"))
        else:
            plain.setdefault(name, decode_words(value))
    for name, numbered in pieces.items():
        plain[name] = _join(numbered)  # RFC 2231 says more than the plain twin beside it
    return plain


def _value(match: re.Match[bytes], name: str) -> tuple[bytes, int]:
    """The value that a parameter has, and where the next one may begin."""
    quoted, behind, words, bare = match.group(2, 3, 4, 5)
    if quoted is not None:
        if b"=" in behind:
            return _ESCAPED.sub(rb"\1", quoted), match.start(3)
        if behind.rstrip().endswith(b'"'):  # quotes within the quotes
            quoted += b'"' + behind.rstrip()[:-1]
        return _ESCAPED.sub(rb"\1", quoted), match.end()
    if words:
        return words.strip(), match.end()
    value = bare.strip().rstrip(b"; \t")
    if name in _ONE_WORD and b" " in value and b"=" in value:
        return value.split()[0], match.start(5) + bare.index(b" ", len(bare) - len(bare.lstrip()))
    if value[:1] == value[-1:] == b"'" and len(value) > 1:
        value = value[1:-1]
    return value, match.end()


def _join(numbered: dict[int, tuple[bool, bytes]]) -> str:
    """The pieces of one RFC 2231 value.

    Percent signs and encoded words are read even where no asterisk announces them.
    """
    language = b""
    data: list[bytes] = []
    extended = any(is_extended for is_extended, _ in numbered.values())
    for number in sorted(numbered):
        is_extended, value = numbered[number]
        if is_extended and not data and value.count(b"'") >= 2:
            language, _, value = value.split(b"'", 2)
        data.append(unquote_to_bytes(value) if is_extended else value)
    joined = b"".join(data)
    if not extended or b"=?" in joined:
        return decode_words(joined)
    if b"%" in joined and language and not any(e and b"%" in v for e, v in numbered.values()):
        joined = unquote_to_bytes(joined)
    return charset.decode(joined, language.decode("ascii", "replace") or None)[0]
