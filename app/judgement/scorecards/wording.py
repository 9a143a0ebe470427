"""Measures as people read them: value, interval and target in their unit. Rounds nothing itself."""

from __future__ import annotations

from collections.abc import Callable

from app.base import formatting
from app.calc.grading import CapReason, Grade, GradeCap
from app.calc.measure import Measure, MeasureState
from app.calc.ranking import Rank
from app.calc.rate_trend import WINDOW_PERIODS, TrendWord
from app.calc.scoring import ScoreResult, ScoreState
from app.calc.signals import SignalKind
from app.judgement.scorecards.course import MONTHS_NEEDED, Course
from app.judgement.scorecards.register import BY_ID, Better, Unit
from app.judgement.scorecards.signs import Sign
from app.judgement.scorecards.sureness import Sureness

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
TREND_WORDS = {
    TrendWord.IMPROVING: "improving",
    TrendWord.STABLE: "stable",
    TrendWord.WORSENING: "worsening",
    TrendWord.UNCLEAR: "unclear",
    TrendWord.TOO_SHORT: "",
}
OPEN_GRADE = "±"
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


def cap_text(cap: GradeCap, result: ScoreResult) -> str:
    """Return why the grade of a score is held down, and to what."""
    for part in result.parts:
        # A cap names the method's row, which people know by its measure.
        if part.id == cap.measure_id:
            name = BY_ID[part.measure_id or part.id].label
            return f"At most {cap.limit}: {name}, of weight {part.weight}, earned 0 points."
    return f"At most {cap.limit}: {CAP_WORDS[cap.reason]}."


def grade_text(grade: Grade | str | None, sure: Sureness | None) -> str:
    """Return a grade as it is printed, with “±” where chance alone may have decided it."""
    if grade is None:
        return "NR"
    return f"{grade}{OPEN_GRADE}" if sure is not None and sure.is_open else str(grade)


def possible_text(sure: Sureness) -> str:
    """Return the grades that the sampling range reaches (“B”, “B or C”, “A, B or C”)."""
    *others, last = (str(grade) for grade in sure.grades)
    return f"{', '.join(others)} or {last}" if others else last


def range_text(sure: Sureness) -> str:
    """Return the sampling range of a score (“58.9 – 65.8”)."""
    return formatting.interval(sure.lo, sure.hi, 1)


def place_text(place: Rank) -> str:
    """Return a place among peers with what chance allows (“5, plausibly 3 – 9 of 40”)."""
    if place.low == place.high:
        return f"{place.rank} of {formatting.number(place.of)}"
    return f"{place.rank}, {plausible_text(place)} of {formatting.number(place.of)}"


def prior_line_text(period: str, *, score: tuple[float | None, float | None], because: str) -> str:
    """Return in a sentence a correction of a closed card that is too small to restate it.

    score: as published, and as it would be now.
    """
    before, after = (formatting.score(each) for each in score)
    moved = "" if None in score else f": {before} would be {after} now"
    return f"{period} stays as published{moved}. {because}"


def plausible_text(place: Rank) -> str:
    """Return the places that chance allows (“plausibly 3 – 9”)."""
    return f"plausibly {place.low} {formatting.EN_DASH} {place.high}"


def trend_text(course: Course) -> str:
    """Return the trend in a word with its measure, or what is missing for one."""
    if course.word is not TrendWord.TOO_SHORT:
        return f"{BY_ID[course.measure_id].label}: {TREND_WORDS[course.word]}"
    known = formatting.count(course.known_months, "month")
    return f"no trend yet: {known} of {WINDOW_PERIODS} with lines, {MONTHS_NEEDED} are needed"


def sign_text(sign: Sign) -> str:
    """Return what an early sign says."""
    label = BY_ID[sign.measure_id].label
    return {
        SignalKind.DEGRADATION: f"{label} is worsening",
        SignalKind.OUT_OF_CONTROL: f"{label} left its usual range",
        SignalKind.BELOW_SLA: f"{label} was below its floor",
        SignalKind.LATENESS_UP: "Late lines come later",
    }[sign.kind]


def sign_evidence(sign: Sign) -> str:
    """Return what an early sign rests on, and that good months have begun where they have."""
    evidence, month = sign.signal, formatting.month(sign.seen_in)
    value, limit = evidence.value, evidence.limit
    if sign.kind is SignalKind.DEGRADATION:
        points = formatting.signed(value * 100, 1)
        told = f"{points} points over the 12 months to {month}, more than chance explains"
    elif sign.kind is SignalKind.OUT_OF_CONTROL:
        usual = formatting.percent(limit)
        told = f"{formatting.percent(value)} in {month}, {usual} before: two months in a row"
    elif sign.kind is SignalKind.BELOW_SLA:
        told = f"{formatting.percent(value)} in {month}, floor {formatting.percent(limit, 0)}"
    else:
        now, year = formatting.days(value, 0), formatting.days(limit, 0)
        told = f"nine of ten by {now} in {month}, by {year} in the year before"
    return told if sign.is_raised else f"{told}, better since"


def since_text(sign: Sign) -> str:
    """Return since when an early sign stands."""
    since = f"stands since {formatting.month(sign.since)}"
    return f"{since} or before" if sign.is_older else since


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
    Unit.MONEY: lambda value: formatting.number(value, 2),
}
_PLAIN: dict[Unit, Callable[[float], str]] = {
    Unit.SHARE: lambda value: formatting.percent(value, 0),
    Unit.PPM: _whole,
    Unit.DAYS: lambda value: formatting.days(value, 0),
    Unit.HOURS: lambda value: f"{_whole(value)}{formatting.NARROW_SPACE}h",
    Unit.COUNT: _whole,
    Unit.RATIO: lambda value: formatting.number(value, 2),
    Unit.POINTS: _whole,
    Unit.MONEY: _whole,
}
