"""How OTIF by line went, month by month, for every supplier of a list.

Of suppliers whose quantities are unknown the on-time rate is told instead, as on their card.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from app.calc.measure_columns import known
from app.calc.periods import Period
from app.calc.rate_trend import TrendWord
from app.judgement.scorecards.course import COURSE_MONTHS, words_of
from app.judgement.scorecards.measures import on_time_by_line, otif_by_line
from app.judgement.scorecards.monthly import monthly_sums_of


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The rate of one month [fraction], None where unknown; `month` is an index."""

    month: int
    value: float | None
    n: int


@dataclass(frozen=True, slots=True)
class RateTrend:
    """How a rate went: the months that are drawn, and the word for its trend."""

    points: tuple[TrendPoint, ...]
    word: TrendWord


def rate_trends(
    session: Session,
    supplier_ids: Sequence[int],
    period: Period,
    *,
    count: int,
    deffs: Mapping[int, float | None],
    by_date: Collection[int] = (),
) -> list[RateTrend]:
    """Return the last `count` months of each supplier in the order given, oldest month first.

    The word reads twice the window of months; `deffs` are design effects by supplier, `by_date`
    the suppliers of whom only the on-time rate is known.
    """
    if not supplier_ids:
        return []
    rising = sorted(supplier_ids)
    sums, months = monthly_sums_of(session, rising, period, count=max(count, COURSE_MONTHS))
    otif, on_time = otif_by_line(sums), on_time_by_line(sums)
    is_by_date = np.repeat([owner in by_date for owner in rising], len(months))
    value, n, met = (
        np.where(is_by_date, getattr(on_time, name), getattr(otif, name))
        for name in ("value", "n", "numerator")
    )
    shape = (len(rising), len(months))
    known_lines = np.where(np.isnan(met), 0, n).reshape(shape)
    words = words_of(
        np.nan_to_num(met).reshape(shape),
        known_lines.astype(np.float64),
        deffs=[deffs.get(owner) for owner in rising],
    )
    drawn = range(len(months) - count, len(months))

    def trend(row: int) -> RateTrend:
        first = row * len(months)
        points = tuple(
            TrendPoint(months[at], known(value[first + at]), int(n[first + at])) for at in drawn
        )
        return RateTrend(points, words[row])

    rows = {supplier_id: row for row, supplier_id in enumerate(rising)}
    return [trend(rows[supplier_id]) for supplier_id in supplier_ids]
