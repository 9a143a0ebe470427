"""A grid of ratings: how many rows stand at each severity and occurrence, and how urgent.

The letter and the frame say how urgent, so that it reads without colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.base.charts.svg import Canvas, Ink, Medium, Svg, boxes

SIDE = 10
LEFT, BELOW, TOP = 30.0, 30.0, 6.0
INSET = 1.5


@dataclass(frozen=True, slots=True)
class GridCell:
    """What stands at one place: a word in it, and how loud it is (0 quiet … 2 loud)."""

    words: str
    loudness: int


@dataclass(frozen=True, slots=True)
class RiskGrid:
    """Ten by ten places, severity upwards, occurrence to the right.

    title, description: what is shown, and the text alternative. cells: by (severity,
    occurrence), both 1 … 10; what is absent stays empty.
    """

    title: str
    description: str
    cells: Mapping[tuple[int, int], GridCell]

    def svg(
        self, medium: Medium = Medium.SCREEN, *, width: float = 400, height: float = 300
    ) -> Svg:
        """Draw the chart."""
        canvas = Canvas(width, height, medium, size=10)
        wide, high = (width - LEFT - 4) / SIDE, (height - BELOW - TOP) / SIDE
        places = [(s, o) for s in range(1, SIDE + 1) for o in range(1, SIDE + 1)]

        def box(severity: int, occurrence: int, inset: float) -> tuple[float, float, float, float]:
            x, y = LEFT + (occurrence - 1) * wide, TOP + (SIDE - severity) * high
            return (x + inset, y + inset, wide - 2 * inset, high - 2 * inset)

        canvas.path(Ink.GRID, boxes(box(*place, 0) for place in places))
        for loudness, ink in enumerate((Ink.UNKNOWN, Ink.BAND, Ink.RING)):
            found = [place for place, cell in self.cells.items() if cell.loudness == loudness]
            canvas.path(ink, boxes(box(*place, INSET) for place in found))
        self._labels(canvas, wide, high)
        return canvas.close(self.title, self.description)

    def _labels(self, canvas: Canvas, wide: float, high: float) -> None:
        for number in range(1, SIDE + 1):
            middle = TOP + (SIDE - number + 0.5) * high + 3.5
            canvas.text((LEFT - 6, middle), str(number), anchor="end")
            across = LEFT + (number - 0.5) * wide
            canvas.text((across, canvas.height - BELOW + 12), str(number), anchor="middle")
        for (severity, occurrence), cell in self.cells.items():
            at = (LEFT + (occurrence - 0.5) * wide, TOP + (SIDE - severity + 0.5) * high + 3.5)
            canvas.text(at, cell.words, ink=Ink.STRONG, anchor="middle")
        canvas.text((4, TOP + 8), "S", ink=Ink.STRONG)
        last = (canvas.width - 4, canvas.height - 4)
        canvas.text(last, "Occurrence O →", ink=Ink.STRONG, anchor="end")
