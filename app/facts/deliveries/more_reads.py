"""What measures beside the roll-up rest on, read from lines and records, set by set.

One statement for all suppliers asked for, whatever their number. For pages and custom
measures: what is scored for thousands reads the roll-up instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Date, Select, and_, case, distinct, func, literal, or_, select
from sqlalchemy.orm import Session

from app.calc.commercial import Request
from app.calc.perfect_order import PerfectLine
from app.calc.periods import Period
from app.facts.deliveries.agreements.models import SchedulingAgreement as Agreement
from app.facts.deliveries.agreements.netting import has_agreements
from app.facts.deliveries.engine_sql import Expression, day_number
from app.facts.deliveries.models import Acknowledgement, ChangedBy, PromiseChange, Receipt
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.period_reads import Suppliers, members, merged_suppliers, once, summed
from app.facts.deliveries.queries import HistogramKind, histogram_rows
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.rollup_models import VerdictState

READ_AT_ONCE = 2_000
DUE, PENDING = int(VerdictState.DUE), int(VerdictState.PENDING)
# A confirmation that repeats the date is kept too; it moves nothing.
MOVES = PromiseChange.from_on.is_distinct_from(PromiseChange.to_on)
OF_LINE = (PromiseChange, and_(PromiseChange.line_id == Line.id, MOVES))


@dataclass(frozen=True, slots=True)
class PromiseSums:
    """How a supplier's promises moved over its due lines [days, late is positive].

    `slip_*` speak of the lines with both promises; `changes` are moves of any line's date,
    `postponed` lines that the supplier moved later.
    """

    lines: int = 0
    slip_known: int = 0
    slip_days: int = 0
    changes: int = 0
    postponed: int = 0


@dataclass(frozen=True, slots=True)
class LineParts:
    """The four components of one due line, with its order and its key."""

    line_id: int
    order_id: int
    parts: PerfectLine


def promise_sums(
    session: Session, period: Period, *, supplier_ids: Suppliers = None
) -> dict[int, PromiseSums]:
    """Return by supplier how the promises of the lines due in a period moved."""
    slip = day_number(Line.promised_current_on) - day_number(Line.promised_original_on)
    rows = _due(
        session,
        period,
        supplier_ids,
        Line.supplier_id,
        func.count(),
        func.count(slip),
        summed(slip),
    ).group_by(Line.supplier_id)
    is_postponed = and_(
        PromiseChange.changed_by == ChangedBy.SUPPLIER,
        or_(
            PromiseChange.from_on < PromiseChange.to_on,
            and_(PromiseChange.from_on.is_(None), Line.promised_original_on < PromiseChange.to_on),
        ),
    )
    moved = _due(
        session,
        period,
        supplier_ids,
        Line.supplier_id,
        func.count(PromiseChange.id),
        func.count(distinct(case((is_postponed, Line.id)))),
        beside=OF_LINE,
    ).group_by(Line.supplier_id)
    found: dict[int, list[int]] = defaultdict(lambda: [0] * 5)
    merged = merged_suppliers(session)
    for place, statement in ((0, rows), (3, moved)):
        for key, *figures in session.execute(statement):
            own = found[merged.get(key, key)]
            for step, figure in enumerate(figures):
                own[place + step] += int(figure)
    return {key: PromiseSums(*own) for key, own in found.items()}


def records_promise_changes(session: Session) -> bool:
    """Tell whether moved promises are recorded at all: without, none is not zero."""
    rows = select(PromiseChange.id).limit(1)
    return once(session, "promise changes", lambda: session.scalar(rows) is not None)


def orders_with_parts(
    session: Session, period: Period, *, supplier_ids: Suppliers = None
) -> Iterator[list[LineParts]]:
    """Yield order by order the components of each line of the orders that count in a period.

    An order counts where its last line is due, with all of its lines, and while none of them is
    pending (domain rules §1.3). Papers and condition are right where every receipt says so,
    wrong where one says so, and else unknown. Where nothing came at all, nothing came wrong: the
    line fails in full. Call-offs are left out: an agreement is no order.
    """
    columns = (
        V.line_id,
        V.order_id,
        V.in_full,
        V.on_time,
        func.count(Receipt.id),
        *_said(Receipt.is_documents_ok),
        *_said(Receipt.is_undamaged),
    )
    of_line = and_(Receipt.line_id == Line.id, Receipt.reverses_receipt_id.is_(None))
    rows = (
        select(*columns)
        .select_from(Line)
        .join(V, V.line_id == Line.id)
        .outerjoin(Receipt, of_line)
        .where(V.state == DUE, V.order_id.in_(_whole_orders(session, period, supplier_ids)))
        .group_by(V.line_id, V.order_id, V.in_full, V.on_time)
        .order_by(V.order_id, V.line_id)
    )
    if has_agreements(session):
        of_agreements = select(Agreement.order_id).where(Agreement.order_id.is_not(None))
        rows = rows.where(V.order_id.not_in(of_agreements))
    found = session.execute(rows.execution_options(yield_per=READ_AT_ONCE))
    for _, lines in groupby(map(_line_parts, found), key=lambda line: line.order_id):
        yield list(lines)


def _line_parts(row: Any) -> LineParts:  # Any: a row of many types
    line_id, order_id, in_full, on_time, receipts, *told = row
    parts = PerfectLine(
        in_full=_flag(in_full),
        on_time=_flag(on_time),
        documents_ok=_all_right(receipts, *told[:2]),
        undamaged=_all_right(receipts, *told[2:]),
    )
    return LineParts(line_id, order_id, parts)


def _whole_orders(session: Session, period: Period, supplier_ids: Suppliers) -> Select[int]:
    """Select the orders whose last line is due in a period and none of whose lines is pending."""
    last_on = func.max(V.window_end_on)
    rows = (
        select(V.order_id)
        .select_from(Line)
        .join(V, V.line_id == Line.id)
        .where(V.state.in_((DUE, PENDING)))
        .group_by(V.order_id)
        .having(func.max(case((V.state == PENDING, 1), else_=0)) == 0, last_on <= period.last_day)
    )
    if period.first_day is not None:
        rows = rows.having(last_on >= period.first_day)
    if supplier_ids is not None:
        rows = rows.where(Line.supplier_id.in_(members(session, supplier_ids)))
    return rows


def open_days(
    session: Session, period: Period, *, supplier_ids: Suppliers = None
) -> dict[int, list[int]]:
    """Return by supplier how far each open line due in a period is past its date [days].

    Read live: it speaks of what is known now.
    """
    age = day_number(literal(period.as_of, Date)) - day_number(V.open_since)
    rows = select(V.supplier_id, age).where(V.open_since.is_not(None), *_window(period))
    if supplier_ids is not None:
        rows = rows.where(V.supplier_id.in_(members(session, supplier_ids)))
    merged = merged_suppliers(session)
    found: dict[int, list[int]] = defaultdict(list)
    for key, days in session.execute(rows):
        found[merged.get(key, key)].append(int(days))
    return found


def histograms(
    session: Session, period: Period, kind: HistogramKind, *, supplier_ids: Suppliers = None
) -> dict[int, dict[int, int]]:
    """Return by supplier how many completed lines have each number of days."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for key, days, lines in histogram_rows(session, period, kind, supplier_ids, together=False):
        if lines:
            found[int(key)][int(days)] = int(lines)
    return found


