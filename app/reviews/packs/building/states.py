"""Which shape and word stand beside a figure: rules on its value, target, floor and past.

A word claims a change only where two windows without a common day have intervals that do
not overlap; everything else says how the figure stands to its target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.calc.measure import Measure, MeasureState
from app.calc.scoring import points_for
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.register import BY_ID, Better
from app.judgement.scorecards.standing import Reach, cap_on, meets, off_target_words, reach
from app.reviews.packs.basis import ON_TIME, OTIF, Basis, Window
from app.reviews.packs.parts import Sign, State

NOT_COUNTED = State(Sign.NO_DATA, "not counted")
NOT_JUDGED = State(Sign.NO_DATA, "no data")
TOO_FEW = State(Sign.NO_DATA, "too few")
ON_TARGET = State(Sign.FINE, "on target")
NEAR_TARGET = State(Sign.FINE, "near target")
BELOW_FLOOR = State(Sign.ACT, "below floor")
WELL = {Reach.MET: ON_TARGET, Reach.NEAR: NEAR_TARGET}


@dataclass(frozen=True, slots=True)
class Change:
    """How a measure moved between two windows that share no day.

    is_worse: in which way. is_clear: the 95 % intervals do not overlap, so that chance does
    not explain it.
    """

    before: Measure
    now: Measure
    is_worse: bool
    is_clear: bool


def change(measure_id: str, now: Window, before: Window | None) -> Change | None:
    """Return how a measure moved, None where either side says too little."""
    if before is None:
        return None
    new, old = now[measure_id], before[measure_id]
    if not new.counts or not old.counts or new.value is None or old.value is None:
        return None
    rises = new.value > old.value
    is_worse = rises is (BY_ID[measure_id].better is Better.LOWER) and new.value != old.value
    return Change(old, new, is_worse, _apart(new, old))


def is_falling(basis: Basis, measure_id: str) -> bool:
    """Whether the period is clearly worse than the 12 months before it."""
    moved = change(measure_id, basis.spoken, basis.year_before)
    return moved is not None and moved.is_worse and moved.is_clear


def scored_state(basis: Basis, measure: Measure, *, part_id: str, points: float | None) -> State:
    """Return the state of a row of the scorecard."""
    if measure.value is None:
        return NOT_COUNTED
    if points is None:
        return TOO_FEW
    caps = basis.year.scored.result.caps
    cap = cap_on(caps, measure_id=measure.id, part_id=part_id)
    if cap is not None:
        return State(Sign.ACT, f"caps at {cap.limit}")
    if is_falling(basis, measure.id):
        return State(Sign.FALLING, _worse_word(measure.id))
    if is_below_floor(basis.method, measure):
        return BELOW_FLOOR
    return _to_target(basis.method, measure, points)


def shown_state(basis: Basis, measure: Measure) -> State | None:
    """Return the state of a figure outside the scorecard; None where nothing judges it.

    What the method scores has the shape that it has on the scorecard.
    """
    if measure.value is None:
        return NOT_JUDGED
    if measure.state is MeasureState.INSUFFICIENT:
        return TOO_FEW
    if is_falling(basis, measure.id):
        return State(Sign.FALLING, _worse_word(measure.id))
    if is_below_floor(basis.method, measure):
        return BELOW_FLOOR
    goal = basis.method.target(measure.id)
    if goal is None:
        return None
    points = _points(basis.method, measure)
    if points is not None:
        return _to_target(basis.method, measure, points)
    if meets(measure, goal):
        return ON_TARGET
    is_red = measure.id.startswith(ON_TIME) and measure.value < basis.method.otif_floor
    return State(Sign.ACT if is_red else Sign.WATCH, off_target_words(measure.id))


def is_below_floor(method: Method, measure: Measure) -> bool:
    """Whether OTIF counts and lies below the method's floor."""
    if measure.id != OTIF or not measure.counts or measure.value is None:
        return False
    return measure.value < method.otif_floor


def worst_first(states: Mapping[str, State]) -> list[str]:
    """Return keys by the gravity of their states, in the given order within one gravity."""
    order = (Sign.ACT, Sign.FALLING, Sign.WATCH, Sign.NO_DATA, Sign.FINE)
    return sorted(states, key=lambda key: order.index(states[key].sign))


def _points(method: Method, measure: Measure) -> float | None:
    """Return what the method gives for a value, None where it does not score the measure."""
    row = next((row for row in method.scoring.measures if row.measure_id == measure.id), None)
    if row is None or measure.value is None:
        return None
    limit = method.limits.get(measure.id, row.default_limit)
    if row.anchors.relative_to_limit and limit is None:
        return None
    return points_for(measure.value, row.anchors, limit=limit)


def _to_target(method: Method, measure: Measure, points: float) -> State:
    reached = reach(measure, method.target(measure.id), points=points)
    if reached in WELL:
        return WELL[reached]
    sign = Sign.ACT if reached is Reach.FAR else Sign.WATCH
    return State(sign, off_target_words(measure.id))


def _apart(new: Measure, old: Measure) -> bool:
    if new.lo is None or new.hi is None or old.lo is None or old.hi is None:
        return False
    return new.hi < old.lo or old.hi < new.lo


def _worse_word(measure_id: str) -> str:
    return "falling" if BY_ID[measure_id].better is Better.HIGHER else "rising"
