"""Measures as people read them: value, interval and target in their unit. Rounds nothing itself."""

from __future__ import annotations

from collections.abc import Callable

from app.base import formatting
from app.calc.grading import CapReason, GradeCap
from app.calc.measure import Measure, MeasureState
from app.calc.scoring import ScoreState
from app.judgement.scorecards.register import BY_ID, Better, Unit

SIGNED = frozenset({"price_variance"})
STATE_WORDS = {
    MeasureState.OK: "ok",
    MeasureState.PROVISIONAL: "provisional",
    MeasureState.INSUFFICIENT: "too few",
    MeasureState.NO_DATA: "no data",
}
SCORE_STATE_WORDS = {
    ScoreState.RATED: "rated",
    ScoreState.PROVISIONAL: "provisional",
    ScoreState.NOT_RATED: "not rated",
}
CAP_WORDS = {
    CapReason.OPEN_CRITICAL_SCAR: "a critical corrective action is open",
    CapReason.OTIF_BELOW_FLOOR: "OTIF lay below its floor in two full quarters",
    CapReason.SAFETY_ESCAPE: "a defect that touches safety escaped",
    CapReason.HEAVY_MEASURE_AT_ZERO: "a heavy measure earned 0 points",
    CapReason.SUPPLIER_LINE_STOP: "the supplier caused a line stop",
}


def value_text(measure_id: str, value: float | None) -> str:
    """Return a value in the measure's unit (“89.9 %”, “212 ppm”), or “no data”."""
    if value is None:
        return formatting.NO_DATA
    if measure_id in SIGNED:
        figure = formatting.signed(value * 100, 1)
        return f"{figure}{formatting.NARROW_SPACE}%"
    return _TEXT[BY_ID[measure_id].unit](value)


def interval_text(measure: Measure) -> str:
    """Return the 95 % interval in the measure's unit, without the unit, or an empty text."""
    unit = BY_ID[measure.id].unit
    if unit is Unit.SHARE:
        return formatting.percent_interval(measure.lo, measure.hi)
    return formatting.interval(measure.lo, measure.hi, 0 if unit is Unit.PPM else 1)


def target_text(measure_id: str, target: float | None) -> str:
    """Return a target with the side it is on (“98.0 %”, “≤ 2 d”), or an empty text."""
    if target is None:
        return ""
    entry = BY_ID[measure_id]
    text = _PLAIN[entry.unit](target)
    is_ceiling = entry.better is Better.LOWER and target > 0
    return f"≤ {text}" if is_ceiling else text


def cap_text(cap: GradeCap) -> str:
    """Return why a grade is held down, and to what."""
    words = CAP_WORDS[cap.reason]
    if cap.measure_id is not None:
        return f"At most {cap.limit}: {words} ({cap.measure_id})."
    return f"At most {cap.limit}: {words}."


def _hours(value: float) -> str:
    return f"{formatting.number(value, 1)}{formatting.NARROW_SPACE}h"


def _whole(value: float) -> str:
    return formatting.number(value, 0)


_TEXT: dict[Unit, Callable[[float], str]] = {
    Unit.SHARE: formatting.percent,
    Unit.PPM: formatting.ppm,
    Unit.DAYS: formatting.days,
    Unit.HOURS: _hours,
    Unit.COUNT: _whole,
    Unit.RATIO: lambda value: formatting.number(value, 2),
    Unit.POINTS: lambda value: formatting.number(value, 1),
}
_PLAIN: dict[Unit, Callable[[float], str]] = {
    Unit.SHARE: lambda value: formatting.percent(value, 0),
    Unit.PPM: _whole,
    Unit.DAYS: lambda value: formatting.days(value, 0),
    Unit.HOURS: lambda value: f"{_whole(value)}{formatting.NARROW_SPACE}h",
    Unit.COUNT: _whole,
    Unit.RATIO: lambda value: formatting.number(value, 2),
    Unit.POINTS: _whole,
}
