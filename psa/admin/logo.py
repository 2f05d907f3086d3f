"""A firm's logo: which pictures can stand in a mail, how large they are, and what is left out of them."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

# It travels with every mail. Mail programs draw PNG, JPEG and GIF; SVG they do not, and it can hold scripts.
LARGEST = 200 * 1024
LONGEST_SIDE = 2000
KINDS = "a PNG, JPEG or GIF of up to 200 KB and 2,000 pixels a side"

# https://www.w3.org/TR/png/#5DataRep: what the picture needs; the rest (texts, times, profiles) is left out.
PNG_NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"IDAT", b"IEND"})
# ITU-T T.81, table B.1: the frame headers that tell the size, and the segments that only tell of the camera.
JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
JPEG_EXTRAS = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})
JPEG_SCAN, JPEG_END = 0xDA, b"\xff\xd9"


class NotALogo(ValueError):
    """A file that cannot be the logo; the message says why and what can."""


@dataclass(frozen=True, slots=True)
class Logo:
    """The bytes of a picture, its media type, and its size in pixels."""

    data: bytes
    type: str
    width: int
    height: int


def logo_of(data: bytes) -> Logo:
    """The picture in an uploaded file, without what else was in the file. Raises NotALogo."""
    if len(data) > LARGEST:
        raise NotALogo(f"The file has {len(data) // 1024:,} KB. The logo travels with every mail, so it is {KINDS}.")
    try:
        logo = read(data)
    except (struct.error, IndexError, ValueError) as error:
        raise NotALogo(f"The picture in the file is broken. It has to be {KINDS}.") from error
    if logo is None:
        svg = "Mail programs do not show SVG. " if b"<svg" in data[:2000] else ""
        raise NotALogo(f"{svg}The logo is {KINDS}.")
    if not (0 < logo.width <= LONGEST_SIDE and 0 < logo.height <= LONGEST_SIDE):
        raise NotALogo(f"The picture has {logo.width} × {logo.height} pixels. It has to be {KINDS}.")
    if not is_drawable(logo.data):
        raise NotALogo(f"The picture in the file is broken. It has to be {KINDS}.")
    return logo


def is_drawable(data: bytes) -> bool:
    """Whether the picture is whole: a right frame may hold nothing that can be drawn, or end in the middle."""
    # The library is only for this and for the PDFs: no server loads it before.
    from PIL import Image

    try:
        with Image.open(BytesIO(data)) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError, struct.error, IndexError, Image.DecompressionBombError):
        return False
    return True


def read(data: bytes) -> Logo | None:
    """None for what is none of the three; ValueError and its like for one that is broken."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return read_png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return read_jpeg(data)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return read_gif(data)
    return None


def read_png(data: bytes) -> Logo:
    kept, at = [data[:8]], 8
    seen: list[bytes] = []
    while not seen or seen[-1] != b"IEND":
        (length,) = struct.unpack_from(">I", data, at)
        chunk = data[at : at + 12 + length]
        kind = chunk[4:8]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise ValueError("a chunk is cut off or damaged")
        seen.append(kind)
        if kind in PNG_NEEDED:
            kept.append(chunk)
        at += len(chunk)
    if seen[0] != b"IHDR" or b"IDAT" not in seen:
        raise ValueError("there is no picture in it")
    width, height = struct.unpack_from(">II", data, 16)
    return Logo(b"".join(kept), "image/png", width, height)


def read_jpeg(data: bytes) -> Logo:
    kept, at, size = [data[:2]], 2, None
    while True:
        mark, kind = data[at], data[at + 1]
        if mark != 0xFF:
            raise ValueError("there is no segment where one has to be")
        if kind == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        segment = data[at : at + 2 + length]
        if kind == JPEG_SCAN:
            break
        if kind in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = (width, height)
        if kind not in JPEG_EXTRAS:
            kept.append(segment)
        at += len(segment)
    end = data.rfind(JPEG_END)
    if size is None or end < at:
        raise ValueError("there is no picture in it")
    return Logo(b"".join([*kept, data[at : end + 2]]), "image/jpeg", *size)


def read_gif(data: bytes) -> Logo:
    width, height = struct.unpack_from("<HH", data, 6)
    end = data.rfind(b"\x3b")
    if end < 13:
        raise ValueError("it has no end")
    return Logo(data[: end + 1], "image/gif", width, height)
