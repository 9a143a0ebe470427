"""What sums hide, for some suppliers at once: days, parts, reasons, incidents, source files.

Each read is one statement for all of the suppliers, so that hundreds of packs are printed
without hundreds of reads. What is read for one supplier's page stands in `queries`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, literal_column, select, union
from sqlalchemy.orm import Session, aliased

from app.calc.lead_time import spread_from_sums
from app.calc.periods import Period
from app.facts.deliveries import shares
from app.facts.deliveries.models import (
    Acknowledgement,
    Disruption,
    InspectionLot,
    InvoiceLine,
    Receipt,
)
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.period_reads import (
    days_left_out,
    fetched_and_folded,
    in_months,
    lines_cut_off,
    members,
    merged_suppliers,
    narrowed,
    summed,
)
from app.facts.deliveries.rollup_models import HistogramKind, MonthlyHistogram, PartMonthlyRollup
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.suppliers.models import Part, Site
from app.platform.sources.models import BatchState, SourceBatch

PART_SUMS = (
    "n_due", "lead_time_n", "lead_time_sum", "lead_time_squares", "lateness_n", "lateness_sum",
)  # fmt: skip
# Written into the statement, because an index of excluded lines only answers to the figure.
EXCLUDED: ColumnElement[int] = literal_column("0")


@dataclass(frozen=True, slots=True)
class PartLeadTime:
    """A part's due lines of a period; means and spread [days] are None where undefined."""

    part_id: int
    number: str
    name: str | None
    lines: int
    completed: int
    mean: float | None
    sd: float | None
    lateness_mean: float | None


@dataclass(frozen=True, slots=True)
class PartRejects:
    """Units of a part rejected among those received in a period; number None: part unknown."""

    number: str | None
    name: str | None
    rejected: Decimal


@dataclass(frozen=True, slots=True)
class Incident:
    """A disruption at one of our plants."""

    kind: str
    occurred_on: date
    caused_by: str
    hours: Decimal | None
    cost: Decimal | None
    currency: str | None
    site: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class BatchUse:
    """A published file that fed a supplier's lines; moments are aware UTC."""

    id: int
    file_name: str
    mapping_name: str
    mapping_version: str
    rows_read: int
    rows_aside: int
    imported_by: str
    imported_at: datetime | None
    file_sha256: str


def histograms(
    session: Session, period: Period, kind: HistogramKind, *, supplier_ids: Collection[int]
) -> dict[int, dict[int, int]]:
    """Return by supplier how many completed due lines have each number of days."""
    h = MonthlyHistogram
    rows = select(h.supplier_id, h.days, summed(h.lines))
    rows = rows.where(*in_months(h, period), h.kind == int(kind)).group_by(h.supplier_id, h.days)
    parts = [narrowed(rows, h, session, supplier_ids)]
    for cut in days_left_out(period):
        where = lines_cut_off(session, cut, supplier_ids)
        taken = shares.histogram_share(kind, *where, sign=-1).subquery().c
        parts.append(select(taken.supplier_id, taken.days, taken.lines))
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for owner, days, lines in fetched_and_folded(session, parts, 3, together=False, keys=2):
        if lines:
            found[int(owner)][int(days)] = int(lines)
    return dict(found)


def histogram_by_month(
    session: Session, period: Period, kind: HistogramKind, *, supplier_id: int
) -> dict[int, dict[int, int]]:
    """Return by month index how many completed due lines of a supplier have each number of days."""
    h = MonthlyHistogram
    rows = select(h.supplier_id, h.month, h.days, summed(h.lines))
    rows = rows.where(*in_months(h, period), h.kind == int(kind))
    rows = rows.group_by(h.supplier_id, h.month, h.days)
    parts = [narrowed(rows, h, session, [supplier_id])]
    for cut in days_left_out(period):
        where = lines_cut_off(session, cut, [supplier_id])
        taken = shares.histogram_share(kind, *where, sign=-1).subquery().c
        parts.append(select(taken.supplier_id, taken.month, taken.days, taken.lines))
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for _, month, days, lines in fetched_and_folded(session, parts, 4, together=False, keys=3):
        if lines:
            found[int(month)][int(days)] = int(lines)
    return dict(found)


