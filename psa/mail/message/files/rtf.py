"""Outlook's RTF bodies: unpacked (MS-OXRTFCP) and read as the HTML or text that they wrap (MS-OXRTFEX)."""

from __future__ import annotations

import codecs
import html
import re
import struct

MAX_RTF = 5_000_000
WINDOW = 4096

_PREFILLED = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_TOKEN = re.compile(r"\\(?:([a-zA-Z]{1,32})(-?\d{1,9})? ?|'([0-9a-fA-F]{2})|(.))|([{}])|([^\\{}\r\n]+)|[\r\n]+", re.S)
# Groups whose content is about the document rather than in it.
_ABOUT = frozenset(
    """fonttbl colortbl stylesheet info pict object header headerl headerr headerf footer footerl footerr footerf
    listtable listoverridetable rsidtbl generator themedata colorschememapping latentstyles datastore xmlnstbl
    mmathPr fldinst bkmkstart bkmkend pntext""".split()
)
_SIGNS = {"par": "\n", "line": "\n", "row": "\n", "sect": "\n", "tab": "\t", "cell": "\t", "bullet": "•"}
_SIGNS |= {"emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"}
_CHARSETS = {0: 1252, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256}
_CHARSETS |= {186: 1257, 204: 1251, 222: 874, 238: 1250}


def unpacked(data: bytes) -> bytes:
    """The RTF in a PR_RTF_COMPRESSED property, as much of it as can be read."""
    if len(data) < 16:
        return b""
    _, size, kind = struct.unpack_from("<I I 4s", data)
    if kind == b"MELA":
        return data[16 : 16 + size]
    if kind != b"LZFu":
        return data if data.startswith(b"{\\rtf") else b""
    # References point into the last 4096 bytes, before the beginning into what both sides know.
    out = bytearray(WINDOW - len(_PREFILLED)) + _PREFILLED
    begin, stop = 16, WINDOW + min(size, MAX_RTF)
    while begin < len(data) and len(out) < stop:
        flags, begin = data[begin], begin + 1
        for bit in range(8):
            if begin >= len(data) or len(out) >= stop:
                break
            if not flags >> bit & 1:
                out.append(data[begin])
                begin += 1
                continue
            reference = int.from_bytes(data[begin : begin + 2], "big")
            begin += 2
            # Positions count from where the known part begins.
            back = (len(out) - WINDOW + len(_PREFILLED) - (reference >> 4)) % WINDOW
            if begin > len(data) or not back:  # the end
                return bytes(out[WINDOW:])
            length = (reference & 15) + 2
            copied = out[len(out) - back : len(out) - back + length]
            out += (copied * (length // back + 1))[:length]
    return bytes(out[WINDOW:stop])


def read_rtf(data: bytes) -> tuple[str, bool]:
    """What an RTF body says, and whether that is HTML: Outlook wraps the HTML of a mail in RTF."""
    return _Reader().read(data[:MAX_RTF].decode("latin-1"))


class _Reader:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.pending = bytearray()  # characters of a code page, which may be several bytes long
        self.codec = "cp1252"
        self.fonts: dict[int, str] = {}
        self.font = -1
        self.wraps_html = False
        # Of the open group: is it left out, is it a piece of HTML, is its text only for RTF, how many signs stand
        # for one in Unicode, its font.
        self.skipped = self.is_tag = self.only_rtf = False
        self.instead = 1
        self.in_fonts = False
        self.to_pass = 0
        self.groups: list[tuple[bool, bool, bool, int, int, bool]] = []

    def read(self, text: str) -> tuple[str, bool]:
        starred = False
        for match in _TOKEN.finditer(text):
            word, number, code, sign, brace, words = match.groups()
            if code is not None:
                self.byte(int(code, 16))
                continue
            self.flush()
            if brace == "{":
                self.open_group()
            elif brace == "}":
                self.close_group()
            elif word is not None:
                self.control(word, int(number) if number else None, starred)
            elif sign is not None:
                starred = sign == "*"
                self.symbol(sign)
                continue
            elif words is not None:
                self.words(words)
            starred = False
        self.flush()
        text = "".join(self.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text, self.wraps_html

    def open_group(self) -> None:
        state = (self.skipped, self.is_tag, self.only_rtf, self.instead, self.font, self.in_fonts)
        # Millions of groups in one another hold the same state: one tuple for all of them.
        self.groups.append(self.groups[-1] if self.groups and self.groups[-1] == state else state)

    def close_group(self) -> None:
        if self.groups:
            before = self.groups.pop()
            self.skipped, self.is_tag, self.only_rtf, self.instead, self.font, self.in_fonts = before

    def control(self, word: str, number: int | None, starred: bool) -> None:
        if word == "fromhtml":
            self.wraps_html = True
        elif word == "htmltag":
            self.is_tag = True
        elif word == "htmlrtf":
            self.only_rtf = number != 0
        elif word == "ansicpg" and number:
            self.codec = _codec(number)
        elif word == "fonttbl":
            self.in_fonts = self.skipped = True
        elif word == "f" and number is not None:
            self.font = number
        elif word == "fcharset" and self.in_fonts and number in _CHARSETS:
            self.fonts[self.font] = _codec(_CHARSETS[number])
        elif word == "uc" and number is not None:
            self.instead = min(max(number, 0), 10)
        elif word == "u" and number is not None:
            self.character(number + 65_536 if number < 0 else number)
        elif starred or word in _ABOUT:
            self.skipped = True
        elif word in _SIGNS:
            self.put(_SIGNS[word])

    def symbol(self, sign: str) -> None:
        if sign in "{}\\":
            self.words(sign)
        elif sign == "~":
            self.put("\u00a0")
        elif sign == "_":
            self.put("-")
        elif sign in "\r\n":
            self.put("\n")

    def byte(self, value: int) -> None:
        if self.to_pass:
            self.to_pass -= 1
        else:
            self.pending.append(value)

    def character(self, number: int) -> None:
        if 0 <= number < 0x110000:
            self.put(chr(number))  # it may be half of a pair
        self.to_pass = self.instead

    def words(self, text: str) -> None:
        if self.to_pass:
            passed = min(self.to_pass, len(text))
            self.to_pass -= passed
            text = text[passed:]
        if not text.isascii():
            text = text.encode("latin-1", "replace").decode(self.codec, "replace")
        self.put(text)

    def flush(self) -> None:
        if self.pending:
            codec = self.fonts.get(self.font, self.codec) if not self.is_tag else self.codec
            self.put(self.pending.decode(codec, "replace"))
            self.pending.clear()

    def put(self, text: str) -> None:
        if self.skipped or self.wraps_html and self.only_rtf:
            return
        self.out.append(text if self.is_tag or not self.wraps_html else html.escape(text, quote=False))


def _codec(number: int) -> str:
    name = "utf-8" if number == 65001 else f"cp{number}"
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name
