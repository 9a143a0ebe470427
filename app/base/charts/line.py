"""A measure month by month: line, dots, target, and what chance explains as a pale band."""

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
    ticks,
)
from app.base.charts.svg import (
    Canvas,
    Ink,
    Medium,
    Point,
    Svg,
    circles,
    line,
    polygon,
    polyline,
    spread_apart,
    text_width,
)

DOT = 1.6
RING = 3.2
# A gap shorter than this has no room for its words; its dotted foot still shows it.
SHORTEST_NAMED_GAP = 3
# Below this span of percentage points a picture would make much of little.
LEAST_PERCENT_SPAN = 10.0


@dataclass(frozen=True, slots=True)
class LineChart:
    """A measure by month, with its target and the limits that chance explains.

    title: what is shown (“OTIF by line, month by month”).
    description: the text alternative, the chart's message in one or two sentences.
    first_month: month index of the first value (year × 12 + month − 1).
    values: one per month, in the unit; a rate as a fraction; None is a gap, never a zero.
    unit: what the numbers count.
    target, target_label: a dashed line and the words at its end (“target 98 %”).
    lower_limits, upper_limits: the band, one per month, or empty; limit_label at its end.
    outside: positions (0 is the first month) whose value lies outside the band: rings.
    last_label: the words at the last point (“83.5 %”).
    """

    title: str
    description: str
    first_month: int
    values: tuple[float | None, ...]
    unit: Unit = Unit.PERCENT
    target: float | None = None
    target_label: str = ""
    lower_limits: tuple[float | None, ...] = ()
    upper_limits: tuple[float | None, ...] = ()
    limit_label: str = ""
    outside: tuple[int, ...] = ()
    last_label: str = ""

    def svg(
        self, medium: Medium = Medium.SCREEN, *, width: float = 680, height: float = 150
    ) -> Svg:
        """Draw the chart."""
        canvas = Canvas(width, height, medium)
        if not known(self.values):
            draw_nothing(canvas)
            return canvas.close(self.title, self.description)
        factor = self.unit.factor
        levels = _levels(self)
        foot = height - canvas.size * 1.9
        up = Scale(levels[0] / factor, levels[-1] / factor, foot, canvas.size * 0.8)
        right = width - self._label_room(canvas.size)
        inset = 6.0
        across = Scale(
            0, max(1, len(self.values) - 1), canvas_left(canvas, self.unit) + inset, right - inset
        )
        self._draw_band(canvas, across, up)
        draw_levels(
            canvas,
            Scale(levels[0], levels[-1], up.start, up.end),
            levels,
            self.unit,
            right,
        )
        draw_months(canvas, across, self.first_month, len(self.values), foot)
        self._draw_gaps(canvas, across, foot)
        self._draw_target(canvas, up, right)
        self._draw_line(canvas, across, up)
        self._draw_end_labels(canvas, up, right)
        return canvas.close(self.title, self.description)

    def _label_room(self, size: float) -> float:
        labels = (self.target_label, self.limit_label, self.last_label)
        widest = max(text_width(words, size) for words in labels)
        return widest * 1.08 + 12 if widest else 8

    def _draw_band(self, canvas: Canvas, across: Scale, up: Scale) -> None:
        for run in _runs(self.lower_limits, self.upper_limits):
            lower = [(across(i), up(low)) for i, low, _ in run]
            upper = [(across(i), up(high)) for i, _, high in run]
            canvas.path(Ink.BAND, polygon([*upper, *reversed(lower)]))

    def _draw_gaps(self, canvas: Canvas, across: Scale, foot: float) -> None:
        for first, last in _gaps(self.values):
            start, end = across(max(0, first - 0.5)), across(min(across.high, last + 0.5))
            canvas.path(Ink.GAP, line((start, foot - 3), (end, foot - 3)))
            if last - first + 1 >= SHORTEST_NAMED_GAP:
                canvas.text(((start + end) / 2, foot - 7), formatting.NO_DATA, anchor="middle")

    def _draw_target(self, canvas: Canvas, up: Scale, right: float) -> None:
        if self.target is not None:
            height = up(self.target)
            canvas.path(Ink.TARGET, line((canvas_left(canvas, self.unit), height), (right, height)))

    def _draw_line(self, canvas: Canvas, across: Scale, up: Scale) -> None:
        points = [
            None if value is None else (across(i), up(value)) for i, value in enumerate(self.values)
        ]
        canvas.path(Ink.LINE, "".join(polyline(piece) for piece in _pieces(points)))
        ringed = set(self.outside)
        canvas.path(
            Ink.DOT, circles([p for i, p in enumerate(points) if p and i not in ringed], DOT)
        )
        canvas.path(Ink.RING, circles([p for i, p in enumerate(points) if p and i in ringed], RING))

    def _draw_end_labels(self, canvas: Canvas, up: Scale, right: float) -> None:
        labels: list[tuple[float, str, Ink]] = []
        if self.target is not None and self.target_label:
            labels.append((up(self.target), self.target_label, Ink.LABEL))
        ends = _runs(self.lower_limits, self.upper_limits)
        if ends and self.limit_label:
            labels.append((up(ends[-1][-1][1]), self.limit_label, Ink.LABEL))
        last = self.values[-1]
        if last is not None and self.last_label:
            labels.append((up(last), self.last_label, Ink.STRONG))
        drop = canvas.size * 0.35
        heights = spread_apart(
            [height + drop for height, _, _ in labels],
            canvas.size * 1.15,
            top=canvas.size,
            bottom=canvas.height,
        )
        for height, (_, words, ink) in zip(heights, labels, strict=True):
            canvas.text((right + 6, height), words, ink=ink)


def _levels(chart: LineChart) -> list[float]:
    factor = chart.unit.factor
    shown = known((*chart.values, *chart.lower_limits, *chart.upper_limits, chart.target))
    low, high = min(shown) * factor, max(shown) * factor
    if chart.unit is Unit.PERCENT:
        low = min(low, high - LEAST_PERCENT_SPAN)
    levels = ticks(low, high, wanted=3)
    if chart.unit is Unit.PERCENT:
        levels = [level for level in levels if 0 <= level <= 100]
    return levels if len(levels) > 1 else [0.0, 100.0]


def _pieces(points: list[Point | None]) -> list[list[Point]]:
    pieces: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(point)
    return [piece for piece in pieces if len(piece) > 1]


def _gaps(values: tuple[float | None, ...]) -> list[tuple[int, int]]:
    gaps: list[tuple[int, int]] = []
    for index, value in enumerate(values):
        if value is not None:
            continue
        if gaps and gaps[-1][1] == index - 1:
            gaps[-1] = (gaps[-1][0], index)
        else:
            gaps.append((index, index))
    return gaps


def _runs(
    lower: tuple[float | None, ...], upper: tuple[float | None, ...]
) -> list[list[tuple[int, float, float]]]:
    """Return the unbroken stretches of the band as (position, low, high)."""
    runs: list[list[tuple[int, float, float]]] = [[]]
    for index, (low, high) in enumerate(zip(lower, upper, strict=True)):
        if low is None or high is None:
            runs.append([])
        else:
            runs[-1].append((index, low, high))
    return [run for run in runs if run]
