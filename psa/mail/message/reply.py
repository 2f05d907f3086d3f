"""What the person wrote now, what was quoted and what is signature. Folding sorts the lines of a text into three; none is ever lost."""
from __future__ import annotations

from dataclasses import dataclass

from psa.mail.message import phrases

MAX_LINES = 50_000
MAX_SIGNATURE_LINES = 25

_OWN, _QUOTE, _SIGNATURE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Folded:
    """The three stretches of a text, and where (line number) an introduced original begins, None when nothing introduces one."""

    reply: str
    quoted: str
    signature: str
    original: int | None


def fold(text: str, *, is_forward: bool = False) -> Folded:
    """Sort every line of `text`. With `is_forward` the original below stays with the reply: it is what the person wants read."""
    lines = text.split("\n", MAX_LINES)
    kinds = [_OWN] * len(lines)
    original = _find_original(lines, kinds)
    if original is not None and not is_forward:
        kinds[original:] = [_QUOTE] * (len(lines) - original)
    until = original if original is not None else len(lines)
    _fold_quoted_blocks(lines, kinds, until)
    _fold_signature(lines, kinds, until)
    if not any(kind == _OWN and line.strip() for kind, line in zip(kinds, lines, strict=True)) and original in (None, 0) and not _has_quotes(lines):
        kinds = [_OWN] * len(lines)                         # nothing but an introduction: no reply to show, so show it all
    return Folded(_joined(lines, kinds, _OWN), _joined(lines, kinds, _QUOTE), _joined(lines, kinds, _SIGNATURE), original)


def _has_quotes(lines: list[str]) -> bool:
    return any(phrases.QUOTED_LINE.match(line) for line in lines)


def _joined(lines: list[str], kinds: list[int], wanted: int) -> str:
    """The lines of one kind; a gap where another kind stood between them leaves one blank line."""
    out: list[str] = []
    for line, kind in zip(lines, kinds, strict=True):
        if kind == wanted and (line.strip() or out and out[-1].strip()):
            out.append(line.rstrip())
    return "\n".join(out).strip("\n")


def _find_original(lines: list[str], kinds: list[int]) -> int | None:
    """The first line from which all the rest is somebody else's: a marker, a header block, or an attribution without '>' below."""
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip() or phrases.QUOTED_LINE.match(line):
            at += 1
            continue
        if phrases.MARKER_LINE.match(line):
            return at
        if len(line) < 300 and (phrases.ORIGINAL_LINE.match(line) or phrases.FORWARDED_LINE.match(line)):
            return at
        if header_block(lines, at) is not None:
            return _with_rule(lines, at)
        span = attribution(lines, at)
        if span:
            begin, end = span
            following = _next_text(lines, end)
            if following is None or not phrases.QUOTED_LINE.match(lines[following]):
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
    """The labelled values of a quoted mail's headers that begin at this line, as {"from": …, "date": …}; None when it is none.

    From and two of Date, To, Subject must stand close together: "From: … To: …" alone also occurs in what people write.
    """
    first = phrases.label_of(lines[at])
    if first is None or first[0] not in ("from", "date", "to", "subject"):
        return None
    found: dict[str, str] = {}
    gap = 0
    last = ""
    for line in lines[at:at + 30]:
        label = phrases.label_of(line)
        if label is None:
            gap += 1
            if gap > 2:
                break
            if line.strip() and last and (line[:1] in " \t<" or not found[last] or found[last].endswith((";", ",", "<"))):
                found[last] = f"{found[last]} {line.strip()}".strip()
                gap = 0
            continue
        gap, last = 0, label[0]
        found.setdefault(label[0], label[1])
    told = {"date", "to", "subject"} & found.keys()
    if "from" in found and (len(told) >= 2 or told and phrases.HAS_EMAIL.search(found["from"])):
        return found
    return None


