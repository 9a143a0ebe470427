"""A move as a waterfall: from one figure to another by parts that add up."""

from __future__ import annotations

from dataclasses import dataclass

from app.base.charts.axis import Scale, draw_nothing, ticks
from app.base.charts.staircase import ROW, THICKNESS, Step
from app.base.charts.svg import Canvas, Ink, Medium, Svg, boxes, circles, fitted, line, text_width

DOT = 4.0


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Parts that lead from a first figure to a last one, top to bottom.

    title, description: what is shown, and the text alternative.
    first, last: (label, value, words) of the figure before and after; drawn as dots, because
    the scale begins where the move does.
    steps: the parts in reading order; a rise is drawn full, a fall open.
    """

    title: str
    description: str
    first: tuple[str, float, str]
    last: tuple[str, float, str]
    steps: tuple[Step, ...]

    def svg(
        self,
        medium: Medium = Medium.SCREEN,
        *,
        width: float = 620,
        label_width: float = 170,
        row: float = ROW + 3,
    ) -> Svg:
        """Draw the chart; its height follows from its rows."""
        canvas = Canvas(width, row * (len(self.steps) + 2) + 8, medium)
        if not self.steps and self.first[1] == self.last[1]:
            draw_nothing(canvas)
            return canvas.close(self.title, self.description)
        across = self._scale(canvas, label_width)
        self._end(canvas, across, self.first, row / 2)
        self._draw_steps(canvas, across, row)
        self._end(canvas, across, self.last, row * (len(self.steps) + 1.5))
        return canvas.close(self.title, self.description)

    def _scale(self, canvas: Canvas, label_width: float) -> Scale:
        places, running = [self.first[1], self.last[1]], self.first[1]
        for step in self.steps:
            running += step.value or 0.0
            places.append(running)
        marks = ticks(min(places), max(places))
        words = (self.first[2], self.last[2], *(step.text for step in self.steps))
        room = max(text_width(each, canvas.size) for each in words) * 1.12 + 10
        return Scale(marks[0], marks[-1], label_width + 8, canvas.width - max(46, room))

    def _draw_steps(self, canvas: Canvas, across: Scale, row: float) -> None:
        rises: list[tuple[float, float, float, float]] = []
        falls: list[tuple[float, float, float, float]] = []
        running, joints, bar = self.first[1], "", row * THICKNESS
        for place, step in enumerate(self.steps, start=1):
            end = running + (step.value or 0.0)
            top = row * place + (row - bar) / 2
            start_x, end_x = across(min(running, end)), across(max(running, end))
            box = (start_x, top, max(end_x - start_x, 0.6), bar)
            (rises if end >= running else falls).append(box)
            joints += line((across(running), row * place - bar / 4), (across(running), top))
            self._write(canvas, step.label, step.text, end_x, top + bar / 2, left=across.start)
            running = end
        bottom = row * (len(self.steps) + 1)
        joints += line((across(running), bottom - bar / 4), (across(running), bottom + bar / 4))
        canvas.path(Ink.AXIS, joints)
        canvas.path(Ink.BAR, boxes(rises))
        canvas.path(Ink.EXTRA, boxes(falls))

    def _end(
        self, canvas: Canvas, across: Scale, figure: tuple[str, float, str], middle: float
    ) -> None:
        label, value, words = figure
        canvas.path(Ink.DOT, circles([(across(value), middle)], DOT))
        self._write(canvas, label, words, across(value) + DOT, middle, left=across.start, bold=True)

    def _write(
        self,
        canvas: Canvas,
        label: str,
        words: str,
        end: float,
        middle: float,
        *,
        left: float,
        bold: bool = False,
    ) -> None:
        baseline = middle + canvas.size * 0.36
        ink = Ink.STRONG if bold else Ink.LABEL
        canvas.text(
            (left - 8, baseline), fitted(label, left - 8, canvas.size), ink=ink, anchor="end"
        )
        canvas.text((end + 4, baseline), words, ink=ink)
