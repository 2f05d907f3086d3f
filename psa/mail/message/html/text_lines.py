"""Text set in lines, as a browser breaks and parts them, and the cells of a table beside or below each other."""

from __future__ import annotations

import re

MAX_PREFIX = 40  # what is indented further stands where it is
MAX_ROW = 300  # letters; what is longer reads better one below the other

Cell = list[str]
Row = list[Cell]

_BLANKS = re.compile(r"[ \t\n\r\f]+")
# Mail programs fill the preview of a message with these; soft hyphens and the like only trouble whoever searches.
_FILLER = re.compile(r"[\u00a0\u00ad\u034f\u180e\u2007\u200b-\u200d\u202f\u2060\ufeff \t]{2,}")
_INVISIBLE = re.compile(r"[\u200b\u00ad\u2060\ufeff\u034f]")
_UNSEEN = re.compile(r"[\u00ad\u034f\u180e\u200b-\u200d\u2060\ufeff]")
_NBSP = re.compile(r"[\u00a0\u2007]")
_ODD = re.compile(r"[\u00a0\u00ad\u034f\u180e\u2007\u200b-\u200d\u202f\u2060\ufeff]")
# Word writes its lists as paragraphs: a bullet from a symbol font, then blanks that cannot break.
_WORD_BULLET = re.compile(r"([·•§▪o]|\d{1,3}[.)]|[a-z][.)])[\u00a0 ]{2,}(?=\S)")


class Lines:
    """Lines in the making. `prefix` stands before each, `first` instead of it before the next one, when it is set."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.prefix = self.first = ""
        self.after_pre = False
        self.pieces: list[str] = []
        self.space = False
        self.gap: str | None = None  # the prefix of the empty line that is to come before the next one

    def words(self, text: str) -> None:
        """Running text: blanks and line ends are one blank."""
        text = _BLANKS.sub(" ", text)
        if text == " " or not text:
            self.space = self.space or bool(text)
            return
        if self.pieces and (self.space or text[0] == " "):
            self.pieces.append(" ")
        self.pieces.append(text.strip(" "))
        self.space = text[-1] == " "

    def verbatim(self, text: str) -> None:
        """Text whose blanks and line ends count."""
        if self.after_pre:
            text, self.after_pre = text.removeprefix("\n"), False
        first, *others = text.split("\n")
        if first:
            self.pieces.append(first)
        for line in others:
            self.end_line()
            if line:
                self.pieces.append(line)

    def end_line(self) -> None:
        """A line break: the line ends though nothing may stand on it."""
        self._write("".join(self.pieces))
        self.pieces.clear()
        self.space = False

    def end_block(self) -> None:
        """What follows begins on a line of its own."""
        if self.pieces:
            self.end_line()
        self.space = False

    def want_gap(self) -> None:
        """An empty line before what comes next; the outermost of several elements that want one says how it begins."""
        prefix = self.prefix.rstrip()
        if self.gap is None or len(prefix) < len(self.gap):
            self.gap = prefix

    def indent(self, mark: str, rest: str) -> None:
        """From here on lines begin with `rest`, the next one with `mark` instead."""
        if len(self.prefix) > MAX_PREFIX:
            return
        if self.first or mark != rest:
            self.first = ((self.first or self.prefix) + mark)[: 2 * MAX_PREFIX]
        self.prefix += rest

    def put(self, lines: list[str]) -> None:
        """Lines that were made elsewhere."""
        self.end_block()
        for line in lines:
            self._write(line)

    def last_line(self) -> str:
        """The line before this one, if that is empty so far."""
        return self.lines[-1].removeprefix(self.prefix) if self.lines and not self.pieces else ""

    def finished(self) -> list[str]:
        """All lines, without empty ones at either end."""
        self.end_block()
        begin, end = 0, len(self.lines)
        while begin < end and not self.lines[begin]:
            begin += 1
        while begin < end and not self.lines[end - 1]:
            end -= 1
        return self.lines[begin:end]

    def _write(self, line: str) -> None:
        if _ODD.search(line):
            line = visible(line)
        line = line.rstrip()
        if self.gap is not None:
            if line and self.lines and self.lines[-1].strip("> "):
                self.lines.append(self.gap)
            self.gap = None
        if line:
            self.lines.append(((self.first or self.prefix) + line).rstrip())
            self.first = ""
        elif len(self.lines) < 2 or self.lines[-1].strip("> ") or self.lines[-2].strip("> "):
            self.lines.append(self.prefix.rstrip())


def visible(line: str) -> str:
    """The line without signs that nobody sees; the lists of Word with the marks of lists."""
    bullet = _WORD_BULLET.match(line)
    if bullet is not None:
        line = f"{bullet[1] if bullet[1][-1] in '.)' else '-'} {line[bullet.end() :]}"
    line = _FILLER.sub(lambda run: " " if _UNSEEN.search(run[0]) else run[0], line)
    return _NBSP.sub(" ", _INVISIBLE.sub("", line))


def table_lines(rows: list[Row]) -> list[str]:
    """A table: rows of short cells on one line each, everything else cell by cell."""
    is_data = sum(_is_line(row) for row in rows) > 1
    lines: list[str] = []
    for row in rows:
        if _is_line(row):
            lines.append(_beside(row, " | ") if is_data else _beside([cell for cell in row if cell], "  "))
            continue
        for cell in row:
            if not cell:
                continue
            if lines and lines[-1] and (len(cell) > 1 or len(row) > 1 and not is_data):
                lines.append("")
            lines.extend(cell)
            if len(cell) > 1:
                lines.append("")
    return lines


def _is_line(row: Row) -> bool:
    """Does a row hold several cells that fit beside each other?"""
    return (
        sum(1 for cell in row if cell) > 1
        and all(len(cell) <= 1 for cell in row)
        and sum(len(cell[0]) for cell in row if cell) <= MAX_ROW
    )


def _beside(row: Row, rule: str) -> str:
    texts = [cell[0] if cell else "" for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    line = texts[0]
    for text in texts[1:]:
        line += (" " if line.endswith(":") else rule) + text
    return line
