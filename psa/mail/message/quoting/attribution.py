"""The lines that say whose words follow: "On Mon, 2 Mar 2026 at 17:40, Ann <ann@…> wrote:", in every order of date,
name and verb, wrapped over several lines or not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from psa.mail.message.quoting.calendar_words import CALENDAR_WORDS
from psa.mail.message.quoting.phrases import QUOTING
from psa.mail.message.quoting.wording import (
    AROUND,
    closes_attribution,
    find_verb,
    is_quoted,
    label_of,
    may_say_who_wrote,
    without_verbs,
)

MAX_LENGTH = 600
MAX_LINES = 5
# How many words a program's introduction has beside date, address and verb: those of a name, and of these how many
# small ones ("van", "dos", "via"). A sentence has more. The better a line shows what it is, the longer may the name be.
MAX_NAME, MAX_SMALL = 14, 5
MAX_BARE_NAME = 7  # with a date, without an address
MAX_NAME_UNDATED, MAX_SMALL_UNDATED, MAX_UNDATED = 8, 2, 160  # words, words, letters: with an address, without a date
MAX_SMALL_WITH_TIME = 2  # without an address, where a time or a year stands beside the name
MAX_NAME_WITHOUT_VERB = 6
MAX_NAME_BEHIND_ADDRESS = 5
MAX_NAME_ABOVE, MAX_SMALL_ABOVE = 6, 2  # on a line above that completes one
FIRST_WORDS = 8  # among which the name of a month or of a weekday stands

DATE = re.compile(
    r"(?<!\d)(?:19|20|25)\d\d(?!\d)|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|(?<!\d)\d{1,2}[:.h]\d{2}(?!\d)"
    r"|\d{1,2}\s*[年月日時년월일]|\d{1,2}\. ?\w{3,9}"
)
# A word begins where no other letter of it stands before: so a long one is looked at once.
_SPELT = r"(?<![^\s<>@()\[\]])[^\s<>@()\[\]]++@[^\s<>@()\[\]]+"
_ADDRESS = re.compile(rf"{_SPELT}|<[^<>\s]++>|[\[(]mailto:", re.I)
_WITH_BRACKETS = re.compile(rf"[<(\[]?{_SPELT}[>)\]]?")
_BRACKETED = re.compile(r"[<(\[«＜]\s*(?:mailto:)?[^\s<>()\[\]]{1,64}@[^\s<>()\[\]]+\s*(?:[>)\]»＞]|\|)", re.I)
_SPEC = re.compile(r"(?:[<(\[]\s*)?(?:mailto:)?([^\s<>()\[\]:,;\"]{1,64}@[^\s<>()\[\]:,;\"]+)(?:\s*[>)\]])?", re.I)
_TIME = re.compile(r"(?<![\d./-])\d{1,2}[:.h]\d{2}(?![\d./-])")
_CLOCK_OR_YEAR = re.compile(
    r"\d\s?[:.hH]\s?\d\d(?!\d)|(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d ?[ap]\.?m\b|[年時时]", re.I
)
_WORDS = re.compile(r"[^\s,;、，،|]+")
_NO_NAME = ".:()<>[]{}\"'“”„‟«»‹›‚‘’*_-–—/\\…（）「」【】"
_ZONE = re.compile(r"(?:[A-Z]{2,5}|[+-]\d{4})\Z")
# Those who tell a story, rather than a mail program that names somebody.
_TELLERS = frozenset(
    "i we me us ich wir mir uns ihm ihnen j'ai nous yo nosotros nos io noi ik wij mij jag vi jeg mig oss minä"
    " я мы мне нам".split()
)
# Notes in a browser: "-----Ann Berg/Harbour wrote: -----", "=====Ann wrote=====". Zoho adds the date.
_BETWEEN_DASHES = re.compile(r"\s*+[-=]{3,}[^-=].{0,200}[-=]{3,}\s*\Z")
_GROUP_WISE = re.compile(r"\s*+>>> .{1,120}\d.{0,40}>>>\s*\Z")
_WHOLE = (
    # Gmail of old names neither verb nor colon: "2016-03-03 17:21 GMT+01:00 Ann", "2013/7/20 Ann <ann@…>".
    re.compile(
        r"\s*+\d{4}[-/]\d{1,2}[-/]\d{1,2}(?: \d{1,2}:\d\d (?:GMT|UTC)[+-]\d\d:?\d\d\b"
        r"| .{0,80}<[^<>\s]+@[^<>\s]+>:?\s*\Z)"
    ),
    # ">>> Ann Berg 3/2/2026 5:40 PM >>>"
    _GROUP_WISE,
    # Notes 8: "Ann Berg ---02.03.2026 17:40:00---Re: Printer"
    re.compile(r"\s*+.{2,80}[-–—]{3}\s?\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.{0,16}[-–—]{3}.{0,200}\Z"),
    # Horde and Citadel: "Quoting Ann <ann@…>:", "Zitat von Ann:"
    re.compile(rf"\s*+(?:{QUOTING}) .{{1,120}}:\s*\Z", re.I),
)
_DASHES = ("---", "–––", "———")
_QUOTING_FIRST = re.compile(rf"\A\W*(?:{QUOTING})\s", re.I)
_START_WORDS = AROUND | CALENDAR_WORDS

Place = tuple[int, int]


def attribution(lines: Sequence[str], end: int, is_above_quote: bool = False) -> tuple[int, int] | None:
    """The span [begin, end) of an introduction whose last line is `end`; None when it is none.

    `is_above_quote`: does marked quoted text stand right below? Then less will do.
    """
    last = lines[end]
    if not may_end_attribution(last):
        return None
    if _is_whole(last):
        return end, end + 1
    joined, found, gaps = "", None, 0
    says_who = False
    wrote: Place | None = None
    for begin in range(end, max(end - MAX_LINES - 2, -1), -1):
        line = lines[begin]
        if not line.strip():
            # Broken HTML leaves a blank line before the "<" of an address.
            gaps += 1
            if gaps > 2 or not joined.lstrip().startswith(("<", ">", "mailto:", "wrote")):
                break
            continue
        if begin != end and (is_quoted(line) and line.strip() != ">" or closes_attribution(line) and find_verb(line)):
            break
        added = f"{' '.join(line.split())} "
        joined = added + joined
        if len(joined) > MAX_LENGTH:
            break
        says_who = says_who or may_say_who_wrote(line)
        if not says_who:
            continue
        wrote, address = _verb_in_front(joined, len(added), wrote), _find_address(joined)
        if (wrote or address) and (_is_whole(joined) or _names_writer(joined, wrote, address, is_above_quote)):
            found = begin
            break
    return None if found is None else (_whole_introduction(lines, found, end), end + 1)


def _verb_in_front(text: str, added: int, behind: Place | None) -> Place | None:
    """Where the first verb stands in a text to which so many letters were added in front of the one `behind` is in."""
    verb = find_verb(text, 0, added)
    if verb:
        return verb.span()
    return behind and (behind[0] + added, behind[1] + added)


def may_end_attribution(line: str) -> bool:
    """A cheap look: can an introduction end with this line?"""
    if len(line) > MAX_LENGTH or not line.strip():
        return False
    return closes_attribution(line) or line.rstrip().endswith(">>>") or _is_whole(line)


def introduces(text: str, is_above_quote: bool = False) -> bool:
    """Is this text, joined to one line, an introduction?"""
    verb = find_verb(text)
    return _is_whole(text) or _names_writer(text, verb and verb.span(), _find_address(text), is_above_quote)


def _names_writer(text: str, wrote: Place | None, address: re.Match[str] | None, is_above_quote: bool) -> bool:
    """Is a text with this verb and this address made of nothing else but a name and a date?"""
    if wrote is None and address is None:
        return False
    dated = DATE.search(text if is_above_quote or address else _TIME.sub(" ", text)) is not None
    if wrote is None:
        return dated and address is not None and _needs_no_verb(text, address[0])
    if not dated and (is_above_quote or starts(text)):
        words = _WORDS.findall(text)[:FIRST_WORDS]
        dated = any(word.strip(_NO_NAME).casefold() in CALENDAR_WORDS for word in words)
    strange, small, tells = _strange_words(f"{text[: wrote[0]]} {text[wrote[1] :]}")
    if is_above_quote or dated and address:
        return strange <= MAX_NAME and small <= MAX_SMALL
    if dated:
        # "On 3 March the server wrote:" tells of a thing. A time or a year is written by programs only; without one,
        # every word that is left is spelt as names are.
        most_small = MAX_SMALL_WITH_TIME if _CLOCK_OR_YEAR.search(text) else 0
        return strange <= MAX_BARE_NAME and small <= most_small and not tells and starts_or_names(text)
    is_short = strange <= MAX_NAME_UNDATED and small <= MAX_SMALL_UNDATED and len(text) < MAX_UNDATED
    return address is not None and is_short


def _needs_no_verb(text: str, address: str) -> bool:
    """ "пн, 2 мар. 2026 г. в 17:40, Ann <ann@…>:" and "Ann <ann@…> [2026-03-02 17:40]:" """
    core = text.strip(" \t*_")
    if not core.endswith((":", "：", ":>")):
        return False
    strange, small, _ = _strange_words(text)
    if not starts(text):
        is_name = small == 0 and strange <= MAX_NAME_BEHIND_ADDRESS
        return is_name and _BRACKETED.search(text) is not None and _TIME.search(text) is not None
    set_off = _BRACKETED.search(text) is not None or core.rstrip(": ：").endswith(address.rstrip(": "))
    return (set_off or core[:1].isdigit()) and strange <= MAX_NAME_WITHOUT_VERB


def named_in(text: str) -> tuple[str, str]:
    """Name and address of the one whom an introduction names; "" for what it does not say."""
    found = list(_SPEC.finditer(text))
    address = found[-1][1] if found else ""
    before = text[: found[-1].start()] if found else text
    behind = text[found[-1].end() :] if found else ""
    name = _name_at_end(without_verbs(before, " , ")) or ("" if found else _name_at_end(before))
    return name or _name_at_end(without_verbs(behind, " , ")), address


def _name_at_end(text: str) -> str:
    """The last words that are neither of a date nor small."""
    names: list[str] = []
    earlier: list[str] = []
    for n, word in enumerate(_WORDS.findall(_QUOTING_FIRST.sub("", text))):
        bare = word.strip(_NO_NAME)
        low = bare.casefold()
        if low == "via" and names:
            break
        if not bare:
            continue
        is_small = low in AROUND and not (n and len(bare) < 3 and bare[0].isupper())
        if is_small or any(c.isdigit() for c in bare) or "@" in bare or low in CALENDAR_WORDS:
            names, earlier = [], names or earlier
        elif names or not _ZONE.match(bare):
            names.append(bare)
    return " ".join(names or earlier)


def starts(text: str) -> bool:
    """Does it begin with a date, a weekday or a small word, as "On", "Am", "Le"?"""
    head = _WORDS.search(text.lstrip(" \t*_>(\"'„“-"))
    if head is None:
        return False
    word = head[0].strip(_NO_NAME)
    return word[:1].isdigit() or word.casefold() in _START_WORDS or ord(word[:1] or "a") > 0x0E00


def is_group_wise(line: str) -> bool:
    """GroupWise's ">>> Ann Berg 3/2/2026 5:40 PM >>>", which is no quote."""
    return line.rstrip().endswith(">>>") and _GROUP_WISE.match(line) is not None


