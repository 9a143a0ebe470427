"""The weighted scorecard: a value through anchors to points, points to score and grade.

A missing measure lowers the coverage and widens the bounds, never the score by itself.
The method (anchors, weights, edges) is content, versioned elsewhere; the default one
stands in `scoring_defaults`. Weights, anchors and edges are integers, so they compare
exactly. Caps on the grade stand in `grading`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from math import fsum, isnan

from app.calc.grading import CapReason, Grade, GradeBands, GradeCap, cap_grade, grade_for
from app.calc.measure import Measure, MeasureState

MAX_POINTS = 100
TOTAL_WEIGHT = 100
HEAVY_WEIGHT = 20
COVERAGE_RATED = 80
COVERAGE_PROVISIONAL = 60


class ScoreState(StrEnum):
    """Whether a score may be published as a rating."""

    RATED = "rated"
    PROVISIONAL = "provisional"
    NOT_RATED = "not_rated"


@dataclass(frozen=True, slots=True)
class Anchors:
    """Points at given values; straight lines between, level outside.

    `points` are (x, points) with integer x in 1/`scale` of the measure's unit, rising in
    x, and points in 0 … 100 that never turn. With `relative_to_limit` x stands for
    multiples of the measure's limit.
    """

    points: tuple[tuple[int, int], ...]
    scale: int = 1
    relative_to_limit: bool = False

    def __post_init__(self) -> None:
        if self.scale < 1:
            raise ValueError(f"scale is {self.scale}, it must be at least 1")
        if len(self.points) < 2:
            raise ValueError(f"points: {len(self.points)} given, at least 2 are needed")
        if any(left >= right for (left, _), (right, _) in pairwise(self.points)):
            raise ValueError("points: the values must rise from anchor to anchor")
        if not all(0 <= points <= MAX_POINTS for _, points in self.points):
            raise ValueError("points: all points must lie in [0, 100]")
        steps = [right - left for (_, left), (_, right) in pairwise(self.points)]
        if not (all(step >= 0 for step in steps) or all(step <= 0 for step in steps)):
            raise ValueError("points: points must only rise or only fall")

    @property
    def higher_is_better(self) -> bool:
        """Whether more of the measure earns more points."""
        return self.points[-1][1] > self.points[0][1]


@dataclass(frozen=True, slots=True)
class ScoredMeasure:
    """One row of a scoring method: which measure, what it weighs, how it earns points.

    `target` is the value in 1/`anchors.scale` of the unit (multiples of the limit where
    the anchors are relative to it) at which the measure is as it should be. `default_limit`
    [the measure's unit] stands where neither contract nor segment has a limit.
    """

    id: str
    measure_id: str
    category: str
    weight: int
    anchors: Anchors
    target: int
    default_limit: int | None = None


@dataclass(frozen=True, slots=True)
class ScoringMethod:
    """A whole method: its measures, whose weights add up to exactly 100, and its bands."""

    measures: tuple[ScoredMeasure, ...]
    bands: GradeBands

    def __post_init__(self) -> None:
        check_weights({measure.id: measure.weight for measure in self.measures})
        if len({measure.id for measure in self.measures}) < len(self.measures):
            raise ValueError("measures: every id must be given once")


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One line of a scorecard.

    `points` [0 … 100] is None where the measure is missing; `contribution` [score points]
    is w·points/Σw of the available, None where nothing is rated.
    """

    id: str
    category: str
    weight: int
    points: float | None
    measure_id: str | None = None
    value: float | None = None
    state: MeasureState | None = None
    reason: str | None = None
    contribution: float | None = None


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A whole scorecard.

    `score` [0 … 100, lower is worse] and `grade` are None where it is not rated.
    `coverage` [fraction] is the weight that is available. `lower` and `upper` are the
    score if everything missing were 0, or 100. `grade_before_caps` is what the score alone
    earns; `caps` say why the grade is lower.
    """

    score: float | None
    coverage: float
    lower: float
    upper: float
    grade: Grade | None
    state: ScoreState
    parts: tuple[ScorePart, ...]
    caps: tuple[GradeCap, ...] = ()
    grade_before_caps: Grade | None = None


def check_weights(weights: Mapping[str, int]) -> None:
    """Refuse weights that do not add up to exactly 100.

    Formula: Σw = 100, every w an integer ≥ 0.

    Args:
        weights: id → weight [percent, integer].
    Returns:
        Nothing.
    Raises:
        ValueError: a weight is negative or not an integer, or the sum is not 100.
    Source: domain rules §4.2.
    Edge cases: integers compare exactly; 33.3 % three times is refused.

    >>> check_weights({"quality": 70, "delivery": 30})
    """
    for name, weight in weights.items():
        if not isinstance(weight, int) or weight < 0:
            raise ValueError(f"weight of {name} is {weight}, it must be an integer of at least 0")
    total = sum(weights.values())
    if total != TOTAL_WEIGHT:
        raise ValueError(f"weights add up to {total}, they must add up to exactly 100")


def points_for(value: float, anchors: Anchors, *, limit: float | None = None) -> float:
    """Return the points that a value earns.

    Formula: s_j + (s_{j+1} − s_j)·(v − x_j)/(x_{j+1} − x_j) between anchors; the end
    anchor's points outside. v = value, or value/limit where anchors are relative. Worked in
    decimals on the value as it is written, so that 99 % between 90 and 100 % earns 90
    points and not 89.99999999999999.

    Args:
        value: the measure's value [its unit], unrounded.
        anchors: the anchors.
        limit: what relative anchors are multiples of [unit of value], > 0.
    Returns:
        Points in [0, 100], lower is worse; exact at every anchor.
    Raises:
        ValueError: value is not a number, or relative anchors lack a limit above 0.
    Source: house rule, domain rules §4.1.
    Edge cases: values beyond the ends are clamped, never extrapolated.

    >>> f"{points_for(92, Anchors(((80, 0), (98, 100)))):.4f}"
    '66.6667'
    """
    if isnan(value):
        raise ValueError("value is not a number")
    place = Decimal(repr(float(value))) * anchors.scale
    if anchors.relative_to_limit:
        if limit is None or limit <= 0:
            raise ValueError(f"limit is {limit}, relative anchors need one greater than 0")
        place /= Decimal(repr(float(limit)))
    if place <= anchors.points[0][0]:
        return float(anchors.points[0][1])
    for (left, low), (right, high) in pairwise(anchors.points):
        if place <= right:
            return float(low + (high - low) * (place - left) / (right - left))
    return float(anchors.points[-1][1])


def score_measures(
    measures: Mapping[str, Measure],
    method: ScoringMethod,
    *,
    limits: Mapping[str, float] | None = None,
    flags: Sequence[CapReason] = (),
) -> ScoreResult:
    """Score a supplier's measures by a method.

    Formula: `points_for` each available measure, then `score_card`. A measure is missing
    when it is absent, has no value, or its sample is insufficient (`Measure.counts`).

    Args:
        measures: measure id → measure.
        method: the scoring method.
        limits: measure id → limit of relative anchors [unit of the measure], > 0; the
            method's own default stands in. Without either the measure is missing.
        flags: reasons that cap the grade and that no measure shows.
    Returns:
        The scorecard, one part per row of the method, in its order.
    Raises:
        ValueError: a limit is not above 0.
    Source: domain rules §4.1–4.4.
    Edge cases: as `score_card`.

    >>> from app.calc.scoring_defaults import DEFAULT_METHOD
    >>> score_measures({}, DEFAULT_METHOD).state.value
    'not_rated'
    """
    known_limits = limits or {}
    parts = [
        _part(
            row, measures.get(row.measure_id), known_limits.get(row.measure_id, row.default_limit)
        )
        for row in method.measures
    ]
    return score_card(parts, bands=method.bands, flags=flags)


def score_card(
    parts: Sequence[ScorePart], *, bands: GradeBands, flags: Sequence[CapReason] = ()
) -> ScoreResult:
    """Add points to a score, with coverage, bounds, grade and caps.

    Formula, over the available parts: score = Σw·s/Σw; coverage = Σw/100; lower = Σw·s/100;
    upper = lower + Σw of the missing. Coverage < 60 % is not rated, < 80 % provisional.

    Args:
        parts: every line of the card; the weights add up to exactly 100.
        bands: the grade bands.
        flags: reasons that cap the grade; a measure of weight ≥ 20 at 0 points is found
            here and need not be given.
    Returns:
        The scorecard with each part's contribution; contributions add up to the score.
    Raises:
        ValueError: weights do not add up to 100, or points lie outside [0, 100].
    Source: domain rules §4.2–4.4; OECD/JRC Handbook 2008 on missing values.
    Edge cases: nothing available: no score, bounds 0 and 100. A category that is missing
    entirely is shared out pro rata over all others.

    >>> from app.calc.grading import DEFAULT_BANDS
    >>> parts = [ScorePart("quality", "", 70, 98.5), ScorePart("delivery", "", 30, 92.0)]
    >>> result = score_card(parts, bands=DEFAULT_BANDS)
    >>> f"{result.score:.2f} {result.grade.value}"
    '96.55 A'
    """
    check_weights({part.id: part.weight for part in parts})
    _check_points(parts)
    weighted = [part.weight * part.points for part in parts if part.points is not None]
    available = sum(part.weight for part in parts if part.points is not None)
    state = _score_state(available)
    is_rated = state is not ScoreState.NOT_RATED
    score = fsum(weighted) / available if is_rated else None
    lower = fsum(weighted) / TOTAL_WEIGHT
    earned = None if score is None else grade_for(score, bands)
    grade, caps = cap_grade(earned, bands, reasons=[*_flagged(flags), *_heavy_at_zero(parts)])
    return ScoreResult(
        score=score,
        coverage=available / TOTAL_WEIGHT,
        lower=lower,
        upper=lower + MAX_POINTS * (TOTAL_WEIGHT - available) / TOTAL_WEIGHT,
        grade=grade,
        state=state,
        parts=tuple(_with_contribution(part, available if is_rated else 0) for part in parts),
        caps=caps,
        grade_before_caps=earned,
    )


def _part(row: ScoredMeasure, measure: Measure | None, limit: float | None) -> ScorePart:
    value = None if measure is None else measure.value
    is_scored = not (row.anchors.relative_to_limit and limit is None)
    points = None
    if measure is not None and measure.counts and value is not None and is_scored:
        points = points_for(value, row.anchors, limit=limit)
    return ScorePart(
        id=row.id,
        category=row.category,
        weight=row.weight,
        points=points,
        measure_id=row.measure_id,
        value=value,
        state=MeasureState.NO_DATA if measure is None else measure.state,
        reason=None if measure is None else measure.reason,
    )


def _check_points(parts: Sequence[ScorePart]) -> None:
    for part in parts:
        if part.points is not None and not 0 <= part.points <= MAX_POINTS:
            raise ValueError(f"points of {part.id} are {part.points}, they must lie in [0, 100]")


def _score_state(available: int) -> ScoreState:
    if available < COVERAGE_PROVISIONAL:
        return ScoreState.NOT_RATED
    return ScoreState.PROVISIONAL if available < COVERAGE_RATED else ScoreState.RATED


def _flagged(flags: Sequence[CapReason]) -> list[tuple[CapReason, str | None]]:
    return [(flag, None) for flag in flags]


def _heavy_at_zero(parts: Sequence[ScorePart]) -> list[tuple[CapReason, str | None]]:
    return [
        (CapReason.HEAVY_MEASURE_AT_ZERO, part.id)
        for part in parts
        if part.weight >= HEAVY_WEIGHT and part.points == 0
    ]


def _with_contribution(part: ScorePart, available: int) -> ScorePart:
    if part.points is None or not available:
        return part
    # Written out, because `replace` costs as much as the rest of a card.
    return ScorePart(
        id=part.id,
        category=part.category,
        weight=part.weight,
        points=part.points,
        measure_id=part.measure_id,
        value=part.value,
        state=part.state,
        reason=part.reason,
        contribution=part.weight * part.points / available,
    )
