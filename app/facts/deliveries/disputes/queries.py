"""Reads of disputes: the list, one with its rulings, and what is open behind a period's rates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.periods import Period
from app.facts.deliveries.disputes.models import Dispute, DisputeRuling, DisputeState, Effect
from app.facts.deliveries.models import PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.period_reads import in_months, members
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.rollup_models import VerdictState
from app.facts.suppliers.models import Part, Supplier

# Rates that count lines: what they would be without some lines is a subtraction.
COUNTED_BY_LINE: Mapping[str, Any] = {  # Any: mapped columns
    "otif_line": V.otif,
    "otd": V.on_time,
    "otd_requested": V.on_time_requested,
    "otd_original": V.on_time_original,
    "otd_current": V.on_time_current,
    "otd_dock": V.on_time_dock,
    "in_full": V.in_full,
}
SORTS: Mapping[str, Any] = {
    "opened": Dispute.opened_on,
    "due": Dispute.due_on,
    "supplier": Supplier.name,
    "line": PurchaseOrder.number,
}


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute as lists show it."""

    public_id: UUID
    id: int
    line_id: int
    label: str
    part_number: str | None
    supplier_id: int
    supplier: str
    supplier_key: UUID
    ground: str
    claim: str
    said_by: str | None
    opened_by: str
    opened_on: date
    due_on: date
    state: str
    window_end_on: date | None


@dataclass(frozen=True, slots=True)
class RulingRow:
    """A decision on a dispute, with what it found and what it put there."""

    id: int
    outcome: str
    effect: str
    before: dict[str, Any] | None  # Any: JSON
    after: dict[str, Any] | None  # Any: JSON
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class DisputeFilter:
    """Which disputes are wanted; none given means all."""

    states: Collection[str] = ()
    grounds: Collection[str] = ()
    search: str = ""


@dataclass(frozen=True, slots=True)
class Disputed:
    """Lines of a period under an open dispute: how many, and of each rate known and met."""

    lines: int
    known: Mapping[str, int]
    met: Mapping[str, int]

    def without(self, measure_id: str, *, met: float, known: float) -> float | None:
        """Return what a rate would be without the lines, None where nothing would be left."""
        if measure_id not in self.known:
            return None
        left = known - self.known[measure_id]
        return (met - self.met[measure_id]) / left if left > 0 else None


def disputes_page(
    session: Session,
    wanted: DisputeFilter,
    *,
    sort: str = "opened",
    is_falling: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[DisputeRow], int]:
    """Return a page of disputes, and how many fit in all."""
    rows = _rows().where(*_conditions(wanted))
    total = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    order = SORTS[sort].desc() if is_falling else SORTS[sort].asc()
    found = session.execute(rows.order_by(order, Dispute.id.desc()).limit(limit).offset(offset))
    return [_row(each) for each in found], total


def dispute(session: Session, public_id: UUID) -> DisputeRow:
    """Return one dispute; raises NotFound."""
    found = session.execute(_rows().where(Dispute.public_id == public_id)).first()
    if found is None:
        raise NotFound("E-DSP-07", "There is no such dispute.")
    return _row(found)


def disputes_of_line(session: Session, line_id: int) -> list[DisputeRow]:
    """Return the disputes on a line, the latest first."""
    found = session.execute(_rows().where(Dispute.line_id == line_id).order_by(Dispute.id.desc()))
    return [_row(each) for each in found]


def rulings_of(session: Session, dispute_id: int) -> list[RulingRow]:
    """Return the decisions on a dispute, the latest first."""
    r = DisputeRuling
    rows = select(
        r.id, r.outcome, r.effect, r.before, r.after, r.reason, r.decided_by, r.decided_at
    )
    found = session.execute(rows.where(r.dispute_id == dispute_id).order_by(r.id.desc()))
    return [RulingRow(*row) for row in found]


def disputed(session: Session, period: Period, *, supplier_id: int) -> Disputed:
    """Return what of a supplier's period stands under open disputes."""
    sums: list[Any] = [func.count(V.line_id)]  # Any: counts and sums
    for column in COUNTED_BY_LINE.values():
        sums += [func.count(column), func.coalesce(func.sum(column), 0)]
    row = session.execute(
        select(*sums)
        .select_from(Dispute)
        .join(V, V.line_id == Dispute.line_id)
        .where(
            Dispute.supplier_id.in_(members(session, [supplier_id])),
            Dispute.state == DisputeState.OPEN,
            V.state == int(VerdictState.DUE),
            *in_months(V, period),
            V.window_end_on <= period.last_day,
        )
    ).one()
    names = list(COUNTED_BY_LINE)
    known = {name: int(row[1 + 2 * place]) for place, name in enumerate(names)}
    met = {name: int(row[2 + 2 * place]) for place, name in enumerate(names)}
    return Disputed(int(row[0]), known, met)


def lines_with_ruled_cause(session: Session, line_ids: Collection[int]) -> set[int]:
    """Return which lines' causes a standing ruling has settled."""
    newest = select(func.max(DisputeRuling.id)).group_by(DisputeRuling.dispute_id)
    found = session.scalars(
        select(Dispute.line_id)
        .join(DisputeRuling, DisputeRuling.dispute_id == Dispute.id)
        .where(
            Dispute.line_id.in_(line_ids),
            DisputeRuling.id.in_(newest),
            DisputeRuling.effect == Effect.CAUSE,
            Dispute.state.in_([DisputeState.UPHELD, DisputeState.PARTLY]),
        )
    )
    return set(found)


def _rows() -> Select[Any]:
    d = Dispute
    rows: Any = (
        select(
            d.public_id, d.id, d.line_id, PurchaseOrder.number, Line.line_no, Part.number,
            d.supplier_id, Supplier.name, Supplier.public_id, d.ground, d.claim, d.said_by,
            d.opened_by, d.opened_on, d.due_on, d.state, V.window_end_on,
        )
        .join(Line, Line.id == d.line_id)
        .join(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .join(Supplier, Supplier.id == d.supplier_id)
        .outerjoin(Part, Part.id == Line.part_id)
        .outerjoin(V, V.line_id == d.line_id)
    )  # fmt: skip
    selected: Select[Any] = rows
    return selected


def _row(row: Any) -> DisputeRow:  # Any: a row of `_rows`
    public_id, key, line_id, number, line_no, *rest = row
    return DisputeRow(public_id, key, line_id, f"{number} / {line_no}", *rest)


def _conditions(wanted: DisputeFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(Dispute.state.in_(list(wanted.states)))
    if wanted.grounds:
        found.append(Dispute.ground.in_(list(wanted.grounds)))
    if wanted.search:
        begins = wanted.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        named = (PurchaseOrder.number, Part.number, Supplier.number, Supplier.name)
        found.append(and_(or_(*(each.ilike(begins, escape="\\") for each in named))))
    return found
