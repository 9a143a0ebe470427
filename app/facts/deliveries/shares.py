"""What lines, receipts and orders add to each table of the roll-up, as selects.

One definition serves the rebuild (all lines), the delta (touched lines, once with sign
−1 before and once with +1 after they are judged again) and the cut of a month at a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, and_, case, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from app.facts.deliveries.agreements.models import SchedulingAgreement as Agreement
from app.facts.deliveries.engine_sql import (
    Expression,
    flag,
    least_of,
    month_of,
    raw,
    share_of,
    step,
)
from app.facts.deliveries.models import NONE_KEY, Receipt
from app.facts.deliveries.rollup_models import (
    HistogramKind,
    MonthlyHistogram,
    MonthlyOrderRollup,
    MonthlyRollup,
    OrderMeasure,
    PartMonthlyRollup,
    VerdictState,
)
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.terms import NOT_COUNTED

VERY_EARLY_DAYS = 5
DUE, PENDING, EXCLUDED = (
    int(state) for state in (VerdictState.DUE, VerdictState.PENDING, VerdictState.EXCLUDED)
)
COUNTED_FLAGS = (
    "on_time", "on_time_requested", "on_time_original", "on_time_current", "on_time_dock",
    "in_full", "otif",
)  # fmt: skip
FLAG_OF_MEASURE: Mapping[OrderMeasure, str] = {
    OrderMeasure.OTIF: "otif",
    OrderMeasure.OTD: "on_time",
    OrderMeasure.IN_FULL: "in_full",
}
DAYS_OF_KIND: Mapping[HistogramKind, str] = {
    HistogramKind.LEAD_TIME: "lead_time_days",
    HistogramKind.LATENESS: "lateness_days",
}
ROLLUP_KEYS = ("supplier_id", "category_id", "site_id", "month")
ORDER_SUMS = (
    "orders", "lines", "lines_true", "lines_squares", "cross", "true_squares", "orders_known",
    "orders_true", "orders_unknown",
)  # fmt: skip
QUANTITIES = ("quantity", "quantity_rejected")
PART_KEYS = ("supplier_id", "part_id", "month")
TABLES = (MonthlyRollup, MonthlyHistogram, PartMonthlyRollup, MonthlyOrderRollup)


def _total(value: Any, sign: int = 1) -> Expression:  # Any: a column or an expression
    summed = cast(func.coalesce(func.sum(value), 0), BigInteger)
    return summed if sign == 1 else -summed


def _count(value: Any, sign: int = 1) -> Expression:  # Any: a column or an expression
    counted = cast(func.count(value), BigInteger)
    return counted if sign == 1 else -counted


def _squares(column: Any) -> Expression:  # Any: a mapped attribute
    squared: Expression = cast(column, BigInteger) * column
    return squared


def line_sums(sign: int = 1, of: Any = V) -> dict[str, Expression]:
    """Return the sums that judged lines add to `monthly_rollup`, by column.

    A verdict's figures are null unless its line is due, so most need no condition.
    """
    known_value = of.value_in_window.is_not(None)
    due_value = case((of.state == DUE, of.value_due))
    sums: dict[str, Expression] = {
        "n_due": _count(case((of.state == DUE, 1)), sign),
        "n_pending": _count(case((of.state == PENDING, 1)), sign),
        "n_excluded": _count(case((of.state == EXCLUDED, 1)), sign),
    }
    for name in COUNTED_FLAGS:
        sums[f"{name}_known"] = _count(getattr(of, name), sign)
        sums[f"{name}_true"] = _total(getattr(of, name), sign)
    return sums | {
        "quantity_known": _count(of.quantity_in_window, sign),
        "quantity_due": _total(case((of.quantity_in_window.is_not(None), of.quantity_due)), sign),
        "quantity_in_window": _total(of.quantity_in_window, sign),
        "quantity_by_close": _total(of.quantity_by_close, sign),
        "value_known": _count(of.value_in_window, sign),
        "value_due": _total(case((known_value, of.value_due)), sign),
        "value_in_window": _total(of.value_in_window, sign),
        "spend_lines": _count(due_value, sign),
        "spend": _total(due_value, sign),
        "lead_time_n": _count(of.lead_time_days, sign),
        "lead_time_sum": _total(of.lead_time_days, sign),
        "lead_time_squares": _total(_squares(of.lead_time_days), sign),
        "lateness_n": _count(of.lateness_days, sign),
        "lateness_sum": _total(of.lateness_days, sign),
        "lateness_squares": _total(_squares(of.lateness_days), sign),
        "lateness_scored_sum": _total(of.lateness_scored_days, sign),
        "lateness_scored_squares": _total(_squares(of.lateness_scored_days), sign),
        "n_event_fallback": _total(of.is_fallback, sign),
        "n_very_early": _count(case((of.lateness_days < -VERY_EARLY_DAYS, 1)), sign),
    }


def line_share(*where: Expression, of: Any = V, join: Any = None, sign: int = 1) -> Select[Any]:
    """Return what lines add to `monthly_rollup`; `join` (table, condition) narrows them."""
    return _narrowed(_line_share(of, sign), where, join)


@cache
def _line_share(of: Any, sign: int) -> Select[Any]:
    keys = [getattr(of, name) for name in ROLLUP_KEYS]
    sums = [value.label(name) for name, value in line_sums(sign, of).items()]
    return select(*keys, *sums).group_by(*keys)


def receipt_day(origin: Any, receipt: Any = Receipt) -> Expression:  # Any: aliases of Receipt
    """The day a receipt counts for quality: at our dock, else the last day known before it.

    `origin` is the receipt itself, or for a reversal the one it takes back.
    """
    own, other = (
        func.coalesce(came.arrived_on, came.posted_on, came.dispatched_on, came.ready_on)
        for came in (receipt, origin)
    )
    return case((receipt.reverses_receipt_id.is_(None), own), else_=other)


def receipt_share(
    *where: Expression,
    of: Any = V,
    join: Any = None,
    after: Any = None,
    with_undated: bool = False,
    by_part: bool = False,
    receipt: Any = Receipt,
    sign: int = 1,
) -> Select[Any]:
    """Return what receipts add to `monthly_rollup`, by the month they came in.

    A receipt without any date counts in its line's month. `after` (first, last) keeps
    those of the days after `first` up to `last`; `with_undated` also those without a date
    whose line's window ends then. `by_part` tells the parts apart too. `receipt` is an alias
    that holds the receipts of the lines in question.
    """
    origin = aliased(Receipt, name="origin")
    # A line in a status that does not count has no receipts that do.
    counts = or_(of.reason.is_(None), of.reason != NOT_COUNTED)
    amounts = {name: raw(getattr(receipt, name)) for name in QUANTITIES}
    dated: Any = (  # Any: a select of many columns
        select(
            *(of.supplier_id, of.category_id, of.site_id, of.month),
            receipt_day(origin, receipt).label("day"),
            flag(receipt.reverses_receipt_id.is_(None)).label("is_own"),
            *(raw(getattr(origin, name)).label(f"reversed_{name}") for name in QUANTITIES),
            *_taken_before(origin, receipt),
            *([of.window_end_on] if with_undated else []),
            *([of.part_id] if by_part else []),
            *(amount.label(name) for name, amount in amounts.items()),
        )
        .select_from(receipt)
        .join(of, of.line_id == receipt.line_id)
        .outerjoin(origin, origin.id == receipt.reverses_receipt_id)
    )
    dated = _narrowed(dated, (counts, *where), join)
    # One step of its own: the day is worked out once, not in each place that names it.
    r = step(dated).c
    month = case((r.day.is_(None), r.month), else_=month_of(r.day)).label("month")
    keys = [r.supplier_id, r.category_id, r.site_id, *([r.part_id] if by_part else []), month]
    rows = select(*keys, *(value.label(name) for name, value in _receipt_sums(r, sign).items()))
    if after is not None:
        day = func.coalesce(r.day, r.window_end_on) if with_undated else r.day
        rows = rows.where(day > after[0], day <= after[1])
    return rows.group_by(*keys)


def _taken_before(origin: Any, receipt: Any) -> list[Expression]:  # Any: aliases of Receipt
    """What earlier reversals took back from the receipt that a reversal speaks of.

    Looked up for reversals alone: receipts are many, and few are taken back twice.
    """
    earlier = aliased(Receipt, name="earlier")
    of_same = (
        earlier.reverses_receipt_id == receipt.reverses_receipt_id,
        earlier.id < receipt.id,
        earlier.quantity.is_not(None),
    )
    quantity, reversed_ = raw(earlier.quantity), raw(origin.quantity)
    rejected = _rejects_taken(
        raw(earlier.quantity_rejected), quantity, reversed_, raw(origin.quantity_rejected)
    )
    found: list[Expression] = []
    for name, value in zip(QUANTITIES, (quantity, rejected), strict=True):
        taken = select(_total(value)).where(*of_same).correlate(receipt, origin).scalar_subquery()
        is_own = receipt.reverses_receipt_id.is_(None)
        found.append(case((is_own, 0), else_=taken).label(f"before_{name}"))
    return found


def _rejects_taken(
    said: Expression, quantity: Expression, reversed_: Expression, reversed_rejects: Expression
) -> Expression:
    """The rejects that a reversal takes back, negative: as it says, else all with the whole.

    One of a part that says nothing of rejects takes back accepted goods (ADR 0031).
    """
    unsaid = case((quantity == -reversed_, -reversed_rejects), else_=0)
    taken: Expression = func.coalesce(said, unsaid)
    return taken


def _receipt_sums(r: Any, sign: int) -> dict[str, Expression]:  # Any: columns of a subquery
    """A reversal is no receipt: it takes its quantities back from the month it came in.

    It takes back only what counted: nothing of a receipt whose quantity or rejects are unknown.
    """
    is_own = r.is_own == 1
    taken = _rejects_taken(
        r.quantity_rejected, r.quantity, r.reversed_quantity, r.reversed_quantity_rejected
    )
    rejected = case((is_own, r.quantity_rejected), else_=taken)
    counted = and_(*(r[f"reversed_{name}"].is_not(None) for name in QUANTITIES))
    is_known = and_(r.quantity.is_not(None), rejected.is_not(None), or_(is_own, counted))
    return {
        "receipts": _count(case((is_own, 1)), sign),
        "receipts_known": _count(case((and_(is_own, is_known), 1)), sign),
        "quantity_received": _total(case((is_known, r.quantity)), sign),
        "quantity_rejected": _total(case((is_known, rejected)), sign),
        "receipts_undated": _count(case((and_(is_own, r.day.is_(None)), 1)), sign),
    } | _lot_sums(r, rejected, is_known, sign)


def _lot_sums(
    r: Any,  # Any: columns of a subquery
    rejected: Expression,
    is_known: Expression,
    sign: int,
) -> dict[str, Expression]:
    """A lot is a receipt less what was taken back from it: a reversal adds the difference.

    Lots of which nothing is left are none. Of most no unit is rejected, which is asked first.
    """
    is_own = r.is_own == 1
    units, bad = (r[f"reversed_{name}"] + r[f"before_{name}"] for name in QUANTITIES)
    left, bad_left = units + r.quantity, bad + rejected
    squares = case(
        (and_(r.quantity_rejected > 0, is_own, is_known), _square(r.quantity_rejected, r.quantity)),
        (and_(~is_own, is_known), _square(bad_left, left) - _square(bad, units)),
    )
    was_none = and_(is_own, r.quantity == 0, is_known)
    gone = case((or_(was_none, and_(~is_own, is_known, units > 0, left <= 0)), 1))
    return {"receipts_gone": _count(gone, sign), "rejected_squares": _total(squares, sign)}


def _square(rejected: Expression, units: Expression) -> Expression:
    """Rejects² ÷ units of a lot, in millionths, cut; a lot can't lose more than all of it."""
    square = share_of(rejected, least_of(rejected, units), units)
    return case((and_(rejected > 0, units > 0), square), else_=0)


