"""Words that are read from right to left, as they are drawn: in the order of a line, and Arabic letters joined.

A PDF draws what it is given from left to right, letter by letter. What a browser does by itself is done here: the
bidirectional algorithm (Unicode Standard Annex 9) once it is known which words stand in a line, and the joined forms
of Unicode's Arabic Presentation Forms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from arabic_reshaper import ArabicReshaper
from bidi import get_display
from bidi.mirror import MIRRORED

FROM_RIGHT = ("R", "AL")
# Of the ligatures only lam with alef, which no font does without. Vowels stay: turned round with all else they stand
# before their letter, and the font has them hang over what follows.
JOINING = ArabicReshaper({"delete_harakat": False, "ARABIC LIGATURE ALLAH": False})
# Brackets and the like, and a mark without a form that takes the direction of what it follows (N0).
BRACKET, JOINER = re.compile(f"[{re.escape(''.join(MIRRORED))}]"), "\N{COMBINING GRAPHEME JOINER}"
EITHER_WAY = re.compile(f"({BRACKET.pattern}){JOINER}|{JOINER}({BRACKET.pattern})")


def is_read_from_right(text: str) -> bool:
    """Whether any letter of it is."""
    return any(unicodedata.bidirectional(letter) in FROM_RIGHT for letter in text)


def lines_as_drawn(text: str, width: float, width_of: Callable[[str], float]) -> Iterator[str]:
    """The text in lines that are no wider than ``width``, each from left to right as it is drawn."""
    for said in unicodedata.normalize("NFC", text).split("\n"):
        base = "R" if begins_from_right(said) else "L"
        for line in broken(JOINING.reshape(said), width, width_of):
            yield as_drawn(line, base)


def as_drawn(line: str, base: str) -> str:
    """One line in its order; ``base`` is R or L.

    The library leaves brackets as they are, which are turned round where they are read from right to left (L4). A mark
    that follows each of them says where that is: there it comes to stand before its bracket.
    """
    shown = get_display(BRACKET.sub(rf"\g<0>{JOINER}", line), base_dir=base)
    return EITHER_WAY.sub(lambda found: found[1] or MIRRORED[found[2]], shown)


def begins_from_right(text: str) -> bool:
    """By its first letter that has a direction (rules P2 and P3)."""
    directions = map(unicodedata.bidirectional, text)
    return next((one != "L" for one in directions if one in ("L", *FROM_RIGHT)), False)


def broken(text: str, width: float, width_of: Callable[[str], float]) -> Iterator[str]:
    """Lines of whole words, in the order in which they are read. Each word is measured once, however long a line is."""
    space = width_of(" ")
    line: list[str] = []
    left = width + space
    for word in text.split(" "):
        wide = width_of(word)
        if line and wide + space > left:
            yield " ".join(line)
            line, left = [], width + space
        if wide > width:
            *full, word = in_pieces(word, width, width_of)
            yield from full
            wide = width_of(word)
        line.append(word)
        left -= wide + space
    yield " ".join(line)


def in_pieces(word: str, width: float, width_of: Callable[[str], float]) -> Iterator[str]:
    """A word that no line holds, from its first letter on; marks stay with their letter."""
    piece, left = "", width
    for letter in word:
        wide = width_of(letter)
        if piece and wide > left and not unicodedata.combining(letter):
            yield piece
            piece, left = "", width
        piece += letter
        left -= wide
    yield piece
