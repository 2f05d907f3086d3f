"""What a charset label means: Python's name of the table that reads what is really sent under it."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

MAX_LABEL = 100

# What is declared → the wider table of the same family, for the sender's program mostly used that.
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
    "windows-51949": "euc_kr",
    "x-sjis": "cp932",
    "x-mac-japanese": "cp932",
    "x-euc-jp": "euc_jp",
    "eucjp-ms": "euc_jp",
    "windows-51932": "euc_jp",
    "windows-31j": "cp932",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "cp50222": "iso2022_jp_ext",
    "x-gbk": "gb18030",
    "cn-gb": "gb18030",
    "gb": "gb18030",
    "gb_2312-80": "gb18030",
    "x-mac-chinesesimp": "gb18030",
    "x-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "big5-eten": "big5hkscs",
    "cn-big5": "big5hkscs",
    "chinesebig5": "big5hkscs",
    "x-mac-chinesetrad": "big5hkscs",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "visual": "iso8859-8",
    "logical": "iso8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-2-0-utf-8": "utf-8",
    "utf": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8n": "utf-8",
    "unicode": "utf-16",
    "iso-10646-ucs-2": "utf-16",
    "ucs-2": "utf-16",
    "ucs2": "utf-16",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "8bit": "utf-8",
    "7bit": "utf-8",
    "default": "utf-8",
    "default_charset": "utf-8",
    "unknown": "utf-8",
    "unspecified": "utf-8",
    "none": "utf-8",
    "binary": "utf-8",
    "usascii": "utf-8",
    "iso-ascii": "utf-8",
    "us-asci": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "ansi_x3.4-1986": "utf-8",
    "x-user-defined": "cp1252",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
    "western": "cp1252",
    "latin": "cp1252",
    "iso-8859": "cp1252",
    "iso8859": "cp1252",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic",
    "x-mac-greek": "mac_greek",
    "x-mac-turkish": "mac_turkish",
    "x-mac-icelandic": "mac_iceland",
    "x-mac-croatian": "mac_croatian",
    "x-mac-romanian": "mac_romanian",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
    "dos-862": "cp862",
    "dos-720": "cp720",
    "koi8-ru": "koi8_u",
    "koi8": "koi8_r",
    "koi": "koi8_r",
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
# "windows-1252http-equivcontent-type", as Outlook once wrote it.
_BEGINS_LIKE = re.compile(
    r"windows-125\d|iso-8859-1[0-6]|iso-8859-[1-9]|utf-?8|us-ascii|latin-?1|koi8-[ru]|gb2312|big5|iso-2022-jp"
)
_SINGLE_BYTE = re.compile(r"cp12\d\d|cp8\d\d|cp4\d\d|cp7\d\d|iso8859|koi8|mac_|mac-")


def codec_for(declared: str) -> str | None:
    """Python's name of the character table that `declared` means, or None when there is none."""
    return _codec_for(declared[:MAX_LABEL])


@lru_cache(maxsize=512)
def _codec_for(declared: str) -> str | None:
    label = declared.strip(" \t\r\n\"'<>;,").lower()
    name = re.split(r"[\s;,\"'<>*()]", label, maxsplit=1)[0]
    known = _BEGINS_LIKE.match(label)
    for candidate in (
        name,
        "".join(label.split()),
        name.replace("_", "-"),
        re.sub(r"^(?:x-|charset=|cs)", "", name),
        re.sub(r"^(?:x-)?(?:cp|windows|ibm|win|dos|ms)[-_ ]?", "cp", name),
        re.sub(r"^(?:x-)?(?:iso[-_ ]?)?8859[-_ ]?", "iso8859-", name),
        known[0] if known else "",
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


def is_single_byte(codec: str) -> bool:
    """Does one byte make one character in it, with ASCII in the lower half?"""
    return _SINGLE_BYTE.match(codec) is not None
