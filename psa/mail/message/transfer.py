"""Content-Transfer-Encodings, read with the patience that real mail needs (RFC 2045, section 6). Nothing here
raises.
"""

from __future__ import annotations

import binascii
import re

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]{8,}={0,2}\s*\Z")
_UU_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t]+([^\r\n]*)\r?\n", re.M)
_YENC_BEGIN = re.compile(rb"^=ybegin [^\r\n]*?name=([^\r\n]*)\r?\n(?:=ypart [^\r\n]*\r?\n)?", re.M)
_YENC_SHIFT = bytes((b - 42) % 256 for b in range(256))
_YENC_ESCAPE = re.compile(rb"=(.)", re.S)


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """The decoded bytes; `encoding` is the header's word, lower case. An unknown one leaves the bytes as they are."""
    if encoding in ("", "7bit", "8bit", "binary"):
        return data
    if encoding.startswith(("base64", "base-64")) or encoding == "b":
        return decode_base64(data)
    if encoding.startswith("quoted") or encoding == "q":
        return binascii.a2b_qp(data)
    if "uue" in encoding or encoding == "uucp":
        files = [block for _, block, _, _ in uuencoded(data)]
        return files[0] if files else data
    if encoding in ("x-yenc", "yenc"):
        files = [block for _, block, _, _ in yencoded(data)]
        return files[0] if files else data
    return data


def decode_base64(data: bytes) -> bytes:
    """Base64 with foreign characters, missing padding, several padded runs in a row or lines of prose behind it."""
    pad = data.find(b"=")
    if pad < 0 or not data[pad : pad + 8].strip(b"=\r\n \t"):
        try:
            whole = binascii.a2b_base64(data)
            if pad < 0 or not data[pad + 8 :].strip():
                return whole
        except binascii.Error:
            pass
    lines = data.split(b"\n")
    sure = [i for i, line in enumerate(lines) if _BASE64_LINE.match(line)]
    # prose (a list's footer) is not base64, however its letters look
    if sure:
        last = sure[-1] + 2
        tail = [line for line in lines[last - 1 : last] if b" " not in line.strip() and b"-" not in line]
        lines = lines[: last - 1] + tail
    runs = [run for run in re.split(b"=+", b"\n".join(lines).translate(None, _NOT_BASE64)) if run]
    return b"".join(_decode_run(run) for run in runs)


def _decode_run(run: bytes) -> bytes:
    if len(run) % 4 == 1:  # one letter alone holds no byte
        run = run[:-1]
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))


def uuencoded(data: bytes) -> list[tuple[bytes, bytes, int, int]]:
    """The uuencoded files in a text: (name, bytes, start and end in `data`)."""
    found = []
    position = 0
    while match := _UU_BEGIN.search(data, position):
        content, position = _uu_lines(data, match.end())
        if content:
            found.append((match[1].strip(), content, match.start(), position))
        else:
            position = match.end()
    return found


def _uu_lines(data: bytes, at: int) -> tuple[bytes, int]:
    """The bytes of the lines from `at` to "end", to the first line that is no code or to the end of the text."""
    out: list[bytes] = []
    while at < len(data):
        newline = data.find(b"\n", at)
        stop = len(data) if newline < 0 else newline
        line = data[at:stop].strip(b"\r ")
        if line == b"end":
            return b"".join(out), min(stop + 1, len(data))
        if line not in (b"", b"`"):
            # Some encoders pad the line beyond the length it names, which the library refuses.
            length = ((line[0] - 32) & 63) * 4
            try:
                out.append(binascii.a2b_uu(line[: (length + 5) // 3 + 1]))
            except binascii.Error:
                break
        at = stop + 1
    return b"".join(out), min(at, len(data))


def yencoded(data: bytes) -> list[tuple[bytes, bytes, int, int]]:
    """The yEnc files in a text: (name, bytes, start and end in `data`)."""
    found = []
    position = 0
    while match := _YENC_BEGIN.search(data, position):
        stop = data.find(b"\n=yend", match.end() - 1)
        if stop < 0:
            break
        end = data.find(b"\n", stop + 1)
        end = len(data) if end < 0 else end + 1
        coded = data[match.end() : stop].replace(b"\r\n", b"").replace(b"\n", b"")
        plain = _YENC_ESCAPE.sub(lambda m: bytes([(m[1][0] - 64) % 256]), coded)
        found.append((match[1].strip(), plain.translate(_YENC_SHIFT), match.start(), end))
        position = end
    return found