def starts_or_names(text: str) -> bool:
    """Begins as an introduction does, or with a name: "Ann Berg schrieb am …"."""
    head = text.lstrip(" \t*_>(\"'„“-")[:1]
    return starts(text) or head.isupper() or not head.isascii()


def _is_whole(text: str) -> bool:
    """Does it follow one of the patterns that need no date and name?"""
    lead, last = text[:1], text[-1:]
    if lead.isspace() or last.isspace():
        bare = text.strip()
        lead, last = bare[:1], bare[-1:]
    if lead in ("-", "=") and last in ("-", "=") and _BETWEEN_DASHES.match(text):
        return find_verb(text) is not None
    may_be = last == ":" or last == ">" and text.rstrip().endswith(">>>") or lead.isdigit()
    if not may_be and not any(dashes in text for dashes in _DASHES):
        return False
    return any(pattern.match(text) for pattern in _WHOLE) and label_of(text) is None


def _find_address(text: str) -> re.Match[str] | None:
    if "@" not in text and "<" not in text and ":" not in text:
        return None
    return _ADDRESS.search(text)


def _strange_words(text: str) -> tuple[int, int, bool]:
    """How many words are left that no date and no small word explains (a name has few of them), how many of those
    begin small, and whether one of them tells a story in the first person.
    """
    strange = small = 0
    tells = False
    for word in _WORDS.findall(_addressless(text)):
        bare = word.strip(_NO_NAME)
        if not bare or bare[0].isdigit() or any(c.isdigit() for c in bare):
            continue
        low = bare.casefold()
        if low in _TELLERS and (bare != "I" or word == "I"):
            tells = True
        if low in AROUND or low in CALENDAR_WORDS or _ZONE.match(bare):
            continue
        strange += 1
        small += bare[0].islower()
        if strange > MAX_NAME:
            break
    return strange, small, tells


