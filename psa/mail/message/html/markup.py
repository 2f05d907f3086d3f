"""HTML read as events in one pass whose time is linear in its size: tokens as browsers cut them (HTML standard,
13.2.5), elements properly nested whatever the markup does. Nothing here makes anything safe.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

MAX_ATTRIBUTES = 100
MAX_DEPTH = 400  # of elements within each other; browsers stop at 512
MAX_TAGS = 10_000
MOST_TAGS = 200_000  # however long the document is: what is read of them is kept in memory
MAX_ROWS = 5_000  # of what is read without its tags
LETTERS_FOR_A_TAG = 16  # in a document with more tags than that: no page has so few between them all along

Kind = Literal["open", "close", "text", "style"]


class Event(NamedTuple):
    """`value` is an element's name, a stretch of text, or the content of a style sheet."""

    kind: Kind
    value: str
    attributes: dict[str, str]


Source = str | Sequence[Event]  # markup, or the events that `elements` made of it

_NONE: dict[str, str] = {}

VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track video wbr".split()
)
BLOCKS = frozenset(
    """address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer
    h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre search section summary ul""".split()
)
INLINE = frozenset(
    """a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q rp rt ruby s samp small span strike strong sub
    sup template time tt u var""".split()
)
SECTIONS = frozenset({"tbody", "thead", "tfoot"})
CELLS = frozenset({"td", "th", "caption"})
TABLE_PARTS = SECTIONS | CELLS | {"table", "tr"}
_KNOWN = BLOCKS | INLINE | TABLE_PARTS
# One event for all tags that say nothing else.
_OPEN = {name: Event("open", name, _NONE) for name in _KNOWN | VOID}
_CLOSE = {name: Event("close", name, _NONE) for name in _KNOWN}
_BLANK = Event("text", " ", _NONE)
# Their content is no markup. What of it is words for the reader is handed on as text.
_RAW = {"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"}
_RAW_SHOWN = {"textarea", "xmp"}

_TAG = re.compile(r"<(?:(/?)([a-zA-Z][^\s/><]*)|(?=[!?/]))")
_SCHEMES = ("http:", "https:", "mailto:")
_NO_MARKUP = re.compile(r"<(?:!--|(script|style|title|iframe|noembed|noframes)(?=[\s/>]))", re.I)
_ROW_END = re.compile(r"(?:<br|</(?:tr|p|div|li|h[1-6]))(?=[\s/>])[^<>]*>?", re.I)
_ANY_TAG = re.compile(r"<(?![\w.+-]*@)[a-zA-Z/!?][^<>]*>?")  # but no address that nobody escaped
_ATTRIBUTE = re.compile(
    r"""[\s/]*([^\s/><][^\s/><=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)|(?=["'>])))?"""
)
_TAG_END = re.compile(r"[\s/]*>?")
_ENTITY = re.compile(r"&(#?\w{1,40})(;?)(?=(.?))")


def elements(source: Source) -> Sequence[Event]:
    """The events of a document: each `open` has its `close`, but for VOID elements.

    Elements that nobody needs to tell apart (html, form, o:p, …) are left out, their content is not. Content between
    the cells of a table is given a cell. Beyond MAX_DEPTH elements are left out too.
    """
    return _Nest().read(source) if isinstance(source, str) else source


