"""The order lines behind a figure: which were met, missed, unknown, pending or excluded.

Reads verdicts with what was agreed and what came. Sums of a period are read elsewhere,
from the roll-up; a list and the figure it stands behind count the same lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from app.base.db import QUANTITY_SCALE
from app.calc.incoterms import DeliveryEvent
from app.calc.periods import Period
from app.facts.deliveries.lines.whole_orders import of_orders, of_orders_in
from app.facts.deliveries.models import MissAttribution, PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.period_reads import members
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.rollup_models import VerdictState
from app.facts.suppliers.models import Part, Supplier

Condition = ColumnElement[bool]


class Outcome(StrEnum):
    """How a line stands to a measure."""

    MET = "met"
    MISSED = "missed"
    UNKNOWN = "unknown"
    PENDING = "pending"
    EXCLUDED = "excluded"


# Judged at arrival, whatever the Incoterm says.
AT_OUR_DOCK = "otd_dock"
# Counted by order: whole orders stand behind it.
BY_ORDER = "otif_order"
# Measures that a line meets or misses.
JUDGED: Mapping[str, Any] = {  # Any: mapped columns
    "otif_line": V.otif,
    BY_ORDER: V.otif,
    "otif_unit": V.otif,
    "otif_value": V.otif,
    "otd": V.on_time,
    "otd_requested": V.on_time_requested,
    "otd_original": V.on_time_original,
    "otd_current": V.on_time_current,
    AT_OUR_DOCK: V.on_time_dock,
    "in_full": V.in_full,
    "fill_unit": V.otif,
}
# Measures that a completed line gives a number of days to; nothing is met or missed.
COUNTED: Mapping[str, Any] = {
    **dict.fromkeys(("lt_mean", "lt_sd", "lt_p50", "lt_p90", "lt_cv", "ltv_B"), V.lead_time_days),
    **dict.fromkeys(
        ("ltv_A_raw", "lateness_mean", "lateness_p90", "lateness_p95"), V.lateness_days
    ),
    "ltv_A": V.lateness_scored_days,
}
OPEN = "open_past_due"
MEASURES = (*JUDGED, *COUNTED, OPEN)
NOT_CODED = "none"
# Lines that are read at a time where all of them are wanted.
AT_ONCE = 1_000

SORTS: Mapping[str, Any] = {
    "due": V.window_end_on,
    "late": V.lateness_days,
    "lead": V.lead_time_days,
    "order": PurchaseOrder.number,
    "part": Part.number,
    "quantity": V.quantity_due,
    "value": V.value_due,
}


@dataclass(frozen=True, slots=True)
class LineQuery:
    """Which lines are wanted.

    measure: one of MEASURES; it says what met and missed mean. period: None is all time.
    supplier_ids: None is everybody. causes: as coded, NOT_CODED where nobody has. search: a
    part's or an order's number, or its beginning.
    """

    measure: str = "otif_line"
    period: Period | None = None
    supplier_ids: Collection[int] | None = None
    outcomes: Collection[str] = ()
    reasons: Collection[str] = ()
    causes: Collection[str] = ()
    part_number: str | None = None
    order_number: str | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order line as lists show it. Quantities are in the part's unit; None is unknown.

    `lateness_days` is completion against the reference date, early negative; of a line that
    still lacks goods it is None and `open_since` says since when. `event` is the one that was
    judged, the latest of them where receipts differ; None where nothing came.
    """

    line_id: int
    supplier_id: int
    order_number: str
    line_no: str
    schedule_no: str
    part_number: str | None
    part_name: str | None
    unit: str | None
    quantity_ordered: Decimal | None
    quantity_due: Decimal | None
    quantity_total: Decimal | None
    reference_on: date | None
    window_end_on: date | None
    completed_on: date | None
    lateness_days: int | None
    lead_time_days: int | None
    open_since: date | None
    outcome: Outcome
    reason: str | None
    cause: str | None
    event: str | None

    @property
    def label(self) -> str:
        """The order and the line, as people write them."""
        return f"{self.order_number} / {self.line_no}"


