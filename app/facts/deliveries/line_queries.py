"""The order lines behind a figure: which it counts, met, missed, unknown or left out.

Composable selects for lists, and read models for one line. Sums are read in `queries`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from app.base.db import MoneyType, QuantityType
from app.base.errors import InvalidInput, NotFound
from app.calc.periods import ALL_MONTHS_FROM, Period
from app.facts.deliveries.engine_sql import Expression
from app.facts.deliveries.models import (
    MissAttribution,
    PromiseChange,
    PurchaseOrder,
    Receipt,
    ScheduleLine,
)
from app.facts.deliveries.order_lines import (
    LineDetail,
    LineOutcome,
    LineReceipt,
    OrderLine,
    PromiseMove,
)
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.rollup_models import VerdictState
from app.facts.deliveries.shares import receipt_day
from app.facts.suppliers.models import Part, Supplier

_IN_WINDOW: Expression = case((V.quantity_in_window >= V.quantity_due, 1), else_=0)
_UNITS: Expression = case((V.quantity_in_window.is_not(None), _IN_WINDOW))
# The flag of a line's verdict that a measure counts, by the measure's id.
MET_BY: Mapping[str, Any] = {  # Any: mapped attributes and expressions
    "otif_line": V.otif,
    "otif_order": V.otif,
    "otif_unit": _UNITS,
    "otif_value": _UNITS,
    "fill_unit": _UNITS,
    "otd": V.on_time,
    "otd_requested": V.on_time_requested,
    "otd_original": V.on_time_original,
    "otd_current": V.on_time_current,
    "otd_dock": V.on_time_dock,
    "in_full": V.in_full,
}
# The days of a line that a measure summarises.
DAYS_OF: Mapping[str, Any] = dict.fromkeys(
    ("lt_mean", "lt_sd", "lt_p50", "lt_p90", "lt_cv", "ltv_B"), V.lead_time_days
) | dict.fromkeys(
    ("ltv_A", "ltv_A_raw", "lateness_mean", "lateness_sd", "lateness_p90", "lateness_p95"),
    V.lateness_days,
)
OPEN_PAST_DUE = "open_past_due"
_MISSED = LineOutcome.MISSED


def outcome_for(measure: str) -> Expression:
    """Return what a line is to a measure, as an expression over `line_verdict`.

    Raises InvalidInput E-DEL-01 for a measure that no lines stand behind.
    """
    if measure == OPEN_PAST_DUE:
        judged: Expression = case((V.open_since.is_(None), LineOutcome.MET), else_=_MISSED)
    elif measure in DAYS_OF:
        judged = case((DAYS_OF[measure].is_(None), LineOutcome.UNKNOWN), else_=LineOutcome.COUNTED)
    elif measure in MET_BY:
        met = MET_BY[measure]
        judged = case((met == 1, LineOutcome.MET), (met == 0, _MISSED), else_=LineOutcome.UNKNOWN)
    else:
        known = ", ".join([*MET_BY, *DAYS_OF, OPEN_PAST_DUE])
        raise InvalidInput("E-DEL-01", f"No order lines stand behind {measure!r}; use {known}.")
    return case(
        (V.state == int(VerdictState.EXCLUDED), LineOutcome.EXCLUDED),
        (V.state == int(VerdictState.PENDING), LineOutcome.PENDING),
        else_=judged,
    )


def lines_behind(
    measure: str,
    period: Period,
    *,
    supplier_ids: Collection[int] | None = None,
    outcomes: Collection[LineOutcome] | None = None,
) -> Select[Any]:
    """Return the lines behind a measure in a period, to be sorted, paged and read by `as_lines`.

    Columns are labelled as the fields of OrderLine. Lines of a merged supplier come with
    the one it goes by (None: of all suppliers).
    """
    outcome = outcome_for(measure)
    rows = _line_rows(outcome).where(*in_period(period), *of(supplier_ids))
    return rows if outcomes is None else rows.where(outcome.in_([str(o) for o in outcomes]))


def as_lines(session: Session, rows: Select[Any]) -> list[OrderLine]:
    """Return the rows of `lines_behind`, as far as they were paged, as read models."""
    return [
        OrderLine(**(dict(row) | {"outcome": LineOutcome(row["outcome"])}))
        for row in session.execute(rows).mappings()
    ]


def outcome_counts(
    session: Session,
    measure: str,
    period: Period,
    *,
    supplier_ids: Collection[int] | None = None,
) -> dict[LineOutcome, int]:
    """Return how many lines of a period are what to a measure."""
    outcome = outcome_for(measure).label("outcome")
    rows = select(outcome, func.count()).select_from(V).where(*in_period(period))
    rows = rows.join(ScheduleLine, ScheduleLine.id == V.line_id).where(*of(supplier_ids))
    found = session.execute(rows.group_by(outcome)).all()
    return {LineOutcome(row[0]): row[1] for row in found}


def worst_misses(
    session: Session,
    period: Period,
    *,
    supplier_ids: Collection[int] | None = None,
    limit: int = 20,
) -> list[OrderLine]:
    """Return the missed lines that cost most: by the value not there in time, then by days late.

    A line is missed when it is not OTIF, or not on time where OTIF is unknown. A line
    that is still open counts its days up to the period's end.
    """
    is_missed = func.coalesce(V.otif, V.on_time) == 0
    missing = V.value_due - func.coalesce(V.value_in_window, 0)
    rows = _line_rows(case((is_missed, _MISSED), else_=LineOutcome.MET))
    rows = rows.where(is_missed, *in_period(period), *of(supplier_ids)).order_by(
        func.coalesce(missing, -1).desc(),
        V.open_since.is_(None),
        V.open_since,
        func.coalesce(V.lateness_days, 0).desc(),
        V.line_id,
    )
    return as_lines(session, rows.limit(limit))


def attributions(
    session: Session, period: Period, *, supplier_ids: Collection[int] | None = None
) -> dict[str | None, int]:
    """Return how many missed lines each cause explains, most first; None: nobody judged it yet."""
    count = func.count()
    rows = (
        select(MissAttribution.cause, count)
        .select_from(V)
        .join(ScheduleLine, ScheduleLine.id == V.line_id)
        .outerjoin(MissAttribution, MissAttribution.line_id == V.line_id)
        .where(func.coalesce(V.otif, V.on_time) == 0, *in_period(period), *of(supplier_ids))
        .group_by(MissAttribution.cause)
        .order_by(count.desc(), MissAttribution.cause)
    )
    return {row[0]: row[1] for row in session.execute(rows)}


def rejected_receipts(
    period: Period, *, supplier_ids: Collection[int] | None = None
) -> Select[Any]:
    """Return the receipts with rejects of a period, latest first: what stands behind PPM."""
    origin = aliased(Receipt, name="origin")
    day = receipt_day(origin)
    rows: Any = (  # Any: a select of many columns
        select(
            Receipt.id.label("receipt_id"),
            Receipt.line_id,
            PurchaseOrder.number.label("order_number"),
            ScheduleLine.line_no,
            Part.number.label("part_number"),
            day.label("received_on"),
            Receipt.quantity,
            Receipt.quantity_rejected,
        )
        .join(ScheduleLine, ScheduleLine.id == Receipt.line_id)
        .join(PurchaseOrder, PurchaseOrder.id == ScheduleLine.order_id)
        .outerjoin(Part, Part.id == ScheduleLine.part_id)
        .outerjoin(origin, origin.id == Receipt.reverses_receipt_id)
        .join(V, V.line_id == Receipt.line_id)
        .where(Receipt.quantity_rejected != 0, ScheduleLine.is_counted, *of(supplier_ids))
    )
    undated_in = and_(day.is_(None), V.month.between(period.first_month, period.last_month))
    dated_in = day <= period.last_day
    if period.first_day is not None:
        dated_in = and_(dated_in, day >= period.first_day)
    found: Select[Any] = rows.where(or_(dated_in, undated_in)).order_by(day.desc(), Receipt.id)
    return found


def line_detail(session: Session, line_id: int) -> LineDetail:
    """Return one line with its receipts, moves and verdict; NotFound E-DEL-02 otherwise."""
    rows = _line_rows(outcome_for("otif_line")).where(V.line_id == line_id)
    lines = as_lines(session, rows)
    if not lines:
        raise NotFound("E-DEL-02", f"There is no order line {line_id}.")
    line, verdict = session.get_one(ScheduleLine, line_id), session.get_one(V, line_id)
    given: dict[str, Any] = {"line": lines[0], "state": VerdictState(verdict.state).name.lower()}
    for field in fields(LineDetail):
        if field.name in given:
            continue
        for row in (line, verdict):
            if hasattr(row, field.name):
                given[field.name] = getattr(row, field.name)
                break
    return LineDetail(**given, receipts=_receipts(session, line_id), moves=_moves(session, line_id))


def in_period(period: Period) -> list[Expression]:
    """Return the conditions that a line's window ends in a period.

    Lines without a reference date have no window: they stand in the limitless period only.
    """
    if period.first_month == ALL_MONTHS_FROM:
        return [or_(V.window_end_on.is_(None), V.window_end_on <= period.last_day)]
    return [V.window_end_on.between(period.first_day, period.last_day)]


def of(supplier_ids: Collection[int] | None) -> list[Expression]:
    """Return the conditions that a line is of the suppliers or of one merged into them."""
    if supplier_ids is None:
        return []
    goes_by = func.coalesce(Supplier.effective_supplier_id, Supplier.id)
    members = select(Supplier.id).where(
        or_(Supplier.id.in_(supplier_ids), Supplier.effective_supplier_id.in_(supplier_ids)),
        goes_by.in_(supplier_ids),
    )
    return [ScheduleLine.supplier_id.in_(members)]


def _line_rows(outcome: Expression) -> Select[Any]:
    amounts = ("quantity_due", "quantity_in_window", "quantity_total")
    values = ("value_due", "value_in_window")
    plain = (
        "line_id", "supplier_id", "reference_on", "window_end_on", "completed_on",
        "lateness_days", "lead_time_days", "on_time", "in_full", "otif", "open_since", "event",
        "is_fallback", "reason",
    )  # fmt: skip
    return (
        select(
            *(getattr(V, name) for name in plain),
            *(type_coerce(getattr(V, name), QuantityType).label(name) for name in amounts),
            *(type_coerce(getattr(V, name), MoneyType).label(name) for name in values),
            Supplier.name.label("supplier"),
            Supplier.currency.label("currency"),
            PurchaseOrder.number.label("order_number"),
            ScheduleLine.line_no,
            ScheduleLine.schedule_no,
            func.coalesce(ScheduleLine.ordered_on, PurchaseOrder.ordered_on).label("ordered_on"),
            Part.number.label("part_number"),
            Part.name.label("part_name"),
            Part.unit.label("unit"),
            MissAttribution.cause.label("cause"),
            outcome.label("outcome"),
        )
        .select_from(V)
        .join(ScheduleLine, ScheduleLine.id == V.line_id)
        .join(PurchaseOrder, PurchaseOrder.id == ScheduleLine.order_id)
        .join(Supplier, Supplier.id == V.supplier_id)
        .outerjoin(Part, Part.id == ScheduleLine.part_id)
        .outerjoin(MissAttribution, MissAttribution.line_id == V.line_id)
    )


def _receipts(session: Session, line_id: int) -> tuple[LineReceipt, ...]:
    plain = [field.name for field in fields(LineReceipt)][1:-1]
    rows = select(
        Receipt.id, *(getattr(Receipt, name) for name in plain), Receipt.reverses_receipt_id
    ).where(Receipt.line_id == line_id)
    return tuple(LineReceipt(*row) for row in session.execute(rows.order_by(Receipt.id)))


def _moves(session: Session, line_id: int) -> tuple[PromiseMove, ...]:
    names = [field.name for field in fields(PromiseMove)]
    rows = select(*(getattr(PromiseChange, name) for name in names))
    rows = rows.where(PromiseChange.line_id == line_id)
    ordered = rows.order_by(PromiseChange.changed_on, PromiseChange.id)
    return tuple(PromiseMove(*row) for row in session.execute(ordered))
