"""From measures to scores: every supplier of a table by one method. Reads no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from app.calc.grading import CapReason
from app.calc.measure import LINES_PROVISIONAL, Measure, MeasureState
from app.calc.score_levels import category_scores
from app.calc.scoring import ScoreResult, score_measures
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.packing import Packed, unpacked
from app.judgement.scorecards.sums import Columns

Flags = NDArray[np.bool_]

# A category that rests on less than this share of its weight says nothing about itself.
CATEGORY_COVERAGE = 0.6


@dataclass(frozen=True, slots=True)
class CategoryStanding:
    """What another judgement may take from a scorecard: one category with its coverage.

    `score` [0 … 100, lower is worse] is None where the category is missing or rests on
    less than 60 % of its weight; `n` is the sample of its heaviest measure.
    """

    score: float | None
    coverage: float
    n: int | None


def below_floor(quarters: Sequence[Columns], floor: float) -> Flags:
    """Tell for each supplier whether OTIF lay below the floor in every quarter given.

    A quarter with fewer than ten known lines says nothing, and breaks the run.
    """
    # Divided, not multiplied: 243 of 300 is 0.81, but 0.81 × 300 comes out as more than 243.
    below = [
        (sums["otif_known"] >= LINES_PROVISIONAL)
        & (sums["otif_true"] / np.maximum(sums["otif_known"], 1) < floor)
        for sums in quarters
    ]
    together: Flags = np.logical_and.reduce(below)
    return together


def scores(
    packed: Sequence[Mapping[str, Packed]],
    method: Method,
    *,
    below: Iterable[bool],
    critical: Iterable[bool] | None = None,
) -> Iterator[ScoreResult]:
    """Score suppliers from their packed measures, in their order.

    critical: whether a critical corrective action is open; None where nobody records them.
    """
    is_critical = repeat(False, len(packed)) if critical is None else critical
    wanted = [row.measure_id for row in method.scoring.measures]
    for cells, is_below, has_critical in zip(packed, below, is_critical, strict=True):
        measures = {id_: _counted(unpacked(id_, cells[id_]), method) for id_ in wanted}
        stops, *_ = cells["line_stops"]
        raised = _flags(stopped=bool(stops), below=is_below, critical=has_critical)
        flags = [flag for flag in raised if flag in method.caps]
        yield score_measures(measures, method.scoring, limits=method.limits, flags=flags)


def standings(packed: Mapping[str, Packed], result: ScoreResult) -> dict[str, CategoryStanding]:
    """Return every category of a scored supplier, by name."""
    heaviest = {part.category: part for part in sorted(result.parts, key=lambda part: part.weight)}
    return {
        category.id: CategoryStanding(
            score=category.score if category.coverage >= CATEGORY_COVERAGE else None,
            coverage=category.coverage,
            n=_sample(packed, heaviest[category.id].measure_id),
        )
        for category in category_scores(result)
    }


def _counted(measure: Measure, method: Method) -> Measure:
    """Return a measure as the method takes it: too small a sample for it counts as missing."""
    least = method.minimums.get(measure.id)
    if least is None or not measure.counts or (measure.n or 0) >= least:
        return measure
    reason = f"n is {measure.n or 0:,}; this method counts it from {least:,} on."
    return replace(measure, state=MeasureState.INSUFFICIENT, reason=reason)


def _sample(packed: Mapping[str, Packed], measure_id: str | None) -> int | None:
    if measure_id is None:
        return None
    _, n, *_ = packed[measure_id]
    return int(n)


def _flags(*, stopped: bool, below: bool, critical: bool) -> list[CapReason]:
    flags = []
    if stopped:
        flags.append(CapReason.SUPPLIER_LINE_STOP)
    if below:
        flags.append(CapReason.OTIF_BELOW_FLOOR)
    if critical:
        flags.append(CapReason.OPEN_CRITICAL_SCAR)
    return flags
