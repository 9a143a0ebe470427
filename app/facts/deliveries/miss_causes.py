"""Reads why lines were missed, as people attributed them: the supplier, us, the carrier.

Nobody's judgement changes a rate; it says whose doing the misses were.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calc.periods import Period
from app.facts.deliveries.models import CausedBy, MissAttribution
from app.facts.deliveries.period_reads import in_months, members
from app.facts.deliveries.rollup_models import LineVerdict as V


@dataclass(frozen=True, slots=True)
class MissCauses:
    """Lines that were due and not OTIF, and how many of them have which cause.

    `unattributed` are those that nobody has judged yet.
    """

    missed: int
    by_cause: Mapping[CausedBy, int]

    @property
    def unattributed(self) -> int:
        """Missed lines without a cause."""
        return self.missed - sum(self.by_cause.values())


def miss_causes(
    session: Session, period: Period, *, supplier_ids: Collection[int] | None = None
) -> MissCauses:
    """Return the missed lines of a period by cause, most frequent first."""
    count = func.count()
    rows = (
        select(MissAttribution.cause, count)
        .select_from(V)
        .outerjoin(MissAttribution, MissAttribution.line_id == V.line_id)
        .where(V.otif == 0, *in_months(V, period), V.window_end_on <= period.last_day)
        .group_by(MissAttribution.cause)
        .order_by(count.desc(), MissAttribution.cause)
    )
    if supplier_ids is not None:
        rows = rows.where(V.supplier_id.in_(members(session, supplier_ids)))
    found = [(cause, lines) for cause, lines in session.execute(rows)]
    by_cause = {CausedBy(cause): lines for cause, lines in found if cause is not None}
    return MissCauses(sum(lines for _, lines in found), by_cause)
