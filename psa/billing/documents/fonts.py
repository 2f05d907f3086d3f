"""The letters of a PDF: Inter as on the pages, other scripts in DejaVu, East Asian ones in what the reader has.

The first two travel inside the file, as far as their letters are used. East Asian fonts are several megabytes each, so
the file only names one that every PDF reader brings or replaces (ISO 32000-1, 9.7.5.2).
"""

from __future__ import annotations

import unicodedata
from functools import cache
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
# What no font has: a letter in its place says that something is missing.
MISSING = "\N{WHITE SQUARE}"


@cache
def font(name: str) -> TTFont:
    """One of FILES, made known to the library."""
    made = TTFont(name, str(VENDOR / FILES[name]))
    pdfmetrics.registerFont(made)
    return made


@cache
def east_asian(name: str) -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name


def marked_up(text: str, name: str = REGULAR) -> str:
    """The text for a paragraph set in the font ``name``, with other fonts where that has no letter for it."""
    own = font(name).face.charToGlyph
    clean = "".join(one if one.isprintable() or one == "\n" else " " for one in unicodedata.normalize("NFC", text))
    if all(ord(one) in own or one == "\n" for one in clean):
        return escape(clean).replace("\n", "<br/>")
    script = script_of(clean)
    runs = [(wanted, "".join(letters)) for wanted, letters in groupby(clean, lambda one: font_of(one, name, script))]
    return "".join(
        escape(letters if wanted else MISSING * len(letters)).replace("\n", "<br/>")
        if wanted in ("", name)
        else f'<font name="{wanted}">{escape(letters)}</font>'
        for wanted, letters in runs
    )


def font_of(letter: str, name: str, script: str) -> str:
    """The font that has this letter; "" when none has."""
    if letter == "\n" or ord(letter) in font(name).face.charToGlyph:
        return name
    beside = BESIDE[name]
    if ord(letter) in font(beside).face.charToGlyph:
        return beside
    return east_asian(script) if is_east_asian(letter) else ""


def is_east_asian(letter: str) -> bool:
    return ord(letter) < 0x10000 and unicodedata.east_asian_width(letter) in ("W", "F", "H")


def script_of(text: str) -> str:
    """The East Asian font for a text: one character has other shapes in Japan than in China."""
    names = [unicodedata.name(letter, "") for letter in text]
    if any(name.startswith("HANGUL") for name in names):
        return KOREAN
    if any(name.startswith(("HIRAGANA", "KATAKANA")) for name in names):
        return JAPANESE
    return CHINESE
