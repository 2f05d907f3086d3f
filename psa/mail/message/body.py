"""What a message says: its text parts in order, which of several renderings is read, and which parts are files."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from psa.mail.message.html.html_text import html_to_text
from psa.mail.message.html.pictures import BY_PATH, Pictures
from psa.mail.message.html.text_lines import visible
from psa.mail.message.plain_text import HTML_TYPES, Blob, read_text
from psa.mail.message.protection.protection import is_wrapping
from psa.mail.message.structure.headers import Note
from psa.mail.message.structure.part import Part

# Texts that are data for a program rather than words for a reader.
_FILES = frozenset(
    """text/calendar text/x-vcalendar text/vcard text/x-vcard text/directory text/css text/csv text/xml text/rtf
    text/comma-separated-values text/tab-separated-values text/javascript text/x-javascript text/rfc822-headers
    text/x-moz-deleted text/ecmascript text/sgml text/vbscript text/x-msmsgsinvite""".split()
)
# Renderings for a watch, or with moving parts: read where there is no other one.
_LESSER_HTML = frozenset({"text/x-amp-html", "text/watch-html"})
_PICTURES = frozenset({"image/png", "image/jpeg", "image/jpg", "image/pjpeg", "image/gif", "image/webp"})

MAX_STUB_WORDS = 60
_WORD = re.compile(r"\w{2,}")
_POINTS_ELSEWHERE = re.compile(
    r"html|https?://|www\.|browser|brows[ée]r|navigateur|navegador|przegl[ąa]dar|prohl[íi]že[čc]|prehliada[čc]|браузер"
    r"|tarayıcı|böngész|webbläsar|nettleser|selaime|preglednik|ブラウザ|浏览器|瀏覽器|브라우저|เบราว์เซอร์|trình duyệt",
    re.I,
)
_PROMISES_MORE = re.compile(r"(?:…|\.\.\.)\W*\Z")


Words = tuple[int, frozenset[str]]  # how many, and which


@dataclass(slots=True)
class Segment:
    """One stretch of the body: plain text, HTML, or both where they are alternatives; or the picture between them."""

    text: str | None = None
    html: str | None = None
    picture: str | None = None
    is_lesser: bool = False


@dataclass(slots=True)
class Body:
    """The body sorted out: segments in order, the parts that are files, and the files found inside texts."""

    segments: list[Segment] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    blobs: list[Blob] = field(default_factory=list)
    words: dict[str, Words] = field(default_factory=dict)  # of the HTML that was read so far

    def words_of(self, markup: str) -> Words:
        """The words of some HTML, which is read once however deep the alternatives are nested that show it."""
        if markup not in self.words:
            found = _words(html_to_text(markup))
            self.words[markup] = len(found), frozenset(found)
        return self.words[markup]

    @property
    def says_anything(self) -> bool:
        return any((s.text or s.html or "").strip() for s in self.segments)

    def html(self) -> str | None:
        """The HTML of the whole body as sent, None when no stretch is HTML. Pictures that stand between the stretches
        and that none of them names are in their places.
        """
        return self.joined(self.segments)

    def joined(self, segments: list[Segment]) -> str | None:
        if not any(s.picture for s in segments):
            return join_html(segments)
        return join_html(segments, Pictures(self.files).shown_in(join_html(segments)))


def sort_parts(root: Part, note: Note) -> Body:
    """The body of a message.

    A named text is a file; where nothing else is text, the first one to be shown inline is read as well.
    """
    body = Body()
    body.segments = _Sorter(body, note).segments(root)
    if not any(s.picture is None for s in body.segments):
        shown = next(
            (p for p in body.files if p.type in ("text/plain", "text/html") and p.disposition != "attachment"), None
        )
        body.segments = [_read(shown, body, note)] if shown else []
    return body


def is_text_body(part: Part) -> bool:
    """MAIL-JSON.md: a text part without a file name is body, one with a file name is an attachment."""
    is_text = part.type.startswith("text/") and part.type not in _FILES or part.type in HTML_TYPES
    if part.children or not is_text:
        return False
    parent = part.parent
    if part.disposition == "attachment" and (part.file_name or parent is not None):
        return False
    if not part.file_name:
        return parent is None or parent.type != "multipart/related" or not _is_companion(part, parent)
    # A message that is one text, or an alternative, is what was written, however some programs name it.
    alone = parent is None or parent.type == "multipart/alternative"
    return alone and part.disposition != "attachment"


def _is_companion(part: Part, parent: Part) -> bool:
    """Is a text in a multipart/related one that the page uses (a frame, a sheet) rather than the page (RFC 2387)?"""
    start = parent.parameters.get("start", "").strip("<>")
    named = part.headers.first("content-id") or part.headers.first("content-location")
    is_root = part.content_id == start if start else part is parent.children[0]
    return not is_root and named is not None


class _Sorter:
    def __init__(self, body: Body, note: Note) -> None:
        self.body = body
        self.note = note

    def segments(self, part: Part) -> list[Segment]:
        if not part.children:
            return self.leaf(part)
        if is_wrapping(part):  # what S/MIME wraps is read, and the wrapping stays as a file
            self.body.files.append(part)
        below = [self.segments(child) for child in part.children]
        if part.type == "multipart/alternative":
            return _alternative(below, self.body)
        return _without_repetition([segment for segments in below for segment in segments], part, self.body)

    def leaf(self, part: Part) -> list[Segment]:
        if is_text_body(part):
            return [_read(part, self.body, self.note)]
        if part.type.startswith("multipart/"):
            if not part.encoded.strip():
                return []
            if part.end - part.start < 100_000:
                self.note(f"The part {part.path} says it has parts, but has none; it was read as text.")
                return [_read(part, self.body, self.note)]
        self.body.files.append(part)
        in_sequence = part.parent is not None and part.parent.type == "multipart/mixed"
        if in_sequence and part.disposition == "inline" and part.type in _PICTURES:
            return [Segment(picture=part.path)]
        return []


def _read(part: Part, body: Body, note: Note) -> Segment:
    text, is_html = read_text(part, body.blobs, note)
    return Segment(html=text, is_lesser=part.type in _LESSER_HTML) if is_html else Segment(text=text)


def _alternative(below: list[list[Segment]], body: Body) -> list[Segment]:
    """The best text and the best HTML out of several renderings of the same (RFC 2046, 5.1.4).

    An empty one does not count, nor does one that only says that there is another.
    """
    htmls = [s for s in below if any(x.html and x.html.strip() for x in s)]
    htmls = [s for s in htmls if not any(x.is_lesser for x in s)] or htmls
    texts = [s for s in below if not any(x.html for x in s) and any(x.text and x.text.strip() for x in s)]
    if not htmls:
        return texts[0] if texts else [segment for segments in below for segment in segments][:1]
    shown = body.joined(htmls[-1]) or ""
    text = next((t for t in map(_text_of, texts) if not is_stub(t, shown, body)), None)
    return htmls[-1] if text is None else [Segment(text, shown)]


def _text_of(segments: list[Segment]) -> str:
    return "\n".join(s.text or "" for s in segments if s.picture is None)


def is_stub(text: str, markup: str, body: Body) -> bool:
    """Does a text alternative only say that the message is to be read as HTML, or how it begins?

    In any language: it is short, the HTML says much more, and either goes on where the text breaks off or says other
    words than a text that names HTML, a browser or an address.
    """
    words = _words(text[:2_000])
    if not words:
        return not visible(text).strip()
    if len(words) > MAX_STUB_WORDS or len(markup) < 2 * len(text) + 100:
        return False
    breaks_off = _PROMISES_MORE.search(text) is not None
    if not breaks_off and _POINTS_ELSEWHERE.search(text) is None:
        return False
    count, known = body.words_of(markup)
    if count < 3 * len(words):
        return False
    alike = sum(word in known for word in words) / len(words)
    return alike < 0.6 or breaks_off and alike > 0.9


def _without_repetition(segments: list[Segment], part: Part, body: Body) -> list[Segment]:
    """A text and the same once more as HTML, one after the other: scripts send that as "mixed" or "related"."""
    if len(segments) != 2 or len(part.children) < 2:
        return segments
    first, second = segments
    if first.html or not first.text or not second.html or second.text:
        return segments
    said = _words(first.text)
    shown, known = body.words_of(second.html)
    if not said or not len(said) * 0.6 <= shown <= len(said) * 1.7:
        return segments
    if sum(word in known for word in said) < 0.8 * len(said):
        return segments
    return [Segment(first.text, second.html)]


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def join_html(segments: list[Segment], named: frozenset[str] | None = None) -> str | None:
    """The HTML of several stretches; those that are only text become paragraphs. None when no stretch is HTML.

    Pictures are left out, unless `named` says which ones the HTML shows itself.
    """
    if not any(s.html and s.html.strip() for s in segments):
        return None
    pieces = []
    for segment in segments:
        if segment.picture is not None:
            if named is not None and segment.picture not in named:
                pieces.append(f'<p><img src="{BY_PATH}{segment.picture}" alt=""></p>')
        elif segment.html and segment.html.strip():
            pieces.append(segment.html)
        else:
            pieces.append(text_as_html(segment.text or ""))
    return "\n".join(pieces) if len(pieces) > 1 else pieces[0]


def text_as_html(text: str) -> str:
    return f"<div>{'<br>'.join(html.escape(text, quote=False).splitlines())}</div>" if text.strip() else ""
