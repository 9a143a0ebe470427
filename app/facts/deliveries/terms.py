"""What was agreed on each touched line, what its rule adds, and if its window closed.

Which delivery rule a line has says `rules.choosing`; where none exists the default stands
here, and nothing else is asked. Decides nothing about what came: that is `verdicts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, Table, and_, case, false, func, literal, null, or_, select

from app.facts.deliveries.disputes.models import LineRuling
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
from app.facts.deliveries.models import PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.rollup_models import VerdictState
from app.facts.deliveries.rules.choosing import (
    agreed_with_buyer,
    is_another,
    line_rule,
    window,
    window_around,
)
from app.facts.suppliers.models import Part, Supplier

# Lines in a status that the mapping leaves out; the other reasons are calc.delivery's.
NOT_COUNTED = "status_not_counted"
# Lines that a ruling on a dispute took out: their receipts count on, for quality.
RULED_OUT = "ruled_out"
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
# The window around each of them: business days are not the same number around every date.
OTHER_WINDOWS = tuple(f"{name}_{side}_days" for name in OTHER_DATES for side in ("early", "late"))
RULED_COLUMNS = (*OTHER_WINDOWS, "accepted_only")
_KEYS = ("line_id", "order_id", "supplier_id", "category_id", "site_id", "part_id")
_AGREED = (
    Line.early_days,
    Line.late_days,
    Line.under_millionths,
    Line.over_millionths,
    Line.is_split_allowed,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What there is at all that may say something else of a line: only that is looked up."""

    # Delivery rules; `line_rule` says whose line has which.
    rules: bool
    # Rulings on disputes; what they say goes before everything else.
    rulings: bool
    # Promises that somebody moved.
    moves: bool


def terms_select(touched: Table, *, until: date, asked: Asked) -> Select[Any]:
    """Return the terms of the touched lines that exist; windows close up to `until`."""
    facts = (_ruled_facts if asked.rules else _facts)(touched, asked)
    j = _with_rule(facts).c
    not_counted, undated = ~j.is_counted, j.reference_on.is_(None)
    ruled_out = j.is_ruled_out == 1
    cancelled, is_open = and_(j.due <= 0), j.window_end_on > until
    excluded = or_(not_counted, ruled_out, undated, func.coalesce(cancelled, false()))
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
            (ruled_out, RULED_OUT),
            (undated, "reference_date_unknown"),
            (and_(cancelled, j.ordered == 0), "nothing_ordered"),
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
        **{name: j[name] for name in RULED_COLUMNS if name in j},
    }
    return select(*(column.label(name) for name, column in columns.items()))


def _facts(touched: Table, asked: Asked) -> Any:
    """The touched lines with their reference date and what order, supplier and part say.

    Any: SQLAlchemy's subquery of many columns.
    """
    columns = _fact_columns(asked)
    rows = select(*(each.label(name) for name, each in columns.items()))
    return step(_joined(rows, touched, asked))


def _ruled_facts(touched: Table, asked: Asked) -> Any:  # Any: as above
    """The same, with what the rule of a line says in place of the default."""
    r = line_rule.c
    around = {name: window.alias(f"{name}_window").c for name in ("reference", *OTHER_DATES)}
    days = {"reference": r.reference_on} | _other_dates()
    columns = _fact_columns(asked)
    columns |= _ruled_columns(columns)
    columns |= _windows(columns, around)
    rows = select(*(each.label(name) for name, each in columns.items()))
    rows = _joined(rows, touched, asked)
    rows = rows.outerjoin(line_rule, r.line_id == Line.id)
    for name, windows in around.items():
        is_its = window_around(days[name], r, windows)
        if name in OTHER_DATES:
            is_its = and_(is_another(days[name], line_rule), is_its)
        rows = rows.outerjoin(windows.day.table, is_its)
    return step(rows)


