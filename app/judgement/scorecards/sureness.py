"""How sure scores are: the range that chance alone allows, and the grades that it reaches.

Works on a table of measures, one supplier or thousands, and reads no database. What the
missing measures could do is another range, the bounds of the score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.calc.grading import Grade
from app.calc.measure_columns import MeasureColumn
from app.calc.sampling import DrawScale, Sampling, sampling
from app.calc.score_range import ScoreRanges, possible_grades, score_ranges
from app.calc.scoring import ScoreResult
from app.judgement.scorecards.measures import MeasureTable
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.register import BY_ID, Unit

Json = dict[str, Any]  # Any: what JSON can hold

# Standard deviations stray on the scale of ratios; every other figure in days does not.
SPREADS = frozenset({"ltv_A", "ltv_A_raw", "ltv_B", "lt_sd"})


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure one score is.

    `lo` and `hi` [0 … 100] are the sampling range; `drawn_weight` [fraction of the weight]
    is how much of it could be drawn, the rest is held at its value. `grades` are those
    that the range reaches, best first, none better than caps allow.
    """

    lo: float
    hi: float
    drawn_weight: float
    grades: tuple[Grade, ...]

    @property
    def is_open(self) -> bool:
        """Whether chance alone may have decided the grade: it prints with “±”."""
        return len(self.grades) > 1


def ranges_of(table: MeasureTable, method: Method) -> ScoreRanges:
    """Return the sampling ranges of every score of a table."""
    return score_ranges(samplings_of(table, method), method.scoring, limits=method.limits)


def samplings_of(table: MeasureTable, method: Method) -> dict[str, Sampling]:
    """Return how chance may have moved the measures that a method scores."""
    wanted = {row.measure_id for row in method.scoring.measures}
    columns = {id_: table.columns[id_] for id_ in wanted if id_ in table.columns}
    return {id_: sampling(column, scale_of(column)) for id_, column in columns.items()}


def scale_of(column: MeasureColumn) -> DrawScale:
    """Return on which scale a measure is drawn; a census and what has no interval are held."""
    unit = BY_ID[column.id].unit
    if column.id in SPREADS:
        return DrawScale.LOG
    if unit is Unit.PPM:
        return DrawScale.CUBE_ROOT
    if unit is Unit.COUNT or np.isnan(column.lo).all():
        return DrawScale.FIXED
    return DrawScale.WILSON if unit is Unit.SHARE else DrawScale.LINEAR


def surenesses(
    found: ScoreRanges, results: Iterable[ScoreResult], method: Method, *, start: int = 0
) -> list[Sureness | None]:
    """Return how sure each result is, None where it is not rated; `start` is the first's place."""
    return [_sureness(found, start + index, result, method) for index, result in enumerate(results)]


def packed_sureness(sure: Sureness | None) -> Json | None:
    """Return it as a snapshot stores it."""
    if sure is None:
        return None
    return {"lo": sure.lo, "hi": sure.hi, "drawn": sure.drawn_weight, "grades": list(sure.grades)}


def unpacked_sureness(packed: Mapping[str, Any] | None) -> Sureness | None:
    """Return what a snapshot stored; None where none is: not rated, or of an earlier format."""
    if packed is None:
        return None
    grades = tuple(Grade(grade) for grade in packed["grades"])
    return Sureness(packed["lo"], packed["hi"], packed["drawn"], grades)


def _sureness(
    found: ScoreRanges, place: int, result: ScoreResult, method: Method
) -> Sureness | None:
    if result.score is None:
        return None
    # Drawn in binary, scored in decimals: the range holds the score that is printed.
    lo = max(0.0, min(float(found.lo[place]), result.score))
    hi = min(100.0, max(float(found.hi[place]), result.score))
    limit = result.caps[0].limit if result.caps else None
    grades = possible_grades(lo, hi, method.scoring.bands, limit=limit)
    return Sureness(lo, hi, float(found.drawn_weight[place]), grades)
