"""What is read of deliveries: sums of a period from the roll-up, never from lines.

A period's months are whole sums; where it begins or ends within a month, what belongs to
the days outside it is taken off again. A merged supplier's sums stand under the one it
goes by. Own warehouses are included: whoever lists or ranks leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Date, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from app.calc.lead_time import percentiles_by_group
from app.calc.periods import Period
from app.facts.deliveries import shares
from app.facts.deliveries.agreements.netting import has_agreements
from app.facts.deliveries.engine_sql import Expression, day_number, raw, share_of
from app.facts.deliveries.event_shares import EVENT_SUMS, event_share, latest_event_days
from app.facts.deliveries.models import Disruption, Receipt, ScheduleLine
from app.facts.deliveries.period_reads import (
    Days,
    Suppliers,
    as_sums,
    columns_of,
    days_left_out,
    fetched,
    fetched_and_folded,
    in_months,
    lines_cut_off,
    members,
    merged_suppliers,
    narrowed,
    of_suppliers,
    once,
    rolled_up,
    still_pending,
    summed,
    window_ends_in,
)
from app.facts.deliveries.rollup_models import (
    Closing,
    HistogramKind,
    MonthlyEventRollup,
    MonthlyHistogram,
    MonthlyOrderRollup,
    MonthlyRollup,
    OrderMeasure,
    PartMonthlyRollup,
    VerdictState,
)
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.sum_columns import (
    HOUSE,
    Integers,
    MonthlySums,
    Sums,
    folded,
    renamed,
)
from app.platform.sources.models import BatchState, SourceBatch

__all__ = [
    "HOUSE",
    "HistogramKind",
    "MonthlySums",
    "OrderMeasure",
    "Sums",
    "once",
]

Floats = NDArray[np.float64]
LINE_SUMS = tuple(
    column.name for column in MonthlyRollup.__table__.columns if not column.primary_key
)
ORDER_COLUMNS = tuple(f"{measure}_{name}" for measure in OrderMeasure for name in shares.ORDER_SUMS)
OPEN_SUMS = ("lines", "days_1_7", "days_8_30", "days_over_30", "quantity", "value_lines", "value")
SHORT_OPEN_DAYS, LONG_OPEN_DAYS = 7, 30


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Percentiles [days] of m suppliers by share (0.9 is P90); suppliers without any are absent."""

    supplier_ids: Integers
    values: dict[float, Floats]


@dataclass(frozen=True, slots=True)
class PooledSpread:
    """Spread of lead time within parts (LTV-B) of m suppliers.

    `sd` [days] is NaN where no part has two completed lines; `lines` counts the completed
    lines of parts that have two or more, `parts` those parts.
    """

    supplier_ids: Integers
    sd: Floats
    lines: Integers
    parts: Integers


def delivery_sums(
    session: Session, period: Period, *, supplier_ids: Suppliers = None, together: bool = False
) -> Sums:
    """Return the line and receipt sums of a period by supplier (None: of all suppliers).

    `together` adds all of them up under HOUSE.
    """
    found = _lines_by(session, period, supplier_ids, together=together, by_month=False)
    return Sums(found[:, 0], columns_of(found, 1, LINE_SUMS))


def delivery_sums_by_month(
    session: Session, period: Period, *, supplier_ids: Suppliers = None, together: bool = False
) -> MonthlySums:
    """Return the line and receipt sums of a period by supplier and month."""
    found = _lines_by(session, period, supplier_ids, together=together, by_month=True)
    return MonthlySums(found[:, 0], found[:, 1], columns_of(found, 2, LINE_SUMS))


def few_sums_by_month(session: Session, period: Period, names: Sequence[str]) -> MonthlySums:
    """Return some sums of whole months by supplier and month, of lines or of events.

    What many months of thousands of suppliers cost is their columns: only the named ones.
    """
    model = MonthlyRollup if set(names) <= set(LINE_SUMS) else MonthlyEventRollup
    rows = rolled_up(model, names, period, by_month=True)
    found = fetched_and_folded(session, [rows], 2 + len(names), together=False, keys=2)
    return MonthlySums(found[:, 0], found[:, 1], columns_of(found, 2, names))


