"""Columns by month with a limit: parts per million, counts. Zero is drawn, unknown is not."""

from __future__ import annotations

from dataclasses import dataclass

from app.base import formatting
from app.base.charts.axis import (
    Scale,
    Unit,
    canvas_left,
    draw_levels,
    draw_months,
    draw_nothing,
    known,
    tick_label,
    ticks,
)
from app.base.charts.svg import Canvas, Ink, Medium, Svg, boxes, circles, line, text_width

FILLED = 0.62
WIDEST = 44.0
# A month of nothing found still shows: a flat column of this height.
LEAST_HEIGHT = 1.2
LEAST_WHOLE = 10


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """A measure by month as columns, with its limit dashed.

    title, description: what is shown, and the text alternative.
    first_month: month index of the first value (year × 12 + month − 1).
    values: one per month in the unit; 0 is a flat column, None is left out and marked ○.
    unit: what the numbers count.
    limit, limit_label: a dashed line and the words at its end (“limit 50”).
    """

    title: str
    description: str
    first_month: int
    values: tuple[float | None, ...]
    unit: Unit = Unit.PPM
    limit: float | None = None
    limit_label: str = ""

    def svg(
        self, medium: Medium = Medium.SCREEN, *, width: float = 680, height: float = 150
    ) -> Svg:
        """Draw the chart."""
        canvas = Canvas(width, height, medium)
        shown = known((*self.values, self.limit))
        if not known(self.values):
            draw_nothing(canvas)
            return canvas.close(self.title, self.description)
        factor = self.unit.factor
        levels = ticks(0, max(shown) * factor, wanted=3)
        foot = height - canvas.size * 1.9
        up = Scale(levels[0], levels[-1], foot, canvas.size * 1.4)
        room = text_width(self.limit_label, canvas.size)
        right = width - (room * 1.08 + 10 if room else 6)
        left = canvas_left(canvas, self.unit)
        step = (right - left) / len(self.values)
        across = Scale(0, max(1, len(self.values) - 1), left + step / 2, right - step / 2)
        draw_levels(canvas, up, levels, self.unit, right)
        self._draw_columns(canvas, across, up, step)
        draw_months(canvas, across, self.first_month, len(self.values), foot)
        if self.limit is not None:
            height_of_limit = up(self.limit * factor)
            canvas.path(Ink.TARGET, line((left, height_of_limit), (right, height_of_limit)))
            canvas.text((right + 5, height_of_limit + canvas.size * 0.35), self.limit_label)
        return canvas.close(self.title, self.description)

    def _draw_columns(self, canvas: Canvas, across: Scale, up: Scale, step: float) -> None:
        wide = min(step * FILLED, WIDEST)
        factor = self.unit.factor
        columns = [
            (across(i) - wide / 2, up(value * factor))
            for i, value in enumerate(self.values)
            if value is not None
        ]
        foot = up.start
        canvas.path(
            Ink.BAR,
            boxes((x, min(y, foot - LEAST_HEIGHT), wide, max(foot - y, LEAST_HEIGHT))
                  for x, y in columns),
        )  # fmt: skip
        unknown = [(across(i), foot - 5) for i, value in enumerate(self.values) if value is None]
        canvas.path(Ink.UNKNOWN, circles(unknown, 2))
        self._name_highest(canvas, across, up)

    def _name_highest(self, canvas: Canvas, across: Scale, up: Scale) -> None:
        """Write the value above the highest column: no chart makes people guess its peak."""
        highest = max(known(self.values))
        if highest <= 0:
            return
        position = self.values.index(highest)
        words = tick_label(_told(highest * self.unit.factor), self.unit)
        at = (across(position), up(highest * self.unit.factor) - 3)
        canvas.text(at, words, ink=Ink.STRONG, anchor="middle")


def _told(value: float) -> float:
    """Return a value as precise as people read it: from ten on, whole."""
    return float(formatting.half_up(value, 0 if value >= LEAST_WHOLE else 1))