def attribution(lines: list[str], end: int) -> tuple[int, int] | None:
    """The span [begin, end) of an "On …, Ann wrote:" whose last line is `end`; up to four lines, for clients wrap it."""
    last = lines[end]
    if len(last) > 500 or not phrases.ATTRIBUTION_END.search(last):
        return None
    joined = ""
    for begin in range(end, max(end - 4, -1), -1):
        line = lines[begin]
        if not line.strip() or begin != end and (phrases.ATTRIBUTION_END.search(line) and phrases.WROTE.search(line) or phrases.QUOTED_LINE.match(line)):
            break
        joined = f"{line.strip()} {joined}"
        if len(joined) > 600:
            break
        if _introduces(joined, lines, end):
            return _whole_introduction(lines, begin), end + 1
    return None


def _introduces(text: str, lines: list[str], end: int) -> bool:
    date, email = phrases.HAS_DATE.search(text), phrases.HAS_EMAIL.search(text)
    if phrases.WROTE.search(text):
        if date and (email or phrases.ATTRIBUTION_START.match(text) or len(text) < 150):
            return True
        following = _next_text(lines, end + 1)
        quoted = following is not None and phrases.QUOTED_LINE.match(lines[following]) is not None
        return bool(email) and (quoted or len(text) < 120) or quoted
    return bool(date and email) and phrases.ATTRIBUTION_START.match(text) is not None and len(text) < 250


def _whole_introduction(lines: list[str], begin: int) -> int:
    """Take in the wrapped first lines: "On Mon, 3 Nov 2025 at 10:00," above "Ann <ann@…> wrote:"."""
    if phrases.ATTRIBUTION_START.match(lines[begin]) and phrases.HAS_DATE.search(lines[begin]):
        return begin
    for earlier in range(begin - 1, max(begin - 4, -1), -1):
        if not lines[earlier].strip() or phrases.QUOTED_LINE.match(lines[earlier]):
            break
        if phrases.ATTRIBUTION_START.match(lines[earlier]) and phrases.HAS_DATE.search(" ".join(lines[earlier:begin])):
            return earlier
    return begin


def _fold_quoted_blocks(lines: list[str], kinds: list[int], until: int) -> None:
    """Fold '>' blocks; those between several answers stay, for the answers make no sense without them."""
    blocks: list[tuple[int, int]] = []
    at = 0
    while at < until:
        if kinds[at] == _OWN and phrases.QUOTED_LINE.match(lines[at]):
            begin = end = at
            while at < until and (phrases.QUOTED_LINE.match(lines[at]) or not lines[at].strip()):
                if lines[at].strip():
                    end = at
                at += 1
            blocks.append((begin, end + 1))
        else:
            at += 1
    answered = [
        i for i, (_, end) in enumerate(blocks)
        if any(kinds[n] == _OWN and lines[n].strip() for n in range(end, blocks[i + 1][0] if i + 1 < len(blocks) else until))]
    kept = set(answered) if len(answered) > 1 else set()
    for i, (begin, end) in enumerate(blocks):
        if i not in kept:
            kinds[begin:end] = [_QUOTE] * (end - begin)


def _fold_signature(lines: list[str], kinds: list[int], until: int) -> None:
    """From the delimiter "-- " (RFC 3676, 4.3) or a phone's own line to the end of the own text."""
    own = [n for n in range(until) if kinds[n] == _OWN and lines[n].strip()]
    for position, n in enumerate(own):
        if phrases.SIGNATURE_LINE.match(lines[n]) and len(own) - position <= MAX_SIGNATURE_LINES and position:
            for m in range(n, until):
                if kinds[m] == _OWN:
                    kinds[m] = _SIGNATURE
            return
    for n in own[-4:]:
        if phrases.SENT_FROM.match(lines[n]) and len(lines[n]) < 150 and len(own) > 1:
            for m in range(n, until):
                if kinds[m] == _OWN and (m == n or m in own):
                    kinds[m] = _SIGNATURE
            return
