"""Which character table bytes are written in, told by the bytes alone. Nothing here raises."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from psa.mail.message.charsets.names import codec_for

SAMPLE = 16_384
FEW_LETTERS = 16  # statistics say nothing about a word or two

# Tables for Latin letters: accents are sparse in them, and statistics guess wildly where letters are few.
_LATIN = {"cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "iso8859-2", "iso8859-13", "iso8859-15", "iso8859-16"}
_WINDOWS_LATIN = ("cp1250", "cp1252", "cp1254", "cp1257")
_OLD_LATIN = ("cp850", "cp852", "mac_roman")
_UNREADABLE = ["\ufffd", *map(chr, set(range(32)) - set(b"\t\n\r"))]
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]")
_SIGN_OF_WINDOWS = re.compile(rb"[\x80-\x9f]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
_SIGNS = set("‘’“”„‚«»–—…€•™§°©®·£")
_ACCENTED_WORD = re.compile(r"[A-Za-z\x80-\U0010ffff]+")


def guess_codec(data: bytes, surely: float = 0.12) -> str | None:
    """Python's name of the table that the byte statistics name (chardet lives behind this one function), or None.

    Natural language of two words reaches 0.12 of the statistics' own certainty, a sentence of it 0.25.
    """
    return _guess(data[:SAMPLE], surely)


@lru_cache(maxsize=64)
def _guess(sample: bytes, surely: float) -> str | None:
    import chardet

    old = dos_or_mac(sample)
    if old:
        return old
    is_latin = not has_runs(sample) and _SIGN_OF_WINDOWS.search(sample) is None
    if is_latin and len(_LETTER.findall(sample)) < FEW_LETTERS:
        return "cp1252"
    found = chardet.detect(sample)
    codec = codec_for(found["encoding"] or "")
    if codec is None or codec not in _LATIN and found["confidence"] < surely:
        return None
    if codec not in _LATIN and (is_latin or len(_HIGH.findall(sample)) * 5 < len(_LETTER.findall(sample)) * 2):
        return "cp1252"
    try:
        text = sample.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return None
    return codec if sum(map(text.count, _UNREADABLE)) * 10 < len(text) else None


def wide_codec(data: bytes) -> str | None:
    """UTF-16 or UTF-32 where a mark says so, or where every other byte is NUL; None for anything else."""
    head = data[:200]
    if b"\0" not in head and head[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return None
    for mark, codec in _WIDE_MARKS:
        if head.startswith(mark):
            return codec
    even, odd = head[0::2], head[1::2]
    if len(even) > 8 and odd.count(0) * 10 > len(odd) * 9 and even.count(0) * 10 < len(even):
        return "utf-16-le"
    if len(odd) > 8 and even.count(0) * 10 > len(even) * 9 and odd.count(0) * 10 < len(odd):
        return "utf-16-be"
    return None


def utf_16_order(data: bytes) -> str:
    """The codec of UTF-16 without a mark: the upper bytes of a text vary less than the lower ones."""
    even, odd = data[0:SAMPLE:2], data[1:SAMPLE:2]
    return "utf-16-be" if len(set(even)) < len(set(odd)) else "utf-16-le"


def has_runs(sample: bytes) -> bool:
    """Do three bytes beyond ASCII stand in a row? They never do in Latin letters, one byte each."""
    return _HIGH_RUN.search(sample) is not None


def contradicts_latin(data: bytes) -> bool:
    """May these bytes be no text in Latin letters, whatever their label says? No Latin word has three accents in a row,
    while letters of other scripts stand together; but somebody may write "äöü".
    """
    sample = data[:SAMPLE]
    runs = sum(map(len, _HIGH_RUN.findall(sample)))
    return runs > max(len(_HIGH.findall(sample)) * 0.6, 7)


def dos_or_mac(data: bytes) -> str | None:
    """The table of MS-DOS or the old Macintosh, whose accents lie where Windows has its signs; None for neither."""
    return _dos_or_mac(data[:SAMPLE])


@lru_cache(maxsize=64)
def _dos_or_mac(sample: bytes) -> str | None:
    high = _HIGH.findall(sample)
    low = sum(1 for byte in high if byte < b"\xa6")
    if low < 2 or low * 2 < len(high) or len(high) * 3 > len(sample) or has_runs(sample):
        return None
    usual = max(_plausible(sample.decode(codec, "replace")) for codec in _WINDOWS_LATIN)
    scores = {codec: _plausible(sample.decode(codec, "replace")) for codec in _OLD_LATIN}
    best = max(scores, key=lambda codec: scores[codec])
    return best if scores[best] > max(usual, 0) else None


def _plausible(text: str) -> int:
    """How much the characters beyond ASCII look like accents within words and like signs between them."""
    score = 0
    for word in _ACCENTED_WORD.findall(text):
        if word.isascii():
            continue
        for before, letter, behind in zip(" " + word, word, word[1:] + " ", strict=False):
            if letter <= "\x7f":
                continue
            if letter.isalpha():
                score += -2 if len(word) == 1 or before.islower() and letter.isupper() else 1
            else:
                at_edge = not (before.isalpha() and behind.isalpha())
                score += 1 if letter in _SIGNS and at_edge or letter == "’" else -2
    return score
