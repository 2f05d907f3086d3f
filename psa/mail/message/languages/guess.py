"""The language of a text, by its script and its small words. Linear in the text, and None where it is not sure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping

from psa.mail.message.languages.words import ARABIC, CYRILLIC, DEVANAGARI, LATIN, LETTERS

# More would not change the answer.
TEXT_MAX = 8_000
# Of fewer letters nobody can tell, except where the script alone tells.
LETTERS_MIN = 20
WORDS_MIN = 4
# The best must have so much, so much for each word, and so many times what the second has.
SCORE_MIN, SHARE_MIN, LEAD = 1.2, 0.06, 1.2
SCRIPTS = {
    "latin": r"A-Za-zÀ-ɏḀ-ỿ",
    "cyrillic": r"Ѐ-ԯ",
    "greek": r"Ͱ-Ͽἀ-῿",
    "hebrew": r"֐-׿",
    "arabic": r"؀-ۿݐ-ݿ",
    "devanagari": r"ऀ-ॿ",
    "thai": r"฀-๿",
    "georgian": r"Ⴀ-ჿ",
    "armenian": r"԰-֏",
    "hangul": r"가-힣ᄀ-ᇿ",
    "kana": r"ぁ-ヿ",
    "han": r"一-鿿㐀-䶿",
}
COUNTED = {name: re.compile(f"[{letters}]+") for name, letters in SCRIPTS.items()}
# Scripts that one language has to itself, nearly.
ALONE = {"greek": "el", "hebrew": "he", "thai": "th", "georgian": "ka", "armenian": "hy", "hangul": "ko"}
# Addresses and figures are in no language.
NO_WORDS = re.compile(r"\S*[@/\\_\d]\S*")
# With the vowel signs of Devanagari, which are no letters by themselves.
WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0900-\u0903\u093a-\u094f])*")


def language_of(text: str) -> str | None:
    """The code of the language (ISO 639-1); None for a text that is too short, mixed, or in one that is not known."""
    plain = NO_WORDS.sub(" ", unicodedata.normalize("NFC", text[:TEXT_MAX]))
    lengths = {name: sum(map(len, pattern.findall(plain))) for name, pattern in COUNTED.items()}
    east = lengths["kana"] + lengths["han"]
    total = sum(lengths.values())
    if not total:
        return None
    # Kanji and kanas say as much as three or four letters.
    if east * 3 > total - east and east >= LETTERS_MIN // 4:
        return "ja" if lengths["kana"] * 10 > east else "zh"
    script = max(lengths, key=lambda name: lengths[name])
    if lengths[script] < LETTERS_MIN or lengths[script] * 2 < total:
        return None
    if script in ALONE:
        return ALONE[script]
    tables = {"latin": LATIN_WORDS, "cyrillic": CYRILLIC_WORDS, "arabic": ARABIC_WORDS, "devanagari": DEVANAGARI_WORDS}
    return best(WORD.findall(plain.lower()), tables[script]) if script in tables else None


def best(words: list[str], table: Table) -> str | None:
    """The language that the words speak for, when it is well ahead."""
    if len(words) < WORDS_MIN:
        return None
    scores: defaultdict[str, float] = defaultdict(float)
    for word, number in Counter(words).items():
        # The same word again and again says little more than once.
        times = min(number, 3)
        for language in table.words.get(word, ()):
            scores[language] += times * WEIGHTS[len(table.words[word])]
        for letter in set(word) & table.letters.keys():
            for language in table.letters[letter]:
                scores[language] += 0.4 * times / len(table.letters[letter])
    (second, _), (most, first) = sorted([(0.0, ""), (0.0, ""), *((score, name) for name, score in scores.items())])[-2:]
    is_sure = most >= SCORE_MIN and most >= SHARE_MIN * min(len(words), 200) and most >= LEAD * second
    return first if is_sure else None


class Table:
    """For one script: the languages of each small word, and of each letter of their own."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words: dict[str, list[str]] = {}
        self.letters: dict[str, list[str]] = {}
        for language, listed in words.items():
            for word in dict.fromkeys(listed.split()):
                self.words.setdefault(word, []).append(language)
            for letter in LETTERS.get(language, ""):
                self.letters.setdefault(letter, []).append(language)


# By how many languages share a word.
WEIGHTS = {number: 1.0 / number**1.5 for number in range(1, len(LATIN) + 1)}
LATIN_WORDS, CYRILLIC_WORDS, ARABIC_WORDS, DEVANAGARI_WORDS = map(Table, (LATIN, CYRILLIC, ARABIC, DEVANAGARI))