@dataclass(frozen=True, slots=True)
class LinesPage:
    """Some lines, how many there are in all, and how many of each outcome.

    The counts leave out the filter on outcomes, so that one can choose between them.
    """

    lines: list[OrderLine]
    total: int
    counts: Mapping[Outcome, int]


def lines_page(
    session: Session,
    query: LineQuery,
    *,
    sort: str = "due",
    is_falling: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> LinesPage:
    """Return a page of the lines behind a measure."""
    outcome = outcome_of(query)
    rows = _joined(select(outcome.label("outcome"), func.count())).where(
        *_conditions(session, query)
    )
    found_counts = {row[0]: row[1] for row in session.execute(rows.group_by(outcome))}
    counts = {name: found_counts[name] for name in Outcome if name in found_counts}
    total = sum(n for name, n in counts.items() if not query.outcomes or name in query.outcomes)
    wanted = _wanted(session, query, sort=sort, is_falling=is_falling)
    found = session.execute(wanted.limit(limit).offset(offset))
    return LinesPage([_line(row) for row in found], total, counts)


def each_line(
    session: Session,
    query: LineQuery,
    *,
    sort: str = "due",
    is_falling: bool = True,
    limit: int | None = None,
) -> Iterator[list[OrderLine]]:
    """Yield all lines behind a measure, some at a time, however many there are."""
    found = session.execute(
        _wanted(session, query, sort=sort, is_falling=is_falling).limit(limit),
        execution_options={"yield_per": AT_ONCE},
    )
    for some in found.partitions():
        yield [_line(row) for row in some]


def line_by_id(session: Session, line_id: int, *, measure: str = "otif_line") -> OrderLine | None:
    """Return one line, None where there is none."""
    outcome = outcome_of(LineQuery(measure))
    wanted = _joined(select(*_columns(outcome, measure))).where(Line.id == line_id)
    row = session.execute(wanted).first()
    return None if row is None else _line(row)


def lines_by_ids(
    session: Session, line_ids: Collection[int], *, measure: str = "otif_line"
) -> dict[int, OrderLine]:
    """Return lines by their id; ids without a line are absent."""
    outcome = outcome_of(LineQuery(measure))
    wanted = _joined(select(*_columns(outcome, measure))).where(Line.id.in_(line_ids))
    found = session.execute(wanted)
    return {row[0]: _line(row) for row in found}


def reason_counts(session: Session, query: LineQuery) -> dict[str, int]:
    """Return how many of the wanted lines have which reason, most frequent first."""
    outcome = outcome_of(query)
    rows = _joined(select(V.reason, func.count())).where(
        *_conditions(session, query), V.reason.is_not(None)
    )
    if query.outcomes:
        rows = rows.where(outcome.in_(list(query.outcomes)))
    found = session.execute(rows.group_by(V.reason).order_by(func.count().desc(), V.reason))
    return {row[0]: row[1] for row in found}


def cause_counts(session: Session, query: LineQuery) -> dict[str | None, int]:
    """Return how many missed lines have which cause, most frequent first; None: not judged yet.

    Nobody's judgement changes a rate; it says whose doing the misses were.
    """
    rows = _joined(select(MissAttribution.cause, func.count())).where(
        *_conditions(session, query), outcome_of(query) == str(Outcome.MISSED)
    )
    found = session.execute(
        rows.group_by(MissAttribution.cause).order_by(func.count().desc(), MissAttribution.cause)
    )
    return {row[0]: row[1] for row in found}


def wanted_rows(session: Session, query: LineQuery, rows: Any) -> Select[Any]:
    """Return a select of sums over the wanted lines, whatever their outcome."""
    return _joined(rows).where(*_conditions(session, query))


def outcome_of(query: LineQuery) -> ColumnElement[str]:
    """Return how a line stands to the query's measure, as SQL."""
    is_after = literal(False) if query.period is None else V.window_end_on > query.period.last_day
    excluded = (V.state == int(VerdictState.EXCLUDED), literal(str(Outcome.EXCLUDED)))
    pending = (
        or_(V.state == int(VerdictState.PENDING), is_after),
        literal(str(Outcome.PENDING)),
    )
    if query.measure == OPEN:
        missed: Condition = V.open_since.is_not(None)
        met: Condition = V.open_since.is_(None)
    elif query.measure in COUNTED:
        met, missed = COUNTED[query.measure].is_not(None), literal(False)
    else:
        met, missed = JUDGED[query.measure] == 1, JUDGED[query.measure] == 0
    return case(
        excluded,
        pending,
        (missed, literal(str(Outcome.MISSED))),
        (met, literal(str(Outcome.MET))),
        else_=literal(str(Outcome.UNKNOWN)),
    )


def _wanted(session: Session, query: LineQuery, *, sort: str, is_falling: bool) -> Select[Any]:
    outcome = outcome_of(query)
    wanted = _joined(select(*_columns(outcome, query.measure))).where(*_conditions(session, query))
    if query.outcomes:
        wanted = wanted.where(outcome.in_(list(query.outcomes)))
    order = SORTS[sort].desc() if is_falling else SORTS[sort].asc()
    return wanted.order_by(order.nulls_last(), Line.id)


def _columns(outcome: ColumnElement[str], measure: str) -> list[Any]:  # Any: columns of many types
    event: Any = literal(str(DeliveryEvent.ARRIVAL)) if measure == AT_OUR_DOCK else V.event
    return [
        Line.id,
        V.supplier_id,
        PurchaseOrder.number,
        Line.line_no,
        Line.schedule_no,
        Part.number.label("part_number"),
        Part.name.label("part_name"),
        Part.unit,
        Line.quantity_ordered,
        V.quantity_due,
        V.quantity_total,
        V.reference_on,
        V.window_end_on,
        V.completed_on,
        V.lateness_days,
        V.lead_time_days,
        V.open_since,
        outcome.label("outcome"),
        V.reason,
        MissAttribution.cause,
        event,
    ]


def _joined(rows: Any) -> Select[Any]:  # Any: rows of any shape
    joined: Select[Any] = (
        rows.select_from(Line)
        .join(V, V.line_id == Line.id)
        .join(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .outerjoin(Part, Part.id == Line.part_id)
        .outerjoin(MissAttribution, MissAttribution.line_id == Line.id)
    )
    return joined


def _conditions(session: Session, query: LineQuery) -> list[Condition]:
    found: list[Condition] = []
    if query.supplier_ids is not None:
        # The index by supplier stands on the line, not on the verdict.
        found.append(Line.supplier_id.in_(members(session, query.supplier_ids)))
    else:
        found.append(Line.supplier_id.in_(select(Supplier.id)))
    if query.measure == BY_ORDER:
        found.append(of_orders())
    if query.period is not None:
        is_by_order = query.measure == BY_ORDER
        found.append((of_orders_in if is_by_order else _in_period)(query.period))
    if query.reasons:
        found.append(V.reason.in_(list(query.reasons)))
    if query.causes:
        found.append(func.coalesce(MissAttribution.cause, NOT_CODED).in_(list(query.causes)))
    if query.part_number is not None:
        found.append(Part.number == query.part_number)
    if query.order_number is not None:
        found.append(PurchaseOrder.number == query.order_number)
    if query.search:
        begins = query.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        found.append(
            or_(
                PurchaseOrder.number.ilike(begins, escape="\\"),
                Part.number.ilike(begins, escape="\\"),
            )
        )
    return found


def _in_period(period: Period) -> Condition:
    """Lines of the period's months; those without any date count in the limitless one."""
    within = V.month.between(period.first_month, period.last_month)
    if period.first_on is not None:
        return and_(within, V.window_end_on.between(period.first_on, period.ends_on))
    if period.first_day is None:
        return or_(within, V.window_end_on.is_(None))
    return and_(within, V.window_end_on.is_not(None))


def _line(row: Any) -> OrderLine:  # Any: a row of `_columns`
    values = list(row)
    for place in (9, 10):
        values[place] = None if values[place] is None else Decimal(values[place]) / QUANTITY_SCALE
    values[17] = Outcome(values[17])
    return OrderLine(*values)
