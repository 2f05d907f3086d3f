"""Bytes to text when the label may be missing, unknown or wrong. Nothing here raises on any bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

from psa.mail.message.charsets.guess import (
    SAMPLE,
    contradicts_latin,
    dos_or_mac,
    guess_codec,
    has_runs,
    utf_16_order,
    wide_codec,
)
from psa.mail.message.charsets.names import codec_for, is_single_byte

__all__ = ["codec_for", "decode"]

_LATIN_1 = {"cp1252", "iso8859-15"}
_HIGH = re.compile(rb"[\x80-\xff]")
_LEAD = re.compile(rb"[\xc2-\xf4]")
_LONG_SEQUENCE = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")
_SIGNS_OF_WINDOWS = re.compile(rb"[\x80-\x9f]")
_ISO_2022 = re.compile(rb"\x1b\$[@B(]")
_ISO_2022_KR = b"\x1b$)C"


def decode(data: bytes, declared: str | None = None) -> tuple[str, str | None]:
    """The text, and a sentence on what was assumed when the declared charset did not do."""
    codec = codec_for(declared) if declared else None
    if (codec is None or codec == "utf-8" or is_single_byte(codec)) and _is_plain(data):
        return data.decode("ascii"), None
    wide = wide_codec(data)
    if wide or codec and codec.startswith(("utf-16", "utf-32")):
        return _decode_wide(data, wide, declared, codec)
    if b"\x1b$" in data and not (codec and codec.startswith("iso2022")):
        codec = _japanese_or_korean(data) or codec
    if codec and codec != "utf-8" and not is_single_byte(codec) and not _is_surely_utf_8(data):
        try:
            return data.decode(codec), None
        except (UnicodeError, ValueError):
            pass
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    else:
        # Valid multi-byte UTF-8 is next to never an accident, whatever the label says.
        if codec is not None and codec != "utf-8" and not data.isascii():
            return text, f"The charset {declared} is wrong; read as UTF-8."
        return text, f"The charset {declared} is unknown; read as UTF-8." if codec is None and declared else None
    if codec and is_single_byte(codec):
        return _decode_single_bytes(data, declared, codec)
    return _guess(data, declared, codec)


def _is_plain(data: bytes) -> bool:
    """ASCII, and not the ASCII of ISO-2022 or UTF-16."""
    return data.isascii() and b"\x1b" not in data and b"\0" not in data


def _japanese_or_korean(data: bytes) -> str | None:
    """Escapes to Japanese or Korean letters are never anything else."""
    return "iso2022_kr" if _ISO_2022_KR in data else "iso2022_jp_ext" if _ISO_2022.search(data) else None


def _is_surely_utf_8(data: bytes) -> bool:
    """Valid UTF-8 that no text in two-byte letters would be by accident: longer sequences, or many of them."""
    if len(_LEAD.findall(data[:SAMPLE])) < 5 and not _LONG_SEQUENCE.search(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode_wide(data: bytes, wide: str | None, declared: str | None, codec: str | None) -> tuple[str, str | None]:
    """UTF-16 and UTF-32, where the label or the bytes say so; the bytes count."""
    if wide is None and b"\0" not in data:
        try:
            return data.decode("utf-8"), f"Labelled {declared}, but it is UTF-8."
        except UnicodeDecodeError:
            pass
    name = wide or codec or "utf-16"
    if name == "utf-16" and data[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        name = utf_16_order(data)
    text = data.decode(name, "replace").lstrip("\ufeff")
    said = codec is not None and codec[:6] == name[:6]
    return text, None if said else f"The charset {declared or ''} is wrong; read as {name.upper()}.".replace("  ", " ")


def _decode_single_bytes(data: bytes, declared: str | None, codec: str) -> tuple[str, str | None]:
    if codec in _LATIN_1 and (contradicts_latin(data) or _SIGNS_OF_WINDOWS.search(data)):
        found = guess_codec(data, surely=0.25) if contradicts_latin(data) else dos_or_mac(data)
        if found and found not in _LATIN_1:
            return data.decode(found, "replace"), f"The charset {declared} cannot be right; it was read as {found}."
    try:
        return data.decode(codec), None
    except (UnicodeError, ValueError):
        if codec == "cp1252":  # five code points are free there; ISO-8859-1 has them as controls
            return data.decode("cp1252", "psa-latin1"), None
    return _guess(data, declared, codec)


def _guess(data: bytes, declared: str | None, codec: str | None) -> tuple[str, str]:
    """What the statistics say; the label's table with its gaps filled when they say nothing better."""
    told = f"The text cannot be read as {declared}" if declared else "No charset is declared"
    sample = data[:SAMPLE]
    broken = len(sample) - len(sample.decode("utf-8", "ignore").encode())
    valid = len(_HIGH.findall(sample)) - broken
    is_mixed = valid > broken * 2 or valid > 0 and not has_runs(sample)
    if codec in (None, "utf-8") and (is_mixed or codec and broken * 4 <= len(_LEAD.findall(sample)) * 3):
        return data.decode("utf-8", "psa-cp1252"), f"{told}; single bytes in it were read as Windows-1252."
    if codec and codec != "utf-8":
        text = data.decode(codec, "replace")
        if text.count("\ufffd") * 20 < len(text):
            return text, f"{told} throughout; unreadable bytes are shown as \ufffd."
    found = guess_codec(data)
    if found:
        return data.decode(found, "replace"), f"{told}; it was read as {found}."
    return data.decode("cp1252", "psa-latin1"), f"{told}; it was read as Windows-1252."


def _single_bytes_as(table: str) -> Callable[[UnicodeError], tuple[str, int]]:
    def resume(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        broken = error.object[error.start : error.end]
        return broken.decode(table, "strict" if table == "latin-1" else "replace"), error.end

    return resume


codecs.register_error("psa-cp1252", _single_bytes_as("cp1252"))
codecs.register_error("psa-latin1", _single_bytes_as("latin-1"))
