"""Measures that are judgements: by hand, or by the rubric of continuity plans."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.calc.measure_columns import LINES, Absence, MeasureColumn, Sample, statistics
from app.judgement.scorecards import absences as why
from app.judgement.scorecards.sums import PeriodSums

Integers = NDArray[np.int64]

JUDGEMENTS = Sample("judgements", 1, 1)


def manual_points(sums: PeriodSums, measure_id: str) -> MeasureColumn:
    """Return what was judged by hand: one judgement, so neither a sample nor an interval."""
    value = sums.manual.get(measure_id, np.full(len(sums), np.nan))
    return statistics(
        measure_id,
        value,
        n=(~np.isnan(value)).astype(np.int64),
        unknown=none_of(sums),
        absence=why.same(why.NOT_JUDGED, sums),
        sample=JUDGEMENTS,
    )


def readiness(sums: PeriodSums) -> list[MeasureColumn]:
    """Return the points of the rubric: one judgement, so neither a sample nor an interval."""
    found = sums.readiness
    if found is None:
        return [nobody_knows(sums, "readiness", why.NO_PLAN)]
    texts = (why.PLANS_OF_ONE if found.is_of_many else why.NO_PLAN, why.PLAN_ASKED)
    return [
        statistics(
            "readiness",
            found.points,
            n=(~np.isnan(found.points)).astype(np.int64),
            unknown=none_of(sums),
            absence=Absence(texts, found.is_waiting.astype(np.int8)),
            sample=JUDGEMENTS,
        )
    ]


def nobody_knows(sums: PeriodSums, measure_id: str, reason: str) -> MeasureColumn:
    """Return a measure that nobody has facts for, with the reason."""
    nothing = np.full(len(sums), np.nan)
    zero = none_of(sums)
    absent = why.same(reason, sums)
    return statistics(measure_id, nothing, n=zero, unknown=zero, absence=absent, sample=LINES)


def none_of(sums: PeriodSums) -> Integers:
    """Return 0 for every supplier."""
    return np.zeros(len(sums), np.int64)
