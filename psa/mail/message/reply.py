"""What the person wrote now, what was quoted and what is signature. Folding sorts the lines of a text into three;
none is ever lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from psa.mail.message import phrases

MAX_LINES = 50_000
MAX_SIGNATURE_LINES = 25
MAX_FOOTER_LINES = 8

_OWN, _QUOTE, _SIGNATURE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Folded:
    """The three stretches of a text, and the line that introduces the original, "" when nothing does."""

    reply: str
    quoted: str
    signature: str
    introduction: str = ""


def fold(text: str, *, is_forward: bool = False, is_answer: bool = True) -> Folded:
    """Sort every line of `text`.

    With `is_forward` only the headers of the original are folded: its text is what is to be read. Without `is_answer`
    a header block folds nothing: web forms begin their letters so, and people paste what they want to be read.
    """
    lines = text.split("\n", MAX_LINES)
    kinds = [_OWN] * len(lines)
    first = original = _find_original(lines, kinds, 0)
    start = 0
    while original is not None:
        if not is_forward and not is_answer and not _is_introduced(lines, original):
            break
        if is_forward or not _has_own(lines, kinds, start, original):
            # Nothing of the sender's own stands above: what stands below may be the answer, so it is shown.
            start = _end_of_introduction(lines, original)
            kinds[original:start] = [_QUOTE] * (start - original)
            original = None if is_forward else _find_original(lines, kinds, start)
            continue
        kinds[original:] = [_QUOTE] * (len(lines) - original)
        break
    if not is_forward or first is None and any(line.strip() and not phrases.is_quoted(line) for line in lines):
        _fold_signature(lines, kinds)
        _fold_quoted_blocks(lines, kinds)
    reply, quoted, signature = (_joined(lines, kinds, wanted) for wanted in (_OWN, _QUOTE, _SIGNATURE))
    return Folded(reply, quoted, signature, "" if first is None else lines[first].strip() or lines[first + 1].strip())


def _is_introduced(lines: list[str], at: int) -> bool:
    """Does a marker or an "Ann wrote:" begin here, rather than headers that may be anybody's?"""
    if phrases.MARKER_LINE.match(lines[at]):
        return True
    return any(attribution(lines, n) for n in range(at, min(at + 4, len(lines))))


def _has_own(lines: list[str], kinds: list[int], start: int, until: int) -> bool:
    return any(kinds[n] == _OWN and lines[n].strip() and not phrases.is_quoted(lines[n]) for n in range(start, until))


def _end_of_introduction(lines: list[str], at: int) -> int:
    """The line behind the separator, header block or attribution that begins at `at`."""
    end = at + 1
    for n in range(at, min(at + 4, len(lines))):
        if lines[n].strip() and header_block(lines, n) is not None:
            return end_of_block(lines, n)
        if attribution(lines, n):
            end = n + 1
    return end


def end_of_block(lines: list[str], at: int) -> int:
    """The line behind the last header of the block that begins at `at`."""
    last = at
    for n in range(at, min(at + 30, len(lines))):
        if phrases.label_of(lines[n]) is not None:
            last = n
        elif not lines[n].strip() and n + 1 < len(lines) and phrases.label_of(lines[n + 1]) is None:
            return n if n > last else last + 1
        elif n - last > 3:
            return last + 1
    return last + 1


def _joined(lines: list[str], kinds: list[int], wanted: int) -> str:
    """The lines of one kind; a gap where another kind stood between them leaves one blank line."""
    out: list[str] = []
    for line, kind in zip(lines, kinds, strict=True):
        if kind == wanted and (line.strip() or out and out[-1].strip()):
            out.append(line.rstrip())
    return "\n".join(out).strip("\n")


def _find_original(lines: list[str], kinds: list[int], at: int) -> int | None:
    """The first line from which all the rest is somebody else's: a marker, a header
    block, or an attribution without '>' below.
    """
    while at < len(lines):
        line = lines[at]
        if not line.strip() or phrases.is_prose(line) or phrases.is_quoted(line):
            at += 1
            continue
        if phrases.MARKER_LINE.match(line):
            return at
        if phrases.is_original_line(line) or phrases.is_forwarded_line(line):
            return at
        if header_block(lines, at) is not None:
            return _with_rule(lines, at)
        span = attribution(lines, at)
        if span:
            begin, end = span
            following = _next_text(lines, end)
            if following is None or not phrases.is_quoted(lines[following]):
                return begin
            kinds[begin:end] = [_QUOTE] * (end - begin)
            at = end
            continue
        at += 1
    return None


def _with_rule(lines: list[str], at: int) -> int:
    """The line of dashes or underscores above a header block belongs to it."""
    before = at - 1
    while before >= 0 and at - before < 3 and not lines[before].strip():
        before -= 1
    return before if before >= 0 and (phrases.RULE_LINE.match(lines[before])) else at


def _next_text(lines: list[str], at: int) -> int | None:
    return next((i for i in range(at, min(at + 6, len(lines))) if lines[i].strip()), None)


