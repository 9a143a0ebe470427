"""The ink and the few elements that every chart is drawn with.

On screen an element carries a class that `charts.css` colours from the design tokens; on
paper it carries its colour itself, because a page's style sheet does not reach into an SVG
there. Knows nothing of scales or data.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from enum import StrEnum

Point = tuple[float, float]

FONT = "Source Sans Pro, DejaVu Sans, WenQuanYi Micro Hei, Symbola, sans-serif"
# Roughly what a character of the paper's sans takes of its size; for fitting labels only.
CHARACTER_WIDTH = 0.5
# Where a curve's handle stands to make a quarter of a circle.
ROUND = 0.5523


class Medium(StrEnum):
    """Where a chart is shown."""

    SCREEN = "screen"
    PAPER = "paper"


class Svg(str):
    """SVG source that a template puts out as it is: its texts are escaped already."""

    __slots__ = ()

    def __html__(self) -> str:
        """Tell the template engine that this is markup."""
        return str(self)


class Ink(StrEnum):
    """The part an element plays; the value is its class on screen."""

    GRID = "c-grid"
    AXIS = "c-axis"
    BAND = "c-band"
    TARGET = "c-target"
    LINE = "c-line"
    DOT = "c-dot"
    RING = "c-ring"
    BAR = "c-bar"
    EXTRA = "c-extra"
    TOTAL = "c-total"
    FRAME = "c-frame"
    GAP = "c-gap"
    UNKNOWN = "c-unknown"
    LABEL = "c-label"
    STRONG = "c-strong"
    LAND = "c-land"
    SHADE_1 = "c-shade-1"
    SHADE_2 = "c-shade-2"
    SHADE_3 = "c-shade-3"
    SHADE_4 = "c-shade-4"
    SHADE_UNKNOWN = "c-shade-unknown"
    PLACE = "c-place"


ON_PAPER = {
    Ink.GRID: 'fill="none" stroke="#d4d4d4" stroke-width="0.6"',
    Ink.AXIS: 'fill="none" stroke="#8c8c8c" stroke-width="0.6"',
    Ink.BAND: 'fill="#e9e9e9" stroke="none"',
    Ink.TARGET: 'fill="none" stroke="#222222" stroke-width="0.8" stroke-dasharray="3.5 2.5"',
    Ink.LINE: 'fill="none" stroke="#222222" stroke-width="1.3" stroke-linejoin="round"',
    Ink.DOT: 'fill="#222222" stroke="none"',
    Ink.RING: 'fill="#ffffff" stroke="#222222" stroke-width="1.6"',
    Ink.BAR: 'fill="#777777" stroke="none"',
    Ink.EXTRA: 'fill="#ffffff" stroke="#222222" stroke-width="0.8"',
    Ink.TOTAL: 'fill="#222222" stroke="none"',
    Ink.FRAME: 'fill="#ffffff" stroke="#222222" stroke-width="0.6"',
    Ink.GAP: 'fill="none" stroke="#8c8c8c" stroke-width="1" stroke-dasharray="1 2"',
    Ink.UNKNOWN: 'fill="#ffffff" stroke="#8c8c8c" stroke-width="0.8"',
    Ink.LABEL: 'fill="#555555"',
    Ink.STRONG: 'fill="#222222" font-weight="600"',
    Ink.LAND: 'fill="#f0f0f0" stroke="#c4c4c4" stroke-width="0.4"',
    Ink.SHADE_1: 'fill="#d6d6d6" stroke="#8c8c8c" stroke-width="0.5"',
    Ink.SHADE_2: 'fill="#b0b0b0" stroke="#8c8c8c" stroke-width="0.5"',
    Ink.SHADE_3: 'fill="#808080" stroke="#555555" stroke-width="0.5"',
    Ink.SHADE_4: 'fill="#4a4a4a" stroke="#222222" stroke-width="0.5"',
    Ink.SHADE_UNKNOWN: 'fill="#ffffff" stroke="#222222" stroke-width="0.8" '
    'stroke-dasharray="2 1.5"',
    Ink.PLACE: 'fill="#ffffff" stroke="#222222" stroke-width="1"',
}


class Canvas:
    """Collects the elements of one chart in one medium and closes them into an SVG."""

    def __init__(self, width: float, height: float, medium: Medium, *, size: float = 10) -> None:
        self.width = width
        self.height = height
        self.size = size
        self._medium = Medium(medium)
        self._parts: list[str] = []

    def path(self, ink: Ink, commands: str) -> None:
        """Draw a path; an empty one is left out."""
        if commands:
            self._parts.append(f'<path {self._look(ink)} d="{commands}"/>')

    def door(self, ink: Ink, commands: str, words: str, href: str) -> None:
        """Draw a path that leads somewhere on screen; on paper it is a path like others."""
        if not commands:
            return
        if not href or self._medium is Medium.PAPER:
            self.path(ink, commands)
            return
        told = html.escape(words)
        self._parts.append(
            f'<a href="{html.escape(href)}" aria-label="{told}"><title>{told}</title>'
            f'<path {self._look(ink)} d="{commands}"/></a>'
        )

    def text(self, at: Point, words: str, *, ink: Ink = Ink.LABEL, anchor: str = "start") -> None:
        """Write `words` with their baseline at `at`; anchor is start, middle or end."""
        if not words:
            return
        placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(
            f'<text x="{coordinate(at[0])}" y="{coordinate(at[1])}"{placed} '
            f"{self._look(ink)}>{html.escape(words)}</text>"
        )

    def close(self, title: str, description: str, *, has_doors: bool = False) -> Svg:
        """Return the chart with its title and text alternative.

        A PDF's alternative text is the title alone, so on paper it holds both. A picture with
        doors is a group: what is inside a picture would be hidden from a screen reader.
        """
        if self._medium is Medium.PAPER and description:
            title, description = f"{title}. {description}", ""
        wide, high = coordinate(self.width), coordinate(self.height)
        role = "group" if has_doors and self._medium is Medium.SCREEN else "img"
        return Svg(
            f'<svg xmlns="http://www.w3.org/2000/svg" role="{role}" viewBox="0 0 {wide} {high}" '
            f'width="{wide}" height="{high}" {self._root()}>'
            f"<title>{html.escape(title)}</title>{_described(description)}"
            f"{''.join(self._parts)}</svg>"
        )

    def _look(self, ink: Ink) -> str:
        return ON_PAPER[ink] if self._medium is Medium.PAPER else f'class="{ink}"'

    def _root(self) -> str:
        if self._medium is Medium.PAPER:
            return f'font-family="{FONT}" font-size="{coordinate(self.size)}"'
        return f'class="chart" font-size="{coordinate(self.size)}"'


def _described(description: str) -> str:
    return f"<desc>{html.escape(description)}</desc>" if description else ""


def coordinate(value: float) -> str:
    """Return a coordinate with at most two decimals, so that equal data give equal bytes."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def polyline(points: Sequence[Point]) -> str:
    """Return the commands of a line through `points`."""
    return "".join(
        f"{'L' if index else 'M'}{coordinate(x)} {coordinate(y)}"
        for index, (x, y) in enumerate(points)
    )


