"""Scales, ticks and the months along the foot of a chart."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.base import formatting
from app.base.charts.svg import Canvas, Ink, boxes, line, text_width

MONTHS_IN_YEAR = 12
MONTHS_IN_QUARTER = 3


class Unit(StrEnum):
    """What a chart's numbers count. Rates are given as fractions and printed in percent."""

    PERCENT = "%"
    PPM = "ppm"
    DAYS = "d"
    LINES = "lines"
    POINTS = "points"

    @property
    def factor(self) -> float:
        """What a given number is multiplied with before it is printed."""
        return 100.0 if self is Unit.PERCENT else 1.0


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight scale from data to the page."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where `value` stands; values outside stop at the ends."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def ticks(low: float, high: float, *, wanted: int = 4) -> list[float]:
    """Return round numbers from at or below `low` to at or above `high`, about `wanted` steps."""
    span = high - low
    if span <= 0:
        span = abs(high) or 1.0
    rough = span / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * unit for unit in (1, 2, 5, 10) if power * unit >= rough * 0.999)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return [round(index * step, 10) for index in range(first, last + 1)]


def known(values: Iterable[float | None]) -> list[float]:
    """Return the values that are known."""
    return [value for value in values if value is not None]


def tick_label(value: float, unit: Unit, *, with_unit: bool = False) -> str:
    """Return the label of a tick; one tick of an axis carries the unit."""
    places = 0 if float(value).is_integer() else 1
    figure = formatting.number(value, places)
    return f"{figure} {unit}" if with_unit else figure


def month_label(index: int, *, first: bool) -> str:
    """Return a month's label; January and the first label carry the year."""
    name = formatting.MONTHS[index % MONTHS_IN_YEAR]
    year = index // MONTHS_IN_YEAR
    return f"{name} {year}" if first or index % MONTHS_IN_YEAR == 0 else name


def draw_levels(
    canvas: Canvas, scale: Scale, levels: list[float], unit: Unit, right: float
) -> None:
    """Draw the grid lines and their labels; the highest carries the unit."""
    left = canvas_left(canvas, unit)
    canvas.path(Ink.GRID, "".join(line((left, scale(v)), (right, scale(v))) for v in levels))
    for value in levels:
        words = tick_label(value, unit, with_unit=value == levels[-1])
        canvas.text((left - 5, scale(value) + canvas.size * 0.35), words, anchor="end")


def canvas_left(canvas: Canvas, unit: Unit = Unit.PERCENT) -> float:
    """Return the room kept for the labels of the levels: defects may run to five digits."""
    return canvas.size * (5.4 if unit is Unit.PPM else 4.2)


def draw_months(canvas: Canvas, across: Scale, first_month: int, count: int, foot: float) -> None:
    """Draw a tick per month and a label per quarter (per month where there is room)."""
    canvas.path(
        Ink.AXIS,
        line((across.start, foot), (across.end, foot))
        + "".join(line((across(i), foot), (across(i), foot + 2.5)) for i in range(count)),
    )
    every = _label_step(canvas, across, count)
    shown = [i for i in range(count) if (first_month + i) % every == 0] or [0]
    for position in shown:
        words = month_label(first_month + position, first=position == shown[0])
        _write_inside(canvas, words, across(position), foot + canvas.size * 1.35)


def _label_step(canvas: Canvas, across: Scale, count: int) -> int:
    """Return every how many months a label stands: 1, a quarter, half a year or a year."""
    room = abs(across.end - across.start) / max(1, count - 1)
    longest = text_width("Jan 2026", canvas.size) + canvas.size
    for every in (1, MONTHS_IN_QUARTER, MONTHS_IN_YEAR // 2):
        if room * every >= longest:
            return every
    return MONTHS_IN_YEAR


def _write_inside(canvas: Canvas, words: str, place: float, height: float) -> None:
    """Write `words` centred on `place`, or as near to it as the picture's edges allow."""
    half = text_width(words, canvas.size) / 2
    if place - half < 0:
        canvas.text((0, height), words)
    elif place + half > canvas.width:
        canvas.text((canvas.width, height), words, anchor="end")
    else:
        canvas.text((place, height), words, anchor="middle")


def draw_nothing(canvas: Canvas, words: str = formatting.NO_DATA) -> None:
    """Say that there is nothing to draw: a frame with “no data” in it."""
    canvas.path(Ink.GRID, boxes([(0.5, 0.5, canvas.width - 1, canvas.height - 1)]))
    canvas.text((canvas.width / 2, canvas.height / 2 + canvas.size * 0.35), words, anchor="middle")
