"""Files that stand encoded inside a text, as before MIME and in news: uuencode (POSIX) and yEnc (yenc.org)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from psa.mail.message.model import Note

MAX_FILES = 500

MAY_HOLD_FILES = re.compile(rb"^(?:begin(?:-base64)?[ \t]+[0-7]{3,4}[ \t]|=ybegin )", re.M)

_UU_BEGIN = re.compile(rb"^begin(-base64)?[ \t]{1,9}[0-7]{3,4}[ \t]{1,9}([^\r\n]*)\r?\n", re.M)
_YENC_BEGIN = re.compile(rb"^=ybegin ([^\r\n]*?)name=([^\r\n]*)\r?\n(?:=ypart [^\r\n]*\r?\n)?", re.M)
_YENC_NUMBER = re.compile(rb"(part|total)=(\d{1,6})")
_YENC_SHIFT = bytes((b - 42) % 256 for b in range(256))
_YENC_ESCAPE = re.compile(rb"=(.)", re.S)
_YENC_ESCAPED = [bytes([(b - 64) % 256]) for b in range(256)]


class EncodedFile(NamedTuple):
    """A file and where it stands in the text; `piece` and `pieces` (0: not said) when it was sent in several."""

    name: bytes
    data: bytes
    start: int
    end: int
    piece: int = 0
    pieces: int = 0

    @property
    def full_name(self) -> bytes:
        """A piece is named as one: "tune (2 of 3).mid"."""
        if not self.piece:
            return self.name
        stem, dot, suffix = self.name.rpartition(b".")
        which = b" (%d of %d)" % (self.piece, self.pieces) if self.pieces else b" (%d)" % self.piece
        return b"".join((stem, which, dot, suffix)) if dot else self.name + which


def cut_files(data: bytes, note: Note) -> tuple[bytes, list[EncodedFile]]:
    """The text without the files in it, and the files; the pieces of one are put together where all stand there."""
    found: list[EncodedFile] = []
    rest: list[bytes] = []
    at = 0
    for file in sorted((*uuencoded(data), *yencoded(data)), key=lambda f: f.start):
        if file.start < at:  # it only looks like one, inside of another
            continue
        if len(found) == MAX_FILES:
            note(f"More than {MAX_FILES} files stand encoded in the text; the others were left there.")
            break
        rest.append(data[at : file.start])
        found.append(file)
        at = file.end
    return b"".join((*rest, data[at:])), _put_together(found)


def _put_together(found: list[EncodedFile]) -> list[EncodedFile]:
    pieces: dict[tuple[bytes, int], dict[int, bytes]] = {}
    for file in found:
        if file.piece:
            pieces.setdefault((file.name, file.pieces), {})[file.piece] = file.data
    whole: list[EncodedFile] = []
    for file in found:
        beside = pieces.get((file.name, file.pieces), {}) if file.piece else {}
        if not beside or len(beside) != file.pieces:
            whole.append(file)
        elif file.piece == 1:
            whole.append(EncodedFile(file.name, b"".join(beside[n] for n in sorted(beside)), file.start, file.end))
    return whole


def uuencoded(data: bytes) -> Iterator[EncodedFile]:
    """The uuencoded files in a text."""
    position, count = 0, 0
    closes = data.rfind(b"\n====")
    while count <= MAX_FILES and (match := _UU_BEGIN.search(data, position)):
        read: Callable[[bytes, int], tuple[bytes, int]] = _base64_lines if match[1] else _uu_lines
        content, position = read(data, match.end()) if not match[1] or match.end() <= closes else (b"", 0)
        if content:
            count += 1
            yield EncodedFile(match[2].strip().strip(b'"'), content, match.start(), position)
        else:
            position = match.end()


def _uu_lines(data: bytes, at: int) -> tuple[bytes, int]:
    """The bytes of the lines from `at` to "end", to the first line that is no code or to the end of the text."""
    out: list[bytes] = []
    while at < len(data):
        newline = data.find(b"\n", at)
        stop = len(data) if newline < 0 else newline
        line = data[at:stop].rstrip(b"\r ")
        if line == b"end":
            return b"".join(out), min(stop + 1, len(data))
        if line not in (b"", b"`"):
            length = ((line[0] - 32) & 63) * 4 // 3
            if not out and len(line) < length * 2 // 3:
                break  # a sentence that happens to begin like a file
            try:
                # Some encoders pad the line beyond the length it names, which the library refuses.
                out.append(binascii.a2b_uu(line[: (length + 3) // 4 * 4 + 1]))
            except binascii.Error:
                break
        at = stop + 1
    return b"".join(out), min(at, len(data))


def _base64_lines(data: bytes, at: int) -> tuple[bytes, int]:
    """What "begin-base64" begins, up to its line of equals signs."""
    stop = data.find(b"\n====", at - 1)
    behind = data.find(b"\n", stop + 1)
    try:
        return binascii.a2b_base64(data[at:stop]), len(data) if behind < 0 else behind + 1
    except binascii.Error:
        return b"", at


def yencoded(data: bytes) -> Iterator[EncodedFile]:
    """The yEnc files in a text."""
    position, count = 0, 0
    while count <= MAX_FILES and (match := _YENC_BEGIN.search(data, position)):
        stop = data.find(b"\n=yend", match.end() - 1)
        if stop < 0:
            break
        behind = data.find(b"\n", stop + 1)
        position = len(data) if behind < 0 else behind + 1
        count += 1
        coded = data[match.end() : stop].replace(b"\r\n", b"").replace(b"\n", b"").replace(b"\r", b"")
        plain = _YENC_ESCAPE.sub(lambda m: _YENC_ESCAPED[m[1][0]], coded).translate(_YENC_SHIFT)
        told = {name: int(digits) for name, digits in _YENC_NUMBER.findall(match[1])}
        pieces = told.get(b"total", 0)
        piece = told.get(b"part", 0) if pieces != 1 else 0
        name = match[2].strip().strip(b'"')
        yield EncodedFile(name, plain, match.start(), position, piece, pieces)
