"""Every missed line of some suppliers at once, worst first: for packs printed by the hundred.

One read for all of them; what happened to the few that are printed is read by their ids
(`line_lists`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calc.periods import Period
from app.facts.deliveries.models import (
    ChangedBy,
    Disruption,
    DisruptionKind,
    MissAttribution,
    PromiseChange,
)
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.period_reads import in_months, members, merged_suppliers
from app.facts.deliveries.rollup_models import LineVerdict as V


@dataclass(frozen=True, slots=True)
class MissedLine:
    """A line that was due and missed.

    `by_otif` says whether it missed OTIF; otherwise OTIF is unknown and the line was not on
    time. `days` is how late it was complete, or how long it has been open at the end of the
    period. `cause` and `note` are what people attributed it to, None where nobody has.
    """

    line_id: int
    by_otif: bool
    reason: str | None
    days: int
    is_open: bool
    has_stopped_us: bool
    cause: str | None
    note: str | None


def missed_lines(
    session: Session, period: Period, *, supplier_ids: Collection[int]
) -> dict[int, list[MissedLine]]:
    """Return by supplier the lines that missed OTIF, or where that is unknown, their date.

    Those that stopped one of our lines come first, then the longest late or open.
    """
    stops = _stopping_lines(session, supplier_ids)
    merged = merged_suppliers(session)
    rows = (
        select(
            Line.supplier_id,
            V.line_id,
            V.otif,
            V.reason,
            V.lateness_days,
            V.open_since,
            MissAttribution.cause,
            MissAttribution.note,
        )
        .select_from(Line)
        .join(V, V.line_id == Line.id)
        .outerjoin(MissAttribution, MissAttribution.line_id == Line.id)
        .where(
            # The index by supplier stands on the line, not on the verdict.
            Line.supplier_id.in_(members(session, supplier_ids)),
            func.coalesce(V.otif, V.on_time) == 0,
            *in_months(V, period),
            V.window_end_on <= period.last_day,
        )
    )
    found: dict[int, list[MissedLine]] = defaultdict(list)
    for owner, *rest in session.execute(rows):
        found[merged.get(owner, owner)].append(_missed(rest, stops, period.last_day))
    for lines in found.values():
        lines.sort(key=_severity)
    return dict(found)


def promises_moved(session: Session, line_ids: Sequence[int]) -> dict[int, int]:
    """Return how often the supplier moved the promise of each line; untouched ones are absent."""
    if not line_ids:
        return {}
    rows = (
        select(PromiseChange.line_id, func.count())
        .where(
            PromiseChange.line_id.in_(line_ids),
            PromiseChange.changed_by == ChangedBy.SUPPLIER,
            # A day confirmed once more moved nothing.
            PromiseChange.from_on.is_distinct_from(PromiseChange.to_on),
        )
        .group_by(PromiseChange.line_id)
    )
    return {row[0]: row[1] for row in session.execute(rows)}


def _stopping_lines(session: Session, supplier_ids: Collection[int]) -> set[int]:
    rows = select(Disruption.line_id).where(
        Disruption.supplier_id.in_(members(session, supplier_ids)),
        Disruption.kind == DisruptionKind.LINE_STOP,
        Disruption.line_id.is_not(None),
        Disruption.withdrawn_at.is_(None),
    )
    return {line_id for line_id in session.scalars(rows) if line_id is not None}


def _missed(row: Sequence[Any], stops: set[int], last_day: date) -> MissedLine:  # Any: columns
    line_id, otif, reason, lateness, open_since, cause, note = row
    is_open = open_since is not None and open_since <= last_day
    return MissedLine(
        line_id=line_id,
        by_otif=otif is not None,
        reason=reason,
        days=(last_day - open_since).days if is_open else lateness or 0,
        is_open=is_open,
        has_stopped_us=line_id in stops,
        cause=cause,
        note=note,
    )


def _severity(line: MissedLine) -> tuple[bool, bool, int, int]:
    return (not line.by_otif, not line.has_stopped_us, -line.days, line.line_id)
