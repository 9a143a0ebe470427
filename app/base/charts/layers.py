"""A chain in layers: boxes in columns, joined by lines from left to right; some are marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.base.charts.svg import Canvas, Ink, Medium, Svg, boxes, coordinate, fitted, line

BOX_WIDTH, BOX_HEIGHT = 238.0, 58.0
COLUMN_GAP, ROW_GAP = 56.0, 12.0
MARGIN, LINE_HEIGHT = 2.0, 15.0
HEAD_HEIGHT = 20.0
MARK_WIDTH = 5.0
FONT_SIZE = 11.0
# Bold letters, and those of other fonts, are wider than the measure that labels are fitted by.
STRONG_ROOM, PLAIN_ROOM = 0.78, 0.9


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its key, its first line in strong ink, up to two lines below, and its mark.

    A marked box has a bar at its left; what the mark means is said in its lines, too.
    """

    key: str
    title: str
    lines: tuple[str, ...] = ()
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class LayerChart:
    """Columns of boxes with a head each, and the lines between boxes, by key."""

    title: str
    description: str
    columns: tuple[tuple[str, tuple[Box, ...]], ...]
    joins: tuple[tuple[str, str], ...]

    def svg(self, medium: Medium = Medium.SCREEN) -> Svg:
        """Return the chart drawn for a medium."""
        tallest = max((len(column) for _, column in self.columns), default=0)
        width = len(self.columns) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP + 2 * MARGIN
        height = HEAD_HEIGHT + tallest * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 2 * MARGIN
        canvas = Canvas(width, height, medium, size=FONT_SIZE)
        places = self._places(height)
        for start, end in self.joins:
            if start in places and end in places:
                canvas.path(Ink.AXIS, _join(places[start], places[end]))
        for place, (head, column) in enumerate(self.columns):
            left = MARGIN + place * (BOX_WIDTH + COLUMN_GAP)
            canvas.text((left, LINE_HEIGHT - 3), head)
            for box in column:
                _draw(canvas, box, places[box.key])
        return canvas.close(self.title, self.description)

    def _places(self, height: float) -> Mapping[str, tuple[float, float]]:
        """Return the left upper corner of each box, columns centred beside each other."""
        found: dict[str, tuple[float, float]] = {}
        for place, (_, column) in enumerate(self.columns):
            left = MARGIN + place * (BOX_WIDTH + COLUMN_GAP)
            used = len(column) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP
            top = HEAD_HEIGHT + (height - HEAD_HEIGHT - used) / 2
            for row, box in enumerate(column):
                found[box.key] = (left, top + row * (BOX_HEIGHT + ROW_GAP))
        return found


def _draw(canvas: Canvas, box: Box, corner: tuple[float, float]) -> None:
    left, top = corner
    canvas.path(Ink.UNKNOWN, boxes([(left, top, BOX_WIDTH, BOX_HEIGHT)]))
    if box.is_marked:
        canvas.path(Ink.TOTAL, boxes([(left, top, MARK_WIDTH, BOX_HEIGHT)]))
    inner = left + MARK_WIDTH + 6
    room = BOX_WIDTH - MARK_WIDTH - 12
    title = fitted(box.title, room * STRONG_ROOM, FONT_SIZE)
    canvas.text((inner, top + LINE_HEIGHT + 1), title, ink=Ink.STRONG)
    for row, words in enumerate(box.lines[:2], start=2):
        at = (inner, top + row * LINE_HEIGHT + 3)
        canvas.text(at, fitted(words, room * PLAIN_ROOM, FONT_SIZE))


def _join(start: tuple[float, float], end: tuple[float, float]) -> str:
    middle = BOX_HEIGHT / 2
    first = (start[0] + BOX_WIDTH, start[1] + middle)
    last = (end[0], end[1] + middle)
    if last[0] <= first[0]:
        # Back in a circle: below the boxes, so that it is not taken for a step ahead.
        return line((start[0] + BOX_WIDTH / 2, start[1]), (end[0] + BOX_WIDTH / 2, end[1]))
    half = (first[0] + last[0]) / 2
    return (
        f"M{coordinate(first[0])} {coordinate(first[1])}"
        f"C{coordinate(half)} {coordinate(first[1])} {coordinate(half)} {coordinate(last[1])} "
        f"{coordinate(last[0])} {coordinate(last[1])}"
    )