def polygon(points: Sequence[Point]) -> str:
    """Return the commands of a closed shape."""
    return polyline(points) + "Z" if points else ""


def boxes(rectangles: Iterable[tuple[float, float, float, float]]) -> str:
    """Return one path for all rectangles, each as (x, y, width, height)."""
    return "".join(
        f"M{coordinate(x)} {coordinate(y)}h{coordinate(wide)}v{coordinate(high)}"
        f"h{coordinate(-wide)}z"
        for x, y, wide, high in rectangles
    )


def circles(centres: Iterable[Point], radius: float) -> str:
    """Return one path for all circles of one radius, as curves: arcs print as polygons."""
    return "".join(_circle(x, y, radius) for x, y in centres)


def _circle(x: float, y: float, radius: float) -> str:
    r, k = coordinate(radius), coordinate(radius * ROUND)
    rest = coordinate(radius - radius * ROUND)
    return (
        f"M{coordinate(x - radius)} {coordinate(y)}"
        f"c0 {-float(k):g} {rest} {-float(r):g} {r} {-float(r):g}"
        f"c{k} 0 {r} {rest} {r} {r}"
        f"c0 {k} {-float(rest):g} {r} {-float(r):g} {r}"
        f"c{-float(k):g} 0 {-float(r):g} {-float(rest):g} {-float(r):g} {-float(r):g}z"
    )


def line(start: Point, end: Point) -> str:
    """Return the commands of one straight line."""
    return polyline((start, end))


def text_width(words: str, size: float) -> float:
    """Return about how wide `words` will be at `size`."""
    return len(words) * size * CHARACTER_WIDTH


def fitted(words: str, width: float, size: float) -> str:
    """Return `words`, cut with an ellipsis where they would not fit into `width`."""
    room = max(1, int(width / (size * CHARACTER_WIDTH)))
    return words if len(words) <= room else words[: room - 1].rstrip() + "…"


def spread_apart(wanted: Sequence[float], gap: float, *, top: float, bottom: float) -> list[float]:
    """Return the heights of labels moved as little as needed to stand `gap` apart.

    wanted: heights in drawing order, any order of size; the result keeps their positions.
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = [0.0] * len(wanted)
    lowest = top
    for index in order:
        placed[index] = max(wanted[index], lowest)
        lowest = placed[index] + gap
    highest = bottom
    for index in reversed(order):
        placed[index] = min(placed[index], highest)
        highest = placed[index] - gap
    return placed