def excluded_by_supplier(
    session: Session, period: Period, *, supplier_ids: Collection[int]
) -> dict[int, dict[str, int]]:
    """Return by supplier how many lines stand outside every rate, by reason."""
    merged = merged_suppliers(session)
    rows = (
        select(V.supplier_id, V.reason, func.count())
        .where(
            V.supplier_id.in_(members(session, supplier_ids)),
            V.state == EXCLUDED,
            *in_months(V, period),
            V.window_end_on <= period.last_day,
        )
        .group_by(V.supplier_id, V.reason)
        .order_by(func.count().desc(), V.reason)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for owner, reason, lines in session.execute(rows):
        own = found[merged.get(owner, owner)]
        own[reason or ""] = own.get(reason or "", 0) + lines
    return dict(found)


def part_lead_times(
    session: Session, period: Period, *, supplier_ids: Collection[int], most: int
) -> dict[int, list[PartLeadTime]]:
    """Return by supplier its parts with most due lines in a period."""
    p = PartMonthlyRollup
    rows = select(p.supplier_id, p.part_id, *(summed(getattr(p, name)) for name in PART_SUMS))
    rows = rows.where(*in_months(p, period)).group_by(p.supplier_id, p.part_id)
    parts = [narrowed(rows, p, session, supplier_ids)]
    for cut in days_left_out(period):
        share = shares.part_share(*lines_cut_off(session, cut, supplier_ids), sign=-1)
        taken = share.subquery().c
        parts.append(select(taken.supplier_id, taken.part_id, *(taken[n] for n in PART_SUMS)))
    table = fetched_and_folded(session, parts, 2 + len(PART_SUMS), together=False, keys=2)
    by_owner: dict[int, list[list[int]]] = defaultdict(list)
    for row in table.tolist():
        if row[2]:
            by_owner[row[0]].append(row)
    chosen = {
        owner: sorted(own, key=lambda row: (-row[2], row[1]))[:most]
        for owner, own in by_owner.items()
    }
    names = _part_names(session, {row[1] for own in chosen.values() for row in own})
    return {owner: [_part(row, names) for row in own] for owner, own in chosen.items()}


def part_rejects(
    session: Session, period: Period, *, supplier_ids: Collection[int]
) -> dict[int, list[PartRejects]]:
    """Return by supplier the units rejected by part, by date of receipt, most first."""
    merged = merged_suppliers(session)
    origin = aliased(Receipt, name="origin")
    # Without any date a receipt counts in the month of its line.
    day = func.coalesce(shares.receipt_day(origin), V.window_end_on)
    total = func.sum(Receipt.quantity_rejected)
    rows = (
        select(Line.supplier_id, Part.number, Part.name, total)
        .select_from(Line)
        .join(V, V.line_id == Line.id)
        .join(Receipt, Receipt.line_id == Line.id)
        .outerjoin(origin, origin.id == Receipt.reverses_receipt_id)
        .outerjoin(Part, Part.id == Line.part_id)
        .where(
            Line.supplier_id.in_(members(session, supplier_ids)),
            Receipt.quantity_rejected != 0,
            Receipt.quantity.is_not(None),
            day <= period.last_day,
        )
        .group_by(Line.supplier_id, Part.number, Part.name)
    )
    if period.first_day is not None:
        rows = rows.where(day >= period.first_day)
    found: dict[int, list[PartRejects]] = defaultdict(list)
    for owner, number, name, rejected in session.execute(rows):
        if rejected:
            found[merged.get(owner, owner)].append(PartRejects(number, name, rejected))
    for own in found.values():
        own.sort(key=lambda each: (-each.rejected, each.number or ""))
    return dict(found)


def incidents(
    session: Session, period: Period, *, supplier_ids: Collection[int]
) -> dict[int, list[Incident]]:
    """Return by supplier the disruptions of a period, the latest first."""
    merged = merged_suppliers(session)
    d = Disruption
    rows = (
        select(
            d.supplier_id,
            d.kind,
            d.occurred_on,
            d.caused_by,
            d.hours,
            d.cost,
            d.currency,
            Site.name,
            d.note,
        )
        .outerjoin(Site, Site.id == d.site_id)
        .where(
            d.supplier_id.in_(members(session, supplier_ids)),
            *in_months(d, period),
            d.occurred_on <= period.last_day,
            d.withdrawn_at.is_(None),
        )
        .order_by(d.occurred_on.desc(), d.reference)
    )
    found: dict[int, list[Incident]] = defaultdict(list)
    for row in session.execute(rows):
        found[merged.get(row[0], row[0])].append(Incident(*row[1:]))
    return dict(found)


def batches_of(
    session: Session, period: Period, *, supplier_ids: Collection[int]
) -> dict[int, list[BatchUse]]:
    """Return by supplier the published files behind its lines and what came for them."""
    merged = merged_suppliers(session)
    own = members(session, supplier_ids)
    judged = (V.line_id == Line.id, Line.supplier_id.in_(own), *in_months(V, period))
    lines = select(Line.supplier_id, Line.batch_id).where(*judged)
    receipts = select(Line.supplier_id, Receipt.batch_id).where(*judged, Receipt.line_id == Line.id)
    events = [
        select(model.supplier_id, model.batch_id).where(
            model.supplier_id.in_(own), *in_months(model, period)
        )
        for model in (InspectionLot, Acknowledgement, InvoiceLine, Disruption)
    ]
    used = union(lines, receipts, *events).subquery().c
    b = SourceBatch
    rows = (
        select(
            used.supplier_id,
            b.id,
            b.file_name,
            b.mapping_name,
            b.mapping_version,
            b.rows_read,
            b.rows_aside,
            func.coalesce(b.published_by, b.staged_by),
            b.published_at,
            b.file_sha256,
        )
        .join(b, b.id == used.batch_id)
        .where(b.state == BatchState.PUBLISHED)
        .order_by(b.published_at, b.id)
    )
    found: dict[int, dict[int, BatchUse]] = defaultdict(dict)
    for row in session.execute(rows):
        owner, use = int(row[0] or 0), BatchUse(*row[1:])
        found[merged.get(owner, owner)][use.id] = use
    return {owner: list(uses.values()) for owner, uses in found.items()}


def _part_names(session: Session, ids: Collection[int]) -> dict[int, tuple[str, str | None]]:
    rows = select(Part.id, Part.number, Part.name).where(Part.id.in_(ids))
    return {row[0]: (row[1], row[2]) for row in session.execute(rows)}


def _part(row: list[int], names: dict[int, tuple[str, str | None]]) -> PartLeadTime:
    _, part_id, lines, n, total, squares, late_n, late = row
    number, name = names[part_id]
    spread = spread_from_sums(n, total, squares)
    return PartLeadTime(
        part_id=part_id,
        number=number,
        name=name,
        lines=lines,
        completed=n,
        mean=spread.mean,
        sd=spread.sd,
        lateness_mean=late / late_n if late_n else None,
    )
