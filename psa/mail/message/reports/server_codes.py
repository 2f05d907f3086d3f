"""The codes in a server's answer: "550", "5.1.1" (RFC 5321, section 4.2; RFC 3463)."""

from __future__ import annotations

import re

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
# Not every number is a code: sizes, times, ports, house numbers and parts of other numbers are none.
_COUNTED = r"bytes|octets|kb|kib|mb|mib|sec|min|hour|day|messages|mails|recipients|users|times|characters|lines|more|%"
CODE = re.compile(
    r"(?<![\d./$€£+-])(?<!#(?!\d{3} \d\.))(?<!\d:)(?<!\d,)([45]\d\d)(?=[ \t\n:,;\"'<\])-]|\Z)(?!-\d{3,})"
    rf"(?![ \t]*(?:{_COUNTED}))",
    re.I,
)
_LEADING = re.compile(r"\s{0,5}(?:smtp;\s{0,5})?([45]\d\d)[ -]#?([45]\.\d{1,3}\.[1-9]\d{0,2})(?![\d.]*\d)", re.I)


def read_codes(words: str, status: str | None = None) -> tuple[str | None, str | None]:
    """The enhanced status and the reply code that tell most; `status` is the one that a report's field gives.

    The answer of the other server says more than a general code ("5.0.0") or an "expired" around it.
    """
    at = 0
    leading = _LEADING.match(words)
    if leading and leading[2][0] == leading[1][0]:  # what the field says was only derived from this
        return leading[2], leading[1]
    inside = [m for m in STATUS.finditer(words) if m[1] != "2"]
    telling = [m for m in inside if m[3] != "0" and m[0] != "4.4.7"]
    if telling and (status is None or status.endswith((".0", ".4.7"))):
        status, at = telling[0][0], telling[0].start()
    elif inside and (status is None or status.endswith(".0.0")):
        status, at = inside[0][0], inside[0].start()
    codes = list(CODE.finditer(words))
    before = [m[1] for m in codes if m.end() <= at + 1 and at - m.end() < 4]
    code = before[-1] if before else codes[0][1] if codes else None
    return status, code
