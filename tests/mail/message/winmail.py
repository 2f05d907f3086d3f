"""winmail.dat as Outlook writes it, for tests (MS-OXTNEF)."""

from __future__ import annotations

import base64
import struct

from psa.mail.message import ParsedEmail, parse


def attribute(level: int, name: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, 6, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*found: tuple[int, int, bytes]) -> bytes:
    """MAPI properties as (type, number, content)."""
    out = struct.pack("<I", len(found))
    for kind, number, content in found:
        out += struct.pack("<HH", kind, number if number < 0x10000 else 0x8000)
        if number >= 0x10000:  # a named one: the first bytes of its set, and its number there
            out += struct.pack("<I12xII", number >> 16, 0, number & 0xFFFF)
        out += (
            content
            if kind in (3, 0x0B, 0x40)
            else struct.pack("<II", 1, len(content)) + content + b"\0" * (-len(content) % 4)
        )
    return out


def wide(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le")


def winmail(*attributes: bytes, code_page: int = 1252) -> bytes:
    page = attribute(1, 0x9007, struct.pack("<II", code_page, 0))
    return b"\x78\x9f\x3e\x22\x01\x00" + page + b"".join(attributes)


def wrapped_file(title: bytes, data: bytes, *more: tuple[int, int, bytes]) -> bytes:
    begin = attribute(2, 0x9002, b"\0" * 14) + attribute(2, 0x8010, title + b"\0") + attribute(2, 0x800F, data)
    return begin + (attribute(2, 0x9005, properties(*more)) if more else b"")


def sent(winmail_dat: bytes, text: str = "") -> ParsedEmail:
    return parse(
        b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
        + text.encode()
        + b"\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(winmail_dat)
        + b"\n--b--\n"
    )