def most_tags(markup: str) -> int:
    """How many tags of a document are read; of what stands behind them only the words are."""
    return min(MAX_TAGS + len(markup) // LETTERS_FOR_A_TAG, MOST_TAGS)


def tokens(markup: str) -> Iterator[Event]:
    """Tags, texts and style sheets as they stand; comments, scripts and declarations are left out."""
    at, ends = 0, _Ends(markup)
    most = most_tags(markup)
    is_crowded = markup.count("<") > most
    while found := _TAG.search(markup, at):
        tag = found.start()
        if tag > at:
            yield Event("text", unescape(markup[at:tag]), _NONE)
        at = found.end()
        name = found[2]
        if name is None:
            at = _behind_no_tag(markup, tag, ends)
            if at == tag:
                yield Event("text", "<", _NONE)
                at = tag + 1
            continue
        name = name.lower()
        attributes = _NONE
        if "@" in name or ":" in name and name.startswith(_SCHEMES):  # an address that nobody escaped
            yield Event("text", "<", _NONE)
            at = tag + 1
            continue
        if markup.startswith(">", at):
            at += 1
        else:
            attributes, at = read_attributes(markup, at)
        if is_crowded:
            most -= 1
            if most < 0:
                yield from _words(markup, tag, ends)
                return
        if found[1]:
            yield _CLOSE.get(name) or Event("close", name, _NONE)
            continue
        yield (_OPEN.get(name) if not attributes else None) or Event("open", name, attributes)
        if name in _RAW:
            begin, at = at, ends.of_raw(name, at)
            if name == "style":
                yield Event("style", markup[begin:at], _NONE)
            elif name in _RAW_SHOWN and at > begin:
                yield Event("text", unescape(markup[begin:at]), _NONE)
    if at < len(markup):
        yield Event("text", unescape(markup[at:]), _NONE)


def _words(markup: str, at: int, ends: _Ends) -> Iterator[Event]:
    """What stands between the tags from `at` on, in rows."""
    rows = MAX_ROWS
    while at < len(markup):
        found = _NO_MARKUP.search(markup, at)
        stop = found.start() if found else len(markup)
        for row in _ROW_END.split(markup[at:stop], max(rows, 1)):
            words = _ANY_TAG.sub(" ", row)
            if words.strip():
                rows -= 1
                yield Event("text", unescape(words), _NONE)
                yield _OPEN["br"]
        if found is None:
            return
        name = found[1]
        at = ends.of_comment(stop + 4) if name is None else max(ends.of_raw(name.lower(), found.end()), found.end())


def read_attributes(markup: str, at: int) -> tuple[dict[str, str], int]:
    """The attributes from `at` on, the first of two alike counts; and the place behind the tag."""
    attributes: dict[str, str] = {}
    while match := _ATTRIBUTE.match(markup, at):
        at = match.end()
        name = match[1].lower()
        if name not in attributes and len(attributes) < MAX_ATTRIBUTES:
            value = match[2] or match[3] or match[4] or ""
            attributes[name] = _unescape_value(value) if "&" in value else value
    end = _TAG_END.match(markup, at)
    return attributes, end.end() if end else at


def unescape(text: str) -> str:
    return html.unescape(text) if "&" in text else text


def _unescape_value(value: str) -> str:
    """In attributes "&copy=1" is no ©: a name without a semicolon counts only before what ends a word."""

    def character(match: re.Match[str]) -> str:
        if match[2] or match[1].startswith("#") or not (match[3].isalnum() or match[3] == "="):
            return html.unescape(match[0])
        return match[0]

    return _ENTITY.sub(character, value)


def _behind_no_tag(markup: str, at: int, ends: _Ends) -> int:
    """The place behind a comment or declaration, or `at` when the "<" is only a character."""
    following = markup[at + 1 : at + 2]
    if markup.startswith("<!--", at):
        return ends.of_comment(at + 4)
    if following in ("!", "?") or following == "/" and at + 2 < len(markup):
        stop = ends.find(">", at + 2)
        return len(markup) if stop < 0 else stop + 1
    return at


class _Ends:
    """Finds what ends things, and remembers what occurs no more, so that hostile text is not searched again."""

    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.absent: set[str] = set()
        self.lower = ""

    def find(self, what: str, at: int) -> int:
        if what in self.absent:
            return -1
        found = self.markup.find(what, at)
        if found < 0:
            self.absent.add(what)
        return found

    def of_comment(self, at: int) -> int:
        """Behind the comment whose content begins at `at`; one without an end reaches to the next ">"."""
        for short in (">", "->"):
            if self.markup.startswith(short, at):
                return at + len(short)
        found = [(self.find(end, at), len(end)) for end in ("-->", "--!>")]
        ends = [begin + size for begin, size in found if begin >= 0]
        if ends:
            return min(ends)
        stop = self.find(">", at)
        return len(self.markup) if stop < 0 else stop + 1

    def of_raw(self, name: str, at: int) -> int:
        """Where the content of a <script> and the like ends: without an end tag before the body, or it is none."""
        if not self.lower:
            self.lower = self.markup.lower()
            if len(self.lower) != len(self.markup):  # a letter that is two in lower case would shift all behind it
                self.lower = re.sub("[A-Z]", lambda m: m[0].lower(), self.markup)
        for end in (f"</{name}", "</head", "<body"):
            if end not in self.absent:
                found = self.lower.find(end, at)
                if found >= 0:
                    return found
                self.absent.add(end)
        return len(self.markup) if name == "script" else at


class _Table:
    """Where the parts of an open table stand among the open elements; -1 is nowhere."""

    __slots__ = ("at", "cell", "row", "section")

    def __init__(self, at: int) -> None:
        self.at = at
        self.section = self.row = self.cell = -1


class _Nest:
    """The open elements, and in `out` the events with those that they open and close beside themselves."""

    def __init__(self) -> None:
        self.out: list[Event] = []
        self.stack: list[str] = []
        # Where each name stands in the stack, apart for each table and cell: what is inside closes nothing outside.
        self.frames: list[tuple[int, dict[str, list[int]]]] = [(0, {})]
        self.tables: list[_Table] = []
        self.left_out: dict[str, int] = {}

    def read(self, markup: str) -> list[Event]:
        for event in tokens(markup):
            kind, name, _ = event
            if kind == "text":
                self.text(event)
            elif kind == "open":
                self.open(event)
            elif kind == "close":
                self.close(name)
            else:
                self.out.append(event)
        self.unwind(0)
        return self.out

    def text(self, event: Event) -> None:
        if self.tables and self.tables[-1].cell < 0:
            if not event.value.strip():
                return
            self.need_cell()
        self.out.append(event)

    def open(self, event: Event) -> None:
        name = event.value
        if name in TABLE_PARTS:
            self.open_table_part(event)
        elif name in VOID:
            if name == "hr":
                self.unwind_to("p")
            if name in ("br", "hr", "img", "wbr"):
                self.need_cell()
            self.out.append(event)
        elif name in _KNOWN:
            self.need_cell()
            if name in BLOCKS:
                self.unwind_to("p")
                if name in ("li", "dd", "dt"):
                    self.end_item(name)
            elif name == "a":
                self.unwind_to("a")
            self.push(event)

    def close(self, name: str) -> None:
        if self.left_out.get(name):
            self.left_out[name] -= 1
        elif name in TABLE_PARTS:
            self.close_table_part(name)
        elif name == "br":
            self.need_cell()
            self.out.append(_OPEN["br"])
        elif name in _KNOWN:
            if name == "p" and not self.where("p"):
                self.push(_OPEN["p"])
            self.unwind_to(name)

    # -- the stack
    def where(self, name: str) -> list[int] | None:
        return self.frames[-1][1].get(name)

    def push(self, event: Event) -> None:
        name = event.value
        if len(self.stack) >= MAX_DEPTH:
            self.left_out[name] = self.left_out.get(name, 0) + 1
            if name not in INLINE:
                self.out.append(_BLANK)
            return
        if name == "table" or name in CELLS:
            self.frames.append((len(self.stack), {}))
        self.frames[-1][1].setdefault(name, []).append(len(self.stack))
        self.stack.append(name)
        self.out.append(event)

    def unwind_to(self, name: str) -> None:
        places = self.where(name)
        if places:
            self.unwind(places[-1])

    def unwind(self, size: int) -> None:
        """Close the open elements from the top until `size` are left."""
        while len(self.stack) > size:
            name = self.stack.pop()
            begin, places = self.frames[-1]
            places[name].pop()
            if begin == len(self.stack) and len(self.frames) > 1:
                self.frames.pop()
            if name in TABLE_PARTS:
                self.forget_table_part(name)
            self.out.append(_CLOSE[name])

    def end_item(self, name: str) -> None:
        """An item ends the one before it, within its own list."""
        kin, lists = (("li",), ("ul", "ol", "menu", "dir")) if name == "li" else (("dd", "dt"), ("dl",))
        item = max((places[-1] for k in kin if (places := self.where(k))), default=-1)
        if item > max((places[-1] for x in lists if (places := self.where(x))), default=-1):
            self.unwind(item)

    # -- tables
    def need_cell(self) -> None:
        """What stands in a table outside its cells is given a cell of its own, in its place."""
        if self.tables and self.tables[-1].cell < 0:
            self.open_table_part(_OPEN["td"])

    def open_table_part(self, event: Event) -> None:
        name = event.value
        if name == "table":
            self.need_cell()
            self.unwind_to("p")
            at = len(self.stack)
            self.push(event)
            if len(self.stack) > at:
                self.tables.append(_Table(at))
            return
        if not self.tables:  # a cell without its table
            self.unwind_to("p")
            self.push(Event("open", "div", event.attributes))
            return
        table = self.tables[-1]
        if name in SECTIONS:
            self.unwind(table.at + 1)
            table.section = len(self.stack)
        elif name == "tr":
            self.unwind(max(table.at, table.section) + 1)
            table.row = len(self.stack)
        elif name == "caption":
            self.unwind(table.at + 1)
            table.cell = len(self.stack)
        else:
            if table.row < 0:
                self.open_table_part(_OPEN["tr"])
            self.unwind(max(table.row, table.at) + 1)
            table.cell = len(self.stack)
        self.push(event)
        if len(self.stack) <= max(table.section, table.row, table.cell):  # too deep to be opened
            self.forget_table_part(name)

    def close_table_part(self, name: str) -> None:
        if not self.tables:
            self.unwind_to("div")
            return
        table = self.tables[-1]
        place = table.at if name == "table" else table.section if name in SECTIONS else table.row
        if name in CELLS:
            place = table.cell
        if place >= 0:
            self.unwind(place)

    def forget_table_part(self, name: str) -> None:
        if name == "table":
            self.tables.pop()
        elif self.tables:
            part = "section" if name in SECTIONS else "cell" if name in CELLS else "row"
            setattr(self.tables[-1], part, -1)
