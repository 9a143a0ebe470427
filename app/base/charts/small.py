"""Pictures the size of a word: sparkline, meter, interval strip. None of them holds text."""

from __future__ import annotations

from dataclasses import dataclass

from app.base.charts.axis import Scale, known
from app.base.charts.svg import Canvas, Ink, Medium, Svg, boxes, circles, line, polyline

FULL = 100.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """The course of a measure, without scale: only its shape and its last value.

    title, description: what is shown, and the text alternative.
    values: in order of time; None is a gap.
    """

    title: str
    description: str
    values: tuple[float | None, ...]

    def svg(self, medium: Medium = Medium.SCREEN, *, width: float = 64, height: float = 16) -> Svg:
        """Draw the chart."""
        canvas = Canvas(width, height, medium)
        shown = known(self.values)
        if not shown:
            canvas.path(Ink.GAP, line((2, height / 2), (width - 2, height / 2)))
            return canvas.close(self.title, self.description)
        spread = (max(shown) - min(shown)) or 1.0
        middle = (max(shown) + min(shown)) / 2
        up = Scale(middle - spread / 2, middle + spread / 2, height - 3, 3)
        across = Scale(0, max(1, len(self.values) - 1), 3, width - 4)
        piece: list[tuple[float, float]] = []
        commands = ""
        for index, value in enumerate((*self.values, None)):
            if value is None:
                commands += polyline(piece) if len(piece) > 1 else ""
                piece = []
            else:
                piece.append((across(index), up(value)))
        canvas.path(Ink.LINE, commands)
        last = max(i for i, value in enumerate(self.values) if value is not None)
        canvas.path(Ink.DOT, circles([(across(last), up(shown[-1]))], 2))
        return canvas.close(self.title, self.description)


@dataclass(frozen=True, slots=True)
class Meter:
    """Points from 0 to 100 as a filled bar.

    title: what is shown (“49.5 of 100 points”). points: None draws an empty frame.
    """

    title: str
    points: float | None

    def svg(self, medium: Medium = Medium.SCREEN, *, width: float = 46, height: float = 7) -> Svg:
        """Draw the chart."""
        canvas = Canvas(width, height, medium)
        canvas.path(Ink.FRAME, boxes([(0.3, 0.3, width - 0.6, height - 0.6)]))
        if self.points is not None:
            filled = Scale(0, FULL, 0, width - 0.6)(self.points)
            canvas.path(Ink.TOTAL, boxes([(0.3, 0.3, filled, height - 0.6)]))
        return canvas.close(self.title, "")


@dataclass(frozen=True, slots=True)
class IntervalStrip:
    """A value with its interval and target on a scale that several rows share.

    title: what is shown (“89.9 %, interval 88.2 to 91.4 %, target 98 %”).
    value, low, high, target: on the scale from start to end; None is left out.
    """

    title: str
    value: float | None
    low: float | None
    high: float | None
    target: float | None
    start: float
    end: float

    def svg(self, medium: Medium = Medium.SCREEN, *, width: float = 110, height: float = 10) -> Svg:
        """Draw the chart."""
        canvas = Canvas(width, height, medium)
        across = Scale(self.start, self.end, 3, width - 3)
        middle = height / 2
        canvas.path(Ink.GRID, line((3, middle), (width - 3, middle)))
        if self.target is not None:
            place = across(self.target)
            canvas.path(Ink.TARGET, line((place, 0), (place, height)))
        if self.low is not None and self.high is not None:
            left = across(self.low)
            wide = max(across(self.high) - left, 0.8)
            canvas.path(Ink.BAR, boxes([(left, middle - 1.5, wide, 3)]))
        if self.value is not None:
            canvas.path(Ink.DOT, circles([(across(self.value), middle)], 2.6))
        return canvas.close(self.title, "")
