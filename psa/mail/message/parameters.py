"""`Content-Type: x/y; name="…"` read as clients really write it: RFC 2045 5.1, RFC 2231, RFC 2047 and all wrong
mixtures of them.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from psa.mail.message import charset
from psa.mail.message.headers import decode_words

_PARAMETER = re.compile(
    rb"""[;\s]*([^\s=;"]{1,200}?)\s*=\s*(?:"((?:[^"\\]|\\.|\\\Z)*)(?:"|\Z)([^;]*)|((?:=\?[^?]*\?[bBqQ]\?[^?]*\?=\s*)+)|([^;]*))""",
    re.S,
)
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?\Z")
MAX_PARAMETERS = 200


def read_value(raw: bytes) -> tuple[str, dict[str, str]]:
    """The value before the first semicolon in lower case, and its parameters decoded; the first of two alike counts."""
    head, _, rest = raw.partition(b";")
    value = head.split(b"(")[0].strip(b" \t\"'").decode("ascii", "replace").lower()
    if not rest or b"=" not in rest:
        return value.split(" ")[0], {}
    return value.split(" ")[0], _parameters(rest)


def _parameters(rest: bytes) -> dict[str, str]:
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, bytes]]] = {}
    at = 0
    for _ in range(MAX_PARAMETERS):
        match = _PARAMETER.match(rest, at)
        if match is None:
            skip = rest.find(b";", at + 1)
            if skip < 0:
                break
            at = skip
            continue
        at = max(match.end(), at + 1)
        name = match[1].decode("ascii", "replace").lower()
        named = _CONTINUED.match(name)
        quoted = match[2]
        value = re.sub(rb"\\([\"\\])", rb"\1", quoted) if quoted is not None else (match[4] or match[5] or b"").strip()
        if quoted is None and value[:1] == value[-1:] == b"'" and len(value) > 1:
            value = value[1:-1]
        if named and (named[2] is not None or named[3]):
            pieces.setdefault(named[1], {}).setdefault(int(named[2] or 0), (bool(named[3]), value))
        else:
            plain.setdefault(name, decode_words(value))
    for name, numbered in pieces.items():
        plain[name] = _join(numbered)  # RFC 2231 says more than the plain twin beside it
    return plain


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
