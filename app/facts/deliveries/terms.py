"""What was agreed on each touched line, what the default rule adds, and if its window closed.

Decides nothing about what came: that is `verdicts`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, Table, and_, case, false, func, literal, null, or_, select

from app.facts.deliveries.engine_sql import (
    Expression,
    day_number,
    days_after,
    driving,
    flag,
    millionths_of,
    raw,
    share_of,
    step,
)
from app.facts.deliveries.models import ChangedBy, PromiseChange, PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.rollup_models import VerdictState
from app.facts.suppliers.models import Part, Supplier

# Lines in a status that the mapping leaves out; the other reasons are calc.delivery's.
NOT_COUNTED = "status_not_counted"
# Units of weight, volume and length: a delivery of them is never exact to the gram.
BULK_UNITS = (
    "kg", "kgm", "g", "grm", "mg", "t", "to", "tne", "lb", "lbr", "lbs", "oz", "onz",
    "l", "ltr", "ml", "mlt", "hl", "hlt", "gal", "gll", "m3", "m³", "mtq", "bbl",
)  # fmt: skip
BULK_TOLERANCE_MILLIONTHS = 50_000
HAND_OVER_TERMS = ("EXW", "FCA", "FAS", "FOB")
DISPATCH_TERMS = ("CFR", "CIF", "CPT", "CIP")
# The events in the order in which they happen; a later one stands in for an unknown one.
HAND_OVER, DISPATCH, ARRIVAL, POSTING = 1, 2, 3, 4
OTHER_DATES = ("requested", "original", "current")
_KEYS = ("line_id", "order_id", "supplier_id", "category_id", "site_id", "part_id")
_AGREED = (
    Line.early_days,
    Line.late_days,
    Line.under_millionths,
    Line.over_millionths,
    Line.is_split_allowed,
)


def terms_select(touched: Table, *, until: date) -> Select[Any]:
    """Return the terms of the touched lines that exist; windows close up to `until`."""
    j = _with_rule(_facts(touched)).c
    not_counted, undated = ~j.is_counted, j.reference_on.is_(None)
    cancelled, is_open = and_(j.due <= 0), j.window_end_on > until
    excluded = or_(not_counted, undated, func.coalesce(cancelled, false()))
    offsets = {name: day_number(j[f"{name}_on"]) - j.reference_day for name in OTHER_DATES}
    columns = {
        **{name: j[name] for name in _KEYS},
        "state": case(
            (excluded, int(VerdictState.EXCLUDED)),
            (is_open, int(VerdictState.PENDING)),
            else_=int(VerdictState.DUE),
        ),
        "reason": case(
            (not_counted, NOT_COUNTED),
            (undated, "reference_date_unknown"),
            (cancelled, "cancelled_by_buyer"),
            (is_open, "window_open"),
        ),
        **{name: j[name] for name in ("rule", "reference_on", "window_end_on", "reference_day")},
        "ordered_day": day_number(j.ordered_on),
        **{f"{name}_on": j[f"{name}_on"] for name in OTHER_DATES},
        **{
            # Most dates are the reference date itself, and reading one costs.
            name: case((j[f"{name}_on"] == j.reference_on, 0), else_=offsets[name])
            for name in OTHER_DATES
        },
        **{name: j[name] for name in ("early_days", "late_days", "due")},
        "slack_under": case((j.under > 0, millionths_of(j.due, j.under)), else_=0),
        "slack_over": case((j.over > 0, millionths_of(j.due, j.over)), else_=0),
        "value": _value(j),
        **{name: j[name] for name in ("awaited_event", "may_split", "completes")},
    }
    return select(*(column.label(name) for name, column in columns.items()))


def _agreed_with_buyer() -> Expression:
    """The date to which the buyer last moved the promise by agreement."""
    return (
        select(PromiseChange.to_on)
        .where(
            PromiseChange.line_id == Line.id,
            PromiseChange.changed_by == ChangedBy.BUYER,
            PromiseChange.is_agreed,
        )
        .order_by(PromiseChange.changed_on.desc(), PromiseChange.id.desc())
        .limit(1)
        .correlate(Line)
        .scalar_subquery()
    )


def _facts(touched: Table) -> Any:  # Any: SQLAlchemy's subquery of many columns
    """The touched lines with their reference date and what order, supplier and part say."""
    is_bulk = func.lower(Part.unit).in_(BULK_UNITS)
    incoterm = func.upper(Line.incoterm)
    columns: dict[str, Any] = {  # Any: mapped attributes and expressions
        "line_id": Line.id,
        **{name: getattr(Line, name) for name in _KEYS[1:-1]},
        "part_id": func.coalesce(Line.part_id, 0),
        "reference_on": func.coalesce(_agreed_with_buyer(), Line.promised_original_on),
        "ordered_on": func.coalesce(Line.ordered_on, PurchaseOrder.ordered_on),
        "requested_on": Line.requested_on,
        "original_on": Line.promised_original_on,
        "current_on": Line.promised_current_on,
        "is_counted": Line.is_counted,
        "is_bulk": is_bulk,
        "is_agreed": or_(*(column.is_not(None) for column in _AGREED)),
        "early_days": Line.early_days,
        "late_days": func.coalesce(Line.late_days, 0),
        "under_agreed": Line.under_millionths,
        "over_agreed": Line.over_millionths,
        "may_split": flag(func.coalesce(Line.is_split_allowed, literal(True))),
        "ordered": raw(Line.quantity_ordered),
        "cancelled": raw(Line.quantity_cancelled_buyer),
        "cancelled_on": Line.cancelled_on,
        "price": raw(Line.unit_price),
        "line_value": raw(Line.line_value),
        "currency": func.coalesce(Line.currency, PurchaseOrder.currency),
        "supplier_currency": Supplier.currency,
        "awaited_event": case(
            (incoterm.in_(HAND_OVER_TERMS), HAND_OVER),
            (incoterm.in_(DISPATCH_TERMS), DISPATCH),
            else_=ARRIVAL,
        ),
        "completes": flag(Line.completes_without_quantity),
    }
    # Outer joins keep the order of the joins: from the touched lines to what they name.
    return step(
        select(*(column.label(name) for name, column in columns.items()))
        .select_from(touched)
        .join(Line, Line.id == driving(touched.c.line_id))
        .outerjoin(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .outerjoin(Supplier, Supplier.id == Line.supplier_id)
        .outerjoin(Part, Part.id == Line.part_id)
    )


def _with_rule(facts: Any) -> Any:  # Any: subqueries of many columns
    """Add the rule's tolerances, the window's end and the quantity due at that end."""
    f = facts.c
    tolerance = case((f.is_bulk, BULK_TOLERANCE_MILLIONTHS), else_=0)
    window_end_on = days_after(f.reference_on, f.late_days)
    in_time = or_(f.cancelled_on.is_(None), f.cancelled_on <= window_end_on)
    return step(
        select(
            facts,
            case((f.is_agreed, "agreed"), (f.is_bulk, "default_bulk"), else_="default").label(
                "rule"
            ),
            day_number(f.reference_on).label("reference_day"),
            window_end_on.label("window_end_on"),
            (f.ordered - case((in_time, f.cancelled), else_=0)).label("due"),
            func.coalesce(f.under_agreed, tolerance).label("under"),
            func.coalesce(f.over_agreed, tolerance).label("over"),
        )
    )


def _value(j: Any) -> Expression:  # Any: the columns of `_with_rule`
    """What the quantity due is worth, in the supplier's currency; else unknown.

    A line in another currency than its supplier's has no known value: sums of mixed
    currencies are never made. Where nobody states a currency there is only one.
    """
    is_foreign = or_(
        j.currency != j.supplier_currency,
        and_(j.currency.is_not(None), j.supplier_currency.is_(None)),
    )
    by_price = j.due // 1_000_000 * j.price + (j.due % 1_000_000) * j.price // 1_000_000
    return case(
        (is_foreign, null()),
        (or_(j.due <= 0), 0),
        (j.line_value.is_(None), by_price),
        (or_(j.due.is_(None), j.due == j.ordered), j.line_value),
        else_=share_of(j.line_value, j.due, j.ordered),
    )