def event_sums(
    session: Session, period: Period, *, supplier_ids: Suppliers = None, together: bool = False
) -> Sums:
    """Return the sums of inspections, acknowledgements, invoices and disruptions."""
    found = _events_by(session, period, supplier_ids, together=together, by_month=False)
    return Sums(found[:, 0], columns_of(found, 1, EVENT_SUMS))


def event_sums_by_month(
    session: Session, period: Period, *, supplier_ids: Suppliers = None, together: bool = False
) -> MonthlySums:
    """Return the sums of events of a period by supplier and month."""
    found = _events_by(session, period, supplier_ids, together=together, by_month=True)
    return MonthlySums(found[:, 0], found[:, 1], columns_of(found, 2, EVENT_SUMS))


def order_sums(
    session: Session, period: Period, *, supplier_ids: Suppliers = None, together: bool = False
) -> dict[OrderMeasure, Sums]:
    """Return the order level and the sums of the design effect, by measure and supplier.

    An order belongs to the month in which its latest window closed.
    """
    rows = rolled_up(MonthlyOrderRollup, ORDER_COLUMNS, period, by_month=False)
    parts = [narrowed(rows, MonthlyOrderRollup, session, supplier_ids)]
    for cut in days_left_out(period):
        ended = select(V.order_id).where(*window_ends_in(cut))
        share = shares.order_share(
            V.order_id.in_(ended),
            *of_suppliers(session, supplier_ids),
            ends=cut,
            sign=-1,
            has_agreements=has_agreements(session),
        )
        parts.append(as_sums(share, ORDER_COLUMNS, by_month=False))
    table = fetched(session, parts, 1 + len(ORDER_COLUMNS))
    keys = renamed(table, merged_suppliers(session), together=together)[:, :1]
    by_measure = np.split(table[:, 1:], len(OrderMeasure), axis=1)
    return {
        measure: _orders_of(keys, sums)
        for measure, sums in zip(OrderMeasure, by_measure, strict=True)
    }


def _orders_of(keys: Integers, sums: Integers) -> Sums:
    """Return the sums of one measure; suppliers without any order of it are absent."""
    table = folded(np.hstack([keys, sums])[sums.any(axis=1)], 1)
    return Sums(table[:, 0], columns_of(table, 1, shares.ORDER_SUMS))


def histogram(
    session: Session, period: Period, kind: HistogramKind, *, supplier_ids: Suppliers = None
) -> dict[int, int]:
    """Return how many completed due lines have each number of days, over the given suppliers."""
    table = histogram_rows(session, period, kind, supplier_ids, together=True)
    return {int(day): int(lines) for _, day, lines in table if lines}


def percentiles(
    session: Session,
    period: Period,
    kind: HistogramKind,
    *,
    wanted: Sequence[float],
    supplier_ids: Suppliers = None,
    together: bool = False,
) -> Percentiles:
    """Return exact type-7 percentiles of lead time or lateness by supplier."""
    table = histogram_rows(session, period, kind, supplier_ids, together=together)
    groups, days, counts = table[:, 0], table[:, 1], table[:, 2]
    found = {p: percentiles_by_group(groups, days, counts=counts, p=p) for p in wanted}
    keys = next((keys for keys, _ in found.values()), np.zeros(0, np.int64))
    return Percentiles(keys, {p: values for p, (_, values) in found.items()})


