"""Header bytes as text: encoded words wherever they stand and however they are broken, and raw 8-bit bytes guessed
(RFC 2047 as it is practised, RFC 6532).
"""

from __future__ import annotations

import binascii
import re

from psa.mail.message.charsets import charset
from psa.mail.message.structure import transfer

_WORD = re.compile(r"=\?[ \t]{0,3}([^?\s=]{0,80})[ \t]{0,3}\?[ \t]{0,3}([bBqQ])[ \t]{0,3}\?")
_WHOLLY_ENCODED = re.compile(r"=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?=\s*\Z")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]+")
_HEX = re.compile(r"[0-9A-Fa-f]{2}")
# Where an ISO-2022 text returns to ASCII or JIS Roman; what ends otherwise goes on in the next word.
_SHIFTS = re.compile(rb"\x1b(?:\$[@B]|\$\([A-Z]|\([A-Z])")


def decode_words(value: bytes, fallback: str | None = None) -> str:
    """Header bytes as one line of text. `fallback` is the charset of the body, the best guess for raw bytes."""
    text = value.decode("ascii") if value.isascii() and b"\x1b" not in value else decode_raw(value, fallback)
    return one_line(decode_encoded_words(text))


def one_line(text: str) -> str:
    """Without line breaks and control characters, runs of blanks at either end removed."""
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text.replace("\t", " ")).encode("utf-8", "replace").decode("utf-8")
    return text.strip()


def decode_raw(value: bytes, fallback: str | None) -> str:
    """8-bit header bytes as text, encoded words left as they stand. `fallback` is the charset of the body."""
    if b"\x1b" in value and _SHIFTS.search(value):  # raw ISO-2022 escapes are never anything else
        return charset.decode(value, "iso-2022-kr" if b"\x1b$)C" in value else "iso-2022-jp")[0]
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        codec = charset.codec_for(fallback) if fallback else None
        return charset.decode(value, None if codec == "utf-8" else fallback)[0]


def decode_encoded_words(text: str) -> str:
    """Encoded words inside quotes, with blanks in them, split within a character, glued together or without an end."""
    if "=?" not in text:
        return text
    decoded = _decode_once(text)
    # A gateway encoded once more what was encoded already: then nothing but a word is left.
    if decoded.startswith("=?") and decoded != text and _WHOLLY_ENCODED.match(decoded):
        decoded = _decode_once(decoded)
    return decoded


def _decode_once(text: str) -> str:
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []  # adjacent words: characters may be split between them
    at, unended = 0, False
    while match := _WORD.search(text, at):
        is_q = match[2] in "qQ"
        stop = -1 if unended else _end_of_word(text, match.end(), is_q)
        if stop < 0:
            unended = True
            blank = text.find(" ", match.end())
            stop = len(text) if blank < 0 or is_q else blank
        gap = text[at : match.start()]
        if gap.strip() or not pending:
            _flush(pending, out)
            out.append(gap)
        pending.append((match[1].split("*")[0], _payload(text[match.end() : stop], is_q)))
        at = stop if unended else stop + 2
    _flush(pending, out)
    out.append(text[at:])
    return "".join(out)


def _end_of_word(text: str, at: int, is_q: bool) -> int:
    """Where the "?=" of the word stands, -1 for none.

    A bare question mark before an escape, as in "Who?=20Me?=", looks like one, too.
    """
    stop = text.find("?=", at)
    while is_q and stop >= 0 and _HEX.match(text, stop + 2):
        later = text.find("?=", stop + 2)
        if later < 0 or "=?" in text[stop + 2 : later] or " " in text[stop + 2 : later]:
            break
        stop = later
    return stop


def _payload(payload: str, is_q: bool) -> bytes:
    data = payload.encode("utf-8", "surrogateescape")
    if is_q:
        # "= " is a soft line break of quoted-printable that was folded with the header.
        data = data.replace(b"= ", b"")
        return binascii.a2b_qp(data + b"3D" if data.endswith(b"=") else data, header=True)
    return transfer.decode_base64(data)


def _flush(pending: list[tuple[str, bytes]], out: list[str]) -> None:
    """Decode adjacent words together where they share a charset and one ends within a character."""
    at = 0
    while at < len(pending):
        name, data = pending[at]
        at += 1
        codec = charset.codec_for(name)
        if not (codec == "utf-8" and data.isascii()):
            pieces = [data]
            while at < len(pending) and charset.codec_for(pending[at][0]) == codec and not _complete(pieces, codec):
                # An empty word between two others says nothing, not even where a character ends.
                if pending[at][1]:
                    pieces.append(pending[at][1])
                at += 1
            data = b"".join(pieces)
        if codec and codec.startswith("iso2022"):
            out.append(data.decode(codec, "replace"))
        else:
            out.append(charset.decode(data, name)[0])
    pending.clear()


def _complete(pieces: list[bytes], codec: str | None) -> bool:
    """Does the last piece end with a whole character? Only as much as a character spans is looked at."""
    if codec is None:
        return False
    data = b"".join(pieces) if len(pieces) < 4 else b"".join(pieces[-3:])
    if codec.startswith("iso2022"):
        shifts = _SHIFTS.findall(data)
        return not shifts or shifts[-1] in (b"\x1b(B", b"\x1b(J")
    if len(pieces) >= 4 and codec == "utf-8":
        data = data.lstrip(bytes(range(0x80, 0xC0)))
    try:
        data.decode(codec)
    except (UnicodeError, ValueError):
        return False
    return True
