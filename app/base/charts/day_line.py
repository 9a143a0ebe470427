"""Days on one line: stretches of time as bars, marked days with words, and today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.base import formatting
from app.base.charts.axis import Scale
from app.base.charts.svg import (
    Canvas,
    Ink,
    Medium,
    Svg,
    boxes,
    circles,
    line,
    text_width,
)

BAR = 12.0
DOT = 3.6
MARGIN = 8.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from one to another; an open one is drawn as a frame (not certain to come)."""

    first: date
    last: date
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class MarkedDay:
    """A day with words; a strong one is the day that somebody has to act by."""

    on: date
    words: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class DayLine:
    """Stretches and marked days between the first and the last of them, and today among them.

    ticks: small marks without words (reminders).
    """

    title: str
    description: str
    stretches: tuple[Stretch, ...]
    marks: tuple[MarkedDay, ...]
    today: date
    ticks: tuple[date, ...] = ()

    def svg(self, medium: Medium = Medium.SCREEN, *, width: float = 760) -> Svg:
        """Draw the line; words that would touch stand in rows above each other."""
        marks = sorted(
            (*self.marks, MarkedDay(self.today, "today")), key=lambda each: (each.on, each.words)
        )
        canvas = Canvas(width, 1, medium)
        across = self._across(width)
        rows = _rows(marks, across, width, canvas.size)
        step = canvas.size * 1.5
        top = (max(rows, default=0) + 1) * step + 6
        canvas.height = top + BAR + canvas.size * 2
        for ink, is_open in ((Ink.BAND, False), (Ink.FRAME, True)):
            found = [
                (across(each.first.toordinal()), top,
                 across(each.last.toordinal()) - across(each.first.toordinal()), BAR)
                for each in self.stretches
                if each.is_open is is_open
            ]  # fmt: skip
            canvas.path(ink, boxes(found))
        at = [across(day.toordinal()) for day in self.ticks]
        canvas.path(Ink.AXIS, "".join(line((x, top + BAR / 2), (x, top + BAR)) for x in at))
        placed = [
            (mark, across(mark.on.toordinal()), (row + 0.75) * step)
            for mark, row in zip(marks, rows, strict=True)
        ]
        # Words come last: no line goes through them.
        for mark, x, y in placed:
            self._draw_mark(canvas, mark, x, y, top)
        for mark, x, y in placed:
            self._draw_words(canvas, mark, x, y)
        self._draw_days(canvas, across, top + BAR + canvas.size * 1.5)
        return canvas.close(self.title, self.description)

    def _days(self) -> list[date]:
        ends = [day for each in self.stretches for day in (each.first, each.last)]
        return sorted([*ends, *(each.on for each in self.marks), self.today])

    def _across(self, width: float) -> Scale:
        days = self._days()
        first, last = days[0].toordinal(), days[-1].toordinal()
        return Scale(first, max(first + 1, last), MARGIN, width - MARGIN)

    def _draw_mark(self, canvas: Canvas, mark: MarkedDay, x: float, y: float, top: float) -> None:
        is_today = mark.on == self.today and mark.words == "today"
        canvas.path(Ink.TARGET if is_today else Ink.AXIS, line((x, y + 3), (x, top + BAR)))
        if not is_today:
            centre = [(x, top + BAR / 2)]
            canvas.path(Ink.DOT if mark.is_strong else Ink.UNKNOWN, circles(centre, DOT))

    def _draw_words(self, canvas: Canvas, mark: MarkedDay, x: float, y: float) -> None:
        place, anchor = _placed(mark.words, x, canvas.width, canvas.size)
        ink = Ink.STRONG if mark.is_strong else Ink.LABEL
        canvas.text((place, y), mark.words, ink=ink, anchor=anchor)

    def _draw_days(self, canvas: Canvas, across: Scale, below: float) -> None:
        days = self._days()
        canvas.text((MARGIN, below), formatting.day(days[0]))
        if days[-1] > days[0]:
            right = canvas.width - MARGIN
            canvas.text((right, below), formatting.day(days[-1]), anchor="end")


def _placed(words: str, x: float, width: float, size: float) -> tuple[float, str]:
    """Return where words stand, kept inside of the picture."""
    half = text_width(words, size) * 0.55
    if x - half < MARGIN:
        return max(x, MARGIN), "start"
    if x + half > width - MARGIN:
        return min(x, width - MARGIN), "end"
    return x, "middle"


def _rows(marks: Sequence[MarkedDay], across: Scale, width: float, size: float) -> list[int]:
    """Return the row of each mark's words, 0 on top, so that none touches another."""
    taken: list[float] = []
    levels: list[int] = []
    for mark in marks:
        place, anchor = _placed(mark.words, across(mark.on.toordinal()), width, size)
        wide = text_width(mark.words, size) * 1.15
        left = place - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        level = next((i for i, end in enumerate(taken) if left > end + 6), len(taken))
        if level == len(taken):
            taken.append(0.0)
        taken[level] = left + wide
        levels.append(level)
    highest = max(levels, default=0)
    # The first level stands nearest to the line.
    return [highest - level for level in levels]
