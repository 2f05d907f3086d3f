"""Files that stand encoded inside a text, as before MIME and in news: uuencode (POSIX) and yEnc (yenc.org)."""

from __future__ import annotations

import binascii
import re

# Each as (name, bytes, start and end in the text).
Found = tuple[bytes, bytes, int, int]

MAY_HOLD_FILES = re.compile(rb"^(?:begin(?:-base64)?[ \t]+[0-7]{3,4}[ \t]|=ybegin )", re.M)

_UU_BEGIN = re.compile(rb"^begin(-base64)?[ \t]{1,9}[0-7]{3,4}[ \t]{1,9}([^\r\n]*)\r?\n", re.M)
_YENC_BEGIN = re.compile(rb"^=ybegin ([^\r\n]*?)name=([^\r\n]*)\r?\n(?:=ypart ([^\r\n]*)\r?\n)?", re.M)
_YENC_NUMBER = re.compile(rb"(part|total|begin)=(\d{1,12})")
_YENC_SHIFT = bytes((b - 42) % 256 for b in range(256))
_YENC_ESCAPE = re.compile(rb"=(.)", re.S)
_YENC_ESCAPED = [bytes([(b - 64) % 256]) for b in range(256)]


def uuencoded(data: bytes) -> list[Found]:
    """The uuencoded files in a text."""
    found = []
    position = 0
    while match := _UU_BEGIN.search(data, position):
        read = _base64_lines if match[1] else _uu_lines
        content, position = read(data, match.end())
        if content:
            found.append((match[2].strip().strip(b'"'), content, match.start(), position))
        else:
            position = match.end()
    return found


def _uu_lines(data: bytes, at: int) -> tuple[bytes, int]:
    """The bytes of the lines from `at` to "end", to the first line that is no code or to the end of the text."""
    out: list[bytes] = []
    while at < len(data):
        newline = data.find(b"\n", at)
        stop = len(data) if newline < 0 else newline
        line = data[at:stop].rstrip(b"\r ")
        if line == b"end":
            return b"".join(out), min(stop + 1, len(data))
        if line not in (b"", b"`"):
            length = ((line[0] - 32) & 63) * 4 // 3
            if not out and len(line) < length * 2 // 3:
                break  # a sentence that happens to begin like a file
            try:
                # Some encoders pad the line beyond the length it names, which the library refuses.
                out.append(binascii.a2b_uu(line[: (length + 3) // 4 * 4 + 1]))
            except binascii.Error:
                break
        at = stop + 1
    return b"".join(out), min(at, len(data))


def _base64_lines(data: bytes, at: int) -> tuple[bytes, int]:
    """What "begin-base64" begins, up to its line of equals signs."""
    stop = data.find(b"\n====", at - 1)
    if stop < 0:
        return b"", at
    behind = data.find(b"\n", stop + 1)
    try:
        return binascii.a2b_base64(data[at:stop]), len(data) if behind < 0 else behind + 1
    except binascii.Error:
        return b"", at


def yencoded(data: bytes) -> list[Found]:
    """The yEnc files in a text; one piece of a file sent in several is named as such: "tune (2 of 3).mp3"."""
    found: list[Found] = []
    position = 0
    while match := _YENC_BEGIN.search(data, position):
        stop = data.find(b"\n=yend", match.end() - 1)
        if stop < 0:
            break
        end = data.find(b"\n", stop + 1)
        end = len(data) if end < 0 else end + 1
        coded = data[match.end() : stop].replace(b"\r\n", b"").replace(b"\n", b"").replace(b"\r", b"")
        plain = _YENC_ESCAPE.sub(lambda m: _YENC_ESCAPED[m[1][0]], coded).translate(_YENC_SHIFT)
        found.append((_yenc_name(match), plain, match.start(), end))
        position = end
    return found


def _yenc_name(begin: re.Match[bytes]) -> bytes:
    name: bytes = begin[2].strip().strip(b'"')
    told = dict(_YENC_NUMBER.findall(begin[1]))
    if b"part" not in told or told.get(b"total") == b"1":
        return name
    stem, dot, suffix = name.rpartition(b".")
    piece = b" (" + told[b"part"] + (b" of " + told[b"total"] if b"total" in told else b"") + b")"
    return b"".join((stem, piece, dot, suffix)) if dot else name + piece
