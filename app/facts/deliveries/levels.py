"""Sums of a period at any level: plant, category, part, or several of them at once.

Whole suppliers, plants and categories are read from the roll-up, parts from the verdicts of
their lines; both are the same exact counts. Rates are made of these sums, never of rates.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal, select
from sqlalchemy.orm import Session

from app.calc.lead_time import percentiles_by_group
from app.calc.periods import Period, month_index
from app.facts.deliveries import shares
from app.facts.deliveries.engine_sql import Expression
from app.facts.deliveries.models import ScheduleLine
from app.facts.deliveries.period_reads import (
    Days,
    days_left_out,
    fetched,
    in_months,
    members,
    merged_suppliers,
    still_pending,
    summed,
    window_ends_in,
)
from app.facts.deliveries.queries import LINE_SUMS, where_receipts_came
from app.facts.deliveries.rollup_models import (
    HistogramKind,
    MonthlyHistogram,
    MonthlyRollup,
    PartMonthlyRollup,
)
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.sum_columns import HOUSE, Integers, Sums, folded, renamed
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id


class By(StrEnum):
    """What sums are told apart by."""

    SUPPLIER = "supplier_id"
    CATEGORY = "category_id"
    SITE = "site_id"
    PART = "part_id"


@dataclass(frozen=True, slots=True)
class LevelScope:
    """Which lines are meant; what is None limits nothing. `site_id` is one of our own plants."""

    supplier_ids: tuple[int, ...] | None = None
    category_ids: tuple[int, ...] | None = None
    site_id: int | None = None
    part_ids: tuple[int, ...] | None = None


def level_sums(
    session: Session, period: Period, scope: LevelScope, *, by: By | None = None
) -> Sums:
    """Return the line and receipt sums of a scope, as one (under HOUSE) or by `by`."""
    is_of_parts = scope.part_ids is not None or by is By.PART
    if is_of_parts and scope.supplier_ids is None and scope.part_ids is not None:
        scope = _with_owners(session, scope)
    parts = (
        _from_lines(session, period, scope, by)
        if is_of_parts
        else [_from_rollup(session, period, scope, by)]
    )
    for cut in days_left_out(period):
        parts += _left_out(session, period, scope, by, cut)
    table = fetched(session, parts, 1 + len(LINE_SUMS))
    if by is By.SUPPLIER:
        table = renamed(table, merged_suppliers(session), together=False)
    table = folded(table, 1)
    table = table[table[:, 1:].any(axis=1)]
    columns = {name: table[:, 1 + place] for place, name in enumerate(LINE_SUMS)}
    return Sums(table[:, 0], columns)


def level_percentiles(
    session: Session,
    period: Period,
    scope: LevelScope,
    kind: HistogramKind,
    *,
    wanted: Collection[float],
) -> dict[float, float]:
    """Return exact percentiles [days] of a scope without a plant; none where nothing is known."""
    if scope.part_ids is not None:
        scope = scope if scope.supplier_ids is not None else _with_owners(session, scope)
        of, where = _of_lines(session, scope)
        share = shares.histogram_share(kind, *where, _whole_months(V.month, period), join=of)
        parts: list[Any] = [_days_of(share)]  # Any: selects of any shape
    else:
        h = MonthlyHistogram
        rows = select(literal(HOUSE, BigInteger), h.days, summed(h.lines)).where(
            *in_months(h, period), h.kind == int(kind), *_within(session, h, scope)
        )
        parts = [rows.group_by(h.days)]
        of, where = _of_lines(session, scope)
    for cut in days_left_out(period):
        share = shares.histogram_share(kind, *where, *window_ends_in(cut), join=of, sign=-1)
        parts.append(_days_of(share))
    table = folded(fetched(session, parts, 3), 2)
    return {p: _percentile(table, p) for p in wanted if table[:, 2].sum()}


def open_lines(session: Session, as_of: date, scope: LevelScope) -> int:
    """Return how many lines of a scope are due and still lack goods."""
    where = (*_within(session, V, scope), V.open_since.is_not(None), V.window_end_on <= as_of)
    return session.scalar(select(func.count(V.line_id)).where(*where)) or 0


def suppliers_at(site_ids: Collection[int]) -> Select[int]:
    """Select the suppliers that deliver, or delivered, to some of our plants."""
    return (
        select(effective_id())
        .join(MonthlyRollup, MonthlyRollup.supplier_id == Supplier.id)
        .where(MonthlyRollup.site_id.in_(site_ids))
    )


def _from_rollup(session: Session, period: Period, scope: LevelScope, by: By | None) -> Select[Any]:
    m = MonthlyRollup
    key = _key(m, by)
    rows: Select[Any] = select(key, *(summed(getattr(m, name)) for name in LINE_SUMS))
    return _grouped(rows.where(*in_months(m, period), *_within(session, m, scope)), key, by)


def _from_lines(
    session: Session, period: Period, scope: LevelScope, by: By | None
) -> list[Select[Any]]:
    of, where = _of_lines(session, scope)
    came = shares.receipt_share(*where, join=of, by_part=True).subquery()
    return [
        _lines(of, (*where, _whole_months(V.month, period)), by),
        _shaped(came, by).where(_whole_months(came.c.month, period)),
    ]


def _left_out(
    session: Session, period: Period, scope: LevelScope, by: By | None, cut: Days
) -> list[Select[Any]]:
    of, where = _of_lines(session, scope)
    parts = [_lines(of, (*where, *window_ends_in(cut)), by, period=period, sign=-1)]
    if (came_of := where_receipts_came(session, cut, period)) is not None:
        came = shares.receipt_share(
            *where,
            *came_of,
            join=of,
            after=cut,
            with_undated=period.is_of_days,
            by_part=True,
            sign=-1,
        )
        parts.append(_shaped(came.subquery(), by))
    return parts


def _lines(
    of: Any,  # Any: a table and its condition
    where: Collection[Expression],
    by: By | None,
    *,
    period: Period | None = None,
    sign: int = 1,
) -> Select[Any]:
    """Return what lines add, in the shape of all parts; of a cut, what it takes off."""
    sums, key = shares.line_sums(sign), _key(V, by)
    if period is not None and still_pending(period):
        sums["n_pending"] = -sums["n_due"]
    nothing = cast(0, BigInteger)
    columns = [sums.get(name, nothing) for name in LINE_SUMS]
    rows: Select[Any] = select(key, *columns).select_from(V).join(*of).where(*where)
    return _grouped(rows, key, by)


def _whole_months(month: Any, period: Period) -> ColumnElement[bool]:  # Any: a column
    """Return the condition of the months that the roll-up would give; days are cut off after."""
    last = min(period.last_month, month_index(period.last_day))
    found: ColumnElement[bool] = month.between(period.first_month, last)
    return found


def _shaped(came: Any, by: By | None) -> Select[Any]:  # Any: a subquery
    """Return the rows of a share of receipts in the shape of all parts."""
    nothing = cast(0, BigInteger)
    columns = [came.c.get(name, nothing) for name in LINE_SUMS]
    return select(_key(came.c, by), *columns)


def _days_of(share: Select[Any]) -> Select[Any]:
    days = share.subquery().c
    return select(literal(HOUSE, BigInteger), days.days, days.lines)


def _percentile(table: Integers, p: float) -> float:
    _, values = percentiles_by_group(table[:, 0], table[:, 1], counts=table[:, 2], p=p)
    return float(values[0])


def _key(c: Any, by: By | None) -> Any:  # Any: a class or a subquery's columns, one of them
    return literal(HOUSE, BigInteger) if by is None else getattr(c, by)


def _grouped(rows: Select[Any], key: Any, by: By | None) -> Select[Any]:
    return rows if by is None else rows.group_by(key)


def _within(session: Session, model: Any, scope: LevelScope) -> list[ColumnElement[bool]]:
    """Return the conditions that a row of a class is within a scope, parts aside."""
    found: list[ColumnElement[bool]] = []
    if scope.supplier_ids is not None:
        found.append(model.supplier_id.in_(members(session, scope.supplier_ids)))
    if scope.category_ids is not None:
        found.append(model.category_id.in_(scope.category_ids))
    if scope.site_id is not None:
        found.append(model.site_id == scope.site_id)
    if scope.part_ids is not None and model is V:
        found.append(V.part_id.in_(scope.part_ids))
    return found


def _of_lines(session: Session, scope: LevelScope) -> tuple[Any, list[ColumnElement[bool]]]:
    """Return the join to lines and the conditions on both: the index stands on the line."""
    where = _within(session, V, scope)
    if scope.supplier_ids is not None:
        where.append(ScheduleLine.supplier_id.in_(members(session, scope.supplier_ids)))
    return (ScheduleLine, ScheduleLine.id == V.line_id), where


def _with_owners(session: Session, scope: LevelScope) -> LevelScope:
    """Name the suppliers that deliver the parts, so that their lines alone are looked at."""
    p = PartMonthlyRollup
    owners = session.scalars(
        select(p.supplier_id).where(p.part_id.in_(scope.part_ids or ())).distinct()
    )
    return LevelScope(tuple(sorted(owners)), scope.category_ids, scope.site_id, scope.part_ids)
