"""How many lines took how many days, with percentiles marked."""

from __future__ import annotations

from dataclasses import dataclass

from app.base import formatting
from app.base.charts.axis import Scale, draw_nothing, ticks
from app.base.charts.svg import Canvas, Ink, Medium, Svg, boxes, line, text_width

MOST_BARS = 44
BIN_WIDTHS = (1, 2, 3, 5, 7, 10, 14, 20, 28, 50, 100, 200, 365)
# What lies beyond these shares of the lines is gathered in the outermost bars.
TAIL = 0.005


@dataclass(frozen=True, slots=True)
class Mark:
    """A day to mark in a histogram.

    at: the day, also between two days. label: its words (“P90 35 d”).
    """

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class DayHistogram:
    """Counts by whole days.

    title, description: what is shown, and the text alternative.
    first_day: the day of the first count; early is negative.
    counts: one per day from there on, without holes (0 where there are none).
    marks: percentiles or targets, dashed with their words on top.
    axis: the words under the axis (“days from order to complete”).
    """

    title: str
    description: str
    first_day: int
    counts: tuple[int, ...]
    marks: tuple[Mark, ...] = ()
    axis: str = ""

    def svg(
        self, medium: Medium = Medium.SCREEN, *, width: float = 330, height: float = 130
    ) -> Svg:
        """Draw the chart."""
        canvas = Canvas(width, height, medium)
        if not sum(self.counts):
            draw_nothing(canvas)
            return canvas.close(self.title, self.description)
        low, high = self._core()
        step = next(w for w in BIN_WIDTHS if (high - low) // w < MOST_BARS or w == BIN_WIDTHS[-1])
        start = low // step * step
        bins = self._bins(start, step, (high - start) // step + 1)
        head = canvas.size * (1.3 * min(2, len(self.marks)) + 0.4)
        foot = height - canvas.size * (3.0 if self.axis else 1.7)
        across = Scale(start, start + step * len(bins), 4, width - 4)
        up = Scale(0, max(bins), foot, head)
        self._draw_bars(canvas, across, up, bins, start, step)
        self._draw_axis(canvas, across, foot, start, step * len(bins), low > self.first_day)
        self._draw_marks(canvas, across, foot)
        return canvas.close(self.title, self.description)

    def _core(self) -> tuple[int, int]:
        """Return the first and last day of the central lines, the far tails left out."""
        cut = sum(self.counts) * TAIL
        first, below = 0, 0
        while below + self.counts[first] <= cut:
            below += self.counts[first]
            first += 1
        last, above = len(self.counts) - 1, 0
        while above + self.counts[last] <= cut:
            above += self.counts[last]
            last -= 1
        return self.first_day + first, self.first_day + last

    def _bins(self, start: int, step: int, number_of: int) -> list[int]:
        bins = [0] * number_of
        for offset, count in enumerate(self.counts):
            place = (self.first_day + offset - start) // step
            bins[min(max(place, 0), number_of - 1)] += count
        return bins

    def _draw_bars(
        self, canvas: Canvas, across: Scale, up: Scale, bins: list[int], start: int, step: int
    ) -> None:
        wide = across(start + step) - across(start)
        air = min(1.2, wide * 0.15)
        canvas.path(
            Ink.BAR,
            boxes(
                (across(start + i * step) + air / 2, up(count), wide - air, up.start - up(count))
                for i, count in enumerate(bins)
                if count
            ),
        )

    def _draw_axis(
        self, canvas: Canvas, across: Scale, foot: float, start: int, span: int, gathered: bool
    ) -> None:
        canvas.path(Ink.AXIS, line((across.start, foot), (across.end, foot)))
        for value in ticks(start, start + span, wanted=5):
            place = across(value)
            if not start <= value <= start + span:
                continue
            words = formatting.number(value)
            half = text_width(words, canvas.size) / 2
            inside = min(max(place, half + 1), canvas.width - half - 1)
            canvas.path(Ink.AXIS, line((place, foot), (place, foot + 2.5)))
            canvas.text((inside, foot + canvas.size * 1.25), words, anchor="middle")
        canvas.text((canvas.width / 2, canvas.height - 3), self.axis, anchor="middle")

    def _draw_marks(self, canvas: Canvas, across: Scale, foot: float) -> None:
        """Draw each mark with its words beside its head, on two rows so that they part."""
        for row, mark in enumerate(sorted(self.marks, key=lambda mark: mark.at)):
            place = across(mark.at)
            top = canvas.size * (1.0 + 1.2 * (row % 2))
            canvas.path(Ink.TARGET, line((place, top - canvas.size * 0.7), (place, foot)))
            room = text_width(mark.label, canvas.size) * 1.1 + 4
            turned = place + room > canvas.width
            anchor = "end" if turned else "start"
            canvas.text((place + (-3 if turned else 3), top), mark.label, anchor=anchor)
