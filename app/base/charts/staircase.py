"""Contributions as a staircase that ends in the total: what an index or a score is made of."""

from __future__ import annotations

from dataclasses import dataclass

from app.base import formatting
from app.base.charts.axis import Scale, draw_nothing, ticks
from app.base.charts.svg import Canvas, Ink, Medium, Svg, boxes, fitted, line, text_width

ROW = 15.0
THICKNESS = 0.66


@dataclass(frozen=True, slots=True)
class Step:
    """One stair.

    label: the part's name (“financial”). value: its contribution in points, None: unknown.
    text: the words beside the bar (“+12.5”; of an unknown part “no data”).
    is_extra: drawn open, for the part that no single dimension has (“imbalance”).
    """

    label: str
    value: float | None
    text: str
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Staircase:
    """Parts that add up to a total, left to right and top to bottom.

    title, description: what is shown, and the text alternative.
    steps: the parts in reading order; unknown ones stand in their place with “no data”.
    total, total_label, total_text: the closing bar (47.1, “Index”, “47.1”); None: not rated,
    the words say so.
    edges: where bands begin, as (value, words) – (25.0, “medium”); drawn as faint lines.
    top: the end of the scale, 100 by default.
    """

    title: str
    description: str
    steps: tuple[Step, ...]
    total: float | None
    total_label: str
    total_text: str
    edges: tuple[tuple[float, str], ...] = ()
    top: float | None = None

    def svg(
        self,
        medium: Medium = Medium.SCREEN,
        *,
        width: float = 330,
        label_width: float = 78,
        row: float = ROW,
    ) -> Svg:
        """Draw the chart; its height follows from its rows."""
        head = 12.0 if self.edges else 0.0
        height = head + row * (len(self.steps) + 1) + 4
        canvas = Canvas(width, height, medium)
        if not self.steps:
            draw_nothing(canvas)
            return canvas.close(self.title, self.description)
        words = (self.total_text, *(step.text for step in self.steps))
        room = max(text_width(each, canvas.size) for each in words) * 1.12 + 8
        across = Scale(0, self._top(), label_width + 6, width - max(46, room))
        self._draw_edges(canvas, across, head, row)
        running = self._draw_steps(canvas, across, head, row)
        self._draw_total(canvas, across, running, head + row * len(self.steps), row)
        return canvas.close(self.title, self.description)

    def _top(self) -> float:
        if self.top is not None:
            return self.top
        running, highest = 0.0, max(self.total or 0.0, *(value for value, _ in self.edges[:1]), 0.0)
        for step in self.steps:
            running += step.value or 0.0
            highest = max(highest, running)
        return ticks(0, highest or 1.0)[-1]

    def _draw_edges(self, canvas: Canvas, across: Scale, head: float, row: float) -> None:
        """Draw the bands' edges, with a gap where a row's words would be struck through."""
        spans = self._spans(canvas, across)
        foot = head + row * len(spans)
        for value, words in self.edges:
            if value > across.high:
                continue
            place = across(value)
            runs = line((place, head - 2), (place, head))
            for index, (start, end) in enumerate(spans):
                top = head + row * index
                if not start <= place <= end:
                    runs += line((place, top), (place, top + row))
            canvas.path(Ink.GRID, runs + line((place, foot), (place, canvas.height)))
            canvas.text((place + 2, head - 3), words)

    def _spans(self, canvas: Canvas, across: Scale) -> list[tuple[float, float]]:
        """Return for each row, the total's last, from where to where its words reach."""
        found, running = [], 0.0
        for step in self.steps:
            running += step.value or 0.0
            found.append((running, step.text))
        total = running if self.total is None else self.total
        found.append((total, self.total_text or formatting.NO_DATA))
        return [
            (across(end) + 3, across(end) + 5 + text_width(words, canvas.size) * 1.12)
            for end, words in found
        ]

    def _draw_steps(self, canvas: Canvas, across: Scale, head: float, row: float) -> float:
        solid: list[tuple[float, float, float, float]] = []
        extra: list[tuple[float, float, float, float]] = []
        joints = ""
        bar = row * THICKNESS
        running = 0.0
        for index, step in enumerate(self.steps):
            top = head + row * index + (row - bar) / 2
            end = running + (step.value or 0.0)
            start_x, end_x = across(min(running, end)), across(max(running, end))
            if step.value is not None:
                box = (start_x, top, max(end_x - start_x, 0.6), bar)
                (extra if step.is_extra else solid).append(box)
            joints += line((across(end), top + bar), (across(end), top + row))
            self._write(
                canvas, step.label, step.text, end_x, top + bar / 2, start_of_bars=across.start
            )
            running = end
        canvas.path(Ink.AXIS, joints)
        canvas.path(Ink.BAR, boxes(solid))
        canvas.path(Ink.EXTRA, boxes(extra))
        return running

    def _draw_total(
        self, canvas: Canvas, across: Scale, running: float, top: float, row: float
    ) -> None:
        bar, middle = row * THICKNESS, top + row / 2
        end = across(self.total if self.total is not None else running)
        if self.total is not None:
            box = (across.start, middle - bar / 2, end - across.start, bar)
            canvas.path(Ink.TOTAL, boxes([box]))
        else:
            canvas.path(Ink.GAP, line((across.start, middle), (end, middle)))
        words = self.total_text or formatting.NO_DATA
        self._write(
            canvas, self.total_label, words, end, middle, start_of_bars=across.start, bold=True
        )

    def _write(
        self,
        canvas: Canvas,
        label: str,
        words: str,
        end: float,
        middle: float,
        *,
        start_of_bars: float,
        bold: bool = False,
    ) -> None:
        baseline = middle + canvas.size * 0.36
        ink = Ink.STRONG if bold else Ink.LABEL
        name = fitted(label, start_of_bars - 6, canvas.size)
        canvas.text((start_of_bars - 6, baseline), name, ink=ink, anchor="end")
        canvas.text((end + 4, baseline), words, ink=ink)
