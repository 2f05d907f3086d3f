"""What stands below the words of a letter and was written once for all letters: signatures, phones' own lines, legal
notices, footers of lists and scanners; and the warnings that gateways put above them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from psa.mail.message.quoting import sign_offs
from psa.mail.message.quoting.wording import RULE_LINE

MAX_SIGNATURE_LINES = 25
MAX_FOOTER_LINES = 8
MAX_CONTACT_LINES = 14
MAX_CARD_LINE = 120  # letters
MAX_CARD_WORDS = 9  # on its first line
MAX_SMALL_CARD = 3  # lines
MAX_NAME_WORDS = 4
MAX_PARAGRAPH = 3000
MAX_TAILS = 100  # such lines and paragraphs below each other

_DELIMITER = re.compile(r"\s*+(?:--|__|—|––?|- -|- - -)\s*\Z")
_FOOTER_RULE = re.compile(r"\s*+(?:_{5,}|(?:-=){6,}-?)\s*\Z")
_SENT_FROM = re.compile(rf"[\W_]{{0,12}}+(?:{'|'.join(sign_offs.SENT_FROM.values())})", re.I)
_IN_LATIN = [words for tag, words in sign_offs.SENT_FROM.items() if tag not in sign_offs.IN_OTHER_LETTERS]
_SENT_FROM_IN_LATIN = re.compile(rf"[\W_]{{0,12}}+(?:{'|'.join(_IN_LATIN)})", re.I)
_THING = re.compile(sign_offs.THINGS, re.I)
_SENT_SOMEHOW = re.compile(rf"[\W_]{{0,12}}+(?:{sign_offs.SENT_SOMEHOW}|ᐧ\Z)", re.I)
_GOES_ON = re.compile(
    r",\s+(?:is|and|but|so|which|because|where|it|i|we|the|und|aber|et|mais|y|pero)\b|[?!]\s*\Z", re.I
)
_TAIL = re.compile(rf"\W{{0,8}}+(?:{sign_offs.DISCLAIMERS}|{sign_offs.SCANNED}|{sign_offs.LIST_FOOTERS})", re.I)
_BANNER = re.compile(rf"\W{{0,8}}+(?:{sign_offs.BANNERS})", re.I)
_LABELLED = re.compile(rf"\W{{0,6}}+{sign_offs.CONTACT_LABELS}", re.I)
_REACHED = re.compile(
    r"\+\d[\d ()./–-]{6,}|\(0?\d{2,5}\)[\d ./-]{5,}|https?://\S|www\.\S|\S@[^\s@<>]{1,80}\.\w\w"
    r"|(?<!\w)(?:[A-Z]{1,2}-)?\d{4,5} [A-ZÄÖÜÉ]\w"
)
_COMPANY_FORMS = frozenset(sign_offs.COMPANY_FORMS.split("|"))
_CLOSINGS = frozenset(sign_offs.CLOSINGS.split("|"))
_SENTENCE_END = re.compile(r"[.?!…。？！]\s*\Z")


def is_sent_from(line: str) -> bool:
    """ "Sent from my iPhone" and its kin; a sentence that goes on is none."""
    line = line.strip()
    if not 0 < len(line) < 160 or _GOES_ON.search(line):
        return False
    sent_from = (_SENT_FROM_IN_LATIN if line.isascii() else _SENT_FROM).match(line)
    return sent_from is not None and _THING.search(line) is not None or _SENT_SOMEHOW.match(line) is not None


def signature_lines(lines: Sequence[str], own: Sequence[int]) -> set[int]:
    """Which of the lines `own`, those that the sender wrote or added and that are not blank, are signature.

    The first one never is: a letter that is nothing else is shown.
    """
    found = _banners(lines, own)
    own = [n for n in own if n not in found]
    alone = {n for n in own[1:] if _stands_alone(lines, n) and is_sent_from(lines[n])}
    stop = _delimiter(lines, own)
    for _ in range(MAX_TAILS):
        before = stop
        stop = _without_tail(lines, own, stop)
        if stop == before:
            break
    stop = _without_contacts(lines, own, stop)
    return found | alone | set(own[stop:])


def _delimiter(lines: Sequence[str], own: Sequence[int]) -> int:
    """The position in `own` of the delimiter "-- " (RFC 3676, 4.3), its variants, or the rule above a list's footer."""
    for position in range(max(len(own) - MAX_SIGNATURE_LINES, 1), len(own)):
        n, rest = own[position], len(own) - position
        line = lines[n]
        if line[0].isalnum():
            continue
        if _DELIMITER.match(line) and not _is_prose(lines, own[position + 1 :]):
            return position
        if rest <= MAX_FOOTER_LINES and _FOOTER_RULE.match(line) and not _is_prose(lines, own[position + 1 :]):
            return position
        if rest <= MAX_CONTACT_LINES and not lines[n - 1].strip() and RULE_LINE.match(line):
            below = own[position + 1 :]
            if _contacts(lines, below) and not _is_prose(lines, below):
                return position
    return len(own)