def header_block(lines: list[str], at: int) -> dict[str, str] | None:
    """The labelled values of a quoted mail's headers that begin at this line, as {"from": …, "date": …}; None when
    it is none.

    From and two of Date, To, Subject must stand close together: "From: … To: …" alone also occurs in what people write.
    """
    first = phrases.label_of(lines[at])
    if first is None or first[0] not in ("from", "date", "to", "subject"):
        return None
    found: dict[str, str] = {}
    gap = 0
    last = ""
    for line in lines[at : at + 30]:
        label = phrases.label_of(line)
        if label is None:
            gap += 1
            if gap > 2:
                break
            if (
                line.strip()
                and last
                and (line[:1] in " \t<" or not found[last] or found[last].endswith((";", ",", "<")))
            ):
                found[last] = f"{found[last]} {line.strip()}".strip()
                gap = 0
            continue
        if label[0] in found and label[0] != "other":  # the next block
            break
        gap, last = 0, label[0]
        found.setdefault(label[0], label[1])
    told = {"date", "to", "subject"} & found.keys()
    if "from" in found and (len(told) >= 2 or told and phrases.HAS_EMAIL.search(found["from"])):
        return found
    return None


def attribution(lines: list[str], end: int) -> tuple[int, int] | None:
    """The span [begin, end) of an "On …, Ann wrote:" whose last line is `end`.

    Up to four lines, for clients wrap it.
    """
    last = lines[end]
    if len(last) > 500 or not phrases.closes_attribution(last):
        return None
    joined = ""
    for begin in range(end, max(end - 4, -1), -1):
        line = lines[begin]
        if (
            not line.strip()
            or begin != end
            and (phrases.closes_attribution(line) and phrases.WROTE.search(line) or phrases.is_quoted(line))
        ):
            break
        joined = f"{' '.join(line.split())} {joined}"
        if len(joined) > 600:
            break
        if _introduces(joined, lines, end):
            return _whole_introduction(lines, begin), end + 1
    return None


def _introduces(text: str, lines: list[str], end: int) -> bool:
    if phrases.BARE_ATTRIBUTION.match(text):
        return True
    date, email = phrases.HAS_DATE.search(text), phrases.HAS_EMAIL.search(text)
    if phrases.WROTE.search(text):
        if date and (email or phrases.ATTRIBUTION_START.match(text) or len(text) < 150):
            return True
        following = _next_text(lines, end + 1)
        quoted = following is not None and phrases.is_quoted(lines[following])
        return bool(email) and (quoted or len(text) < 120) or quoted
    return bool(date and email) and phrases.ATTRIBUTION_START.match(text) is not None and len(text) < 250


def _whole_introduction(lines: list[str], begin: int) -> int:
    """Take in the wrapped first lines: "On Mon, 3 Nov 2025 at 10:00," above "Ann <ann@…> wrote:"."""
    if phrases.ATTRIBUTION_START.match(lines[begin]) and phrases.HAS_DATE.search(lines[begin]):
        return begin
    for earlier in range(begin - 1, max(begin - 4, -1), -1):
        if not lines[earlier].strip() or phrases.is_quoted(lines[earlier]):
            break
        if phrases.ATTRIBUTION_START.match(lines[earlier]) and phrases.HAS_DATE.search(" ".join(lines[earlier:begin])):
            return earlier
    return begin


def _fold_quoted_blocks(lines: list[str], kinds: list[int]) -> None:
    """Fold '>' blocks; those between several answers stay, for the answers make no sense without them."""
    blocks: list[tuple[int, int]] = []
    until = len(lines)
    at = 0
    while at < until:
        if kinds[at] == _OWN and phrases.is_quoted(lines[at]):
            begin = end = at
            while at < until and (phrases.is_quoted(lines[at]) or not lines[at].strip()):
                if lines[at].strip():
                    end = at
                at += 1
            blocks.append((begin, end + 1))
        else:
            at += 1
    answered = [
        i
        for i, (_, end) in enumerate(blocks)
        if any(
            kinds[n] == _OWN and lines[n].strip()
            for n in range(end, blocks[i + 1][0] if i + 1 < len(blocks) else until)
        )
    ]
    kept = set(answered) if len(answered) > 1 else set()
    for i, (begin, end) in enumerate(blocks):
        if i not in kept:
            kinds[begin:end] = [_QUOTE] * (end - begin)


def _fold_signature(lines: list[str], kinds: list[int]) -> None:
    """From the delimiter "-- " (RFC 3676, 4.3), a list's footer under a rule, or a
    phone's own line, to the end of the own text.
    """
    own = [n for n, line in enumerate(lines) if kinds[n] == _OWN and line.strip() and not phrases.is_quoted(line)]
    begin = None
    for position, n in enumerate(own):
        rest = len(own) - position
        if not position or rest > MAX_SIGNATURE_LINES:
            continue
        if phrases.SIGNATURE_LINE.match(lines[n]) or rest <= MAX_FOOTER_LINES and phrases.FOOTER_RULE.match(lines[n]):
            begin = position
            break
    stop = len(own) if begin is None else begin
    while stop > 1 and (
        phrases.is_sent_from(lines[own[stop - 1]]) or stop < len(own) and phrases.RULE_LINE.match(lines[own[stop - 1]])
    ):
        stop -= 1
    # a phone's line alone between blank lines, with more below it
    for n in own[1:]:
        if (
            not lines[n - 1].strip()
            and (n + 1 == len(lines) or not lines[n + 1].strip())
            and phrases.is_sent_from(lines[n])
        ):
            kinds[n] = _SIGNATURE
    for n in range(own[stop], own[-1] + 1) if stop < len(own) else ():
        if kinds[n] == _OWN and not phrases.is_quoted(lines[n]):
            kinds[n] = _SIGNATURE