def pooled_lead_time_spread(
    session: Session, period: Period, *, supplier_ids: Suppliers = None, together: bool = False
) -> PooledSpread:
    """Return LTV-B by supplier: the spread of lead time pooled within parts.

    The same part from two suppliers counts as two: each has its own mean.
    """
    p, names = PartMonthlyRollup, ("lead_time_n", "lead_time_sum", "lead_time_squares")
    rows = select(p.supplier_id, p.part_id, *(summed(getattr(p, name)) for name in names))
    rows = rows.where(*in_months(p, period), p.lead_time_n > 0).group_by(p.supplier_id, p.part_id)
    parts = [narrowed(rows, p, session, supplier_ids)]
    for cut in days_left_out(period):
        share = shares.part_share(*lines_cut_off(session, cut, supplier_ids), sign=-1)
        taken = share.subquery().c
        parts.append(select(taken.supplier_id, taken.part_id, *(taken[name] for name in names)))
    table = folded(fetched(session, parts, 5), 2)
    table = table[table[:, 2] > 1]
    n, total, squares = table[:, 2], table[:, 3], table[:, 4]
    within = (n * squares - total * total) / n if len(table) else np.zeros(0)
    keyed = renamed(table, merged_suppliers(session), together=together)[:, 0]
    keys, places = np.unique(keyed, return_inverse=True)
    spread, lines, count = np.zeros(len(keys)), np.zeros_like(keys), np.zeros_like(keys)
    np.add.at(spread, places, within)
    np.add.at(lines, places, n)
    np.add.at(count, places, 1)
    return PooledSpread(keys, np.sqrt(spread / (lines - count)), lines, count)


def open_past_due(
    session: Session, as_of: date, *, supplier_ids: Suppliers = None, together: bool = False
) -> Sums:
    """Return the lines that are due and still lack goods, by supplier, aged at `as_of`.

    Read live from the open lines, so it speaks of what is known now: for an earlier day
    than the latest facts it leaves out what has been delivered since. Columns: OPEN_SUMS;
    `quantity` and `value` are what is lacking, the value as far as it is known.
    """
    age = day_number(literal(as_of, Date)) - day_number(V.open_since)
    lacking = V.quantity_due - func.coalesce(V.quantity_total, 0)
    value = case((lacking >= V.quantity_due, V.value_due), else_=_lacking_value(lacking))
    rows = select(
        V.supplier_id,
        func.count(),
        summed(case((age <= SHORT_OPEN_DAYS, 1), else_=0)),
        summed(case((and_(age > SHORT_OPEN_DAYS, age <= LONG_OPEN_DAYS), 1), else_=0)),
        summed(case((age > LONG_OPEN_DAYS, 1), else_=0)),
        summed(case((V.quantity_total.is_not(None), lacking))),
        func.count(value),
        summed(value),
    ).where(V.open_since.is_not(None), V.window_end_on <= as_of)
    parts = [narrowed(rows, V, session, supplier_ids).group_by(V.supplier_id)]
    table = fetched_and_folded(session, parts, 1 + len(OPEN_SUMS), together=together)
    return Sums(table[:, 0], columns_of(table, 1, OPEN_SUMS))


def excluded_reasons(
    session: Session, period: Period, *, supplier_ids: Suppliers = None
) -> dict[str, int]:
    """Return how many lines stand outside every rate, by reason, most frequent first.

    Lines without a reference date belong to no month: they count in the limitless period.
    """
    is_reached = or_(V.window_end_on.is_(None), V.window_end_on <= period.last_day)
    count = func.count()
    rows = (
        select(V.reason, count)
        .where(V.state == int(VerdictState.EXCLUDED), *in_months(V, period), is_reached)
        .group_by(V.reason)
        .order_by(count.desc(), V.reason)
    )
    found = session.execute(narrowed(rows, V, session, supplier_ids)).all()
    return {row[0]: row[1] for row in found}


def closed_until(session: Session) -> date | None:
    """Return the day up to which due windows have been closed, None before the first time."""
    return session.scalar(select(Closing.closed_until).where(Closing.id == 1))


def latest_fact_on(session: Session) -> date | None:
    """Return the day of the latest fact, None where there are none.

    As the published batches tell it; from the facts themselves where no batch does, which
    takes a scan, so a session that only reads asks once.
    """
    return once(session, "latest fact", lambda: _latest_fact_on(session))


def _latest_fact_on(session: Session) -> date | None:
    published = SourceBatch.state == BatchState.PUBLISHED
    told = session.scalar(select(func.max(SourceBatch.latest_fact_on)).where(published))
    if told is not None:
        return told
    days = [getattr(Receipt, f"{name}_on") for name in ("arrived", "posted", "dispatched", "ready")]
    # One pass over the receipts tells all four.
    latest = list(session.execute(select(*(func.max(day) for day in days))).one())
    latest += [session.scalar(statement) for statement in latest_event_days()]
    latest.append(session.scalar(select(func.max(ScheduleLine.ordered_on))))
    return max((day for day in latest if day is not None), default=None)


