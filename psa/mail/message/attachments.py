"""The files of a message: a name that is decoded, never empty, never a path and never there twice; a type that fits
the bytes.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Callable, Iterator
from functools import partial

from psa.mail.message.body import Body
from psa.mail.message.headers import Headers, Note, decode_words, one_line, read_headers
from psa.mail.message.model import Attachment, Disposition
from psa.mail.message.tnef import is_tnef, read_tnef
from psa.mail.message.tree import Part

MAX_NAME = 200

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_SIGNS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
    (b"BEGIN:VCARD", "text/vcard"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
)
_SUFFIXES = {
    "image/jpeg": ".jpg",
    "text/plain": ".txt",
    "text/html": ".html",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "application/ms-tnef": ".dat",
    "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt",
    "text/vcard": ".vcf",
    "application/octet-stream": ".bin",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
    "message/feedback-report": ".txt",
    "message/disposition-notification": ".txt",
    "application/pgp-encrypted": ".asc",
}
_STEMS = {
    "message/delivery-status": "delivery-status",
    "text/rfc822-headers": "headers",
    "text/calendar": "invitation",
    "application/pgp-signature": "signature",
    "application/pkcs7-signature": "smime",
    "message/feedback-report": "feedback-report",
}
_VAGUE = {
    "application/octet-stream",
    "application/binary",
    "application/unknown",
    "application/x-unknown",
    "binary/octet-stream",
    "application/force-download",
    "application/x-download",
    "application/download",
    "application/stream",
    "",
}


def list_attachments(body: Body, shown: frozenset[str], note: Note) -> Iterator[Attachment]:
    """One Attachment per file, in the order of the message; the files inside winmail.dat follow it."""
    taken: set[str] = set()
    number = 0
    for part in body.files:
        number += 1
        data = part.data
        kind = true_type(part.type, part.file_name, data)
        name = unique_name(file_name(part, kind, data, number), taken)
        yield _attachment(
            name, kind, data, part.content_id, disposition_of(part, shown), part.path, partial(_decoded, part)
        )
        if is_tnef(kind, name):
            yield from _inside_tnef(part, data, taken, note)
    for blob in body.blobs:
        number += 1
        kind = true_type("", blob.name, blob.data)
        name = unique_name(safe_name(blob.name) or f"attachment-{number}{suffix_of(kind)}", taken)
        yield _attachment(name, kind, blob.data, None, "attachment", blob.part, partial(_kept, blob.data))


def _attachment(
    name: str, kind: str, data: bytes, cid: str | None, disposition: Disposition, part: str, source: Callable[[], bytes]
) -> Attachment:
    return Attachment(name, kind, len(data), hashlib.sha256(data).hexdigest(), cid, disposition, part, source)


def _decoded(part: Part) -> bytes:
    return part.data


def _kept(data: bytes) -> bytes:
    return data


def _inside_tnef(part: Part, data: bytes, taken: set[str], note: Note) -> Iterator[Attachment]:
    # Few messages need the library.
    for number, (name, content) in enumerate(read_tnef(data, note).files, 1):
        kind = true_type("", name, content)
        shown = unique_name(safe_name(name) or f"attachment-{number}{suffix_of(kind)}", taken)
        yield _attachment(shown, kind, content, None, "attachment", f"{part.path}.t{number}", partial(_kept, content))


def disposition_of(part: Part, shown: frozenset[str]) -> Disposition:
    """Inline is what the HTML shows, and what says so itself."""
    return "inline" if part.path in shown or part.disposition == "inline" else "attachment"


def file_name(part: Part, kind: str, data: bytes, number: int) -> str:
    """The sender's name made safe; for a nested message its subject, else one made up from the type."""
    name = safe_name(part.file_name)
    if name:
        return name
    if kind in ("message/rfc822", "message/global"):
        headers = nested_headers(data)
        subject = safe_name(headers.text("subject"))
        return f"{subject[: MAX_NAME - 4]}.eml" if subject else f"message-{number}.eml"
    location = safe_name(decode_words(part.headers.first("content-location") or b"").rpartition("/")[2])
    if location and "." in location:
        return location
    stem = _STEMS.get(kind) or ("image" if kind.startswith("image/") else "attachment")
    return f"{stem}-{number}{suffix_of(kind)}" if kind not in _STEMS else f"{stem}{suffix_of(kind)}"


def nested_headers(data: bytes) -> Headers:
    """The headers of a message inside a message."""
    start = len(data) - len(data.lstrip(b"\r\n"))
    return read_headers(data[:200_000], start, min(len(data), 200_000), lambda _: None)[0]


def safe_name(name: str) -> str:
    """The last step of a path, without characters that file systems or terminals take as orders.

    "" when nothing is left.
    """
    name = one_line(name).replace("\ufffd", "_")
    if re.match(r"[A-Za-z]:\\|\\\\|\.{0,2}/", name):  # a path, not a name that happens to hold a slash
        name = re.split(r"[/\\]", name)[-1]
    name = " ".join(_FORBIDDEN.sub("_", name).split()).strip(" ")
    if not name.strip("._ "):
        return ""
    stem, dot, suffix = name.rpartition(".")
    return name if len(name) <= MAX_NAME else stem[: MAX_NAME - 12] + dot + suffix[:11] if dot else name[:MAX_NAME]


def unique_name(name: str, taken: set[str]) -> str:
    """The name, or "name (2).ext" when it is taken; `taken` learns it."""
    shown, number = name, 1
    stem, dot, suffix = name.rpartition(".")
    while shown.casefold() in taken:
        number += 1
        shown = f"{stem} ({number}).{suffix}" if dot and stem else f"{name} ({number})"
    taken.add(shown.casefold())
    return shown


def true_type(declared: str, name: str, data: bytes) -> str:
    """The declared type unless it says nothing or the first bytes prove it wrong."""
    found = next((kind for sign, kind in _SIGNS if data.startswith(sign)), None)
    if found is None and data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = "image/webp"
    if declared in _VAGUE:
        guessed = mimetypes.guess_type(name)[0] if name else None
        if found in (None, "application/zip") and guessed:
            return guessed  # office files are zips: their name says more
        return found or "application/octet-stream"
    if found == "application/pdf" and declared.startswith(("image/", "text/")):
        return found
    return declared


def suffix_of(kind: str) -> str:
    return _SUFFIXES.get(kind) or mimetypes.guess_extension(kind) or ".bin"