def order_requests(
    session: Session, period: Period, *, supplier_ids: Suppliers = None
) -> dict[int, list[Request]]:
    """Return by supplier when the orders of a period were sent and acknowledged."""
    a = Acknowledgement
    rows = select(a.supplier_id, a.sent_at, a.acknowledged_at).where(
        a.sent_at < _moment(period.last_day + timedelta(days=1))
    )
    if period.first_day is not None:
        rows = rows.where(a.sent_at >= _moment(period.first_day))
    if supplier_ids is not None:
        rows = rows.where(a.supplier_id.in_(members(session, supplier_ids)))
    merged = merged_suppliers(session)
    found: dict[int, list[Request]] = defaultdict(list)
    for key, sent_at, answered_at in session.execute(rows):
        is_sound = answered_at is None or answered_at >= sent_at
        if is_sound:
            found[merged.get(key, key)].append(Request(sent_at, answered_at))
    return found


def moved_lines(
    session: Session, period: Period, *, supplier_ids: Collection[int], limit: int
) -> list[tuple[int, date | None, date, str, date, str | None]]:
    """Return moves of the lines due in a period: line, from, to, by whom, when, why."""
    p = PromiseChange
    rows = _due(
        session,
        period,
        supplier_ids,
        p.line_id,
        p.from_on,
        p.to_on,
        p.changed_by,
        p.changed_on,
        p.reason,
        beside=OF_LINE,
    ).order_by(p.changed_on.desc(), p.id.desc())
    return [tuple(row) for row in session.execute(rows.limit(limit))]


def lines_with_lateness(
    session: Session, period: Period, *, supplier_ids: Collection[int], days: Collection[int]
) -> list[int]:
    """Return the lines due in a period that were completed with these days of lateness."""
    rows = _due(session, period, supplier_ids, V.line_id).where(V.lateness_days.in_(days))
    return list(session.scalars(rows.order_by(V.lateness_days.desc(), V.line_id)))


def _due(
    session: Session,
    period: Period,
    supplier_ids: Suppliers,
    *columns: Any,  # Any: mapped columns and expressions
    beside: tuple[Any, Expression] | None = None,
) -> Select[Any]:
    """Select from the lines due in a period, with what stands `beside` them."""
    rows = select(*columns).select_from(Line).join(V, V.line_id == Line.id)
    if beside is not None:
        rows = rows.join(beside[0], beside[1])
    rows = rows.where(V.state == DUE, *_window(period))
    if supplier_ids is not None:
        # A line's own supplier is indexed, its verdict's is not.
        rows = rows.where(Line.supplier_id.in_(members(session, supplier_ids)))
    return rows


def _window(period: Period) -> tuple[Expression, ...]:
    ends = (V.window_end_on <= period.last_day,)
    return ends if period.first_day is None else (*ends, V.window_end_on >= period.first_day)


def _said(column: Any) -> tuple[Expression, Expression]:  # Any: a mapped boolean
    """How many receipts say something, and the worst of what they say."""
    return func.count(column), func.min(case((column.is_(None), None), (column, 1), else_=0))


def _all_right(receipts: int, told: int, worst: int | None) -> bool | None:
    if worst == 0:
        return False
    return True if told == receipts else None


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
