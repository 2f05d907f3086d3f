"""The headers of a quoted or forwarded mail as they stand above its text: "From: … Sent: … To: … Subject: …" in the
languages of `phrases.py`, in any order, starred, wrapped, in columns, or all on one line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from psa.mail.message.quoting.wording import (
    RULE_LINE,
    bare_label_of,
    is_original_line,
    label_of,
    labelled,
    languages_of,
)

MAX_LINES = 60
MAX_GAP = 2
MAX_LONE_LABEL = 12
MAX_VALUE = 500  # letters of a value that are looked at

_FIRST = ("from", "date", "to", "subject")
_DATED = re.compile(r"(?<!\d)(?:19|20|25)\d\d(?!\d)|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{1,2}[:.h時点]\s?\d{2}")
_MAILBOX = re.compile(r"[^\s<>@()\[\]:;,]{1,64}@[^\s<>@()\[\]:;,]+\.\w|\[mailto:|[\w .]{1,60}/[\w .]{1,60}/\w", re.I)
_MORE_ADDRESSES = re.compile(r"\s*(?:<?[^\s<>@]+@[^\s<>@]+|.{0,200}[;,>]\s*\Z)")
_ON_ONE_LINE = re.compile(
    r"(?:\A|[\s>;*|])\*{0,2}([^\s:：<>@\d,;\"*|()]{1,14}(?:[ -][^\s:：<>@\d,;\"*|()]{1,14}){0,2}?)\*{0,2}\s?[:：](?=.)"
)


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """The lines [begin, end) and what they say, by kind: from, date, to, cc, subject, other. `languages` have the
    labels in common.
    """

    begin: int
    end: int
    fields: dict[str, str] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()


def header_block(lines: Sequence[str], at: int) -> HeaderBlock | None:
    """The block whose first label stands on line `at`; None when there is none.

    From and Date, or From with an address, and one more must stand close together: people write "From: … To: …" too.
    """
    line = lines[at]
    if not may_begin_block(line):
        return None
    if labelled(line) is None:
        return _in_columns(lines, at)
    block = _on_one_line(lines, at) or _line_by_line(lines, at)
    return block if is_block(block.fields) else None


def may_begin_block(line: str) -> bool:
    """A cheap look: can the first label of a block stand on this line?"""
    first = labelled(line)
    if first is not None:
        return first[0] in _FIRST
    if "\t" not in line and " | " not in line and len(line) >= MAX_LONE_LABEL:
        return False
    in_column = bare_label_of(line)
    return in_column is not None and in_column[0] in ("to", "from")


def is_block(found: dict[str, str]) -> bool:
    """Are these the headers of a mail, rather than a timetable or a form that somebody filled in?"""
    if "from" not in found or not ({"date", "to", "subject"} & found.keys()):
        return False
    names_somebody = _names_mailbox(found["from"])
    if not names_somebody and not any(c.isalpha() for c in found["from"]) or _DATED.match(found["from"].strip(" *")):
        return False
    dated = _DATED.search(found.get("date", "")[:MAX_VALUE]) is not None
    if "subject" in found:
        return names_somebody or dated or "to" in found and _names_mailbox(found["to"])
    return names_somebody or dated and "to" in found and _names_mailbox(found["to"])


def _names_mailbox(value: str) -> bool:
    return ("@" in value or "/" in value or "mailto:" in value) and _MAILBOX.search(value[:MAX_VALUE]) is not None


def with_rule(lines: Sequence[str], at: int) -> int:
    """Where a block really begins: with the rule or the "Original Message" above its first label."""
    begin, before, gap = at, at - 1, 0
    while before >= 0 and gap < 3:
        line = lines[before]
        if not line.strip():
            gap += 1
        elif RULE_LINE.match(line) or is_original_line(line):
            begin, gap = before, 0
        else:
            break
        before -= 1
    return begin


def _line_by_line(lines: Sequence[str], at: int) -> HeaderBlock:
    found: dict[str, str] = {}
    labels: list[str] = []
    pending: list[str] = []  # labels whose values stand below all labels
    last, end, gap = "", at, 0
    for n in range(at, min(at + MAX_LINES, len(lines))):
        line = lines[n]
        label = labelled(line)
        if label is not None:
            kind, value, word = label
            if kind in found and kind not in ("other", "cc") or gap > MAX_GAP or gap and kind == "other":
                break
            pending = [*pending, kind] if not value and (pending or not found) else []
            last, end, gap = kind, n + 1, 0
            found.setdefault(kind, value)
            labels.append(word)
        elif not line.strip():
            gap += 1
        elif gap and not _goes_on_below(lines, n, found, last):
            break
        elif len(pending) > 2 and not gap:
            found[pending.pop(0)] = line.strip()
            end = n + 1
        elif _belongs(line, found.get(last, ""), last) or label_follows(lines, n, found):
            found[last] = f"{found[last]} {line.strip(' *_')}".strip()
            end, gap = n + 1, 0
        else:
            break
    return HeaderBlock(at, end, found, _common(labels))


def _belongs(line: str, value: str, kind: str) -> bool:
    """Does a line without a label go on with the value above it?"""
    if line[:1] in " \t" and len(line) - len(line.lstrip()) > 3 or not value or value.endswith((";", ",", "<")):
        return True
    return kind in ("to", "cc", "from") and _MORE_ADDRESSES.match(line) is not None and ("@" in line or ";" in line)


def _goes_on_below(lines: Sequence[str], n: int, found: dict[str, str], last: str) -> bool:
    """A value below its label and a blank line, as tables become when they are turned into text."""
    return not found.get(last, "") and label_follows(lines, n, found)


def label_follows(lines: Sequence[str], n: int, found: dict[str, str]) -> bool:
    """Does one more header of the block stand right below line `n`? Then this one is wrapped."""
    for below in range(n + 1, min(n + 3, len(lines))):
        if lines[below].strip():
            label = label_of(lines[below])
            return label is not None and (label[0] not in found or label[0] == "other")
    return False


def _on_one_line(lines: Sequence[str], at: int) -> HeaderBlock | None:
    """ "From: Ann <ann@…> Sent: Monday … To: Mia Subject: Printer", as careless converters leave it."""
    line = lines[at][:1500]
    found: dict[str, str] = {}
    labels: list[str] = []
    last, start = "", 0
    for match in _ON_ONE_LINE.finditer(line):
        label = labelled(f"{match[1]}:")
        if label is None or label[0] in found:
            continue
        if last:
            found[last] = line[start : match.start()].strip(" *|\t")
        last, start = label[0], match.end()
        found[last] = ""
        labels.append(label[2])
    if last:
        found[last] = line[start:].strip(" *|\t")
    return HeaderBlock(at, at + 1, found, _common(labels)) if len(found) > 2 and is_block(found) else None


def _in_columns(lines: Sequence[str], at: int) -> HeaderBlock | None:
    """Lotus Notes: a name, a date, and then To, cc, Subject without colons, each with a tab or alone on its line."""
    first = bare_label_of(lines[at])
    if first is None or first[0] not in ("to", "from"):
        return None
    found: dict[str, str] = {}
    last, end, gap = "", at, 0
    for n in range(at, min(at + 24, len(lines))):
        label = bare_label_of(lines[n])
        if label is not None and label[0] not in found:
            last, end, gap = label[0], n + 1, 0
            found[last] = label[1]
        elif not lines[n].strip():
            gap += 1
            if gap > 2:
                break
        elif last and not found[last]:
            found[last] = lines[n].strip()
            end = n + 1
        else:
            break
    if "subject" not in found or "to" not in found:
        return None
    begin = at
    if "from" not in found:
        above = [n for n in range(max(at - 6, 0), at) if lines[n].strip()][-3:]
        dated = next((n for n in above if _DATED.search(lines[n])), None)
        if dated is None:
            return None
        begin = min([n for n in above if n >= dated - 2], default=dated)
        found["date"] = lines[dated].strip()
        found["from"] = next((lines[n].strip() for n in above if n != dated), lines[dated].strip())
    return HeaderBlock(begin, end, found) if _DATED.search(found.get("date", "")[:MAX_VALUE]) else None


def _common(labels: Sequence[str]) -> frozenset[str]:
    """The languages that know most of the labels."""
    votes: dict[str, int] = {}
    for label in labels:
        for tag in languages_of(label):
            votes[tag] = votes.get(tag, 0) + 1
    most = max(votes.values(), default=0)
    return frozenset(tag for tag, count in votes.items() if count == most)
