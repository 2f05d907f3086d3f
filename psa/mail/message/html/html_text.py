"""HTML as text that reads well: lines and gaps where a browser shows them, lists, tables, quotes, links with their
targets. In one pass, nothing lost however deep or broken the markup is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from psa.mail.message.html.css import Declarations, Sheet, pixels, style_of
from psa.mail.message.html.links import target_beside
from psa.mail.message.html.markup import BLOCKS, CELLS, VOID, Event, Source, elements
from psa.mail.message.html.text_lines import Lines, Row, table_lines

MAX_TABLES = 15
RULE = "_" * 32  # as Outlook writes a line across the page

_APART = frozenset("p ul ol dl menu dir blockquote pre h1 h2 h3 h4 h5 h6 figure fieldset".split())
_BREAKING = frozenset({"block", "table", "flex", "grid", "list-item"})
_APART_FROM = 8  # pixels of margin from which it looks like an empty line
_TELLING = re.compile(r"none|hidden|opacity|font-size|font:|white-space|margin|display|border", re.I)
_FIRST_SIZE = re.compile(r"[\d.]+[a-z%]*", re.I)
_NO_WORDS = re.compile(
    r"\S+\.(?:png|jpe?g|gif|bmp|webp|svg|tiff?|heic)\S*|(?:image|img|photo|picture|logo|cid:|description:)[\W\d]*\S*",
    re.I,
)

Attributes = dict[str, str]
_NO_STYLE: Declarations = {}


def html_to_text(source: Source) -> str:
    """The text of an HTML body: what a browser shows of it, or all of it when it shows nothing."""
    events = elements(source)
    reader = _Reader(show_hidden=False)
    return reader.read(events) or (_Reader(show_hidden=True).read(events) if reader.has_hidden else "")


class _Open:
    """An open element: what is done, and put back as it was, when it closes."""

    __slots__ = ("apart", "first", "hidden", "is_block", "pre", "prefix", "tiny", "undo")

    def __init__(self, reader: _Reader) -> None:
        self.hidden, self.pre, self.tiny = reader.hidden, reader.pre, reader.tiny
        self.prefix, self.first = reader.out.prefix, reader.out.first
        self.is_block = self.apart = False
        self.undo: Callable[[], None] | None = None


class _Reader:
    """What is open at a place in the document, and the lines so far."""

    def __init__(self, *, show_hidden: bool) -> None:
        self.show_hidden = show_hidden
        self.out = Lines()
        self.outer: list[Lines] = []  # those of the cells around this one
        self.tables: list[list[Row]] = []
        self.lists: list[int | None] = []  # the number of the next item, None without numbers
        self.open: list[_Open] = []
        self.sheet = Sheet()
        self.hidden = self.pre = self.tiny = False
        self.has_hidden = False  # was anything left out so far?
        self.target = ""  # of the link that is open, and the text of it
        self.link_text: list[str] = []

    def read(self, events: Sequence[Event]) -> str:
        for kind, value, attributes in events:
            if kind == "text":
                self.write(value)
            elif kind == "open":
                self.begin(value, attributes)
            elif kind == "close":
                self.end()
            else:
                self.sheet.add(value)
        return "\n".join(self.out.finished())

    def write(self, text: str) -> None:
        if self.hidden or self.tiny:
            return
        if self.target:
            self.link_text.append(text)
        if self.pre:
            self.out.verbatim(text)
        else:
            self.out.words(text)

    def begin(self, name: str, attributes: Attributes) -> None:
        if name in _SINGLE:
            _SINGLE[name](self, attributes)
            return
        if name in VOID:
            return
        opened = _Open(self)
        self.open.append(opened)
        style = self.style(name, attributes) if attributes or self.sheet.rules else _NO_STYLE
        if style or "hidden" in attributes or name == "template":
            self.look(name, attributes, style)
        if self.hidden:
            return
        display = style.get("display", "").lower() if style else ""
        if (name in BLOCKS or display in _BREAKING and name not in CELLS) and not display.startswith("inline"):
            opened.is_block = True
            before = False
            if style or name in _APART:
                before, opened.apart = _gaps(name, style, bool(self.lists))
            self.out.end_block()
            if before and not (self.lists and self.out.first):
                self.out.want_gap()
        elif name in BLOCKS:
            self.out.words(" ")
        begin = _BEGIN.get(name)
        if begin is not None:
            opened.undo = begin(self, attributes, style)

    def end(self) -> None:
        opened = self.open.pop()
        if opened.undo is not None:
            opened.undo()
        if opened.is_block:
            self.out.end_block()
        self.out.prefix = opened.prefix
        if self.out.first:  # nothing was written that its mark could have stood before
            self.out.first = opened.first
        if opened.apart:
            self.out.want_gap()
        self.hidden, self.pre, self.tiny = opened.hidden, opened.pre, opened.tiny

    # -- what an element looks like
    def style(self, name: str, attributes: Attributes) -> Declarations:
        if self.sheet.rules or "style" in attributes and _TELLING.search(attributes["style"]):
            return style_of(name, attributes, self.sheet)
        return {}

    def look(self, name: str, attributes: Attributes, style: Declarations) -> None:
        """Is it to be seen, and do its blanks count?"""
        if not self.show_hidden and (name == "template" or "hidden" in attributes or _is_hidden(style)):
            self.hidden = self.has_hidden = True
        size = style.get("font-size") or style.get("font", "")
        number = _FIRST_SIZE.search(size)
        height = pixels(number[0]) if number else None
        if height is not None:
            self.tiny = height <= 1 and not self.show_hidden
            self.has_hidden = self.has_hidden or self.tiny
        space = style.get("white-space", "").lower()
        if space:
            self.pre = space.startswith(("pre", "break"))

    # -- elements
    def line_break(self, _: Attributes) -> None:
        if not self.hidden:
            self.out.end_line()

    def rule(self, _: Attributes) -> None:
        if not self.hidden and self.out.last_line() != RULE:
            self.out.put([RULE])

    def image(self, attributes: Attributes) -> None:
        words = " ".join(attributes.get("alt", "").split())
        if not words or _NO_WORDS.fullmatch(words) or self.hidden:
            return
        is_sign = len(words) < 4 and not words.isascii()  # an emoji drawn as a picture
        self.write(words if is_sign else f"[{words}]")

    def begin_link(self, attributes: Attributes, _: Declarations) -> Callable[[], None]:
        self.target, self.link_text = attributes.get("href", ""), []
        return self.end_link

    def end_link(self) -> None:
        beside = target_beside(self.target, "".join(self.link_text)) if self.target else None
        self.target = ""
        if beside:
            self.out.words(f" <{beside}>{' ' if self.out.space else ''}")

    def begin_quotation(self, _: Attributes, __: Declarations) -> Callable[[], None]:
        self.write("“")
        return lambda: self.write("”")

    def begin_pre(self, _: Attributes, __: Declarations) -> None:
        self.pre = self.out.after_pre = True

    def begin_blockquote(self, attributes: Attributes, style: Declarations) -> None:
        # Gmail and others indent with a blockquote that has no border: that quotes nobody.
        border = style.get("border", "")
        is_indent = border.startswith(("none", "0")) and "border-left" not in style and "type" not in attributes
        mark = "    " if is_indent else "> "
        self.out.indent(mark, mark)

    def begin_list(self, attributes: Attributes, _: Declarations) -> Callable[[], None]:
        self.lists.append(None)
        return self.end_list

    def begin_numbers(self, attributes: Attributes, _: Declarations) -> Callable[[], None]:
        start = attributes.get("start", "")
        self.lists.append(int(start) if start.isdecimal() and len(start) < 9 else 1)
        return self.end_list

    def end_list(self) -> None:
        self.lists.pop()

    def begin_item(self, attributes: Attributes, _: Declarations) -> Callable[[], None]:
        number = self.lists[-1] if self.lists else None
        mark = "- "
        if number is not None:
            own = attributes.get("value", "")
            number = int(own) if own.isdecimal() and len(own) < 9 else number
            self.lists[-1] = number + 1
            mark = f"{number}. "
        self.out.indent(mark, " " * len(mark))
        return self.end_item

    def end_item(self) -> None:
        self.out.end_block()
        self.out.gap = None  # paragraphs stand apart within an item, items do not

    def begin_definition(self, _: Attributes, __: Declarations) -> None:
        self.out.indent("  ", "  ")

    # -- tables
    def begin_table(self, _: Attributes, __: Declarations) -> Callable[[], None]:
        self.out.end_block()
        self.tables.append([])
        return self.end_table

    def end_table(self) -> None:
        rows = self.tables.pop()
        if len(self.tables) >= MAX_TABLES:
            self.out.end_block()
            return
        lines = table_lines(rows)
        if len(lines) > 1:
            self.out.want_gap()
        self.out.put(lines)
        if len(lines) > 1:
            self.out.want_gap()

    def begin_row(self, _: Attributes, __: Declarations) -> None:
        self.tables[-1].append([])

    def begin_cell(self, _: Attributes, __: Declarations) -> Callable[[], None]:
        if len(self.tables) > MAX_TABLES:
            self.out.end_block()
            return self.out.end_block
        self.outer.append(self.out)
        self.out = Lines()
        return self.end_cell

    def begin_caption(self, attributes: Attributes, style: Declarations) -> Callable[[], None]:
        self.begin_row(attributes, style)
        return self.begin_cell(attributes, style)

    def end_cell(self) -> None:
        lines = self.out.finished()
        self.out = self.outer.pop()
        self.tables[-1][-1].append(lines)


_SINGLE: dict[str, Callable[[_Reader, Attributes], None]] = {
    "br": _Reader.line_break,
    "hr": _Reader.rule,
    "img": _Reader.image,
    "wbr": lambda reader, attributes: None,
}
_BEGIN: dict[str, Callable[[_Reader, Attributes, Declarations], Callable[[], None] | None]] = {
    "a": _Reader.begin_link,
    "q": _Reader.begin_quotation,
    "pre": _Reader.begin_pre,
    "blockquote": _Reader.begin_blockquote,
    "ul": _Reader.begin_list,
    "menu": _Reader.begin_list,
    "dir": _Reader.begin_list,
    "ol": _Reader.begin_numbers,
    "li": _Reader.begin_item,
    "dd": _Reader.begin_definition,
    "table": _Reader.begin_table,
    "tr": _Reader.begin_row,
    "td": _Reader.begin_cell,
    "th": _Reader.begin_cell,
    "caption": _Reader.begin_caption,
}


def _is_hidden(style: Declarations) -> bool:
    if style.get("display", "").lower().startswith("none") or style.get("visibility", "").lower().startswith("hidden"):
        return True
    if "hidden" in style.get("overflow", "").lower() and any(
        pixels(style.get(size, "")) == 0 for size in ("max-height", "height", "max-width", "width")
    ):
        return True
    return pixels(style.get("opacity", "")) == 0


def _gaps(name: str, style: Declarations, in_list: bool) -> tuple[bool, bool]:
    """Is there to be an empty line before and after an element?"""
    apart = name in _APART and not (in_list and name in ("ul", "ol", "menu", "dir"))
    around = style.get("margin", "").split()
    before = style.get("margin-top") or (around[0] if around else "")
    after = style.get("margin-bottom") or (around[2] if len(around) > 2 else around[0] if around else "")
    return _is_gap(before, apart), _is_gap(after, apart) and name != "li"


def _is_gap(margin: str, default: bool) -> bool:
    length = pixels(margin) if margin else None
    return default if length is None else length >= _APART_FROM
