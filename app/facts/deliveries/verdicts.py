"""The verdict as one statement over what was agreed and what came.

Follows `calc.delivery.judge_line` step by step and uses its names: e and w are the
quantities before and in the window, need and cap the bounds of the quantity due.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, Table, and_, case, func, literal, null, or_, select, true

from app.facts.deliveries.engine_sql import (
    Expression,
    days_after,
    driving,
    earliest,
    flag,
    month_of,
    share_of,
    step,
)
from app.facts.deliveries.rollup_models import VerdictState
from app.facts.deliveries.terms import OTHER_DATES, RULED_COLUMNS

ZERO = literal(0)
EVENT_NAMES = {1: "hand_over", 2: "dispatch", 3: "arrival", 4: "posting"}
LINE_COLUMNS = (
    "line_id", "order_id", "supplier_id", "category_id", "site_id", "part_id", "state",
    "reason", "rule", "reference_on", "window_end_on", "reference_day", "ordered_day",
    "requested_on", "original_on", "current_on", "requested", "original", "current",
    "early_days", "late_days", "due", "slack_under", "slack_over", "value",
    "awaited_event", "may_split", "completes",
)  # fmt: skip


def line_columns(c: Any) -> list[str]:  # Any: the columns of a table of terms
    """Return what a line brings along: more where delivery rules exist."""
    return [*LINE_COLUMNS, *(name for name in RULED_COLUMNS if name in c)]


@dataclass(frozen=True, slots=True)
class _Adding:
    """How the receipts of a line are put together: by aggregates, or as the one that came."""

    total: Callable[[Any], Any]
    count: Callable[[Any], Any]
    first: Callable[[Any], Any]
    last: Callable[[Any], Any]

    def total_if(self, condition: Expression, value: Expression) -> Expression:
        """Return the total of the receipts that meet a condition, 0 where none does."""
        summed: Expression = func.coalesce(self.total(case((condition, value))), 0)
        return summed


_MANY = _Adding(func.sum, func.count, func.min, func.max)
_ONE = _Adding(
    lambda value: value,
    lambda value: case((value.is_not(None), 1), else_=0),
    lambda value: value,
    lambda value: value,
)


def verdict_of_many(term: Table, came: Table, *, until: date) -> Select[Any]:
    """Return the rows of `line_verdict` for the lines with several receipts, all in `came`."""
    t = term.c
    came_for = (
        select(t.line_id.label("of_line_id"), *_sums(t, came.c, _MANY))
        .select_from(term.join(came, came.c.line_id == t.line_id))
        .group_by(t.line_id)
        .subquery()
    )
    lines = select(*(t[name] for name in line_columns(t)), *came_for.c)
    lines = lines.select_from(came_for.join(term, t.line_id == driving(came_for.c.of_line_id)))
    return _verdicts(_outcomes(_known(lines.subquery()), until))


def verdict_of_one(lines: Any, *, until: date) -> Select[Any]:  # Any: a subquery
    """Return the rows of `line_verdict` for lines that come with their one receipt, or none."""
    c = lines.c
    sums = select(*(c[name] for name in line_columns(c)), *_sums(c, c, _ONE))
    return _verdicts(_outcomes(_known(step(sums)), until))


def _sums(t: Any, r: Any, adding: _Adding) -> list[Any]:  # Any: columns
    """What came before, by the end of and in all windows, and what is unknown of it."""
    is_early = r.day < -t.early_days
    is_in_window = and_(r.day <= t.late_days, or_(t.early_days.is_(None), ~is_early))
    has_rejects = "lacks_rejects" in r
    lacks = r.quantity.is_(None)
    if has_rejects:
        lacks = and_(lacks, r.lacks_rejects == 0)
    completes = and_(lacks, or_(r.receipt_completes == 1, t.completes == 1))
    is_complete = or_(r.cumulative >= t.due - t.slack_under, completes)
    receipts, total_if = adding.count(r.receipt_line_id), adding.total_if
    # Where there is no receipt at all, nothing lacks a quantity.
    came_so = and_(r.receipt_line_id.is_not(None), completes)
    sums = {
        "receipts": receipts,
        "undated": receipts - adding.count(r.day),
        "undocked": receipts - adding.count(r.dock_day),
        "unquantified": receipts - adding.count(r.quantity),
        **({"unaccepted": total_if(r.lacks_rejects == 1, literal(1))} if has_rejects else {}),
        "is_completed": func.coalesce(adding.last(case((came_so, 1))), 0),
        "total": func.coalesce(adding.total(r.quantity), 0),
        "early": total_if(is_early, r.quantity),
        "by_close": total_if(r.day <= t.late_days, r.quantity),
        "dock_early": total_if(r.dock_day < -t.early_days, r.quantity),
        "dock_by_close": total_if(r.dock_day <= t.late_days, r.quantity),
        "receipts_within": total_if(and_(is_in_window, r.quantity > 0), literal(1)),
        "completed_on": adding.first(case((is_complete, r.event_on))),
        "completed": adding.first(case((is_complete, r.day))),
        "dock_completed": adding.first(case((completes, r.dock_day))),
        "event": adding.last(r.event),
    }
    for name in OTHER_DATES:
        offset, (early_days, late_days) = t[name], _window_around(t, name)
        sums[f"{name}_early"] = total_if(r.day < offset - early_days, r.quantity)
        sums[f"{name}_by_close"] = total_if(r.day <= offset + late_days, r.quantity)
    return [value.label(name) for name, value in sums.items()]


def _window_around(c: Any, name: str) -> tuple[Expression, Expression]:  # Any: columns
    """The days before and after one of the other dates."""
    if f"{name}_early_days" in c:
        return c[f"{name}_early_days"], c[f"{name}_late_days"]
    return c.early_days, c.late_days


def _known(sums: Any) -> Any:  # Any: subqueries of many columns
    """Add which of the facts are known."""
    s = sums.c
    is_quantified, is_dated, is_accepted = s.unquantified == 0, s.undated == 0, true()
    if "unaccepted" in s:
        # A receipt whose rejects are lacking has a quantity: it does not complete by itself.
        is_quantified, is_accepted = s.unquantified == s.unaccepted, s.unaccepted == 0
    has_total = and_(is_quantified, is_accepted, or_(s.receipts > 0, s.completes.is_(None)))
    by_event = and_(~is_quantified, or_(s.is_completed == 1, s.completes == 1))
    is_empty_miss = and_(s.receipts == 0, s.completes == 1)
    tells_completion = and_(is_dated, is_accepted, or_(is_quantified, by_event))
    return step(
        select(
            sums,
            flag(has_total).label("has_total"),
            flag(and_(has_total, is_dated)).label("is_sorted"),
            flag(by_event).label("by_event"),
            flag(is_empty_miss).label("is_empty_miss"),
            case((tells_completion, s.completed_on)).label("complete_on"),
            case((tells_completion, s.completed)).label("complete"),
            case((and_(s.undocked == 0, is_accepted), s.dock_completed)).label("dock_complete"),
            (s.due - s.slack_under).label("need"),
            (s.due + s.slack_over).label("cap"),
            (s.by_close - s.early).label("within"),
        )
    )


def _on_time(
    k: Any,  # Any: columns of `_known`
    *,
    early: str,
    by_close: str,
    complete: Expression,
    is_known: Any,
    offset: Expression = ZERO,
    window: tuple[Expression, Expression] | None = None,
) -> Expression:
    early_days, late_days = window or (k.early_days, k.late_days)
    opens = or_(early_days.is_(None), complete >= offset - early_days)
    return case(
        (k.is_empty_miss == 1, 0),
        (k.by_event == 1, flag(and_(opens, complete <= offset + late_days))),
        (or_(k.due.is_(None), ~is_known), null()),
        else_=flag(and_(k[early] <= k.slack_over, k[by_close] >= k.need)),
    )


def _outcomes(known: Any, until: date) -> Any:  # Any: subqueries of many columns
    """Add on time against each date, and in full, of lines whose window has closed."""
    k = known.c
    is_due, is_sorted = k.state == int(VerdictState.DUE), k.is_sorted == 1
    on_time = _on_time(
        k, early="early", by_close="by_close", complete=k.complete, is_known=is_sorted
    )
    dock = _on_time(
        k,
        early="dock_early",
        by_close="dock_by_close",
        complete=k.dock_complete,
        is_known=and_(k.has_total == 1, k.undocked == 0),
    )
    outcomes = [case((is_due, on_time)).label("on_time"), case((is_due, dock)).label("dock")]
    for name in OTHER_DATES:
        window = _window_around(k, name)
        closes_on = days_after(k[f"{name}_on"], window[1])
        judged = _on_time(
            k,
            early=f"{name}_early",
            by_close=f"{name}_by_close",
            complete=k.complete,
            offset=k[name],
            window=window,
            is_known=is_sorted,
        )
        outcomes.append(case((and_(is_due, closes_on <= until), judged)).label(f"{name}_met"))
        outcomes.append(case((closes_on > until, closes_on)).label(f"{name}_closes_on"))
    in_full = case(
        (and_(is_due, k.has_total == 1), flag(and_(k.total >= k.need, k.total <= k.cap)))
    )
    return step(
        select(
            known,
            *outcomes,
            in_full.label("in_full"),
            flag(and_(is_due, is_sorted, k.due.is_not(None))).label("is_decided"),
        )
    )


def _verdicts(outcomes: Any) -> Select[Any]:  # Any: a subquery of many columns
    o = outcomes.c
    is_excluded, is_due = (
        o.state == int(VerdictState.EXCLUDED),
        o.state == int(VerdictState.DUE),
    )
    is_whole = or_(o.may_split == 1, o.receipts_within == 1)
    fits = and_(o.within >= o.need, o.within <= o.cap)
    otif = flag(and_(o.on_time == 1, o.in_full == 1, fits, is_whole))
    lacks_goods = or_(o.is_empty_miss == 1, and_(o.has_total == 1, o.total < o.need))
    earliest_other = earliest(*(o[f"{name}_closes_on"] for name in OTHER_DATES))
    on_time_units = case((o.within < 0, 0), (o.within > o.due, o.due), else_=o.within)
    units_by_close = case((o.by_close < 0, 0), (o.by_close > o.due, o.due), else_=o.by_close)
    lead_time = o.reference_day + o.complete - o.ordered_day
    columns = {
        **{name: o[name] for name in LINE_COLUMNS[:6]},
        "month": func.coalesce(month_of(o.window_end_on), 0),
        "window_end_on": o.window_end_on,
        "reference_on": o.reference_on,
        "state": o.state,
        "rule": o.rule,
        "event": case(EVENT_NAMES, value=o.event),
        "is_fallback": case((is_due, flag(o.event > o.awaited_event))),
        "reason": case((is_due, _reason(o, otif)), else_=o.reason),
        "on_time": o.on_time,
        **{f"on_time_{name}": o[f"{name}_met"] for name in OTHER_DATES},
        "on_time_dock": o.dock,
        "in_full": o.in_full,
        "otif": case((o.is_decided == 1, otif)),
        "quantity_due": case((~is_excluded, o.due)),
        "quantity_in_window": case((o.is_decided == 1, on_time_units)),
        "quantity_by_close": case((o.is_decided == 1, units_by_close)),
        "quantity_total": case((and_(~is_excluded, o.has_total == 1), o.total)),
        "value_due": case((~is_excluded, o.value)),
        "value_in_window": case((o.is_decided == 1, _value_in_window(o))),
        "completed_on": case((~is_excluded, o.complete_on)),
        "lateness_days": case((is_due, o.complete)),
        "lateness_scored_days": case((is_due, _scored(o))),
        "lead_time_days": case((is_due, lead_time)),
        "open_since": case((and_(is_due, lacks_goods), o.reference_on)),
        "closes_next_on": case((is_due, earliest_other), (~is_excluded, o.window_end_on)),
    }
    return select(*(column.label(name) for name, column in columns.items()))


def _scored(o: Any) -> Expression:
    """Lateness in which early days that the rule allows count as none (domain §1.5)."""
    floor = case((o.early_days.is_(None), 0), else_=-o.early_days)
    return case((o.complete < floor, floor), else_=o.complete)


def _value_in_window(o: Any) -> Expression:
    return case(
        (o.value.is_(None), null()),
        (o.within <= 0, 0),
        (o.within >= o.due, o.value),
        else_=share_of(o.value, o.within, o.due),
    )


def _reason(o: Any, otif: Expression) -> Expression:
    """Why a due line is not OTIF, the first that applies (`calc.delivery.VerdictReason`)."""
    return case(
        (and_(o.is_decided == 1, otif == 1), null()),
        (o.due.is_(None), "ordered_quantity_unknown"),
        (o.undated > 0, "receipt_date_unknown"),
        (o.is_sorted == 0, "receipt_quantity_unknown"),
        (o.total <= 0, "nothing_received"),
        (o.total > o.cap, "over_delivered"),
        (o.total < o.need, "short"),
        (o.by_close < o.need, "late"),
        (or_(o.early > o.slack_over, o.within < o.need), "early"),
        else_="split",
    )
