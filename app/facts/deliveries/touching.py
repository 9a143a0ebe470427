"""Notes whose months moved, in the transaction that moved them, and what moved them.

Whoever changes lines brackets it with `rollup.change`, which calls this; nobody else has to.
Notes months that may have moved: a recompute looks at each and writes only what differs. What
judgements rest on beside lines is noted by whoever writes it (`note_months`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    Insert,
    Select,
    Table,
    and_,
    insert,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session, aliased

from app.base import clock
from app.base.db import BigKey, UtcDateTime
from app.calc.periods import month_index
from app.facts.deliveries.engine_sql import month_of
from app.facts.deliveries.models import Receipt
from app.facts.deliveries.rollup_models import LineVerdict, MonthlyOrderRollup, MonthlyRollup
from app.facts.deliveries.shares import receipt_day
from app.facts.deliveries.temporary import drop, make, temporary
from app.facts.deliveries.touched_models import TouchedBy, TouchedMonth

# Months of verdicts and receipts before and after a change, each as often as it is found.
seen_month = temporary(
    "seen_month",
    Column("supplier_id", BigKey, nullable=False),
    Column("month", BigKey, nullable=False),
)
# Which of the sums a rebuild is held against; the others say nothing that these do not.
COMPARED = (MonthlyRollup, MonthlyOrderRollup)


@dataclass(frozen=True, slots=True)
class Because:
    """What moves figures: a kind, and the key of the import, ruling or run."""

    cause: TouchedBy = TouchedBy.FACTS
    id: int | None = None


UNSAID = Because()


def open_notes(session: Session) -> None:
    """Make the temporary table of months seen."""
    make(session, seen_month)


def note_receipts(
    session: Session, *, of: Any = LineVerdict, join: Any = None, receipt: Any = Receipt
) -> None:
    """See the months in which goods came for judged lines; Any: as of `note_lines`.

    `receipt`: an alias that holds what came for them.
    """
    session.execute(_seeing(_months_of_receipts, join, of, receipt))


def note_lines(session: Session, *, of: Any = LineVerdict, join: Any = None) -> None:
    """See the months in which judged lines count; `join` (table, condition) narrows them.

    Any: `LineVerdict` or an alias of it; any condition. All lines of some orders are enough
    before a change, because an order counts where its last line does: behind it only touched
    lines can count in other months.
    """
    session.execute(_seeing(_months_of_lines, join, of))


@lru_cache(maxsize=16)
def _seeing(months: Callable[..., Select[Any]], join: Any, *of: Any) -> Insert:  # Any: as above
    rows = months(*of) if join is None else months(*of).join(*join)
    return insert(seen_month).from_select(["supplier_id", "month"], rows.distinct())


def _months_of_lines(v: Any) -> Select[Any]:  # Any: as above
    return select(v.supplier_id, v.month)


def _months_of_receipts(v: Any, receipt: Any) -> Select[Any]:  # Any: as above
    origin = aliased(Receipt, name="origin")
    day = receipt_day(origin, receipt)
    return (
        select(v.supplier_id, month_of(day).label("month"))
        .select_from(v)
        .join(receipt, receipt.line_id == v.line_id)
        .outerjoin(origin, origin.id == receipt.reverses_receipt_id)
        .where(day.is_not(None))
    )


def note_months(
    session: Session, supplier_id: int, months: Iterable[int], because: Because
) -> None:
    """Keep months of a supplier that something beside its lines moved; not begun ones are none."""
    now, at = month_index(clock.today()), clock.now()
    session.add_all(
        TouchedMonth(
            supplier_id=supplier_id,
            month=month,
            cause=str(because.cause),
            cause_id=because.id,
            at=at,
        )
        for month in sorted(set(months))
        if month <= now
    )
    session.flush()


def close_notes(session: Session, because: Because, *, until: date) -> None:
    """Keep what was seen up to the day until which windows have closed, and forget the rest."""
    s = seen_month.c
    # No card holds a month that has not begun.
    rows = select(s.supplier_id, s.month).where(s.month.between(1, month_index(until))).distinct()
    _keep(session, rows, because)
    drop(session, seen_month)


@contextmanager
def noting_differences(
    session: Session,
    models: Iterable[Any],  # Any: mapped classes with a supplier and a month
    because: Because = UNSAID,
    *,
    supplier_ids: Collection[int] | None = None,
) -> Iterator[None]:
    """Note the months whose sums come out different behind the block than before it."""
    tables = [model.__table__ for model in models]
    kept = [
        temporary(
            f"{table.name}_before",
            *(Column(c.name, c.type) for c in table.columns),
            key=tuple(c.name for c in table.primary_key),
            is_told=False,
        )
        for table in tables
    ]
    for table, before in zip(tables, kept, strict=True):
        make(session, before)
        session.execute(insert(before).from_select(_names(table), _of(table, supplier_ids)))
    yield
    session.flush()
    for table, before in zip(tables, kept, strict=True):
        months = union(*_differing(_of(table, supplier_ids).subquery(), before, table)).subquery()
        _keep(session, select(months.c.supplier_id, months.c.month), because)
        drop(session, before)


def _differing(
    now: Any,  # Any: a subquery of rows
    before: Table,
    table: Table,
) -> Iterator[Select[Any]]:
    """Yield the months of rows that came, went or changed: found by their keys, unsorted."""
    keys = [column.name for column in table.primary_key]
    same = and_(*(now.c[key] == before.c[key] for key in keys))
    rest = [column.name for column in before.columns if column.name not in keys]
    is_other = or_(*(now.c[name].is_distinct_from(before.c[name]) for name in rest))
    came = now.outerjoin(before, same)
    yield select(now.c.supplier_id, now.c.month).select_from(came).where(is_other)
    went = before.outerjoin(now, same)
    lacks = now.c.supplier_id.is_(None)
    yield select(before.c.supplier_id, before.c.month).select_from(went).where(lacks)


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _of(table: Table, supplier_ids: Collection[int] | None) -> Select[Any]:
    rows = select(*table.columns)
    return rows if supplier_ids is None else rows.where(table.c.supplier_id.in_(supplier_ids))


def _keep(session: Session, rows: Any, because: Because) -> None:  # Any: as above
    noted = rows.add_columns(
        literal(str(because.cause)).label("cause"),
        literal(because.id, BigKey).label("cause_id"),
        literal(clock.now(), UtcDateTime).label("at"),
    )
    names = ["supplier_id", "month", "cause", "cause_id", "at"]
    session.execute(insert(TouchedMonth).from_select(names, noted))