def _addressless(text: str) -> str:
    return _WITH_BRACKETS.sub(" ", text) if "@" in text else text


def _whole_introduction(lines: Sequence[str], begin: int, end: int) -> int:
    """Take in the wrapped first lines: "On Mon, 3 Nov 2025 at 10:00," above "Ann <ann@…> wrote:"."""
    first, gaps = begin, 0
    for earlier in range(begin - 1, max(begin - 7, -1), -1):
        line = lines[earlier]
        if not line.strip():
            # Broken HTML leaves blank lines around the "<" of an address.
            gaps += 1
            if gaps > 2 or not lines[first].lstrip().startswith(("<", "mailto:")):
                break
            continue
        if is_quoted(line) or len(line) > 120 or line.rstrip().endswith((".", "!", "?", ":", "：")):
            break
        below = " ".join(part.strip() for part in lines[first : end + 1])
        if not (_completes(line, below, lines[first]) and introduces(f"{line.strip()} {below}", is_above_quote=True)):
            break
        first = earlier
    return first


def _completes(line: str, below: str, first: str) -> bool:
    """Does an introduction lack what this line above it has: its small word, its date, its address, its name?"""
    begins_whole = first.lstrip()[:1].isupper() and starts(first)
    if begins_whole and DATE.search(below):
        return False
    strange, small, _ = _strange_words(line)
    if starts(line) and (strange == 0 or DATE.search(line) and not DATE.search(below)):
        return True
    if _find_address(line) and not _find_address(below) or DATE.search(line) and not DATE.search(below):
        return True
    nameless = (
        first.lstrip().startswith(("<", "(", "[", "mailto:"))
        or not _find_address(below)
        and _strange_words(without_verbs(below))[0] == 0
    )
    return nameless and strange <= MAX_NAME_ABOVE and small <= MAX_SMALL_ABOVE
