"""How a period is read from the roll-up: its months, its last days, its suppliers.

Plumbing of `queries`; says nothing about what the sums mean.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import BigInteger, Select, cast, func, select
from sqlalchemy.orm import Session

from app.base import scope
from app.base.db import is_reading
from app.calc.periods import Period, month_end, month_index, month_start
from app.facts.deliveries.engine_sql import Expression, counted
from app.facts.deliveries.rollup_models import COUNTS
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.sum_columns import Integers, folded, matrix, renamed
from app.facts.suppliers.models import Supplier

Known = TypeVar("Known")
Suppliers = Collection[int] | None
Days = tuple[date, date]
ONE_DAY = timedelta(days=1)


def summed(column: Any) -> Expression:  # Any: a mapped attribute or an expression
    """Return the sum as an integer on both engines, 0 where nothing is known."""
    is_count = COUNTS.items() <= getattr(column, "info", {}).items()
    return cast(func.coalesce(func.sum(counted(column) if is_count else column), 0), BigInteger)


def rolled_up(model: Any, names: Iterable[str], period: Period, *, by_month: bool) -> Select[Any]:
    """Return the sums of a period's months by supplier, or by supplier and month."""
    return _rolled_up(model, tuple(names), by_month).where(*in_months(model, period))


@cache
def _rolled_up(model: Any, names: tuple[str, ...], by_month: bool) -> Select[Any]:
    # Kept: with dozens of sums, making the statement takes longer than reading its rows.
    keys = [model.supplier_id, model.month] if by_month else [model.supplier_id]
    return select(*keys, *(summed(getattr(model, name)) for name in names)).group_by(*keys)


def as_sums(
    share: Select[Any],
    names: Iterable[str],
    *,
    by_month: bool,
    instead: dict[str, str] | None = None,
) -> Select[Any]:
    """Return a share's rows in the shape of `rolled_up`.

    A name that the share lacks is 0; `instead` puts another column's negative in its place.
    """
    s, swapped = share.subquery().c, instead or {}
    columns = [
        -s[swapped[name]] if name in swapped else (s[name] if name in s else cast(0, BigInteger))
        for name in names
    ]
    return select(s.supplier_id, *([s.month] if by_month else []), *columns)


def in_months(model: Any, period: Period) -> tuple[Expression, ...]:  # Any: a mapped class
    """Return the condition that a row's month lies in a period; a verdict's first day too."""
    last = min(period.last_month, month_index(period.last_day))
    within = model.month.between(period.first_month, last)
    if model is V and period.first_on is not None:
        return (within, V.window_end_on >= period.first_on)
    return (within,)


def days_cut_off(period: Period) -> Days | None:
    """Return the days of the last month after the period's end (after, up to), if any."""
    end = month_end(month_index(period.last_day))
    return None if period.last_day == end else (period.last_day, end)


def days_left_out(period: Period) -> list[Days]:
    """Return the days of its first and last month that a period leaves out, as (after, up to).

    Sums of whole months less the shares of these days are those of the period, exactly.
    """
    found = [] if (cut := days_cut_off(period)) is None else [cut]
    start = month_start(period.first_month) if period.first_on else None
    if start is not None and period.first_on is not None and start < period.first_on:
        found.append((start - ONE_DAY, period.first_on - ONE_DAY))
    return found


def still_pending(period: Period) -> dict[str, str] | None:
    """Return what stands instead of a column in the share of the days left out, if anything.

    Months that are cut at a day: lines due later had not closed by then, they were pending. A
    run of days counts its own lines and no others.
    """
    return None if period.is_of_days else {"n_pending": "n_due"}


def window_ends_in(cut: Days) -> tuple[Expression, ...]:
    """Return the conditions that a line's window ends in the days cut off."""
    return (V.window_end_on > cut[0], V.window_end_on <= cut[1])


def of_suppliers(session: Session, supplier_ids: Suppliers) -> tuple[Expression, ...]:
    """Return the conditions that a verdict is of one of the suppliers (None: none needed)."""
    if supplier_ids is None:
        return ()
    return (V.supplier_id.in_(members(session, supplier_ids)),)


def lines_cut_off(session: Session, cut: Days, supplier_ids: Suppliers) -> tuple[Expression, ...]:
    """Return the conditions that a verdict belongs to the days cut off, of the suppliers."""
    return (*window_ends_in(cut), *of_suppliers(session, supplier_ids))


def once(session: Session, name: str, read: Callable[[], Known]) -> Known:
    """Return what a session that only reads has read before under a name, or read it now.

    A session that writes reads each time: what it asks for may be what it just changed.
    """
    if not is_reading(session):
        return read()
    kept: dict[str, Any] = session.info.setdefault("read_once", {})  # Any: by name
    if name not in kept:
        kept[name] = read()
    known: Known = kept[name]
    return known


def merged_suppliers(session: Session) -> dict[int, int]:
    """Return which suppliers go by another one since they were merged into it."""
    return once(session, "merged suppliers", lambda: _merged_suppliers(session))


def _merged_suppliers(session: Session) -> dict[int, int]:
    is_merged = Supplier.effective_supplier_id != Supplier.id
    found = session.execute(select(Supplier.id, Supplier.effective_supplier_id).where(is_merged))
    return {row[0]: row[1] for row in found if row[1] is not None}


def members(session: Session, supplier_ids: Collection[int]) -> list[int]:
    """Return the suppliers themselves and those merged into them."""
    wanted = set(supplier_ids)
    return sorted(wanted | {old for old, new in merged_suppliers(session).items() if new in wanted})


def narrowed(rows: Any, model: Any, session: Session, supplier_ids: Suppliers) -> Select[Any]:
    """Return the rows of a roll-up table that are of the suppliers (None: all rows)."""
    if supplier_ids is None:
        everything: Select[Any] = rows
        return everything
    kept: Select[Any] = rows.where(model.supplier_id.in_(members(session, supplier_ids)))
    return kept


def fetched(session: Session, parts: Iterable[Any], width: int) -> Integers:
    """Return the rows of several selects as one table of integers."""
    tables = [matrix(_tuples(session, part), width) for part in parts]
    return tables[0] if len(tables) == 1 else np.concatenate(tables)


def _tuples(session: Session, part: Any) -> list[tuple[int, ...]]:  # Any: a select or a union
    """Return rows as the driver gives them: a Row per integer costs more than the sums."""
    cursor = session.connection().execute(scope.narrowed(session, part)).cursor
    return [] if cursor is None else list(cursor.fetchall())


def fetched_and_folded(
    session: Session, parts: Iterable[Any], width: int, *, together: bool, keys: int = 1
) -> Integers:
    """Return the rows of several selects, added up where their first `keys` columns agree."""
    table = fetched(session, parts, width)
    return folded(renamed(table, merged_suppliers(session), together=together), keys)


def columns_of(table: Integers, keys: int, names: Sequence[str]) -> dict[str, Integers]:
    """Return the columns behind a table's keys by name."""
    return {name: table[:, keys + place] for place, name in enumerate(names)}
