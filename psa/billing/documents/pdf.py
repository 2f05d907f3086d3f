"""A document as PDF: the firm's logo and colour, lines that break over pages under a repeated head, sums, page numbers.

Imported only when one is drawn: the library is 17 MB that no server needs before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, partial
from io import BytesIO
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import getAscent
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table
from reportlab.platypus.doctemplate import LayoutError

from psa.admin.logo import is_drawable
from psa.billing.documents.document import Cell, Column, Document, Letterhead, Part, Sum, Undrawable
from psa.billing.documents.fonts import REGULAR, STRONG, font, marked_up, runs_of, width_of
from psa.billing.documents.reading_order import begins_from_right, is_read_from_right, lines_as_drawn

INK, FAINT, LINE = HexColor("#1d1e24"), HexColor("#5f6069"), HexColor("#dcdce0")
SIDE, TOP, BOTTOM = 20 * mm, 20 * mm, 24 * mm
# The window of a DL envelope (DIN 5008, form B) begins 45 mm from the top.
HEAD = 45 * mm - TOP
LOGO_WIDTH, LOGO_HEIGHT = 60 * mm, 18 * mm
SUMS_WIDTH = 80 * mm
# Below the top of the second page and each further one, where it says what it belongs to.
RUNNING_HEAD = 8 * mm
# An address, and how to pay, do not break over pages: what has more lines goes on in the last one.
MOST_LINES = 12


def pdf_of(document: Document) -> bytes:
    """The document as a file. The same document makes the same bytes. Raises Undrawable."""
    made = BytesIO()
    paper = LETTER if document.letter_size else A4
    page = Page(document, paper[0], paper[1])
    font(REGULAR), font(STRONG)
    template = BaseDocTemplate(
        made,
        pagesize=paper,
        title=document.name,
        author=document.letterhead.name,
        subject=f"{document.name} from {document.letterhead.name}",
        creator="PSA",
        lang="en",
        initialFontName=REGULAR,
        invariant=1,
        displayDocTitle=True,
    )
    frames = {
        "first": Frame(SIDE, BOTTOM, page.width, page.height - TOP - BOTTOM, 0, 0, 0, 0),
        "later": Frame(SIDE, BOTTOM, page.width, page.height - TOP - RUNNING_HEAD - BOTTOM, 0, 0, 0, 0),
    }
    template.addPageTemplates(
        [PageTemplate(name, [frame], autoNextPageTemplate="later") for name, frame in frames.items()]
    )
    try:
        template.build(page.story(), canvasmaker=partial(Numbered, page=page))
    except LayoutError as reason:
        raise Undrawable(
            f"{document.name} cannot be drawn: an address, or the words on how to pay, are longer than a page. "
            "Shorten them."
        ) from reason
    return made.getvalue()


def style(size: float = 9.5, leading: float = 13.5, name: str = REGULAR, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        "", fontName=name, fontSize=size, leading=leading, **({"textColor": INK, "splitLongWords": 1} | more)
    )


BODY = style()
SMALL = style(8, 11.5, textColor=FAINT)
RIGHT, SMALL_RIGHT = style(alignment=TA_RIGHT), style(8, 11.5, textColor=FAINT, alignment=TA_RIGHT)
BOLD, BOLD_RIGHT = style(name=STRONG), style(name=STRONG, alignment=TA_RIGHT)
TITLE, NAME = style(20, 25, STRONG), style(15, 19, STRONG)
COLUMN = style(8, 11, STRONG, textColor=FAINT)
COLUMN_RIGHT = style(8, 11, STRONG, textColor=FAINT, alignment=TA_RIGHT)
TOTAL, TOTAL_RIGHT = style(12, 16, STRONG), style(12, 16, STRONG, alignment=TA_RIGHT)


def paragraph(text: str, looks: ParagraphStyle = BODY) -> Flowable:
    if is_read_from_right(text):
        return FromRight(text, looks)
    return Paragraph(marked_up(text, looks.fontName), looks)


class FromRight(Flowable):  # type: ignore[misc]
    """A paragraph with words from right to left: which ones a line has, and so their order, is known at its width."""

    def __init__(self, text: str, looks: ParagraphStyle) -> None:
        super().__init__()
        self.text, self.looks = text, looks
        # Asked for several times at one width.
        self.at_width = cache(self.lines_at)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.lines = self.at_width(width)
        self.width, self.height = self.lines.wrap(width, height)
        return self.width, self.height

    def lines_at(self, width: float) -> Lines:
        name, size = self.looks.fontName, self.looks.fontSize
        lines = list(lines_as_drawn(self.text, width, lambda words: width_of(words, name, size)))
        # Lines that begin on the right begin below each other.
        goes_on = len(lines) > 1 and begins_from_right(self.text)
        return Lines(lines, self.looks.clone("", alignment=TA_RIGHT) if goes_on else self.looks)

    def split(self, width: float, height: float) -> list[Flowable]:
        return self.at_width(width).split(width, height)

    def draw(self) -> None:
        self.lines.drawOn(self.canv, 0, 0)


class Lines(Flowable):  # type: ignore[misc]
    """Lines that stay as they are: in no paragraph, which would break them once more whenever it is asked how high."""

    def __init__(self, lines: Sequence[str], looks: ParagraphStyle) -> None:
        super().__init__()
        self.lines, self.looks = lines, looks

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, len(self.lines) * self.looks.leading
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """As paragraphs do it: no first line stands alone at the foot of a page."""
        room = int(height / self.looks.leading)
        if room >= len(self.lines):
            return [self]
        return [Lines(part, self.looks) for part in (self.lines[:room], self.lines[room:])] if room > 1 else []

    def draw(self) -> None:
        looks = self.looks
        top = self.height - getAscent(looks.fontName, looks.fontSize)
        words = self.canv.beginText()
        words.setFillColor(looks.textColor)
        for at, line in enumerate(self.lines):
            free = self.width - width_of(line, looks.fontName, looks.fontSize) if looks.alignment == TA_RIGHT else 0
            words.setTextOrigin(free, top - at * looks.leading)
            for used, letters in runs_of(line, looks.fontName):
                words.setFont(used, looks.fontSize)
                words.textOut(letters)
        self.canv.drawText(words)


class Page:
    """The paper of a document: what flows over its pages, and what stands at the edge of each."""

    def __init__(self, document: Document, paper_width: float, paper_height: float) -> None:
        self.document = document
        self.paper_width, self.height = paper_width, paper_height
        self.width = paper_width - 2 * SIDE
        self.colour = HexColor(document.letterhead.colour)

    def story(self) -> list[Flowable]:
        document = self.document
        flow: list[Flowable] = [self.head(), self.beginning(), Spacer(0, 8 * mm)]
        if document.words:
            flow += [paragraph(document.words), Spacer(0, 6 * mm)]
        for part in document.parts:
            flow += self.lines_of(part)
        if document.payment:
            flow += [KeepTogether([self.payment()]), Spacer(0, 4 * mm)]
        flow += [paragraph(note, SMALL) for note in document.notes]
        return flow

    def head(self) -> Table:
        """The logo, or the firm's name, and its address."""
        head = self.document.letterhead
        who = [paragraph(head.name, BOLD_RIGHT)] if head.logo else []
        who += [paragraph(line, SMALL_RIGHT) for line in few(head.lines)]
        mark = picture(head) or paragraph(head.name, NAME)
        return Table(
            [[mark, who]],
            colWidths=[self.width * 0.55, self.width * 0.45],
            minRowHeights=[HEAD],
            style=[*NO_PADDING, ("VALIGN", (0, 0), (-1, -1), "TOP")],
        )

    def beginning(self) -> Table:
        """To whom, and beside it what it is."""
        name, *address = self.document.addressee or ("",)
        to = [paragraph(name, BOLD), *(paragraph(line) for line in few(address))]
        facts = Table(
            [[paragraph(words, SMALL), paragraph(value, RIGHT)] for words, value in self.document.facts],
            colWidths=[27 * mm, self.width * 0.45 - 27 * mm],
            style=[*NO_PADDING, ("VALIGN", (0, 0), (-1, -1), "BASELINE"), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5)],
        )
        what = [paragraph(self.document.title, TITLE), Spacer(0, 2 * mm), *([facts] if self.document.facts else [])]
        return Table(
            [[to, what]],
            colWidths=[self.width * 0.55, self.width * 0.45],
            style=[*NO_PADDING, ("VALIGN", (0, 0), (-1, -1), "TOP")],
        )

    def lines_of(self, part: Part) -> list[Flowable]:
        heading = [paragraph(part.heading, BOLD), Spacer(0, 2 * mm)] if part.heading else []
        if not part.rows:
            return [*heading, self.sums(part.sums), Spacer(0, 8 * mm)]
        table = Table(
            [[self.column_head(column) for column in part.columns], *(cells(part.columns, row) for row in part.rows)],
            colWidths=widths(part.columns, self.width),
            repeatRows=1,
            splitInRow=1,
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
                ("LINEBELOW", (0, 0), (-1, 0), 1, self.colour),
                ("LINEBELOW", (0, 1), (-1, -1), 0.5, LINE),
            ],
        )
        return [*heading, table, Spacer(0, 3 * mm), KeepTogether([self.sums(part.sums)]), Spacer(0, 8 * mm)]

    def column_head(self, column: Column) -> Flowable:
        return paragraph(column.head, COLUMN_RIGHT if column.figures else COLUMN)

    def sums(self, sums: Sequence[Sum]) -> Table:
        rows, looks = [], [*NO_PADDING, ("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 3)]
        for at, one in enumerate(sums):
            left, right = (TOTAL, TOTAL_RIGHT) if one.strong else (BODY, RIGHT)
            rows.append([paragraph(one.words, left), paragraph(one.amount, right)])
            if one.strong:
                looks += [("LINEABOVE", (0, at), (-1, at), 1, self.colour), ("TOPPADDING", (0, at), (-1, at), 5)]
        return Table(rows, colWidths=[SUMS_WIDTH * 0.55, SUMS_WIDTH * 0.45], hAlign="RIGHT", style=looks)

    def payment(self) -> Table:
        """How to pay, on a ground of the firm's colour."""
        first, *more = self.document.payment
        ground = Color(self.colour.red, self.colour.green, self.colour.blue, alpha=0.07)
        return Table(
            [[[paragraph(first, BOLD), *(paragraph("\n".join(few(words.splitlines()))) for words in more)]]],
            colWidths=[self.width],
            style=[
                ("BACKGROUND", (0, 0), (-1, -1), ground),
                ("LINEBEFORE", (0, 0), (0, -1), 2, self.colour),
                ("LEFTPADDING", (0, 0), (-1, -1), 10),
                ("RIGHTPADDING", (0, 0), (-1, -1), 10),
                ("TOPPADDING", (0, 0), (-1, -1), 8),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 10),
            ],
        )

    def draw_edges(self, canvas: Canvas, number: int, of: int) -> None:
        """The stripe at the top, the foot with the page's number, and the mark across what is not in force."""
        document, head = self.document, self.document.letterhead
        canvas.setFillColor(self.colour)
        canvas.rect(0, self.height - 3 * mm, self.paper_width, 3 * mm, stroke=0, fill=1)
        if number > 1:
            self.draw_line(canvas, f"{head.name} · {document.name}", SIDE, self.height - 14 * mm, self.width)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.line(SIDE, 17 * mm, SIDE + self.width, 17 * mm)
        self.draw_line(canvas, head.footer or head.name, SIDE, 15.5 * mm, self.width * 0.72)
        page = f"{document.name} · {number} / {of}" if of > 1 else document.name
        self.draw_line(canvas, page, SIDE + self.width * 0.74, 15.5 * mm, self.width * 0.26, SMALL_RIGHT)
        if document.mark:
            self.draw_mark(canvas)

    def draw_line(
        self, canvas: Canvas, text: str, x: float, top: float, width: float, looks: ParagraphStyle = SMALL
    ) -> None:
        line = paragraph(text, looks)
        _, height = line.wrapOn(canvas, width, 30 * mm)
        line.drawOn(canvas, x, top - height)

    def draw_mark(self, canvas: Canvas) -> None:
        canvas.saveState()
        canvas.setFillColor(Color(0.5, 0.5, 0.55, alpha=0.12))
        canvas.setFont(STRONG, 110)
        canvas.translate(self.paper_width / 2, self.height / 2)
        canvas.rotate(52)
        canvas.drawCentredString(0, -35, self.document.mark)
        canvas.restoreState()


class Numbered(Canvas):  # type: ignore[misc]
    """Draws the edges of each page at the end, when it is known how many there are."""

    def __init__(self, *args: Any, page: Page, **options: Any) -> None:
        super().__init__(*args, **options)
        self.page = page
        self.pages: list[dict[str, Any]] = []
        made_at = page.document.made_at
        self.setDateFormatter(lambda *_: made_at.strftime("D:%Y%m%d%H%M%SZ"))

    def showPage(self) -> None:
        self.pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, state in enumerate(self.pages, start=1):
            self.__dict__.update(state)
            self.page.draw_edges(self, number, len(self.pages))
            super().showPage()
        super().save()


NO_PADDING: list[tuple[Any, ...]] = [
    (f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")
]  # as reportlab has it: everywhere


def cells(columns: Iterable[Column], row: Iterable[Cell]) -> list[list[Flowable]]:
    return [
        [
            paragraph(cell.words, RIGHT if column.figures else BODY),
            *([paragraph(cell.below, SMALL_RIGHT if column.figures else SMALL)] if cell.below else []),
        ]
        for column, cell in zip(columns, row, strict=True)
    ]


def few(lines: Sequence[str]) -> list[str]:
    """The lines that say something; more than MOST_LINES go on in the last one."""
    said = [line for line in lines if line.strip()]
    if len(said) <= MOST_LINES:
        return said
    return [*said[: MOST_LINES - 1], ", ".join(said[MOST_LINES - 1 :])]


def widths(columns: Sequence[Column], width: float) -> list[float]:
    """In points; what is left goes to the columns without a width of their own."""
    left = width - sum(column.width for column in columns) * mm
    open_ended = sum(1 for column in columns if not column.width) or 1
    return [column.width * mm if column.width else left / open_ended for column in columns]


def picture(head: Letterhead) -> Flowable | None:
    """The logo as large as there is room for it; at most as large as it is at 150 pixels an inch.

    None without one, and for one that was kept before broken ones were refused: no letter is to fail for its head.
    """
    if head.logo is None or not is_drawable(head.logo):
        return None
    from reportlab.platypus import Image

    width, height = ImageReader(BytesIO(head.logo)).getSize()
    scale = min(LOGO_WIDTH / width, LOGO_HEIGHT / height, 72 / 150)
    return Image(BytesIO(head.logo), width * scale, height * scale, hAlign="LEFT")
