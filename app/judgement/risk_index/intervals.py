"""Between what each dimension may lie: scores by their measures' intervals, estimates by their own.

Pure. Measures of a category are taken as independent, so their spreads add up as squares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import fsum, hypot

from app.calc.composite import DELIVERY, QUALITY
from app.calc.measure import Measure
from app.calc.risk_means import WORST
from app.calc.scoring import ScoredMeasure, ScoreResult, points_for
from app.judgement.risk_index.dimensions import Dimension
from app.judgement.scorecards.methods import Method

Band = tuple[float, float]
Points = Callable[[float], float]


def bands_of(
    dimensions: Sequence[Dimension],
    scored: tuple[ScoreResult, Mapping[str, Measure], Method] | None,
) -> dict[str, Band]:
    """Return by dimension the interval of its risk; those that have none are absent.

    scored: the scorecard that quality and delivery come from, None where none is at hand.
    """
    found = {each.id: each.band for each in dimensions if each.band is not None}
    if scored is None:
        return found
    for each in dimensions:
        if each.id in (QUALITY, DELIVERY) and each.risk is not None:
            low, high = _score_spread(each.id, *scored)
            if low or high:
                found[each.id] = max(0.0, each.risk - high), min(WORST, each.risk + low)
    return found


def _score_spread(
    category: str, result: ScoreResult, measures: Mapping[str, Measure], method: Method
) -> Band:
    """Return how far a category's score may lie below and above itself [points]."""
    rows = {row.measure_id: row for row in method.scoring.measures}
    down, up, weights = [], [], []
    for part in result.parts:
        measure = measures.get(part.measure_id or "")
        if part.category != category or part.points is None or measure is None:
            continue
        weights.append(part.weight)
        ends = _points_at_ends(measure, rows[measure.id], method, part.points)
        down.append(part.weight * (part.points - min(ends)))
        up.append(part.weight * (max(ends) - part.points))
    total = fsum(weights)
    return (hypot(*down) / total, hypot(*up) / total) if total else (0.0, 0.0)


def _points_at_ends(
    measure: Measure, row: ScoredMeasure, method: Method, points: float
) -> tuple[float, ...]:
    ends = [end for end in (measure.lo, measure.hi) if end is not None]
    limit = method.limits.get(measure.id, row.default_limit)
    return points, *(points_for(end, row.anchors, limit=limit) for end in ends)
