"""The files of a message: a name that is decoded, never empty, never a path and never there twice; a type that fits
the bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial

from psa.mail.message.body import Body
from psa.mail.message.files.file_names import name_of, safe_name, unique_name
from psa.mail.message.files.file_types import suffix_of, true_type
from psa.mail.message.files.macintosh import unwrap_macintosh
from psa.mail.message.files.tnef import WrappedFile, is_tnef, read_tnef
from psa.mail.message.model import Attachment, Disposition
from psa.mail.message.structure.headers import Note
from psa.mail.message.structure.part import Part

MAX_OPENED = 50


def list_attachments(body: Body, shown: frozenset[str], note: Note) -> Iterator[Attachment]:
    """One Attachment per file, in the order of the message; the files inside winmail.dat follow it.

    `shown` are the parts that the HTML shows in their places.
    """
    taken: dict[str, int] = {}
    number = opened = 0
    for part in body.files:
        number += 1
        data = part.data
        kind = true_type(part.type, part.file_name, data)
        name, source = "", partial(_decoded, part)
        macintosh = unwrap_macintosh(kind, part.file_name, data)
        if macintosh is not None:
            note(f"Part {part.path} {macintosh.defect}.")
            name = safe_name(macintosh.name)
        if macintosh is not None and macintosh.data is not None:
            data, source = macintosh.data, partial(_unwrapped, part, kind)
            kind = true_type("", name or part.file_name, data)
        name = unique_name(name or name_of(part, kind, data, number), taken)
        inline: Disposition = "inline" if part.path in shown or part.disposition == "inline" else "attachment"
        yield _attachment(name, kind, data, part.content_id, inline, part.path, source)
        if is_tnef(kind, name):
            opened += 1
            if opened > MAX_OPENED:
                note(f"There are more than {MAX_OPENED} files like winmail.dat; the others were kept as they are.")
                continue
            for count, file in enumerate(read_tnef(data, note, part.path).files, 1):
                yield _wrapped(file, count, shown, taken)
    for blob in body.blobs:
        number += 1
        kind = true_type("", blob.name, blob.data)
        name = unique_name(safe_name(blob.name) or f"attachment-{number}{suffix_of(kind)}", taken)
        yield _attachment(name, kind, blob.data, None, "attachment", blob.part, partial(_kept, blob.data))


def _wrapped(file: WrappedFile, number: int, shown: frozenset[str], taken: dict[str, int]) -> Attachment:
    kind = true_type(file.type, file.name, file.data)
    name = unique_name(safe_name(file.name) or f"attachment-{number}{suffix_of(kind)}", taken)
    inline: Disposition = "inline" if file.part in shown else "attachment"
    return _attachment(name, kind, file.data, file.content_id or None, inline, file.part, partial(_kept, file.data))


def _attachment(
    name: str, kind: str, data: bytes, cid: str | None, disposition: Disposition, part: str, source: Callable[[], bytes]
) -> Attachment:
    return Attachment(name, kind, len(data), hashlib.sha256(data).hexdigest(), cid, disposition, part, source)


def _decoded(part: Part) -> bytes:
    return part.data


def _unwrapped(part: Part, kind: str) -> bytes:
    """The file that a Macintosh wrapped: it was found in there once already."""
    found = unwrap_macintosh(kind, part.file_name, part.data)
    return found.data or b"" if found else b""


def _kept(data: bytes) -> bytes:
    return data
