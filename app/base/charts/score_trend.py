"""A score year by year over the zones it may lie in: bands with names, dots, a line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.base import formatting
from app.base.charts.axis import Scale, draw_nothing
from app.base.charts.svg import (
    Canvas,
    Ink,
    Medium,
    Svg,
    boxes,
    circles,
    line,
    polyline,
    spread_apart,
    text_width,
)

DOT = 3.0
# Room above and below what is shown, as a share of its span.
MARGIN = 0.12
DAYS_IN_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """A score on a day; `label` stands at it (“1.17”). None: there is none that year."""

    on: date
    score: float | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class ScoreTrend:
    """Scores over time with two cuts between three zones; low is worse.

    title: what is shown. description: the text alternative. points: in the order of days.
    low_cut, high_cut: where the zones meet. zones: their names from low to high.
    """

    title: str
    description: str
    points: tuple[ScorePoint, ...]
    low_cut: float
    high_cut: float
    zones: tuple[str, str, str]

    def svg(
        self, medium: Medium = Medium.SCREEN, *, width: float = 680, height: float = 190
    ) -> Svg:
        """Draw the chart."""
        canvas = Canvas(width, height, medium)
        known = [point.score for point in self.points if point.score is not None]
        if not known:
            draw_nothing(canvas)
            return canvas.close(self.title, self.description)
        low, high = min(*known, self.low_cut), max(*known, self.high_cut)
        margin = (high - low) * MARGIN
        foot, left = height - canvas.size * 2, canvas.size * 3.2
        right = width - max(text_width(words, canvas.size) for words in self.zones) * 1.1 - 14
        up = Scale(low - margin, high + margin, foot, canvas.size * 0.6)
        self._draw_zones(canvas, up, left, right)
        self._draw_points(canvas, up, self._across(left + 14, right - 24), foot)
        return canvas.close(self.title, self.description)

    def _across(self, left: float, right: float) -> Scale:
        days = [point.on.toordinal() for point in self.points]
        first, last = min(days), max(days)
        return Scale(first, max(last, first + DAYS_IN_YEAR), left, right)

    def _draw_zones(self, canvas: Canvas, up: Scale, left: float, right: float) -> None:
        upper, lower = up(self.high_cut), up(self.low_cut)
        canvas.path(Ink.BAND, boxes([(left, upper, right - left, lower - upper)]))
        for cut in (self.low_cut, self.high_cut):
            canvas.path(Ink.TARGET, line((left, up(cut)), (right, up(cut))))
            canvas.text(
                (left - 5, up(cut) + canvas.size * 0.35), formatting.number(cut, 2), anchor="end"
            )
        middles = ((up.start + lower) / 2, (lower + upper) / 2, (upper + up.end) / 2)
        drop = canvas.size * 0.35
        heights = spread_apart(
            [middle + drop for middle in middles],
            canvas.size * 1.2,
            top=canvas.size,
            bottom=canvas.height,
        )
        for height, words in zip(heights, self.zones, strict=True):
            canvas.text((right + 8, height), words)

    def _draw_points(self, canvas: Canvas, up: Scale, across: Scale, foot: float) -> None:
        canvas.path(Ink.AXIS, line((across.start - 14, foot), (across.end + 24, foot)))
        known = [
            (across(point.on.toordinal()), up(point.score), point.label)
            for point in self.points
            if point.score is not None
        ]
        canvas.path(Ink.LINE, polyline([(x, y) for x, y, _ in known]) if len(known) > 1 else "")
        canvas.path(Ink.DOT, circles([(x, y) for x, y, _ in known], DOT))
        for x, y, label in known:
            canvas.text((x, y - canvas.size * 0.7), label, ink=Ink.STRONG, anchor="middle")
        for point in self.points:
            words = formatting.day(point.on)
            canvas.text(
                (across(point.on.toordinal()), foot + canvas.size * 1.4), words, anchor="middle"
            )
