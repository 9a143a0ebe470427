"""How OTIF by line went, month by month, for every supplier of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.calc.measure_columns import known
from app.calc.periods import Period
from app.judgement.scorecards.measures import otif_by_line
from app.judgement.scorecards.monthly import monthly_sums_of


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """OTIF by line of one month [fraction], None where unknown; `month` is an index."""

    month: int
    value: float | None
    n: int


def otif_trends(
    session: Session, supplier_ids: Sequence[int], period: Period, *, count: int
) -> list[tuple[TrendPoint, ...]]:
    """Return the last months of each supplier in the order given, oldest month first."""
    rising = sorted(supplier_ids)
    sums, months = monthly_sums_of(session, rising, period, count=count)
    column = otif_by_line(sums)
    starts = {supplier_id: place * len(months) for place, supplier_id in enumerate(rising)}
    return [
        tuple(
            TrendPoint(month, known(column.value[start + place]), int(column.n[start + place]))
            for place, month in enumerate(months)
        )
        for start in (starts[supplier_id] for supplier_id in supplier_ids)
    ]
