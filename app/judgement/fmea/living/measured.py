"""What the facts hold about failure modes: how often, how early known, how long we stood.

Read for many suppliers at once; what it suggests is said by `suggesting`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.calc.periods import month_end, month_index, month_start
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.expediting.models import StockLevel
from app.facts.deliveries.models import (
    CausedBy,
    ChangedBy,
    Disruption,
    DisruptionKind,
    InspectionLot,
    LotVerdict,
    PromiseChange,
)
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.facts.deliveries.rollup_models import LineVerdict, MonthlyRollup
from app.facts.suppliers import queries as suppliers
from app.judgement.fmea.living.warned import warnings_of
from app.judgement.fmea.models import Measured

# Rare events need years; what is older says little about today's supplier.
WINDOW_MONTHS = 36
DAYS_IN_YEAR = 365.25
HOURS_IN_DAY = 24


@dataclass(frozen=True, slots=True)
class Cover:
    """How long our stock of a part lasts, and how long its supplier needs to recover [days]."""

    part_id: int
    part_number: str
    survive_days: float | None
    recover_days: int | None

    @property
    def gap_days(self) -> float | None:
        """Days that we would stand if the source fell away whole; None where unknown."""
        if self.survive_days is None or self.recover_days is None:
            return None
        return max(0.0, self.recover_days - self.survive_days)


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """What is known of one supplier over the window.

    counts: events by what is measured. first_on: by what is measured, the day from which it
    was watched. warnings: days between the supplier's word and each missed date, 0 where no
    word came; None where its words are not recorded. longest_stop_days: of our lines. alerted: by
    what is measured, days between the first alert that stood and each event, 0 where none did.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    first_on: Mapping[str, date] = field(default_factory=dict)
    warnings: tuple[int, ...] | None = None
    longest_stop_days: float | None = None
    covers: tuple[Cover, ...] = ()
    alerted: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a row's suggestion rests on, over all suppliers that the row is about.

    warning_days: the median of `warnings` events: told by the supplier for late lines, else by
    our alerts (`is_alerted`). survive_days: the shortest cover known.
    """

    events: int = 0
    exposure_years: float = 0.0
    warning_days: float | None = None
    warnings: int = 0
    survive_days: float | None = None
    survive_part: str = ""
    parts_known: int = 0
    parts: int = 0
    stop_days: float | None = None
    is_stop_measured: bool = True
    is_alerted: bool = False


def gather(
    session: Session, as_of: date, *, supplier_ids: Collection[int]
) -> dict[int, SupplierFacts]:
    """Return what is known of some suppliers over the three years up to a day."""
    own = members(session, supplier_ids)
    merged = merged_suppliers(session)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    firsts: dict[int, dict[str, date]] = defaultdict(dict)
    _count_lines(session, own, as_of, merged, counts, firsts)
    _count_lots(session, own, as_of, merged, counts, firsts)
    stops = _count_disruptions(session, own, as_of, merged, counts, firsts)
    happened = [
        (merged.get(owner, owner), str(kind), day)
        for owner, kind, day in _happened(session, own, as_of)
    ]
    alerted = warnings_of(session, happened, supplier_ids=own)
    warnings = _warnings(session, own, as_of, merged)
    covers = _covers(session, supplier_ids, as_of)
    return {
        key: SupplierFacts(
            counts[key],
            firsts[key],
            warnings.get(key),
            stops.get(key),
            tuple(covers.get(key, ())),
            alerted.get(key, {}),
        )
        for key in supplier_ids
    }


def basis_of(
    facts: Collection[SupplierFacts], kind: str | None, as_of: date, *, part_id: int | None = None
) -> Basis:
    """Return what one row rests on, from the facts of the suppliers that it is about.

    A row that nothing measures has no count; what would stand then is the uncovered days.
    """
    covers = [
        each for one in facts for each in one.covers if part_id is None or each.part_id == part_id
    ]
    known = [each for each in covers if each.survive_days is not None]
    shortest = min(known, key=lambda each: each.survive_days or 0, default=None)
    is_late = kind == Measured.LATE_LINES
    warned = [
        days
        for one in facts
        for days in (one.warnings or () if is_late else one.alerted.get(kind or "", ()))
    ]
    stops = [one.longest_stop_days for one in facts if one.longest_stop_days is not None]
    gaps = [each.gap_days for each in covers if each.gap_days is not None]
    return Basis(
        events=sum(one.counts.get(kind or "", 0) for one in facts),
        exposure_years=sum(_years(one.first_on.get(kind or ""), as_of) for one in facts),
        warning_days=float(median(warned)) if warned else None,
        warnings=len(warned),
        survive_days=None if shortest is None else shortest.survive_days,
        survive_part="" if shortest is None else shortest.part_number,
        parts_known=len(known),
        parts=len(covers),
        stop_days=max(gaps if kind is None else stops, default=None),
        is_stop_measured=kind is not None,
        is_alerted=not is_late and bool(warned),
    )


def _years(first_on: date | None, as_of: date) -> float:
    return 0.0 if first_on is None else max(0, (as_of - first_on).days + 1) / DAYS_IN_YEAR


def _first_month(as_of: date) -> int:
    return month_index(as_of) - WINDOW_MONTHS + 1


Counts = dict[int, dict[str, int]]
Firsts = dict[int, dict[str, date]]


def _note(
    counts: Counts, firsts: Firsts, key: int, kind: str, count: int, first_month: int
) -> None:
    counts[key][kind] = counts[key].get(kind, 0) + count
    day = month_start(first_month)
    firsts[key][kind] = min(day, firsts[key].get(kind, day))


def _count_lines(
    session: Session, own: list[int], as_of: date, merged: Mapping[int, int],
    counts: Counts, firsts: Firsts,
) -> None:  # fmt: skip
    m = MonthlyRollup
    rows = session.execute(
        select(m.supplier_id, func.sum(m.on_time_known - m.on_time_true), func.min(m.month))
        .where(
            m.supplier_id.in_(own), m.n_due > 0,
            m.month.between(_first_month(as_of), month_index(as_of)),
        )
        .group_by(m.supplier_id)
    )  # fmt: skip
    for supplier_id, late, first in rows:
        key = merged.get(supplier_id, supplier_id)
        _note(counts, firsts, key, Measured.LATE_LINES, int(late or 0), first)


def _count_lots(
    session: Session, own: list[int], as_of: date, merged: Mapping[int, int],
    counts: Counts, firsts: Firsts,
) -> None:  # fmt: skip
    lot = InspectionLot
    rejected = func.count(lot.id).filter(lot.verdict == LotVerdict.REJECTED)
    rows = session.execute(
        select(lot.supplier_id, rejected, func.min(lot.month))
        .where(
            lot.supplier_id.in_(own), lot.inspected_on <= as_of,
            lot.month >= _first_month(as_of),
        )
        .group_by(lot.supplier_id)
    )  # fmt: skip
    for supplier_id, count, first in rows:
        key = merged.get(supplier_id, supplier_id)
        _note(counts, firsts, key, Measured.REJECTED_LOTS, int(count), first)


def _count_disruptions(
    session: Session, own: list[int], as_of: date, merged: Mapping[int, int],
    counts: Counts, firsts: Firsts,
) -> dict[int, float]:  # fmt: skip
    """Note what the supplier caused, by kind; return its longest line stop in days.

    It is watched for as long as it delivers, where the house keeps a log at all.
    """
    if not deliveries.has_disruption_log(session, as_of):
        return {}
    for key, kinds in firsts.items():
        if Measured.LATE_LINES in kinds:
            for each in DisruptionKind:
                counts[key][each], kinds[each] = 0, kinds[Measured.LATE_LINES]
    d = Disruption
    rows = session.execute(select(d.supplier_id, d.kind, d.hours).where(*_by_supplier(own, as_of)))
    stops: dict[int, float] = {}
    for supplier_id, kind, hours in rows:
        key = merged.get(supplier_id, supplier_id)
        counts[key][kind] = counts[key].get(kind, 0) + 1
        if kind == DisruptionKind.LINE_STOP and hours is not None:
            stops[key] = max(stops.get(key, 0.0), float(hours) / HOURS_IN_DAY)
    return stops


def _happened(session: Session, own: list[int], as_of: date) -> Iterator[tuple[int, str, date]]:
    """Yield what alerts may have told of: rejected lots, and what the supplier disrupted."""
    lot, d = InspectionLot, Disruption
    rejected = select(lot.supplier_id, lot.inspected_on).where(
        lot.supplier_id.in_(own), lot.verdict == LotVerdict.REJECTED,
        lot.inspected_on <= as_of, lot.month >= _first_month(as_of),
    )  # fmt: skip
    for owner, day in session.execute(rejected):
        yield owner, Measured.REJECTED_LOTS, day
    disrupted = select(d.supplier_id, d.kind, d.occurred_on).where(*_by_supplier(own, as_of))
    for owner, kind, day in session.execute(disrupted):
        yield owner, kind, day


def _by_supplier(own: list[int], as_of: date) -> tuple[ColumnElement[bool], ...]:
    d = Disruption
    return (
        d.supplier_id.in_(own), d.withdrawn_at.is_(None), d.caused_by == CausedBy.SUPPLIER,
        d.occurred_on.between(month_start(_first_month(as_of)), as_of),
    )  # fmt: skip


def _warnings(
    session: Session, own: list[int], as_of: date, merged: Mapping[int, int]
) -> dict[int, tuple[int, ...]]:
    """Return by supplier how many days before each missed date it told us, 0 where never.

    Suppliers whose words are not recorded at all are absent.
    """
    v, said = LineVerdict, PromiseChange
    told = and_(
        said.line_id == v.line_id, said.changed_by == ChangedBy.SUPPLIER,
        said.to_on > v.reference_on, said.changed_on < v.reference_on,
    )  # fmt: skip
    rows = session.execute(
        select(v.line_id, v.supplier_id, v.reference_on, func.min(said.changed_on))
        .outerjoin(said, told)
        .where(
            v.supplier_id.in_(own), v.on_time == 0, v.reference_on.is_not(None),
            v.month.between(_first_month(as_of), month_index(as_of)),
            v.reference_on <= month_end(month_index(as_of)),
        )
        .group_by(v.line_id, v.supplier_id, v.reference_on)
    )  # fmt: skip
    found: dict[int, list[int]] = defaultdict(list)
    for _, supplier_id, missed_on, told_on in rows:
        days = 0 if told_on is None or missed_on is None else (missed_on - told_on).days
        found[merged.get(supplier_id, supplier_id)].append(days)
    return {key: tuple(days) for key, days in found.items() if any(days)}


def _covers(session: Session, supplier_ids: Collection[int], as_of: date) -> dict[int, list[Cover]]:
    """Return the cover of each part by supplier: as the part says, else by stock and usage."""
    sources = suppliers.source_rows(session, as_of=as_of, supplier_ids=supplier_ids)
    stock = _stock_days(session, [each.part_id for each in sources if each.survive_days is None])
    found: dict[int, list[Cover]] = defaultdict(list)
    for each in sources:
        days = stock.get(each.part_id) if each.survive_days is None else float(each.survive_days)
        found[each.supplier_id].append(
            Cover(each.part_id, each.part_number, days, each.recover_days)
        )
    return found


def _stock_days(session: Session, part_ids: Collection[int]) -> dict[int, float]:
    wanted = set(part_ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(StockLevel.part_id, func.sum(StockLevel.on_hand), func.sum(StockLevel.daily_usage))
        .where(StockLevel.part_id.in_(sorted(wanted)))
        .group_by(StockLevel.part_id)
    )
    return {key: float(held / used) for key, held, used in rows if held is not None and used}
