"""Adds shares to the tables of monthly sums, and drops the groups in which nothing is left.

A share is one of `shares`: a select of keys and of what is added to the sums under them.
Knows nothing of lines: `rollup` says which share goes where, and in which order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Delete,
    Insert,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.base.db import is_sqlite
from app.facts.deliveries.rollup_models import (
    MonthlyHistogram,
    MonthlyOrderRollup,
    MonthlyRollup,
    PartMonthlyRollup,
)

Share = Callable[..., Any]  # Any: what a share takes; a select
# Statements kept; the roll-up needs two dozen. Putting one together takes longer than
# running it for a single line.
STATEMENTS = 128
_WHOLLY_EMPTY: dict[Any, tuple[str, ...]] = {  # Any: mapped classes
    MonthlyRollup: (
        "n_due", "n_pending", "n_excluded", "receipts", "quantity_received", "quantity_rejected",
    ),
    MonthlyHistogram: ("lines",),
    PartMonthlyRollup: ("n_due",),
    MonthlyOrderRollup: (
        "otif_orders", "otif_orders_unknown", "otd_orders", "otd_orders_unknown",
        "in_full_orders", "in_full_orders_unknown",
    ),
}  # fmt: skip


def fill(session: Session, model: Any, *rows: Any) -> None:  # Any: a mapped class, selects
    """Fill an empty table with what shares of different columns select.

    On PostgreSQL month by month, as the table would have grown. A period then lies together,
    and so does what a day's lines change: a heap keeps the order it was filled in, and a
    second share added afterwards would move every row. SQLite keeps these tables in the order
    of their keys.
    """
    table = model.__table__
    if is_sqlite(session):
        session.execute(_inserting(table, rows[0]))
        for more in rows[1:]:
            session.execute(_upserting(table, more))
    else:
        keys = [column.name for column in table.primary_key]
        order = ["month", *(key for key in keys if key != "month")]
        ordered = _together(table, rows).order_by(*map(literal_column, order))
        session.execute(_inserting(table, ordered))


def add(session: Session, model: Any, *shares: Share, **how: Any) -> None:
    """Add shares of different columns to what stands, group by group.

    Any: a mapped class; what the shares take.
    """
    for statement in _adding(model, *shares, is_on_sqlite=is_sqlite(session), **how):
        session.execute(statement)


def drop_empty(session: Session, model: Any, share: Share, **how: Any) -> None:
    """Drop the groups of a share in which nothing is left: a rebuild would not make them.

    Any: as of `add`.
    """
    statement = _dropping(model, share, **how)
    session.execute(statement, execution_options={"synchronize_session": False})


@lru_cache(maxsize=STATEMENTS)
def _adding(
    model: Any, *shares: Share, is_on_sqlite: bool, **how: Any
) -> list[Insert]:  # Any: as of `add`
    table, rows = model.__table__, [share(**how) for share in shares]
    if is_on_sqlite:
        return [_upserting(table, each) for each in rows]
    return [_updating_then_inserting(table, _together(table, rows))]


def _inserting(table: Table, rows: Any) -> Insert:  # Any: a select
    names, _ = _names_and_keys(table, rows)
    return insert(table).from_select(names, rows, include_defaults=_lacks(table, names))


def _upserting(table: Table, rows: Any) -> Insert:  # Any: a select
    names, keys = _names_and_keys(table, rows)
    statement = sqlite_insert(table).from_select(names, rows, include_defaults=_lacks(table, names))
    sums = {name: table.c[name] + statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=sums)


def _updating_then_inserting(table: Table, rows: Any) -> Insert:  # Any: a select
    """Add to the groups that stand, then insert the others: one writer at a time does this.

    PostgreSQL's upsert tries to insert first and locks each group before it changes it:
    a third of the time of a day's lines, and an entry of its own in the log for each.
    """
    names, keys = _names_and_keys(table, rows)
    # In the order of the index: neighbours are found in pages that were just read.
    added = rows.order_by(*(literal_column(key) for key in keys)).cte("added_share")
    sums = {name: table.c[name] + added.c[name] for name in names if name not in keys}
    standing = (
        update(table)
        .values(sums)
        .where(and_(*(table.c[key] == added.c[key] for key in keys)))
        .returning(*(table.c[key] for key in keys))
        .cte("standing_group")
    )
    stands = exists().where(and_(*(standing.c[key] == added.c[key] for key in keys)))
    # A share of receipts says nothing of lines: sums of nothing.
    others = [column.name for column in table.columns if column.name not in names]
    new = select(*added.c, *(literal(0) for _ in others)).where(~stands)
    return insert(table).from_select([*names, *others], new, include_defaults=False)


def _together(table: Table, shares: Sequence[Any]) -> Any:  # Any: selects of different columns
    """Lay shares beside one another by their keys, so that each group is found once."""
    if len(shares) == 1:
        return shares[0]
    one, other = (share.subquery() for share in shares)
    keys = [column.name for column in table.primary_key]
    same = and_(*(one.c[key] == other.c[key] for key in keys))
    sums = [column for column in (*one.c, *other.c) if column.name not in keys]
    return select(
        *(func.coalesce(one.c[key], other.c[key]).label(key) for key in keys),
        *(func.coalesce(column, literal(0)).label(column.name) for column in sums),
    ).select_from(one.join(other, same, full=True))


@lru_cache(maxsize=STATEMENTS)
def _dropping(model: Any, share: Share, **how: Any) -> Delete:  # Any: as `add`
    keys = [column.name for column in model.__table__.primary_key]
    groups = share(**how).subquery()
    key = tuple_(*(getattr(model, name) for name in keys))
    is_empty = and_(*(getattr(model, name) == 0 for name in _WHOLLY_EMPTY[model]))
    found = select(*(groups.c[name] for name in keys))
    return delete(model).where(key.in_(found), is_empty)


def _names_and_keys(table: Table, rows: Any) -> tuple[list[str], list[str]]:  # Any: a select
    return list(rows.selected_columns.keys()), [column.name for column in table.primary_key]


def _lacks(table: Table, names: list[str]) -> bool:
    return len(names) < len(table.columns)
