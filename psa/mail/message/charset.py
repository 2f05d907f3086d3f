"""Bytes to text when the label may be missing, unknown or wrong. Nothing here raises on any bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import lru_cache

# What is declared → the codec that reads what is really sent under that name (the wider table of the same family).
_WIDER = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso2022_jp": "iso2022_jp_ext",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
}
_ALIASES = {
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "korean": "cp949",
    "x-windows-949": "cp949",
    "x-sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "windows-31j": "cp932",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "x-gbk": "gb18030",
    "x-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cn-gb": "gb18030",
    "chinesebig5": "big5hkscs",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "visual": "iso8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "unicode": "utf-16",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "default": "utf-8",
    "unknown": "utf-8",
    "binary": "utf-8",
    "x-user-defined": "cp1252",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
    "western": "cp1252",
    "latin": "cp1252",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ce": "mac_latin2",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "ansi_x3.4-1968": "utf-8",
    "iso-10646-ucs-2": "utf-16",
    "ucs-2": "utf-16",
    "dos-862": "cp862",
    "koi8-ru": "koi8_u",
}
# Codecs that are no character tables, or that would run escapes found in a stranger's mail.
_NO_TEXT = {
    "idna",
    "punycode",
    "undefined",
    "unicode-escape",
    "raw-unicode-escape",
    "unicode_escape",
    "raw_unicode_escape",
    "mbcs",
    "oem",
}
_SINGLE_BYTE = re.compile(r"cp12\d\d|cp8\d\d|cp4\d\d|cp7\d\d|iso8859|koi8|mac_|mac-")
_LATIN = {"cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "iso8859-2", "iso8859-13", "iso8859-15", "iso8859-16"}
_GUESS_SAMPLE = 16_384


def decode(data: bytes, declared: str | None = None) -> tuple[str, str | None]:
    """The text, and a sentence on what was assumed when the declared charset did not do."""
    codec = codec_for(declared) if declared else None
    if data.isascii() and (codec is None or codec == "utf-8" or _SINGLE_BYTE.match(codec)):
        return data.decode("ascii"), None
    if codec and codec.startswith(("utf-16", "utf-32")):
        return _decode_wide(data, codec)
    if codec and (codec != "utf-8" and not _SINGLE_BYTE.match(codec)):
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
        odd = codec is not None and codec != "utf-8"
        unlabelled = codec is None and bool(declared)
        return (
            text,
            f"The charset {declared} is {'wrong' if odd else 'unknown'}; read as UTF-8." if odd or unlabelled else None,
        )
    if codec and _SINGLE_BYTE.match(codec):
        try:
            return data.decode(codec), None
        except (UnicodeError, ValueError):
            if codec == "cp1252":  # five code points are free there; ISO-8859-1 has them as controls
                return data.decode("cp1252", "psa-latin1"), None
    return _guess(data, declared, codec)


@lru_cache(maxsize=512)
def codec_for(declared: str) -> str | None:
    """Python's name of the character table that `declared` means, or None when there is none."""
    name = declared.strip(" \t\r\n\"'<>;,").lower()
    name = re.split(r"[\s;,\"'<*]", name, maxsplit=1)[0]
    for candidate in (
        name,
        name.replace("_", "-"),
        re.sub(r"^(x-|charset=|cs)", "", name),
        re.sub(r"^(cp|windows|ibm|win)[-_ ]?", "cp", name),
        re.sub(r"^iso[-_ ]?8859[-_ ]?", "iso8859-", name),
    ):
        candidate = _ALIASES.get(candidate, candidate)
        if not candidate or len(candidate) > 40 or candidate in _NO_TEXT:
            continue
        try:
            info = codecs.lookup(candidate)
        except (LookupError, ValueError, UnicodeError, ImportError):
            continue
        if info._is_text_encoding and info.name not in _NO_TEXT:
            return _WIDER.get(info.name, info.name)
    return None


def readable_ratio(text: str) -> float:
    """How much of a text is neither lost (U+FFFD) nor a control character, 0 to 1."""
    return 1 - sum(1 for c in text if c == "\ufffd" or (c < " " and c not in "\t\n\r")) / len(text) if text else 1.0


def _decode_wide(data: bytes, codec: str) -> tuple[str, str | None]:
    if data.isascii() and b"\0" not in data:
        return data.decode("ascii"), f"Labelled {codec}, but it is plain ASCII."
    try:
        return data.decode(codec), None
    except UnicodeError:
        return _guess(data, codec, codec)


def _guess(data: bytes, declared: str | None, codec: str | None) -> tuple[str, str]:
    """What the statistics say; the label's table with its gaps filled when they say nothing better."""
    told = f"The text cannot be read as {declared}" if declared else "No charset is declared"
    mostly = data.decode("utf-8", "psa-cp1252")
    broken = len(data) - len(data.decode("utf-8", "ignore").encode())
    high = sum(map(data[:_GUESS_SAMPLE].count, _HIGH_LEADS))
    if codec == "utf-8" and broken * 4 <= high * 3 or not codec and broken * 4 <= high:
        return mostly, f"{told}; single bytes in it were read as Windows-1252."
    if codec and codec != "utf-8":
        return data.decode(codec, "replace"), f"{told} throughout; unreadable bytes are shown as \ufffd."
    found = guess_codec(data)
    if found:
        return data.decode(found, "replace"), f"{told}; it was read as {found}."
    return data.decode("cp1252", "psa-latin1"), f"{told}; it was read as Windows-1252."


_HIGH_LEADS = [bytes([b]) for b in range(0xC2, 0xF5)]


@lru_cache(maxsize=256)
def guess_codec(data: bytes) -> str | None:
    """The codec that the byte statistics name (chardet lives behind this one function), or None."""
    import chardet

    named = chardet.detect(data[:_GUESS_SAMPLE]).get("encoding")
    codec = codec_for(named) if named else None
    if codec is None:
        return None
    letters = sum(1 for byte in data[:_GUESS_SAMPLE] if byte > 127 or 65 <= byte <= 122)
    high = sum(1 for byte in data[:_GUESS_SAMPLE] if byte > 127)
    # few accents among Latin letters: statistics guess wildly there
    if high * 5 < letters * 2 and codec not in _LATIN:
        return "cp1252"
    try:
        return codec if readable_ratio(data[:_GUESS_SAMPLE].decode(codec, "replace")) > 0.9 else None
    except (UnicodeError, ValueError):
        return None


def _single_bytes_as(table: str) -> Callable[[UnicodeError], tuple[str, int]]:
    def resume(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        return error.object[error.start : error.end].decode(
            table, "replace" if table != "latin-1" else "strict"
        ), error.end

    return resume


codecs.register_error("psa-cp1252", _single_bytes_as("cp1252"))
codecs.register_error("psa-latin1", _single_bytes_as("latin-1"))
