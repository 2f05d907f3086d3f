"""What a message says: its text parts in order, its HTML, and which parts are files instead."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from psa.mail.message import charset
from psa.mail.message.encoded_files import MAY_HOLD_FILES, uuencoded, yencoded
from psa.mail.message.headers import Note
from psa.mail.message.tree import Part

MAX_TEXT_BYTES = 10_000_000

_BODY_TYPES = {
    "text/plain",
    "text/html",
    "text/enriched",
    "text/richtext",
    "text/markdown",
    "text/x-plain",
    "text/unknown",
    "text/xhtml",
    "application/xhtml+xml",
}
_HTML_TYPES = {"text/html", "text/xhtml", "application/xhtml+xml"}
_META_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_LOOKS_HTML = re.compile(rb"\s*(?:<!doctype html|<html[\s>])", re.I)
_ENRICHED = re.compile(r"<(/?)(param>[^<]{0,500}</param|[a-z-]{1,60})>", re.I)


@dataclass(slots=True)
class Segment:
    """One stretch of the body: plain text, HTML, or both where they are alternatives."""

    text: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Blob:
    """A file that stands inside a text, uuencoded or in yEnc."""

    name: str
    data: bytes
    part: str


@dataclass(slots=True)
class Body:
    """The body sorted out: segments in order, the parts that are files, and the files found inside texts."""

    segments: list[Segment] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    blobs: list[Blob] = field(default_factory=list)


def sort_parts(root: Part, note: Note) -> Body:
    """The body of a message.

    A named text is a file; where nothing else is text, the first one to be shown inline is read as well.
    """
    body = Body()
    body.segments = _segments(root, body, note)
    if not body.segments:
        shown = next(
            (p for p in body.files if p.type in ("text/plain", "text/html") and p.disposition != "attachment"), None
        )
        segment = _read_text(shown, body, note) if shown else None
        body.segments = [segment] if segment else []
    return body


def is_text_body(part: Part) -> bool:
    """MAIL-JSON.md: a text part without a file name is body, one with a file name is an attachment."""
    if part.children or part.type not in _BODY_TYPES and not (part.type == "text/" or part.type == "text"):
        return False
    if part.disposition == "attachment" and (part.file_name or part.parent is not None):
        return False
    if not part.file_name:
        return True
    # A message that is one text, or an alternative, is what was written, however some programs name it.
    alone = part.parent is None or part.parent.type == "multipart/alternative"
    return alone and part.disposition != "attachment"


def _segments(part: Part, body: Body, note: Note) -> list[Segment]:
    if not part.children:
        if is_text_body(part):
            segment = _read_text(part, body, note)
            return [segment] if segment else []
        if not part.type.startswith("multipart/") or part.encoded.strip():
            if part.type.startswith("multipart/") and part.end - part.start < 100_000:
                note(f"The part {part.path} says it has parts, but has none; it was read as text.")
                segment = _read_text(part, body, note)
                return [segment] if segment else []
            body.files.append(part)
        return []
    below = [_segments(child, body, note) for child in part.children]
    if part.type != "multipart/alternative":
        return [segment for segments in below for segment in segments]
    return _alternative(below)


def _alternative(below: list[list[Segment]]) -> list[Segment]:
    """The best text and the best HTML out of several renderings of the same (RFC 2046, 5.1.4).

    An empty one does not count.
    """
    texts = [s for s in below if s and any((x.text or "").strip() for x in s) and not any(x.html for x in s)]
    htmls = [s for s in below if any(x.html and x.html.strip() for x in s)]
    if not htmls:
        return texts[0] if texts else [segment for segments in below for segment in segments][:1]
    if not texts:
        return htmls[-1]
    text = "\n".join(s.text or "" for s in texts[0])
    rich = htmls[-1]
    if len(rich) == 1:
        return [Segment(text, rich[0].html)]
    return [Segment(text, join_html(rich))]


def _read_text(part: Part, body: Body, note: Note) -> Segment | None:
    data = part.data
    if len(data) > MAX_TEXT_BYTES:
        note(f"The text of part {part.path} has {len(data)} bytes; only its first {MAX_TEXT_BYTES} are shown.")
        data = data[:MAX_TEXT_BYTES]
    if MAY_HOLD_FILES.search(data):
        data = _cut_blobs(part, data, body)
    declared = part.parameters.get("charset") or None
    is_html = (
        part.type in _HTML_TYPES or part.headers.first("content-type") is None and _LOOKS_HTML.match(data) is not None
    )
    if is_html and not data.isascii() and (not declared or charset.codec_for(declared) is None):
        meta = _META_CHARSET.search(data[:4096])
        declared = meta[1].decode("ascii") if meta else declared
    text, assumed = charset.decode(data, declared)
    if assumed:
        note(f"Part {part.path}: {assumed}")
    text = clean_text(text)
    if is_html:
        return Segment(html=text)
    if part.type in ("text/enriched", "text/richtext"):
        text = html.unescape(_ENRICHED.sub("", text)).replace("<<", "<")
    elif part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, part.parameters.get("delsp", "").lower() == "yes")
    return Segment(text=text)


def clean_text(text: str) -> str:
    """LF line ends, no NUL, no byte order mark, nothing that cannot be written as UTF-8."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
    text = text.lstrip("\ufeff")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _cut_blobs(part: Part, data: bytes, body: Body) -> bytes:
    found = uuencoded(data) + yencoded(data)
    for number, (name, content, _, _) in enumerate(found, 1):
        body.blobs.append(Blob(charset.decode(name)[0].strip(), content, f"{part.path}.u{number}"))
    for _, _, start, end in sorted(found, key=lambda f: f[2], reverse=True):
        data = data[:start] + data[end:]
    return data


def unflow(text: str, delete_space: bool) -> str:
    """RFC 3676: lines that end in a blank go on in the next one of the same quote depth."""
    out: list[list[str]] = []  # the pieces of each line
    open_depth = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        if content.startswith(" "):
            content = content[1:]  # space-stuffing
        is_signature = content == "-- "
        flows = content.endswith(" ") and not is_signature
        shown = content[:-1] if flows and delete_space else content
        if open_depth == depth and not is_signature:
            out[-1].append(shown)
        else:
            out.append([">" * depth + (" " if depth and shown else "") + shown])
        open_depth = depth if flows else -1
    return "\n".join("".join(pieces) for pieces in out)


def join_html(segments: list[Segment]) -> str | None:
    """The HTML of the whole body; stretches that are only text become paragraphs. None when no stretch is HTML."""
    if not any(s.html and s.html.strip() for s in segments):
        return None
    if len(segments) == 1:
        return segments[0].html
    return "\n".join(s.html if s.html and s.html.strip() else text_as_html(s.text or "") for s in segments)


def text_as_html(text: str) -> str:
    return f"<div>{'<br>'.join(html.escape(text, quote=False).splitlines())}</div>" if text.strip() else ""
