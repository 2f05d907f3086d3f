"""The text of one part: decoded, its line ends and soft breaks undone (RFC 3676), enriched text read (RFC 1896), files
that stand inside it cut out.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from psa.mail.message.charsets import charset
from psa.mail.message.structure.encoded_files import MAY_HOLD_FILES, cut_files
from psa.mail.message.structure.headers import Note
from psa.mail.message.structure.part import Part

MAX_TEXT_BYTES = 10_000_000

HTML_TYPES = frozenset({"text/html", "text/xhtml", "application/xhtml+xml", "text/x-amp-html", "text/watch-html"})

_META_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I)
_BEGINS_AS_HTML = re.compile(rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!doctype\s+html|<html[\s>])", re.I)
_ENDS_AS_HTML = re.compile(rb"</(?:html|body)\s*>\s*\Z", re.I)
_ENRICHED = re.compile(r"<<|<(/?)(param>[^<]{0,500}</param|[a-z-]{1,60})>", re.I)
_LINE_ENDS = re.compile(r"\n+")


@dataclass(slots=True)
class Blob:
    """A file that stands inside a text, uuencoded or in yEnc."""

    name: str
    data: bytes
    part: str


def read_text(part: Part, blobs: list[Blob], note: Note) -> tuple[str, bool]:
    """The text of a part, and whether it is HTML. Files inside it go to `blobs`."""
    data = part.data
    if len(data) > MAX_TEXT_BYTES:
        note(f"The text of part {part.path} has {len(data)} bytes; only its first {MAX_TEXT_BYTES} are shown.")
        data = data[:MAX_TEXT_BYTES]
    if b"begin" in data and MAY_HOLD_FILES.search(data):
        data = _cut_blobs(part, data, blobs, note)
    is_html = _is_html(part, data)
    declared = part.parameters.get("charset") or None
    if is_html and not data.isascii() and (not declared or charset.codec_for(declared) is None):
        meta = _META_CHARSET.search(data[:4096])
        declared = meta[1].decode("ascii") if meta else declared
    text, assumed = charset.decode(data, declared)
    if assumed:
        note(f"Part {part.path}: {assumed}")
    text = clean_text(text)
    if is_html:
        return text, True
    if part.type in ("text/enriched", "text/richtext"):
        text = enriched(text, is_old=part.type == "text/richtext")
    elif part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, part.parameters.get("delsp", "").lower() == "yes")
    return text, False


def _is_html(part: Part, data: bytes) -> bool:
    """By its label; and a page that many a script sends as text/plain, from its first tag to its last."""
    if part.type in HTML_TYPES:
        return True
    if part.type != "text/plain" or _BEGINS_AS_HTML.match(data) is None:
        return False
    return part.headers.first("content-type") is None or _ENDS_AS_HTML.search(data[-200:]) is not None


def clean_text(text: str) -> str:
    """LF line ends, no NUL, no byte order mark, nothing that cannot be written as UTF-8."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
    text = text.lstrip("\ufeff")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _cut_blobs(part: Part, data: bytes, blobs: list[Blob], note: Note) -> bytes:
    data, found = cut_files(data, note)
    for number, file in enumerate(found, 1):
        blobs.append(Blob(charset.decode(file.full_name)[0].strip(), file.data, f"{part.path}.u{number}"))
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


def enriched(text: str, *, is_old: bool) -> str:
    """text/enriched without its commands: one line end is a blank, of several one less count. In its forerunner
    text/richtext (RFC 1341) only <nl> ends a line.
    """
    if is_old:
        text = re.sub(r"<lt>", "<<", re.sub(r"<(?:nl|np)>", "\0", text.replace("\n", " "), flags=re.I), flags=re.I)
        text = text.replace("\0", "\n")
    else:
        text = _LINE_ENDS.sub(lambda run: " " if len(run[0]) == 1 else "\n" * (len(run[0]) - 1), text)
    return html.unescape(_ENRICHED.sub(lambda command: "<" if command[0] == "<<" else "", text))
