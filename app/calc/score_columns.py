"""Scores by the column: many suppliers by one method at once, for what-if and history.

The rules are those of `scoring` and `grading`, element by element; this module adds speed
only. Where a score lies so near an edge of a band that the order of adding could decide the
grade, it is worked out again in the exact way. No supplier's score looks at another's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from app.calc.grading import REASONS_FOR_LOWEST, CapReason, Grade
from app.calc.scoring import (
    COVERAGE_PROVISIONAL,
    HEAVY_WEIGHT,
    TOTAL_WEIGHT,
    Anchors,
    ScoringMethod,
    points_for,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

NOT_RATED = -1
# Far more than adding a few products in another order can move a score.
NEAR_AN_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class ScoreColumns:
    """Scores of m suppliers by one method; all arrays have shape (m,).

    `score` [0 … 100] is NaN where it is not rated, `coverage` a fraction. `grade` is the
    place in `grades` (best first) after caps, −1 where it is not rated; `is_capped` tells
    whether caps lowered it. `points` [0 … 100], by the id of the method's row, is NaN where
    the measure is missing.
    """

    grades: tuple[Grade, ...]
    score: Floats
    coverage: Floats
    grade: Codes
    is_capped: Flags
    points: Mapping[str, Floats]

    def grade_of(self, index: int) -> Grade | None:
        """Return the grade of one supplier, None where it is not rated."""
        code = int(self.grade[index])
        return None if code == NOT_RATED else self.grades[code]


def score_columns(
    values: Mapping[str, Floats],
    method: ScoringMethod,
    *,
    limits: Mapping[str, float] | None = None,
    flags: Mapping[CapReason, Flags] | None = None,
) -> ScoreColumns:
    """Score many suppliers by a method.

    Formula: as `scoring.score_measures`, element by element.

    Args:
        values: measure id → shape (m,) [unit of the measure]; NaN where it is missing or its
            sample insufficient. A measure that is absent is missing for everybody.
        method: the scoring method.
        limits: measure id → limit of relative anchors [unit of the measure], > 0; the
            method's own default stands in.
        flags: reason → shape (m,), who is held down by it; a measure of weight ≥ 20 at 0
            points is found here.
    Returns:
        The scores, in the order of the values.
    Raises:
        ValueError: the shapes differ, nothing is given, or a limit is not above 0.
    Source: domain rules §4.1–4.4.
    Edge cases: as `scoring.score_card`; a score at an edge has the grade that
    `score_measures` gives it.

    >>> from app.calc.scoring_defaults import DEFAULT_METHOD
    >>> score_columns({"otif_line": np.array([0.95])}, DEFAULT_METHOD).grade_of(0) is None
    True
    """
    own = flags or {}
    sizes = {len(column) for column in (*values.values(), *own.values())}
    if len(sizes) != 1:
        raise ValueError(f"values have {sorted(sizes)} suppliers, all must have the same number")
    count = sizes.pop()
    points = {
        row.id: _points(
            values.get(row.measure_id),
            row.anchors,
            limit=(limits or {}).get(row.measure_id, row.default_limit),
            count=count,
        )
        for row in method.measures
    }
    total, available = np.zeros(count), np.zeros(count)
    for row in method.measures:
        is_known = ~np.isnan(points[row.id])
        total += np.where(is_known, row.weight * points[row.id], 0.0)
        available += row.weight * is_known
    is_rated = available >= COVERAGE_PROVISIONAL
    score = np.where(is_rated, total, np.nan) / np.where(is_rated, available, 1.0)
    _settle_near_edges(score, available, values, method, limits=limits)
    earned = _grades(score, method)
    grade = np.where(is_rated, _capped(earned, points, method, own), NOT_RATED).astype(np.int8)
    return ScoreColumns(
        grades=tuple(grade for _, grade in method.bands.edges),
        score=score,
        coverage=available / TOTAL_WEIGHT,
        grade=grade,
        is_capped=is_rated & (grade > earned),
        points=points,
    )


def _points(values: Floats | None, anchors: Anchors, *, limit: float | None, count: int) -> Floats:
    if values is None or (anchors.relative_to_limit and limit is None):
        return np.full(count, np.nan)
    unit = 1.0
    if anchors.relative_to_limit and limit is not None:
        if limit <= 0:
            raise ValueError(f"limit is {limit}, relative anchors need one greater than 0")
        unit = limit
    places, points = zip(*anchors.points, strict=True)
    scale = np.array(places) / anchors.scale
    found: Floats = np.interp(values / unit, scale, np.array(points, np.float64))
    return found


def _settle_near_edges(
    score: Floats,
    available: Floats,
    values: Mapping[str, Floats],
    method: ScoringMethod,
    *,
    limits: Mapping[str, float] | None,
) -> None:
    """Work out again, exactly as a single card is, the scores that all but lie on an edge."""
    edges = np.array([edge for edge, _ in method.bands.edges[:-1]], np.float64)
    if not len(edges):
        return
    with np.errstate(invalid="ignore"):
        is_near = np.any(np.abs(score[:, None] - edges) < NEAR_AN_EDGE, axis=1)
    for place in np.flatnonzero(is_near).tolist():
        weighted = []
        for row in method.measures:
            value = float(values.get(row.measure_id, np.full(len(score), np.nan))[place])
            limit = (limits or {}).get(row.measure_id, row.default_limit)
            if np.isnan(value) or (row.anchors.relative_to_limit and limit is None):
                continue
            weighted.append(row.weight * points_for(value, row.anchors, limit=limit))
        score[place] = fsum(weighted) / int(available[place])


def _grades(score: Floats, method: ScoringMethod) -> Codes:
    """Return the place of the grade that each score earns; the last where there is no score."""
    edges = [edge for edge, _ in method.bands.edges]
    with np.errstate(invalid="ignore"):
        reached = [score >= edge for edge in edges[:-1]]
    codes: Codes = np.select(reached, list(range(len(reached))), len(edges) - 1).astype(np.int8)
    return codes


def _capped(
    earned: Codes,
    points: Mapping[str, Floats],
    method: ScoringMethod,
    flags: Mapping[CapReason, Flags],
) -> Codes:
    heavy = [points[row.id] == 0 for row in method.measures if row.weight >= HEAVY_WEIGHT]
    reasons = np.sum([*flags.values(), *heavy], axis=0) if flags or heavy else np.zeros(len(earned))
    last = len(method.bands.edges) - 1
    stopped = flags.get(CapReason.SUPPLIER_LINE_STOP, np.zeros(len(earned), np.bool_))
    is_lowest = stopped | (reasons >= REASONS_FOR_LOWEST)
    limit = np.where(is_lowest, last, np.where(reasons >= 1, max(0, last - 1), 0))
    return np.maximum(earned, limit).astype(np.int8)
