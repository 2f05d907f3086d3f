"""Content-Transfer-Encodings read with the patience that real mail needs: misspelt, doubled, undeclared, wrongly
declared and broken ones (RFC 2045, section 6). Nothing here raises.
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING

from psa.mail.message.charsets.guess import wide_codec
from psa.mail.message.model import Note
from psa.mail.message.structure.encoded_files import uuencoded, yencoded

if TYPE_CHECKING:
    from psa.mail.message.structure.headers import Headers

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_NOT_BASE64 = bytes(set(range(256)) - set(_LETTERS + b"+/="))
_BLANKS = b" \t\r\n"
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]{8,}={0,3}\s*\Z")
_URL_ALPHABET = bytes.maketrans(b"-_", b"+/")
_EDGE = 2_000  # bytes looked at on either end of a long code
_NO_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*(?:\r?\n|\r|\Z))")
_ESCAPE = re.compile(rb"=[0-9A-Fa-f]{2}")
_SOFT_BREAK = re.compile(rb"=[ \t]{0,20}\r?\n")
_ODD_SOFT_BREAK = re.compile(rb"=(?:[ \t]{1,20}\r?\n|\r(?!\n))")
_UTF8_ESCAPED = re.compile(rb"=[CDE][0-9A-F]=[89AB][0-9A-F]", re.I)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"


def encoding_of(headers: Headers) -> str:
    """What Content-Transfer-Encoding means: "base64", "quoted-printable", "uuencode", "yenc", or "" for none.

    Where several are named, the first that is one counts.
    """
    for value in headers.all("content-transfer-encoding"):
        if value in (b"7bit", b"8bit", b"binary"):
            continue
        for word in re.split(r"[\s,;()\"']+", value.decode("ascii", "replace").lower()):
            encoding = _MEANT.get(re.sub(r"[^a-z0-9]|^x-", "", word))
            if encoding:
                return encoding
    return ""


_MEANT = {
    "base64": "base64",
    "b64": "base64",
    "b": "base64",
    "mime64": "base64",
    "quotedprintable": "quoted-printable",
    "quotedprintible": "quoted-printable",
    "quotedprint": "quoted-printable",
    "quoted": "quoted-printable",
    "qp": "quoted-printable",
    "q": "quoted-printable",
    "uuencode": "uuencode",
    "uuencoded": "uuencode",
    "uue": "uuencode",
    "uu": "uuencode",
    "uucp": "uuencode",
    "yenc": "yenc",
}


def decode_part(data: bytes, encoding: str, is_text: bool, path: str, note: Note) -> bytes:
    """The bytes of a part. For a text the label is doubted: what it really is shows in its letters."""
    if not is_text:
        return decode_transfer(data, encoding)
    if encoding == "base64":
        data = _decode_text_in_base64(data, path, note)
    elif encoding == "quoted-printable":
        data = _decode_text_in_quoted_printable(data, path, note)
    elif encoding:
        data = decode_transfer(data, encoding)
    found = _undeclared(data, encoding)
    if not found:
        return data
    note(f"Part {path}: it is encoded in {found}, but does not say so.")
    return decode_transfer(data, found)


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """The decoded bytes; `encoding` as `encoding_of` names it. An unknown one leaves the bytes as they are."""
    if encoding == "base64":
        return decode_base64(data)
    if encoding == "quoted-printable":
        return decode_quoted_printable(data)
    if encoding == "uuencode":
        file = next(uuencoded(data), None)
        return file.data if file else data
    if encoding == "yenc":
        file = next(yencoded(data), None)
        return file.data if file else data
    return data


def decode_quoted_printable(data: bytes) -> bytes:
    """Quoted-printable with blanks behind soft line breaks and with any line ends; what is no escape stays."""
    if b"= " in data or b"=\t" in data or b"=\r" in data:
        # The library would skip all up to the next LF behind a bare CR.
        data = _ODD_SOFT_BREAK.sub(b"=\n", data)
    return binascii.a2b_qp(data)


def sound_base64(raw: bytes, start: int, end: int) -> bytes | None:
    """Base64 that is as it should be, from `start` to `end` in `raw`, decoded without a copy of the code; else None."""
    pad = raw.find(b"=", start, end)
    if pad >= 0 and raw[pad : min(pad + 8, end)].strip(b"=\r\n \t"):
        return None
    if _foreign(raw[start : min(start + _EDGE, end)] + raw[max(end - _EDGE, start) : end]):
        return None
    try:
        whole = binascii.a2b_base64(memoryview(raw)[start:end])
    except binascii.Error:
        return None
    return whole if pad < 0 or not raw[pad + 8 : end].strip() else None


def decode_base64(data: bytes) -> bytes:
    """Base64 with foreign characters, missing padding, several padded runs in a row or lines of prose behind it."""
    whole = sound_base64(data, 0, len(data))
    if whole is not None:
        return whole
    code, _, _ = _without_prose(data)
    if (b"-" in code or b"_" in code) and b"+" not in code and b"/" not in code:
        code = code.translate(_URL_ALPHABET)
    runs = [run for run in re.split(b"=+", code.translate(None, _NOT_BASE64)) if run]
    return b"".join(_decode_run(run) for run in runs)


def _decode_run(run: bytes) -> bytes:
    if len(run) % 4 == 1:  # one letter alone holds no byte
        run = run[:-1]
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))


def _foreign(data: bytes) -> bytes:
    """The characters that are no base64."""
    return data.translate(None, _LETTERS + b"+/=" + _BLANKS)


def _without_prose(data: bytes) -> tuple[bytes, bytes, bytes]:
    """The code, and the prose before and behind it: a scanner's notice, a list's footer. It is not base64, however its
    letters look.
    """
    lines = data.split(b"\n")
    sure = [i for i, line in enumerate(lines) if _BASE64_LINE.match(line)]
    if not sure:
        return data, b"", b""
    first, behind = sure[0], sure[-1] + 1
    if behind < len(lines):
        last = lines[behind].strip()
        if last and not _foreign(last) and b" " not in last:  # too short to be sure of
            behind += 1
    return b"\n".join(lines[first:behind]), b"\n".join(lines[:first]), b"\n".join(lines[behind:])


def _decode_text_in_base64(data: bytes, path: str, note: Note) -> bytes:
    """A text labelled base64: one that is none is left as it stands, and prose around the code is kept."""
    words = data.strip()
    code, before, behind = words, b"", b""
    if b" " in words and not _foreign(words):
        squeezed = words.translate(None, _BLANKS)
        decoded = decode_base64(squeezed)
        if len(squeezed) > 100 and not _is_binary(decoded):  # code that blanks have got into
            return decoded
    if _foreign(words[:_EDGE] + words[-_EDGE:]) or b" " in words:
        code, before, behind = _without_prose(words)
    decoded = decode_base64(code)
    is_sure = code is not words or len(words) > 100 and b" " not in words or words.endswith(b"=")
    if not is_sure and _has_controls(decoded):
        note(f"Part {path}: it is labelled base64, but it is not; it was read as it stands.")
        return data
    if not before.strip() and not behind.strip():
        return decoded
    note(f"Part {path}: text stands beside the base64 code; it is shown with it.")
    return b"\n".join(piece for piece in (before.strip(), decoded, behind.strip()) if piece)


def _decode_text_in_quoted_printable(data: bytes, path: str, note: Note) -> bytes:
    if not _NO_ESCAPE.search(data) or _SOFT_BREAK.search(data):
        return decode_quoted_printable(data)
    if len(_NO_ESCAPE.findall(data)) < len(_ESCAPE.findall(data)):
        return decode_quoted_printable(data)
    note(f"Part {path}: it is labelled quoted-printable, but it is not; it was read as it stands.")
    return data


def _undeclared(data: bytes, declared: str) -> str:
    """The encoding that a text still has, told by its letters; "" for none."""
    if not declared and b"=" in data and _looks_quoted_printable(data):
        return "quoted-printable"
    first = data[:100].lstrip()[:80].split(b"\n")[0].strip()
    if len(first) >= 56 and _BASE64_LINE.match(first) and _looks_base64(data, len(first)):
        return "base64"
    return ""


def _looks_quoted_printable(data: bytes) -> bool:
    if not data.isascii() or not _ESCAPE.search(data) or _NO_ESCAPE.search(data):
        return False
    return _SOFT_BREAK.search(data) is not None or _UTF8_ESCAPED.search(data) is not None


def _looks_base64(data: bytes, width: int) -> bool:
    """Lines of one width throughout that hold readable text."""
    lines = data.split()
    if any(len(line) != width for line in lines[:-1]) or len(lines[-1]) > width:
        return False
    code = b"".join(lines)
    if _foreign(code) or len(code) % 4:
        return False
    return not _is_binary(decode_base64(code))


def _is_binary(data: bytes) -> bool:
    if _has_controls(data):
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return sum(1 for byte in data[:_EDGE] if byte > 127) * 3 > len(data[:_EDGE])
    return False


def _has_controls(data: bytes) -> bool:
    return len(data.translate(None, _CONTROLS)) != len(data) and wide_codec(data) is None
