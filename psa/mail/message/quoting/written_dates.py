"""Dates as mail programs write them for people above quoted and forwarded mail, in the languages of
`calendar_words.py`: "Montag, 2. März 2026 17:40", "3/2/26, 5:40 PM", "2026年3月2日 下午5:40".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from psa.mail.message.quoting.calendar_words import MONTH_NUMBERS, MONTHS

MAX_LENGTH = 200

_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20|25)\d\d)\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?[-/.]\s?((?:19|20|25)\d\d|\d\d)(?!\d)")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})\s+(?:tháng|thg)\s+(\d{1,2}),?\s+(?:năm\s+)?((?:19|20)\d\d)")
_TIME = re.compile(
    r"(?<![\d.:])(\d{1,2})\s?(?:[:：]|[.h時时시点點](?=\s?\d\d))\s?(\d\d)(?:\s?分)?(?:\s?[:：.]\s?(\d\d))?(?!\d|:\d)"
)
_HOUR = re.compile(r"(?<![\d.:])(\d{1,2})\s?(?:[hH]|時|时|시|Uhr)(?!\w)")
_BEFORE_NOON = re.compile(
    r"(?<![^\W\d])(?:a\.? ?m\.?|π\.?μ\.?|ص|ق\.ظ|öö|ö\.ö\.|sa|pg|de\.)(?!\w)|上午|午前|오전|凌晨|早上|पूर्वाह्न", re.I
)
_AFTER_NOON = re.compile(
    r"(?<![^\W\d])(?:p\.? ?m\.?|μ\.?μ\.?|م|ب\.ظ|ös|ö\.s\.|ch|ptg|du\.)(?!\w)|下午|午後|오후|晚上|中午|अपराह्न", re.I
)
_OFFSET = re.compile(r"(?:GMT|UTC|(?<=\s)|(?<=\())\s?([+\-−])(\d{1,2}):?(\d\d)?(?!\d)")
_HOURS_EAST = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "IST": 5.5, "CET": 1, "MEZ": 1, "HEC": 1, "CEST": 2, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "BRT": -3,
}  # fmt: skip
_ZONE = re.compile(rf"(?<!\w)(?:{'|'.join(_HOURS_EAST)})(?!\w)")
_WORDS = re.compile(r"[^\s,;()]+")


def read_written_date(text: str, languages: Collection[str] = (), zone: tzinfo = UTC) -> datetime | None:
    """The time, aware; None when no day can be read.

    `languages` are those of the words around it: they part 3/2 from 2/3, and "lis" that is October from November.
    `zone` is taken where the text names none: mail programs write the time of whoever forwards.
    """
    text = _plain(text[:MAX_LENGTH])
    day = _day(text, languages)
    if day is None:
        return None
    year, month, number, rest = day
    hour, minute, second = _clock(rest)
    try:
        return datetime(year, month, number, hour, minute, second, tzinfo=_zone(rest) or zone)
    except (ValueError, OverflowError):
        return None


def _plain(text: str) -> str:
    """ASCII digits, no marks of direction."""
    out = []
    for c in text:
        digit = unicodedata.digit(c, None) if not c.isascii() else None
        if digit is not None and c.isdecimal():
            out.append(str(digit))
        elif unicodedata.category(c) != "Cf":
            out.append(" " if c.isspace() else c)
    return "".join(out)


def _day(text: str, languages: Collection[str]) -> tuple[int, int, int, str] | None:
    """Year, month, day, and the text without them."""
    found = _YEAR_FIRST.search(text)
    if found:
        return _years(int(found[1])), int(found[2]), int(found[3]), _without(text, found)
    found = _VIETNAMESE.search(text)
    if found:
        return int(found[3]), int(found[2]), int(found[1]), _without(text, found)
    named = _named_day(text, languages)
    if named:
        return named
    found = _YEAR_LAST.search(text)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), _years(int(found[4]))
    is_american = found[2] == "/" and (not languages or "en" in languages) and _is_twelve_hours(text)
    day, month = (second, first) if second > 12 or first <= 12 and is_american else (first, second)
    return year, month, day, _without(text, found)


def _named_day(text: str, languages: Collection[str]) -> tuple[int, int, int, str] | None:
    words = [(match, match[0].strip(".:").casefold()) for match in _WORDS.finditer(text)][:40]
    for n, (_, word) in enumerate(words):
        month = _month(word, languages)
        if month is None:
            continue
        near = [_number(words[m][1]) for m in range(max(n - 4, 0), min(n + 5, len(words)))]
        before = next((x for x in reversed(near[: n - max(n - 4, 0)]) if x and x < 32), None)
        behind = next((x for x in near[n - max(n - 4, 0) + 1 :] if x and x < 32), None)
        year = next((x for x in near if x and x > 1900), None) or next(
            (_years(x) for x in near if x is not None and 10 < x < 100 and x not in (before, behind)), None
        )
        # "2 March 2026" and "March 2, 2026"; "2026. március 2." has the day behind.
        following = _number(words[n + 1][1]) if n + 1 < len(words) else None
        preceding = _number(words[n - 1][1]) if n else None
        day = following if following and following < 32 and not (preceding and preceding < 32) else before or behind
        if day and year:
            used = {f"{day}", f"{year}", f"{year}"[2:]}
            rest = " ".join(match[0] for match, w in words if _number(w) is None or w.strip(".º°") not in used)
            return _years(year), month, day, rest
    return None


def _month(word: str, languages: Collection[str]) -> int | None:
    numbers = MONTH_NUMBERS.get(word)
    if numbers is None:
        return None
    if len(numbers) > 1:
        for tag in languages:
            for number, forms in enumerate(MONTHS.get(tag, "").split(), 1):
                if word in forms.split("/"):
                    return number
    return min(numbers)


def _number(word: str) -> int | None:
    digits = re.match(r"(?:ב-)?(\d{1,4})(?:\.|st|nd|rd|th|er|º|°|ª|a|-?го|\.?)?\Z", word)
    return int(digits[1]) if digits else None


def _years(year: int) -> int:
    """Two digits mean this century; Thailand counts 543 years more."""
    return year + 2000 if year < 100 else year - 543 if year > 2400 else year


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _clock(text: str) -> tuple[int, int, int]:
    found = _TIME.search(text)
    if found:
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    else:
        bare = _HOUR.search(text)
        if not bare:
            return 0, 0, 0
        hour, minute, second = int(bare[1]), 0, 0
    if _AFTER_NOON.search(text) and hour < 12:
        hour += 12
    elif _BEFORE_NOON.search(text) and hour == 12:
        hour = 0
    return hour, minute, second


def _is_twelve_hours(text: str) -> bool:
    return _BEFORE_NOON.search(text) is not None or _AFTER_NOON.search(text) is not None


def _zone(text: str) -> tzinfo | None:
    found = _OFFSET.search(text)
    if found:
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        if offset < timedelta(hours=24):
            return timezone(-offset if found[1] in "-−" else offset)
    named = _ZONE.search(text)
    return timezone(timedelta(hours=_HOURS_EAST[named[0]])) if named else None
