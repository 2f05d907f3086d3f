"""The message inside a forwarded one: who wrote it, to whom, when, about what. The outermost one, when people forwarded
what had been forwarded to them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from psa.mail.message.head.addresses import read_addresses
from psa.mail.message.model import Address, Forwarded
from psa.mail.message.quoting.attribution import named_in
from psa.mail.message.quoting.header_block import HeaderBlock
from psa.mail.message.quoting.introductions import MAX_LINES, Introductions
from psa.mail.message.quoting.phrases import FORWARD_MARKS, ON_BEHALF
from psa.mail.message.quoting.wording import (
    RULE_LINE,
    is_forwarded_line,
    is_quoted,
    unquoted,
)
from psa.mail.message.quoting.written_dates import read_written_date

MAX_INTRODUCTION = 12

_LIST_TAG = r"\s*(?:\[[^\]]{1,60}\]\s*)?"
_FORWARD_SUBJECT = re.compile(rf"{_LIST_TAG}(?:{FORWARD_MARKS})\s?(?:\[\d{{1,3}}\]|\(\d{{1,3}}\))?\s*[:：]", re.I)
_ANSWER_IN_FINNISH = re.compile(rf"{_LIST_TAG}vs\s*:", re.I)
_BEHALF = re.compile(rf"\s(?:{ON_BEHALF})\s", re.I)


def looks_forwarded(text: str, subject: str, known: Introductions | None = None) -> bool:
    """Was this mail passed on rather than answered? Its subject or the first introduction in it says so.

    `known` are the introductions of `text` where somebody has them already.
    """
    found = _first_introduction(known or _introductions(text), subject)
    return found.is_forward if found else _is_announced(subject)


def read_forwarded(text: str, subject: str, zone: tzinfo = UTC, known: Introductions | None = None) -> Forwarded | None:
    """The forwarded message in a text; None when there is none that names its sender.

    `zone` is that of whoever forwards, for the date that is written in it; `known` as for `looks_forwarded`.
    """
    known = known or _introductions(text)
    found = _first_introduction(known, subject)
    if found is None or not found.is_forward or found.block is None:
        return None
    lines = text.split("\n", MAX_LINES)
    block = found.block
    fields = block.fields
    body = lines[block.end :]
    return Forwarded(
        _author(fields["from"]),
        fields.get("subject") or None,
        read_written_date(fields.get("date", ""), block.languages, zone),
        "\n".join(map(unquoted, body) if known.marked[found.at] else body).strip(),
        to=_people(fields.get("to", "")),
        cc=_people(fields.get("cc", "")),
    )


def _introductions(text: str) -> Introductions:
    return Introductions(text.split("\n", MAX_LINES))


@dataclass(frozen=True, slots=True)
class _Introduction:
    """The first line by which a text introduces another mail, and the headers that stand there, if any."""

    is_forward: bool
    at: int
    block: HeaderBlock | None


def _is_announced(subject: str) -> bool:
    return _FORWARD_SUBJECT.match(subject) is not None


def _first_introduction(text: Introductions, subject: str) -> _Introduction | None:
    """What stands below "Ann wrote:" or, unless the subject announces a forward, below a header block is answered. A
    forward inside of that was passed on earlier, and by others.
    """
    announced = _is_announced(subject)
    lines = text.lines
    marked, text = text.marked, text.unmarked
    for at in text.places():
        if text.is_reply_marker(at):
            continue
        if text.is_marker(at) and is_forwarded_line(text.lines[at]):
            return _Introduction(True, at, _headers_below(text, at))
        block = text.block(at)
        if block is not None or text.is_marker(at):
            block = block or _headers_below(text, at)
            is_answer = block is not None and "fi" in block.languages and _ANSWER_IN_FINNISH.match(subject) is not None
            return _Introduction(announced and not is_answer, at, block)
        below = next((n for n in range(at + 1, min(at + 5, len(lines))) if lines[n].strip()), None)
        is_above_quote = below is not None and is_quoted(lines[below])
        span = text.attribution(at, is_above_quote)
        if span is not None:
            is_forward = announced and not is_above_quote and not marked[at]
            return _Introduction(is_forward, span[0], _as_headers(text.lines, span) if is_forward else None)
    return None


def _headers_below(text: Introductions, at: int) -> HeaderBlock | None:
    """The headers below "---------- Forwarded message ---------"; some programs write one sentence instead."""
    lines = text.lines
    for n in range(at + 1, min(at + MAX_INTRODUCTION, len(lines))):
        block = text.block(n)
        if block is not None:
            return block
        span = text.attribution(n)
        if span is not None:
            return _as_headers(lines, span)
        if lines[n].strip() and n > at + 3 and not RULE_LINE.match(lines[n]):
            break
    return None


def _as_headers(lines: Sequence[str], span: tuple[int, int]) -> HeaderBlock | None:
    """ "On …, Ann <ann@…> wrote:" as the headers of what stands below it."""
    text = " ".join(line.strip() for line in lines[slice(*span)])
    name, address = named_in(text)
    headers = {"from": f'"{name}" <{address}>', "date": text.replace(address, " ")}
    return HeaderBlock(*span, headers) if address else None


def _author(value: str) -> Address:
    """The one whom a From line names; of "Office on behalf of Ann" it is Ann."""
    people = _people(_BEHALF.split(value, maxsplit=1)[-1]) or _people(value)
    named = next((person for person in people if person.email), None)
    return named or (people[0] if people else Address(value.strip(), ""))


def _people(value: str) -> tuple[Address, ...]:
    value = html.unescape(value.replace("*", ""))
    value = re.sub(r"\[\s*mailto:\s*([^\s\]>]+)\s*\]", r"<\1>", value)
    value = re.sub(r"([^\s@<>]{1,64}@[^\s<>]{1,255})\s?<\s?(?:mailto:)?\1\s?>", r"\1", value)  # ann@… <mailto:ann@…>
    value = re.sub(r"<\s*(?:mailto:)?\s*([^\s<>]+)\s*<\s*mailto:[^<>]*>\s*>?", r"<\1>", value)  # <ann@…<mailto:ann@…>>
    value = re.sub(r"<\s*mailto:\s*", "<", value)
    value = re.sub(r"\[([^\s\[\]]+@[^\s\[\]]+)\]", r"<\1>", value)
    value = re.sub(r">\s*>", ">", re.sub(r"<\s*<", "<", value))
    people = read_addresses(value.replace("；", ";").replace("，", ",").encode("utf-8", "replace"))
    return tuple(person for person in people if person.email or person.name)
