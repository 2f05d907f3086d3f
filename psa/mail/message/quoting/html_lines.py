"""HTML as the lines that a reader sees, each knowing the pieces it is made of and what the structure says of it, so
that lines can be left out of the HTML again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from psa.mail.message.html.markup import BLOCKS, CELLS, VOID, Event, Source, elements
from psa.mail.message.quoting.html_roles import Role, role_of
from psa.mail.message.quoting.reply import Marks

_APART = frozenset("p ul ol dl blockquote pre h1 h2 h3 h4 h5 h6 table".split())
_PRESERVED = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)(?!-line)", re.I)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_RULE = "_" * 32


@dataclass(slots=True)
class HtmlLines:
    """`lines[line_of[n]]` holds what event `n` shows; -1 for events that show nothing."""

    events: list[Event] = field(default_factory=list)
    line_of: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    quoted: list[bool] = field(default_factory=list)
    surely: list[bool] = field(default_factory=list)
    introduction: list[bool] = field(default_factory=list)
    signature: list[bool] = field(default_factory=list)
    pictures: list[bool] = field(default_factory=list)
    cut: int | None = None

    def marks(self, size: int) -> Marks:
        """What the structure says of the first `size` lines."""
        told = (self.quoted, self.surely, self.introduction, self.signature)
        quoted, surely, introduction, signature = (marks[:size] for marks in told)
        return Marks(quoted, surely, introduction, signature, self.cut)


def read_lines(source: Source) -> HtmlLines:
    """The lines of an HTML body. In time linear in its size."""
    events = elements(source)
    return _Reader(_roles(events)).read(events)


def without_lines(page: HtmlLines, is_kept: Callable[[int], bool]) -> list[Event]:
    """The HTML of the lines that are kept, without style sheets and without elements of which nothing is left."""
    out: list[Event] = []
    starts: list[int] = []
    dropped: list[bool] = [False]
    kept: list[bool] = [False]
    for event, line in zip(page.events, page.line_of, strict=True):
        kind, value, _ = event
        if kind == "style":
            continue
        if kind == "open" and value not in VOID:
            starts.append(len(out))
            dropped.append(False)
            kept.append(False)
            out.append(event)
        elif kind == "close":
            start = starts.pop()
            was_dropped, was_kept = dropped.pop(), kept.pop()
            dropped[-1] = dropped[-1] or was_dropped
            kept[-1] = kept[-1] or was_kept
            if was_dropped and not was_kept:
                del out[start:]
            else:
                out.append(event)
        elif line >= 0 and not is_kept(line):
            dropped[-1] = True
        else:
            out.append(event)
            kept[-1] = kept[-1] or (bool(value.strip("\xa0 \t\r\n")) if kind == "text" else value in ("img", "hr"))
    return out


def _roles(events: Sequence[Event]) -> dict[int, Role]:
    """The roles of the elements that open with these events. A wrapper without a blockquote right within is a quote."""
    roles: dict[int, Role] = {}
    transparent: set[int] = set()
    stack: list[int] = []
    for n, (kind, name, attributes) in enumerate(events):
        if kind == "open":
            roles[n] = role_of(name, attributes)
            if name == "blockquote":
                transparent.update(stack[-3:])
            if name not in VOID:
                stack.append(n)
        elif kind == "close":
            stack.pop()
    for n, role in roles.items():
        if role == "wrapper":
            roles[n] = "" if n in transparent else "quote"
    return roles


class _Reader:
    def __init__(self, roles: dict[int, Role]) -> None:
        self.roles = roles
        self.page = HtmlLines()
        self.pieces: list[str] = []
        self.pending: list[int] = []  # the events of the line in the making
        self.pre = False
        self.depth: dict[str, int] = {"quote": 0, "blockquote": 0, "introduction": 0, "signature": 0}
        self.picture = False

    def read(self, events: Sequence[Event]) -> HtmlLines:
        stack: list[tuple[str, Role, bool]] = []
        for n, event in enumerate(events):
            kind, name, attributes = event
            if kind == "text":
                self.text(event)
            elif kind == "style":
                self.take(event)
            elif kind == "open":
                role = self.roles.get(n, "")
                if name in VOID:
                    self.single(event, role)
                    continue
                stack.append((name, role, self.pre))
                self.begin(event, role)
            else:
                name, role, self.pre = stack.pop()
                self.finish(event, name, role)
        self.end_line()
        return self.page

    def take(self, event: Event, shows: bool = False) -> None:
        self.page.events.append(event)
        self.page.line_of.append(-1)
        if shows:
            self.pending.append(len(self.page.events) - 1)

    def text(self, event: Event) -> None:
        if not self.pre:
            self.take(event, shows=True)
            self.pieces.append(event.value)
            return
        *whole, last = event.value.split("\n")
        for line in whole:
            self.take(Event("text", f"{line}\n", event.attributes), shows=True)
            self.pieces.append(line)
            self.end_line(is_hard=True)
        if last:
            self.take(Event("text", last, event.attributes), shows=True)
            self.pieces.append(last)

    def single(self, event: Event, role: Role) -> None:
        if event.value == "hr":
            self.end_line()
            self.mark_cut(role)
            self.take(event, shows=True)
            self.pieces.append(_RULE)
            self.end_line()
            return
        self.take(event, shows=True)
        if event.value == "br":
            self.end_line(is_hard=True)
        elif event.value == "img":
            self.picture = True

    def begin(self, event: Event, role: Role) -> None:
        name = event.value
        if name in BLOCKS or name in ("tr", "table", "caption") or role:
            self.end_line()
        elif name in CELLS and "".join(self.pieces).strip():
            self.pieces.append("\t")
        if name in _APART:
            self.gap()
        if role in self.depth:
            self.depth[role] += 1
        self.mark_cut(role)
        self.take(event)
        self.pre = self.pre or name == "pre" or _PRESERVED.search(event.attributes.get("style", "")) is not None

    def finish(self, event: Event, name: str, role: Role) -> None:
        if name in BLOCKS or name in ("tr", "table", "caption") or role:
            self.end_line()
        if role in self.depth:
            self.depth[role] -= 1
        self.take(event)
        if name in _APART:
            self.gap()

    def mark_cut(self, role: Role) -> None:
        if role == "from-here-on" and self.page.cut is None:
            self.page.cut = len(self.page.lines)

    def gap(self) -> None:
        if self.page.lines and self.page.lines[-1]:
            self.add("")

    def end_line(self, *, is_hard: bool = False) -> None:
        """Close the line in the making; without a hard break one that shows nothing is none."""
        if not (self.pieces or is_hard or self.picture):
            self.pending.clear()
            return
        text = "".join(self.pieces)
        line = text.rstrip() if self.pre else _BLANKS.sub(" ", text).strip()
        if line or is_hard or self.picture:
            for event in self.pending:
                self.page.line_of[event] = len(self.page.lines)
            self.add(line.replace("\xa0", " ").rstrip())
        self.pieces.clear()
        self.pending.clear()
        self.picture = False

    def add(self, line: str) -> None:
        page, depth = self.page, self.depth
        page.lines.append(line)
        page.quoted.append(depth["quote"] > 0 or depth["blockquote"] > 0)
        page.surely.append(depth["quote"] > 0)
        page.introduction.append(depth["introduction"] > 0 and not depth["quote"])
        page.signature.append(depth["signature"] > 0 and not depth["quote"])
        page.pictures.append(self.picture)