def has_disruption_log(session: Session, as_of: date) -> bool:
    """Tell whether the house records disruptions: without a log, none is not zero."""
    found = select(Disruption.id).where(Disruption.occurred_on <= as_of).limit(1)
    return once(session, f"disruptions {as_of}", lambda: session.scalar(found) is not None)


def _lacking_value(lacking: Expression) -> Expression:
    return case((V.quantity_due > 0, share_of(raw(V.value_due), lacking, raw(V.quantity_due))))


def _lines_by(
    session: Session, period: Period, supplier_ids: Suppliers, *, together: bool, by_month: bool
) -> Integers:
    rows = rolled_up(MonthlyRollup, LINE_SUMS, period, by_month=by_month)
    parts = [narrowed(rows, MonthlyRollup, session, supplier_ids)]
    for cut in days_left_out(period):
        late = shares.line_share(*lines_cut_off(session, cut, supplier_ids), sign=-1)
        parts.append(as_sums(late, LINE_SUMS, by_month=by_month, instead=still_pending(period)))
        if (where := where_receipts_came(session, cut, period)) is not None:
            of = (ScheduleLine, ScheduleLine.id == V.line_id)
            if supplier_ids is not None:
                where += (ScheduleLine.supplier_id.in_(members(session, supplier_ids)),)
            came = shares.receipt_share(
                *where, join=of, after=cut, with_undated=period.is_of_days, sign=-1
            )
            parts.append(as_sums(came, LINE_SUMS, by_month=by_month))
    width = (2 if by_month else 1) + len(LINE_SUMS)
    return fetched_and_folded(session, parts, width, together=together, keys=1 + by_month)


def where_receipts_came(
    session: Session, cut: Days, period: Period
) -> tuple[Expression, ...] | None:
    """Return which verdicts' receipts may belong to days cut off, None where none can.

    Of a run of days a receipt without a date counts with its line's window, which may end after
    the latest fact.
    """
    told = latest_fact_on(session)
    if told is None or told > cut[0]:
        return ()
    return window_ends_in(cut) if period.is_of_days else None


def _events_by(
    session: Session, period: Period, supplier_ids: Suppliers, *, together: bool, by_month: bool
) -> Integers:
    rows = rolled_up(MonthlyEventRollup, EVENT_SUMS, period, by_month=by_month)
    parts = [narrowed(rows, MonthlyEventRollup, session, supplier_ids)]
    for cut in days_left_out(period):
        of = None if supplier_ids is None else members(session, supplier_ids)
        taken = event_share(of, after=cut).subquery().c
        keys = [taken.supplier_id, *([taken.month] if by_month else [])]
        parts.append(select(*keys, *(-taken[name] for name in EVENT_SUMS)))
    keys_n = 2 if by_month else 1
    return fetched_and_folded(
        session, parts, keys_n + len(EVENT_SUMS), together=together, keys=keys_n
    )


def histogram_rows(
    session: Session,
    period: Period,
    kind: HistogramKind,
    supplier_ids: Suppliers,
    *,
    together: bool,
) -> Integers:
    """Return (supplier, days, lines) of completed due lines, as a table of integers."""
    h = MonthlyHistogram
    rows = select(h.supplier_id, h.days, summed(h.lines))
    rows = rows.where(*in_months(h, period), h.kind == int(kind)).group_by(h.supplier_id, h.days)
    parts = [narrowed(rows, h, session, supplier_ids)]
    for cut in days_left_out(period):
        where = lines_cut_off(session, cut, supplier_ids)
        taken = shares.histogram_share(kind, *where, sign=-1).subquery().c
        parts.append(select(taken.supplier_id, taken.days, taken.lines))
    return fetched_and_folded(session, parts, 3, together=together, keys=2)
