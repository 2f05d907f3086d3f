"""The HTML body without what it quotes and without signatures: its lines are sorted as those of a text are, by the
structure that mail programs leave (their class names and ids) and by wording.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from psa.mail.message.html.markup import Event
from psa.mail.message.quoting.html_lines import HtmlLines, without_lines
from psa.mail.message.quoting.html_roles import may_quote, may_sign
from psa.mail.message.quoting.introductions import MAX_LINES, Introductions
from psa.mail.message.quoting.reply import OWN, Folded, Marks, sort_lines

_INTRODUCTION = 400  # letters
_TARGET = re.compile(r"<[^<>\s]{1,2000}>")
_FARTHEST = 2000  # letters that the text may lack of the HTML at one place


def without_quotes(page: HtmlLines, *, is_answer: bool = True, answered: Sequence[str] = ()) -> list[Event] | None:
    """The HTML with quotes and signatures taken out; None when nothing is told, or nothing would be left.

    `answered` are the texts of the messages that it answers, and what was folded in the text beside the HTML.
    """
    kept = _kept(page, _kinds(page, is_answer, answered))
    shown = [keep for keep, line, picture in zip(kept, page.lines, page.pictures, strict=True) if line or picture]
    return None if all(shown) or not any(shown) else without_lines(page, kept.__getitem__)


def _kinds(page: HtmlLines, is_answer: bool, answered: Sequence[str]) -> list[int]:
    lines, size = page.lines, len(page.lines)
    if size > MAX_LINES:  # as in a text: the rest is one line
        lines, size = [*lines[:MAX_LINES], "\n".join(lines[MAX_LINES:])], MAX_LINES + 1
    kinds = sort_lines(Introductions(lines), is_answer=is_answer, answered=answered, marks=page.marks(size))
    return kinds + kinds[-1:] * (len(page.lines) - size)


def may_tell_more(markup: str, folded: Folded) -> bool:
    """May the structure of the HTML mark what the words of the text beside it did not tell?"""
    # An unknown introduction leaves a quote that begins with its mark; one without marks may end anywhere.
    quoted = folded.quoted
    is_told = not quoted.startswith(">") and ("\n>" in quoted or len(quoted) > _INTRODUCTION)
    return not is_told and may_quote(markup) or not folded.signature and may_sign(markup)


def marks_for(text_lines: Sequence[str], page: HtmlLines) -> Marks | None:
    """What the structure of the HTML says of the lines of the text beside it; None when it says nothing."""
    if not (any(page.quoted) or any(page.signature) or any(page.introduction) or page.cut is not None):
        return None
    places = _places(text_lines, page.lines)
    cut = None
    if page.cut is not None:
        cut = next((n for n, place in enumerate(places) if place is not None and place >= page.cut), None)

    def told(marks: Sequence[bool]) -> list[bool]:
        return [place is not None and marks[place] for place in places]

    return Marks(told(page.quoted), told(page.surely), told(page.introduction), told(page.signature), cut)


def _kept(page: HtmlLines, kinds: Sequence[int]) -> list[bool]:
    """The sender's own lines; blank ones between two of them, pictures beside one."""
    size = len(kinds)
    kept = [kind == OWN for kind in kinds]
    follows, following = [False] * size, False
    for n in range(size - 1, -1, -1):
        follows[n] = following
        following = kept[n] if page.lines[n] else following
    before = True
    for n in range(size):
        if page.lines[n]:
            before = kept[n]
        elif page.pictures[n]:
            kept[n] = kept[n] and (before or follows[n]) and not page.quoted[n]
        else:
            kept[n] = kept[n] and before and follows[n]
    return kept


def _places(text_lines: Sequence[str], html_lines: Sequence[str]) -> list[int | None]:
    """For each line of a text the line of the HTML that says the same, both read from top to bottom."""
    keys = [_letters(line) for line in html_lines]
    stream = "".join(keys)
    owner = [n for n, key in enumerate(keys) for _ in key]
    places: list[int | None] = []
    at = 0
    for line in text_lines:
        key = _letters(line)[:200]
        reach = at + len(key) + (_FARTHEST if len(key) > 8 else 30)
        found = stream.find(key, at, reach) if key else -1
        places.append(owner[found] if found >= 0 else None)
        at = found + len(key) if found >= 0 else at
    return places


def _letters(text: str) -> str:
    """What is the same in HTML and in its text: no signs, and no targets of links."""
    return "".join(filter(str.isalpha, _TARGET.sub("", text) if "<" in text else text))
