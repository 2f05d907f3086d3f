"""The geometry of the small charts: plain numbers for an SVG without script or style, so they print as they look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# The drawing has 420 by 150 units; the axes take the left and the foot of it.
LEFT, RIGHT, TOP, FOOT = 36.0, 412.0, 20.0, 126.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A number at an axis: where it stands, and what it says."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    number: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Two bars for each hour, side by side."""

    first: list[Bar]
    second: list[Bar]
    scale: list[Mark]
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class Line:
    """A line over days: ``points`` for a polyline, ``area`` for the path below it."""

    points: str
    area: str
    scale: list[Mark]
    marks: list[Mark]


def bars(first: Sequence[int], second: Sequence[int], names: Sequence[str]) -> Bars:
    """``first`` and ``second`` are as long as ``names``; every name that has room is written below."""
    top, scale = scaled([*first, *second])
    step = (RIGHT - LEFT) / max(1, len(names))
    width = min(22.0, step * 0.38)
    middles = [round(LEFT + step * (at + 0.5), 1) for at in range(len(names))]

    def draw(values: Sequence[int], shift: float) -> list[Bar]:
        heights = [(FOOT - TOP) * value / top for value in values]
        return [
            Bar(round(middle + shift, 1), round(FOOT - height, 1), round(width, 1), round(height, 1), number)
            for middle, height, number in zip(middles, heights, values, strict=True)
        ]

    every = -(-len(names) // 8)
    marks = [Mark(middles[at], name) for at, name in enumerate(names) if at % max(1, every) == 0]
    return Bars(draw(first, -width - 1), draw(second, 1.0), scale, marks)


def line(values: Sequence[int], names: Sequence[str]) -> Line:
    """``values`` and ``names`` are as long as each other, two at least; the first, middle and last are named."""
    top, scale = scaled(values)
    step = (RIGHT - LEFT) / (len(values) - 1)
    at = [(round(LEFT + step * i, 1), round(FOOT - (FOOT - TOP) * value / top, 1)) for i, value in enumerate(values)]
    points = " ".join(f"{x},{y}" for x, y in at)
    area = f"M{at[0][0]} {FOOT}" + "".join(f"L{x} {y}" for x, y in at) + f"L{at[-1][0]} {FOOT}z"
    middle = len(values) // 2
    return Line(points, area, scale, [Mark(at[i][0], names[i]) for i in sorted({0, middle, len(values) - 1})])


def scaled(values: Sequence[int]) -> tuple[int, list[Mark]]:
    """The value at the top of a chart, an even one that nothing exceeds, and three marks of its scale."""
    top = nice(max([*values, 2]))
    return top, [Mark(round(FOOT - (FOOT - TOP) * share / 2, 1), f"{top * share // 2:,}") for share in (2, 1, 0)]


def nice(number: int) -> int:
    """The next of 2, 4, 6, 8, 10, 20, 40, 60, 80, 100, 200 … that is not below ``number``."""
    power = 1
    while number > 10 * power:
        power *= 10
    steps = (2, 4, 6, 8, 10)
    return next(step * power for step in steps if step * power >= number)
