"""The letters of a PDF: Inter as on the pages, other scripts in DejaVu, East Asian ones in what the reader has.

The first two travel inside the file, as far as their letters are used. East Asian fonts are several megabytes each, so
the file only names one that every PDF reader brings or replaces (ISO 32000-1, 9.7.5.2).
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

VENDOR = Path(__file__).parents[2] / "static" / "vendor"
FILES = {
    "Inter": "inter/Inter_400Regular.ttf",
    "Inter-SemiBold": "inter/Inter_600SemiBold.ttf",
    "DejaVu": "dejavu/DejaVuSans.ttf",
    "DejaVu-Bold": "dejavu/DejaVuSans-Bold.ttf",
}
REGULAR, STRONG = "Inter", "Inter-SemiBold"
BESIDE = {REGULAR: "DejaVu", STRONG: "DejaVu-Bold"}
CHINESE, JAPANESE, KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYSMyeongJo-Medium"
# What each of them has at least: its character collection was made from this set.
CHARSETS = {CHINESE: "gbk", JAPANESE: "cp932", KOREAN: "cp949"}
# What no font has: a letter in its place says that something is missing.
MISSING = "\N{WHITE SQUARE}"


@cache
def font(name: str) -> TTFont:
    """One of FILES, made known to the library."""
    made = TTFont(name, str(VENDOR / FILES[name]))
    pdfmetrics.registerFont(made)
    return made


@cache
def east_asian(name: str) -> UnicodeCIDFont:
    made = UnicodeCIDFont(name)
    pdfmetrics.registerFont(made)
    return made


def marked_up(text: str, name: str = REGULAR) -> str:
    """The text for a paragraph set in the font ``name``, with other fonts where that has no letter for it."""
    marked = (
        escape(letters).replace("\n", "<br/>") if used == name else f'<font name="{used}">{escape(letters)}</font>'
        for used, letters in runs_of(text, name)
    )
    return "".join(marked)


def width_of(text: str, name: str, size: float) -> float:
    """How wide one line of it is, in points: letters are set beside each other, and none is moved for its neighbour."""
    return size * sum(width_of_letter(letter, name) for letter in text)


@lru_cache(maxsize=10_000)
def width_of_letter(letter: str, name: str) -> float:
    """At the size of one point."""
    widths: list[float] = [pdfmetrics.stringWidth(letters, used, 1) for used, letters in runs_of(letter, name)]
    return sum(widths)


def runs_of(text: str, name: str) -> list[tuple[str, str]]:
    """The text piece by piece, each with the font that has all of its letters, which is ``name`` wherever possible."""
    own = font(name).face.charToGlyph
    shown = "".join(map(as_shown, unicodedata.normalize("NFC", text)))
    if all(ord(letter) in own or letter == "\n" for letter in shown):
        return [(name, shown)]
    script = script_of(shown)
    found = ((letter, font_of(letter, name, script)) for letter in shown)
    drawn = ((letter, used) if used else (MISSING, font_of(MISSING, name, script)) for letter, used in found)
    return [(used, "".join(letter for letter, _ in run)) for used, run in groupby(drawn, lambda one: one[1])]


def as_shown(letter: str) -> str:
    """Marks that only say how to read what is beside them are not drawn, and controls are spaces."""
    if letter.isprintable() or letter == "\n":
        return letter
    return "" if unicodedata.category(letter) == "Cf" else " "


@cache
def font_of(letter: str, name: str, script: str) -> str:
    """The font that has this letter; "" when none has."""
    if letter == "\n":
        return name
    for inside in (name, BESIDE[name]):
        if ord(letter) in font(inside).face.charToGlyph:
            return inside
    return next((east_asian(one).fontName for one in (script, *CHARSETS) if has(one, letter)), "")


def has(east_asian_font: str, letter: str) -> bool:
    try:
        letter.encode(CHARSETS[east_asian_font])
    except UnicodeEncodeError:
        return False
    return True


def script_of(text: str) -> str:
    """The East Asian font for a text: one character has other shapes in Japan than in China."""
    names = [unicodedata.name(letter, "") for letter in text]
    if any(name.startswith("HANGUL") for name in names):
        return KOREAN
    if any(name.startswith(("HIRAGANA", "KATAKANA")) for name in names):
        return JAPANESE
    return CHINESE
