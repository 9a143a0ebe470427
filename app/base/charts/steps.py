"""A value that holds until it is changed, over days: a stair with words at its steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.base import formatting
from app.base.charts.axis import Scale, draw_nothing, tick_label, ticks
from app.base.charts.axis import Unit as Units
from app.base.charts.svg import (
    Canvas,
    Ink,
    Medium,
    Point,
    Svg,
    circles,
    line,
    polyline,
    text_width,
)

DOT = 2.2
# Two changes closer than this share of the picture's width keep one label: the later one's.
CLOSEST_LABELS = 0.06


@dataclass(frozen=True, slots=True)
class Step:
    """From a day on a value holds; `words` stand at the step (“H”)."""

    on: date
    value: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class StepChart:
    """A stair of values over days, up to a last day.

    title, description: what is shown, and the text alternative.
    steps: by day, the oldest first. until: the day on which the picture ends.
    aim, aim_label: a dashed line and the words at its end.
    highest: the end of the scale.
    """

    title: str
    description: str
    steps: tuple[Step, ...]
    until: date
    highest: float
    aim: float | None = None
    aim_label: str = ""

    def svg(
        self, medium: Medium = Medium.SCREEN, *, width: float = 680, height: float = 170
    ) -> Svg:
        """Draw the chart."""
        canvas = Canvas(width, height, medium)
        if not self.steps:
            draw_nothing(canvas)
            return canvas.close(self.title, self.description)
        foot, left = height - canvas.size * 1.9, canvas.size * 4.2
        right = width - max(10.0, text_width(self.aim_label, canvas.size) * 1.08 + 10)
        up = Scale(0, self.highest, foot, canvas.size * 1.9)
        first = self.steps[0].on.toordinal()
        across = Scale(first, max(first + 1, self.until.toordinal()), left + 6, right - 6)
        self._draw_levels(canvas, up, left, right)
        self._draw_aim(canvas, up, left, right)
        points = [(across(each.on.toordinal()), up(each.value)) for each in self.steps]
        canvas.path(Ink.LINE, polyline(_stair(points, across.end)))
        canvas.path(Ink.DOT, circles(points, DOT))
        self._draw_words(canvas, points, width)
        self._draw_days(canvas, foot, left, right)
        return canvas.close(self.title, self.description)

    def _draw_levels(self, canvas: Canvas, up: Scale, left: float, right: float) -> None:
        levels = ticks(0, self.highest, wanted=3)
        shown = [level for level in levels if level <= self.highest]
        canvas.path(Ink.GRID, "".join(line((left, up(v)), (right, up(v))) for v in shown))
        for value in shown:
            words = tick_label(value, Units.POINTS)
            canvas.text((left - 5, up(value) + canvas.size * 0.35), words, anchor="end")

    def _draw_aim(self, canvas: Canvas, up: Scale, left: float, right: float) -> None:
        if self.aim is not None:
            canvas.path(Ink.TARGET, line((left, up(self.aim)), (right, up(self.aim))))
            canvas.text((right + 5, up(self.aim) + canvas.size * 0.35), self.aim_label)

    def _draw_words(self, canvas: Canvas, points: list[Point], width: float) -> None:
        for index, (each, at) in enumerate(zip(self.steps, points, strict=True)):
            is_last = index == len(points) - 1
            if is_last or points[index + 1][0] - at[0] >= width * CLOSEST_LABELS:
                place = (at[0], at[1] - canvas.size * 0.6)
                canvas.text(place, each.words, ink=Ink.STRONG, anchor="middle")

    def _draw_days(self, canvas: Canvas, foot: float, left: float, right: float) -> None:
        canvas.path(Ink.AXIS, line((left, foot), (right, foot)))
        below = foot + canvas.size * 1.35
        canvas.text((left, below), formatting.day(self.steps[0].on))
        if self.until > self.steps[0].on:
            canvas.text((right, below), formatting.day(self.until), anchor="end")


def _stair(points: list[Point], end: float) -> list[Point]:
    """Return the corners of a stair through points that holds each value until the next."""
    found: list[Point] = []
    for index, (x, y) in enumerate(points):
        found.append((x, y))
        found.append((points[index + 1][0] if index + 1 < len(points) else end, y))
    return found