def histogram_share(
    kind: HistogramKind, *where: Expression, of: Any = V, join: Any = None, sign: int = 1
) -> Select[Any]:
    """Return what lines add to `monthly_histogram` of one kind."""
    days = getattr(of, DAYS_OF_KIND[kind])
    keys = [of.supplier_id, of.category_id, of.month, days]
    rows = select(
        of.supplier_id,
        of.category_id,
        of.month,
        literal(int(kind)).label("kind"),
        days.label("days"),
        _count(of.line_id, sign).label("lines"),
    )
    return _narrowed(rows, (days.is_not(None), *where), join).group_by(*keys)


def histogram_shares(*, of: Any = V, sign: int = 1) -> Any:  # Any: a compound select
    """Return what lines add to `monthly_histogram` of all kinds."""
    return union_all(*(histogram_share(kind, of=of, sign=sign) for kind in HistogramKind))


def part_share(*where: Expression, of: Any = V, join: Any = None, sign: int = 1) -> Select[Any]:
    """Return what due lines of known parts add to `part_monthly_rollup`."""
    keys = [getattr(of, name) for name in PART_KEYS]
    rows = select(
        *keys,
        _count(of.line_id, sign).label("n_due"),
        _count(of.lead_time_days, sign).label("lead_time_n"),
        _total(of.lead_time_days, sign).label("lead_time_sum"),
        _total(_squares(of.lead_time_days), sign).label("lead_time_squares"),
        _count(of.lateness_days, sign).label("lateness_n"),
        _total(of.lateness_days, sign).label("lateness_sum"),
        _total(_squares(of.lateness_days), sign).label("lateness_squares"),
        _total(of.quantity_due, sign).label("quantity_due"),
        _total(of.value_due, sign).label("value_due"),
    )
    narrowed = _narrowed(rows, (of.part_id != NONE_KEY, of.state == DUE, *where), join)
    return narrowed.group_by(*keys)