def _ruled_columns(default: dict[str, Any]) -> dict[str, Any]:  # Any: expressions
    r = line_rule.c
    is_ruled = r.line_id.is_not(None)
    return {
        "rule": r.rule,
        "reference_on": case((is_ruled, r.reference_on), else_=default["reference_on"]),
        "early_days": case((is_ruled, r.early_days), else_=default["early_days"]),
        "late_days": func.coalesce(r.late_days, default["late_days"]),
        "under_agreed": func.coalesce(r.under, default["under_agreed"]),
        "over_agreed": func.coalesce(r.over, default["over_agreed"]),
        "may_split": func.coalesce(r.may_split, default["may_split"]),
        "awaited_event": func.coalesce(r.awaited_event, default["awaited_event"]),
        "accepted_only": func.coalesce(r.accepted_only, 0),
    }


def _windows(columns: dict[str, Any], around: dict[str, Any]) -> dict[str, Any]:  # Any: as above
    """The window around each date: that of the line, or what business days make of it there."""

    def told(name: str, early: Any, late: Any) -> tuple[Expression, Expression]:
        found = around[name]
        opens = case((found.day.is_not(None), found.opens_before), else_=early)
        return opens, func.coalesce(found.closes_after, late)

    early, late = told("reference", columns["early_days"], columns["late_days"])
    windows = {"early_days": early, "late_days": late}
    for name in OTHER_DATES:
        # A date that is the reference date itself has its window.
        windows[f"{name}_early_days"], windows[f"{name}_late_days"] = told(name, early, late)
    return windows


def _other_dates() -> dict[str, Any]:  # Any: mapped attributes
    return {
        "requested": Line.requested_on,
        "original": Line.promised_original_on,
        "current": Line.promised_current_on,
    }


def _fact_columns(asked: Asked) -> dict[str, Any]:
    """What is judged of a line, by name; Any: mapped attributes and expressions."""
    is_bulk = func.lower(Part.unit).in_(BULK_UNITS)
    incoterm = func.upper(Line.incoterm)
    reference_on: Any = Line.promised_original_on
    if asked.moves:
        reference_on = func.coalesce(agreed_with_buyer(), reference_on)
    if asked.rulings:
        reference_on = func.coalesce(LineRuling.reference_on, reference_on)
    is_out = func.coalesce(LineRuling.is_excluded, false()) if asked.rulings else false()
    return {
        "line_id": Line.id,
        **{name: getattr(Line, name) for name in _KEYS[1:-1]},
        "part_id": func.coalesce(Line.part_id, 0),
        "reference_on": reference_on,
        "is_ruled_out": flag(is_out),
        "ordered_on": func.coalesce(Line.ordered_on, PurchaseOrder.ordered_on),
        **{f"{name}_on": day for name, day in _other_dates().items()},
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


def _joined(rows: Select[Any], touched: Table, asked: Asked) -> Select[Any]:
    # Most lines say themselves what else their order is asked for.
    order_id = case((or_(Line.ordered_on.is_(None), Line.currency.is_(None)), Line.order_id))
    # Outer joins keep the order of the joins: from the touched lines to what they name.
    joined = (
        rows.select_from(touched)
        .join(Line, Line.id == driving(touched.c.line_id))
        .outerjoin(PurchaseOrder, PurchaseOrder.id == order_id)
        .outerjoin(Supplier, Supplier.id == Line.supplier_id)
        .outerjoin(Part, Part.id == Line.part_id)
    )
    if asked.rulings:
        joined = joined.outerjoin(LineRuling, LineRuling.line_id == Line.id)
    return joined


def _with_rule(facts: Any) -> Any:  # Any: subqueries of many columns
    """Add the rule's tolerances, the window's end and the quantity due at that end."""
    f = facts.c
    tolerance = case((f.is_bulk, BULK_TOLERANCE_MILLIONTHS), else_=0)
    window_end_on = days_after(f.reference_on, f.late_days)
    in_time = or_(f.cancelled_on.is_(None), f.cancelled_on <= window_end_on)
    named = [(f.rule.is_not(None), f.rule)] if "rule" in f else []
    rule = case(*named, (f.is_agreed, "agreed"), (f.is_bulk, "default_bulk"), else_="default")
    return step(
        select(
            *(column for column in f if column.key != "rule"),
            rule.label("rule"),
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
