"""How OTIF by line went, month by month, for every supplier of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from app.calc.measure_columns import known
from app.calc.periods import Period
from app.calc.rate_trend import TrendWord
from app.judgement.scorecards.course import COURSE_MONTHS, words_of
from app.judgement.scorecards.measures import otif_by_line
from app.judgement.scorecards.monthly import monthly_sums_of


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """OTIF by line of one month [fraction], None where unknown; `month` is an index."""

    month: int
    value: float | None
    n: int


@dataclass(frozen=True, slots=True)
class OtifTrend:
    """How OTIF by line went: the months that are drawn, and the word for its trend."""

    points: tuple[TrendPoint, ...]
    word: TrendWord


def otif_trends(
    session: Session,
    supplier_ids: Sequence[int],
    period: Period,
    *,
    count: int,
    deffs: Mapping[int, float | None],
) -> list[OtifTrend]:
    """Return the last `count` months of each supplier in the order given, oldest month first.

    The word reads twice the window of months; `deffs` are design effects by supplier.
    """
    if not supplier_ids:
        return []
    rising = sorted(supplier_ids)
    sums, months = monthly_sums_of(session, rising, period, count=max(count, COURSE_MONTHS))
    column = otif_by_line(sums)
    shape = (len(rising), len(months))
    known_lines = np.where(np.isnan(column.numerator), 0, column.n).reshape(shape)
    words = words_of(
        np.nan_to_num(column.numerator).reshape(shape),
        known_lines.astype(np.float64),
        deffs=[deffs.get(owner) for owner in rising],
    )
    drawn = range(len(months) - count, len(months))

    def trend(row: int) -> OtifTrend:
        first = row * len(months)
        points = tuple(
            TrendPoint(months[at], known(column.value[first + at]), int(column.n[first + at]))
            for at in drawn
        )
        return OtifTrend(points, words[row])

    rows = {supplier_id: row for row, supplier_id in enumerate(rising)}
    return [trend(rows[supplier_id]) for supplier_id in supplier_ids]
