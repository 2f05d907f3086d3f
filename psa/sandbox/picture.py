"""The screenshot that a client sends: an error dialog, drawn here so that no picture has to be kept in the tree."""

import struct
import zlib

WIDTH, HEIGHT = 372, 176

# The palette; the numbers are what the canvas consists of.
COLOURS = (
    (214, 219, 226),
    (255, 255, 255),
    (38, 66, 105),
    (200, 48, 48),
    (52, 60, 72),
    (236, 239, 243),
    (150, 160, 172),
)
SHADE, PAPER, TITLE, RED, INK, BUTTON, EDGE = range(len(COLOURS))

LETTERS = {
    "A": ".##. #..# #### #..# #..#",
    "C": ".### #... #... #... .###",
    "E": "#### #... ###. #... ####",
    "F": "#### #... ###. #... #...",
    "I": "# # # # #",
    "K": "#..# #.#. ##.. #.#. #..#",
    "L": "#... #... #... #... ####",
    "N": "#..# ##.# #.## #..# #..#",
    "O": ".##. #..# #..# #..# .##.",
    "R": "###. #..# ###. #.#. #..#",
    "S": ".### #... .##. ...# ###.",
    "0": ".##. #..# #..# #..# .##.",
    "1": ".# ## .# .# .#",
    "2": "###. ...# .##. #... ####",
    "4": "#..# #..# #### ...# ...#",
    " ": ".. .. .. .. ..",
}

Canvas = list[bytearray]


def error_dialog() -> bytes:
    """A PNG of WIDTH x HEIGHT pixels."""
    canvas = [bytearray([SHADE]) * WIDTH for _ in range(HEIGHT)]
    _fill(canvas, 8, 8, WIDTH - 16, HEIGHT - 16, EDGE)
    _fill(canvas, 9, 9, WIDTH - 18, HEIGHT - 18, PAPER)
    _fill(canvas, 9, 9, WIDTH - 18, 28, TITLE)
    _write(canvas, 20, 18, "SCAN", 2, PAPER)
    _stroke_cross(canvas, WIDTH - 26, 23, 5, 1, PAPER)
    _fill_disc(canvas, 58, 82, 24, RED)
    _stroke_cross(canvas, 58, 82, 9, 3, PAPER)
    _write(canvas, 102, 62, "SCANNER OFFLINE", 3, INK)
    _write(canvas, 102, 90, "ERROR 2104", 2, EDGE)
    _fill(canvas, WIDTH - 108, 128, 84, 28, EDGE)
    _fill(canvas, WIDTH - 107, 129, 82, 26, BUTTON)
    _write(canvas, WIDTH - 80, 135, "OK", 3, INK)
    return _png(canvas)


def _fill(canvas: Canvas, left: int, top: int, width: int, height: int, colour: int) -> None:
    for row in canvas[top : top + height]:
        row[left : left + width] = bytearray([colour]) * width


def _fill_disc(canvas: Canvas, x: int, y: int, radius: int, colour: int) -> None:
    for down in range(-radius, radius + 1):
        half = int((radius**2 - down**2) ** 0.5)
        _fill(canvas, x - half, y + down, 2 * half + 1, 1, colour)


def _stroke_cross(canvas: Canvas, x: int, y: int, radius: int, thickness: int, colour: int) -> None:
    for along in range(-radius, radius + 1):
        for column in (x + along, x - along):
            _fill(canvas, column - thickness // 2, y + along, thickness, 1, colour)


def _write(canvas: Canvas, left: int, top: int, text: str, scale: int, colour: int) -> None:
    for letter in text:
        rows = LETTERS[letter].split()
        for down, row in enumerate(rows):
            for across, dot in enumerate(row):
                if dot == "#":
                    _fill(canvas, left + across * scale, top + down * scale, scale, scale, colour)
        left += (len(rows[0]) + 1) * scale


def _png(canvas: Canvas) -> bytes:
    """One byte per pixel, an index into the palette; every row begins with filter type 0 (PNG, third edition, 9)."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    palette = bytes(value for colour in COLOURS for value in colour)
    pixels = zlib.compress(b"".join(b"\0" + row for row in canvas), 9)
    parts = (b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
