"""Files as old Macintosh programs send them, with what that system keeps beside a file: BinHex 4.0 (RFC 1741),
AppleSingle and AppleDouble (RFC 1740).
"""

from __future__ import annotations

import binascii
import re
import struct
from dataclasses import dataclass

MAX_GROWTH = 20  # times the size of the code, beyond the first megabyte
MAX_ENTRIES = 50

BINHEX = "application/mac-binhex40"
APPLEFILE = "application/applefile"

_BEGIN = re.compile(rb"\(This file must be converted with BinHex[^\r\n]{0,40}\)?[ \t]*(?:\r?\n|\r)\s{0,9}:", re.I)
# BinHex is base64 in another alphabet, which the standard library reads at full speed.
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ALPHABET = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_TO_BASE64 = bytes.maketrans(_ALPHABET, _BASE64)
_NOT_IN_IT = bytes(set(range(256)) - set(_ALPHABET))
_REPEAT = 0x90
_SIGNATURES = (b"\0\x05\x16\0", b"\0\x05\x16\x07")  # of AppleSingle and AppleDouble
_DATA_FORK, _REAL_NAME = 1, 3


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The file itself, under the name that the Macintosh gave it, "" where it is not told. `data` is None where the
    file is not here, or cannot be read. `defect` is the end of a sentence.
    """

    name: str
    data: bytes | None
    defect: str


def unwrap_macintosh(kind: str, name: str, data: bytes) -> Unwrapped | None:
    """What a Macintosh wrapped in a file of that type and name, None for other files."""
    if kind == APPLEFILE:
        return _applefile(data, name)
    if kind == BINHEX or name.lower().endswith(".hqx"):
        return _binhex(data) or Unwrapped("", None, "is BinHex by its name, but cannot be read; it was kept as it is")
    return None


def _binhex(data: bytes) -> Unwrapped | None:
    begin = _BEGIN.search(data[:4_000])
    if begin is None:
        return None
    stop = data.find(b":", begin.end())
    coded = data[begin.end() : stop if stop >= 0 else len(data)].translate(_TO_BASE64, _NOT_IN_IT)
    coded = coded[: len(coded) - 1] if len(coded) % 4 == 1 else coded
    packed = binascii.a2b_base64(coded + b"=" * (-len(coded) % 4))
    plain, whole = _repeated(packed, MAX_GROWTH * len(packed) + 1_000_000)
    at = 1 + plain[0] if plain else 0
    # Behind the name: a zero, type, creator, flags, the lengths of both forks, a checksum.
    if not 1 < at <= 64 or len(plain) < at + 21:
        return None
    (size,) = struct.unpack_from(">I", plain, at + 11)
    content = bytes(plain[at + 21 : at + 21 + size])
    defect = "was encoded in BinHex; what a Macintosh keeps beside the file was left out"
    if not whole:
        defect = f"is encoded in BinHex and would become more than {MAX_GROWTH} times as long; the rest was left out"
    elif len(content) < size:
        defect = "is encoded in BinHex and cut off; what is there was read"
    return Unwrapped(plain[1:at].decode("mac-roman"), content, defect)


def _repeated(packed: bytes, limit: int) -> tuple[bytearray, bool]:
    """The bytes with repetitions written out, and whether all of them found room: X 0x90 n is n times X."""
    out = bytearray()
    at = 0
    while len(out) <= limit:
        mark = packed.find(_REPEAT, at)
        if mark < 0 or mark + 1 >= len(packed):
            out += packed[at : mark if mark >= 0 else len(packed)]
            return out, True
        out += packed[at:mark]
        count, at = packed[mark + 1], mark + 2
        out += out[-1:] * (count - 1) if count else b"\x90"
    return out[:limit], False


def _applefile(data: bytes, given: str) -> Unwrapped:
    entries: dict[int, bytes] = {}
    for number in range(min(int.from_bytes(data[24:26], "big"), MAX_ENTRIES)):
        if len(data) < 38 + 12 * number:
            break
        kind, offset, length = struct.unpack_from(">III", data, 26 + 12 * number)
        if kind in (_DATA_FORK, _REAL_NAME):
            entries.setdefault(kind, data[offset : offset + length])
    name = entries.get(_REAL_NAME, b"").rstrip(b"\0").decode("mac-roman")
    if _DATA_FORK in entries and data.startswith(_SIGNATURES):
        return Unwrapped(
            name, entries[_DATA_FORK], "is AppleSingle; what a Macintosh keeps beside the file was left out"
        )
    beside = "holds what a Macintosh keeps beside a file; the file itself is the part next to it"
    named = name or given
    return Unwrapped(f"._{named.removeprefix('._')}" if named else "", None, beside)