def order_share(
    *where: Expression,
    join: Any = None,
    ends: Any = None,
    sign: int = 1,
    has_agreements: bool = False,
) -> Select[Any]:
    """Return what orders add to `monthly_order_rollup`, by their latest closed window's month.

    `where` and `join` must keep whole orders: each stands with all of its lines. `ends`
    (first, last) keeps orders whose latest window ended after `first`, up to `last`.
    `has_agreements`: agreements exist. They are no orders: their call-offs of one month hang
    together, and the order level knows nothing of them.
    """
    counts: list[Any] = [  # Any: labelled expressions of mixed types
        _count(case((V.state == DUE, 1))).label("n_due"),
        _count(case((V.state == PENDING, 1))).label("n_pending"),
        func.max(case((V.state == DUE, V.month))).label("month"),
    ]
    for measure, name in FLAG_OF_MEASURE.items():
        counts.append(_count(getattr(V, name)).label(f"{measure}_n"))
        counts.append(_total(getattr(V, name)).label(f"{measure}_y"))
    clusters: list[Any] = [V.order_id, V.supplier_id]
    if has_agreements:
        of_agreements = select(Agreement.order_id).where(Agreement.order_id.is_not(None))
        is_called = V.order_id.in_(of_agreements)
        clusters.append(case((is_called, V.month), else_=NONE_KEY))
        counts.append(func.max(case((is_called, 1), else_=0)).label("is_called"))
    rows = _narrowed(select(V.supplier_id, *counts), where, join)
    rows = rows.group_by(*clusters).having(func.max(V.state) == DUE)
    if ends is not None:
        latest = func.max(case((V.state == DUE, V.window_end_on)))
        rows = rows.having(and_(latest > ends[0], latest <= ends[1]))
    orders = rows.subquery("judged_order").c
    sums = {
        f"{measure}_{name}": value
        for measure in OrderMeasure
        for name, value in _order_sums(orders, measure, sign).items()
    }
    keys = (orders.supplier_id, orders.month)
    added = select(*keys, *(value.label(name) for name, value in sums.items())).group_by(*keys)
    # Of orders that wait, with nothing known yet, there is nothing to add.
    telling = [f"{each}_{name}" for each in OrderMeasure for name in ("orders", "orders_unknown")]
    return added.having(or_(*(sums[name] != 0 for name in telling)))


def _order_sums(o: Any, measure: OrderMeasure, sign: int) -> dict[str, Expression]:
    n, y = o[f"{measure}_n"], o[f"{measure}_y"]
    # An order with an open line waits; a call-off is of no order, and unknown to nobody.
    is_over = and_(o.n_pending == 0, o.is_called == 0) if "is_called" in o else o.n_pending == 0
    is_known = and_(is_over, n == o.n_due)
    return {
        "orders": _count(case((n > 0, 1)), sign),
        "lines": _total(n, sign),
        "lines_true": _total(y, sign),
        "lines_squares": _total(n * n, sign),
        "cross": _total(n * y, sign),
        "true_squares": _total(y * y, sign),
        "orders_known": _count(case((is_known, 1)), sign),
        "orders_true": _count(case((and_(is_known, y == n), 1)), sign),
        "orders_unknown": _count(case((and_(is_over, n < o.n_due), 1)), sign),
    }


def _narrowed(rows: Any, where: Iterable[Expression], join: Any) -> Select[Any]:
    if join is not None:
        rows = rows.join(join[0], join[1])
    narrowed: Select[Any] = rows.where(*where)
    return narrowed
