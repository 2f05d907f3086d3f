"""Words as people type them, and as both databases and the reader see them alike."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart, as people type them who do not have them on their keyboard.
PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
WORD = re.compile(r"[^\W_]+")
# Of a longer text only so much is searched.
LONGEST = 4000


def fold(text: str) -> str:
    """``text`` as folded words with single blanks between them: "Müller, 3. Straße" becomes "muller 3 strasse".

    Done here and not by the databases: each of them folds other letters, and takes addresses apart in its own way.
    """
    plain = text[:LONGEST].casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", text[:LONGEST]).casefold()
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(PLAIN)
    return " ".join(WORD.findall(plain))


def trimmed(text: str | None) -> str:
    """What was typed without the space around it; "" for a field that was not sent."""
    return (text or "").strip()


def counted(number: int, one: str, many: str = "") -> str:
    """1 client, 1,200 clients; ``many`` where that is not the one with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def pattern(typed: str) -> str:
    """A pattern for LIKE with a backslash as its escape: it finds what was typed anywhere, and means it literally."""
    return "%" + typed.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
