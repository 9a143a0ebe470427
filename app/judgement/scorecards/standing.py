"""How a scored measure stands to its target, in one rule for screens and paper.

Judged on the unrounded value, so that 94.96 % against 95 % is not met however it prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from app.calc.grading import CapReason, GradeCap
from app.calc.measure import Measure
from app.judgement.scorecards.register import BY_ID, Better

# A measure exactly on its target scores at least this much (domain rule), so one that
# scores it without being there is near.
NEAR_POINTS = 90
HALF_POINTS = 50
# Which measure's row a cap comes from; others name their row themselves.
CAPPING = {
    CapReason.SUPPLIER_LINE_STOP: "disruptions",
    CapReason.OTIF_BELOW_FLOOR: "otif_line",
}


class Reach(StrEnum):
    """Where a value lies: at its target or better, near it, off it, far off."""

    MET = "met"
    NEAR = "near"
    OFF = "off"
    FAR = "far"


def meets(measure: Measure, goal: float | None) -> bool:
    """Whether a value is at its target or better; False where either is unknown."""
    if measure.value is None or goal is None:
        return False
    if BY_ID[measure.id].better is Better.HIGHER:
        return measure.value >= goal
    return measure.value <= goal


def reach(measure: Measure, goal: float | None, *, points: float) -> Reach:
    """Return where a scored measure stands, by its target first and its points then."""
    if meets(measure, goal):
        return Reach.MET
    if points >= NEAR_POINTS:
        return Reach.NEAR
    return Reach.OFF if points >= HALF_POINTS else Reach.FAR


def cap_on(caps: Sequence[GradeCap], *, measure_id: str, part_id: str) -> GradeCap | None:
    """Return the cap that a measure's row puts on the grade, None where it puts none."""
    for cap in caps:
        if CAPPING.get(cap.reason) == measure_id or cap.measure_id == part_id:
            return cap
    return None


def off_target_words(measure_id: str) -> str:
    """Return on which side of its target a measure lies that misses it."""
    if measure_id == "ppm":
        return "over limit"
    return "below target" if BY_ID[measure_id].better is Better.HIGHER else "above target"
