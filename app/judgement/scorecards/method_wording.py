"""A scoring method as people read it: what each measure weighs and how it earns points."""

from __future__ import annotations

from dataclasses import dataclass

from app.base import formatting
from app.calc.grading import CapReason
from app.calc.scoring import Anchors, ScoredMeasure
from app.facts.suppliers.standings.models import Standing
from app.facts.suppliers.standings.queries import WORDS
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.register import BY_ID, Better, Unit
from app.judgement.scorecards.wording import value_text

EVERYBODY = "everybody"
STANDING_WORDS = {str(each): WORDS[each] for each in Standing}
RULES = {
    CapReason.HEAVY_MEASURE_AT_ZERO: "A measure of weight 20 or more at 0 points: at most C.",
    CapReason.OTIF_BELOW_FLOOR: "OTIF below {floor} in two full quarters: at most C.",
    CapReason.SUPPLIER_LINE_STOP: "A line stop that the supplier caused: D.",
    CapReason.OPEN_CRITICAL_SCAR: "A critical corrective action that is open: at most C.",
    CapReason.SAFETY_ESCAPE: "A defect that touches safety and escaped: at most C.",
}


@dataclass(frozen=True, slots=True)
class Formula:
    """One scored measure: its weight, its anchors as pairs of words, and a sentence."""

    measure_id: str
    label: str
    short: str
    group: str
    weight: int
    points: tuple[tuple[str, str], ...]
    target: str
    minimum: str
    counts_events: bool
    sentence: str


def formulas(method: Method) -> list[Formula]:
    """Return the measures that a method scores, in its order."""
    return [_formula(row, method) for row in method.scoring.measures]


def caps(method: Method) -> list[str]:
    """Return what holds a grade down, a sentence each."""
    floor = formatting.percent(method.otif_floor, 0)
    held = [CapReason.HEAVY_MEASURE_AT_ZERO, *(cap for cap in RULES if cap in method.caps)]
    # allowed: format-of-text: the texts are constants above
    return [RULES[cap].format(floor=floor) for cap in held]


def cap_words(cap: CapReason) -> str:
    """Return what a cap does, whatever floor the method has."""
    # allowed: format-of-text: the texts are constants above
    return RULES[cap].format(floor="its floor")


def bands(method: Method) -> list[tuple[str, str]]:
    """Return each grade with the scores that earn it."""
    edges, found, upper = method.scoring.bands.edges, [], None
    for edge, grade in edges:
        words = f"{edge} to 100" if upper is None else f"{edge} to below {upper}"
        found.append((str(grade), words))
        upper = edge
    return found


def standings(method: Method) -> list[tuple[str, str]]:
    """Return each grade with the standing that it proposes."""
    return [(str(grade), WORDS[standing]) for grade, standing in method.standings.items()]


def whom(segment: str | None) -> str:
    """Return whom a method judges."""
    return EVERYBODY if segment is None else f"segment “{segment}”"


def described(method: Method) -> dict[str, object]:
    """Return what a method says, field by field, as somebody approves it."""
    rows = formulas(method)
    return {
        "judges": whom(method.segment),
        "weights": {row.label: row.weight for row in rows},
        "points": {row.label: _in_one_line(row) for row in rows},
        "targets": {row.label: row.target for row in rows},
        "smallest samples": {row.label: row.minimum for row in rows if row.minimum},
        "grades": dict(bands(method)),
        "caps": caps(method),
        "standings": dict(standings(method)),
        "PPM limit": formatting.number(method.limits["ppm"]),
    }


def _in_one_line(row: Formula) -> str:
    return ", ".join(f"{value} → {points}" for value, points in row.points)


def _formula(row: ScoredMeasure, method: Method) -> Formula:
    entry = BY_ID[row.measure_id]
    minimum = method.minimums.get(row.measure_id)
    points = tuple((_at(row, x), str(earned)) for x, earned in row.anchors.points)
    first, last = points[0], points[-1]
    way = "at or above" if entry.better is Better.HIGHER else "at or below"
    best, worst = (last, first) if entry.better is Better.HIGHER else (first, last)
    return Formula(
        measure_id=row.measure_id,
        label=entry.label,
        short=entry.short,
        group=row.category,
        weight=row.weight,
        points=points,
        target=_at(row, row.target),
        minimum="" if minimum is None else formatting.number(minimum),
        counts_events=entry.unit is Unit.COUNT,
        sentence=f"{best[1]} points {way} {best[0]}, {worst[1]} from {worst[0]} on, "
        "straight lines between.",
    )


def _at(row: ScoredMeasure, x: int) -> str:
    return _value(row.measure_id, x, row.anchors)


def _value(measure_id: str, x: int, anchors: Anchors) -> str:
    """Return the value of an anchor in the measure's unit, with the decimals it has."""
    value = x / anchors.scale
    if anchors.relative_to_limit:
        return f"{_digits(value)} × limit"
    if BY_ID[measure_id].unit is Unit.SHARE:
        return f"{_digits(value * 100)}{formatting.NARROW_SPACE}%"
    if BY_ID[measure_id].unit in (Unit.DAYS, Unit.HOURS):
        letter = "d" if BY_ID[measure_id].unit is Unit.DAYS else "h"
        return f"{_digits(value)}{formatting.NARROW_SPACE}{letter}"
    return _digits(value) if BY_ID[measure_id].unit is not Unit.PPM else value_text("ppm", value)


def _digits(value: float) -> str:
    places = next(each for each in range(4) if each == 3 or round(value, each) == round(value, 6))
    return formatting.number(value, places)