def _is_prose(lines: Sequence[str], below: Sequence[int]) -> bool:
    """Does a text go on below a "--"? A signature begins with a name, not with a sentence."""
    if not below:
        return False
    first = lines[below[0]].strip()
    if _TAIL.match(first):
        return False
    return len(first.split()) > 5 and (_SENTENCE_END.search(first) is not None or len(first) > 65)


def _without_tail(lines: Sequence[str], own: Sequence[int], stop: int) -> int:
    """Where the last paragraph begins when a machine or a lawyer wrote it; else `stop`."""
    last = lines[own[stop - 1]] if stop > 1 else ""
    if last and (stop < len(own) and RULE_LINE.match(last) or is_sent_from(last)):
        return stop - 1
    begin = stop
    while begin > 1 and (begin == stop or own[begin] - own[begin - 1] == 1) and stop - begin < 40:
        begin -= 1
    if begin == stop or begin == 1 and own[1] - own[0] == 1:
        return stop
    paragraph = " ".join(lines[n].strip() for n in own[begin:stop])
    return begin if len(paragraph) < MAX_PARAGRAPH and _TAIL.match(paragraph) else stop


def _without_contacts(lines: Sequence[str], own: Sequence[int], stop: int) -> int:
    """Fold telephone numbers and addresses below "Kind regards, Ann": closing and name are the person's own words."""
    for position in range(max(stop - MAX_CONTACT_LINES, 1), stop - 1):
        line = lines[own[position]]
        begin = position + 2 if _is_closing(line) else position + 1 if _closes_with_name(line) else stop
        if begin < stop and _is_card(lines, own[begin:stop]):
            return begin
    return stop


def _is_closing(line: str) -> bool:
    bare = line.strip(" \t,.!;:-–—*_、。，！").casefold()
    return bare in _CLOSINGS


def _closes_with_name(line: str) -> bool:
    """ "Kind regards, Ann Berg" on one line."""
    closing, comma, name = line[:100].partition(",")
    return bool(comma) and 0 < len(name.split()) <= MAX_NAME_WORDS and _is_closing(closing)


def _is_card(lines: Sequence[str], below: Sequence[int]) -> bool:
    """Do lines look like those of a business card: short, and ways to reach somebody? One way alone is enough where
    little else stands there.
    """
    if any(len(lines[n].strip()) >= MAX_CARD_LINE for n in below) or _has_many_words(lines[below[0]]):
        return False
    contacts = len(_contacts(lines, below))
    if contacts != 1:
        return contacts > 1
    return len(below) <= MAX_SMALL_CARD and not any(
        _has_many_words(lines[n]) or _SENTENCE_END.search(lines[n]) for n in below
    )


def _has_many_words(line: str) -> bool:
    return sum(any(map(str.isalnum, word)) for word in line.split()) > MAX_CARD_WORDS


def _contacts(lines: Sequence[str], below: Sequence[int]) -> list[int]:
    return [n for n in below if _is_contact(lines[n][:200])]


def _is_contact(line: str) -> bool:
    """Does it tell how to reach somebody: a number, an address, a company?"""
    if _REACHED.search(line) or _LABELLED.match(line):
        return True
    return not _COMPANY_FORMS.isdisjoint(word.strip(".,;|()") for word in line.casefold().split())


def _stands_alone(lines: Sequence[str], n: int) -> bool:
    return not lines[n - 1].strip() and (n + 1 == len(lines) or not lines[n + 1].strip())


def _banners(lines: Sequence[str], own: Sequence[int]) -> set[int]:
    """The paragraphs at the top by which a gateway warns of mail from outside."""
    found: set[int] = set()
    at = 0
    while at < len(own) and at < 12:
        end = at + 1
        while end < len(own) and own[end] - own[end - 1] == 1 and end - at < 6:
            end += 1
        paragraph = " ".join(lines[n].strip() for n in own[at:end])
        is_banner = _BANNER.match(paragraph[:400]) is not None
        if not is_banner and not (not found and RULE_LINE.match(lines[own[at]]) and end < len(own)):
            break
        if is_banner and end < len(own):
            found.update(own[at:end])
        elif is_banner:
            return set()  # nothing else was written
        at = end
    return found
