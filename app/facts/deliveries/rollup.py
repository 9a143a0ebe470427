"""Keeps verdicts and the monthly roll-up equal to the facts, as a delta or by a rebuild.

Whoever writes delivery facts brackets the writing with `change`. The roll-up then loses
what the touched lines added before and gains what they add after, in the same
transaction. Everything is an exact integer, so a delta equals a rebuild.

Decides nothing about a line: that is `judging`. Commits nothing: the caller does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    MetaData,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.base.db import SQLITE_CACHE_KIB, BigKey, is_sqlite
from app.facts.deliveries import shares, touching
from app.facts.deliveries.agreements import netting
from app.facts.deliveries.engine_sql import driving, tell_size
from app.facts.deliveries.event_shares import event_share
from app.facts.deliveries.judging import (
    close_touched,
    judge_touched,
    open_touched,
    touched,
)
from app.facts.deliveries.models import ScheduleLine
from app.facts.deliveries.rollup_models import (
    HistogramKind,
    LineVerdict,
    MonthlyEventRollup,
    MonthlyHistogram,
    MonthlyOrderRollup,
    MonthlyRollup,
    PartMonthlyRollup,
)
from app.facts.deliveries.touching import UNSAID, Because

LineIds = Select[int] | Iterable[int]

# So many lines are judged by one statement when all are: bounds the temporary tables.
JUDGED_AT_ONCE = 250_000
# One writer of the roll-up at a time: a share taken while another one settles is stale.
WRITER_LOCK = 7_020_301
SORTING_THREADS = 2
SORTING_KIB = 32 * 1024
# PostgreSQL, for this transaction: time for long statements; look few lines up instead of
# reading all; sort in memory; no compiling, which costs more than these statements.
POSTGRES_SETTINGS = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = '60s'",
    "SET LOCAL random_page_cost = 1.1",
    "SET LOCAL work_mem = '128MB'",
    "SET LOCAL jit = off",
)

# Whole orders of touched lines, of stored verdicts (so of deleted lines too) and of facts.
touched_order = Table(
    "touched_order",
    MetaData(),
    Column("order_id", BigKey, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
)
_BY_LINE = (touched, LineVerdict.line_id == driving(touched.c.line_id))
_BY_ORDER = (touched_order, LineVerdict.order_id == driving(touched_order.c.order_id))
_WHOLLY_EMPTY: dict[Any, tuple[str, ...]] = {  # Any: mapped classes
    MonthlyRollup: (
        "n_due", "n_pending", "n_excluded", "receipts", "quantity_received", "quantity_rejected",
    ),
    MonthlyHistogram: ("lines",),
    PartMonthlyRollup: ("n_due",),
    MonthlyOrderRollup: ("lines",),
}  # fmt: skip


class Change:
    """The lines that a transaction touches, named before they are written."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._calls = 0
        self.has_old = False
        # Agreements to be netted again, beside those of the touched lines.
        self.agreement_ids: set[int] = set()

    def touch(self, lines: LineIds) -> None:
        """Name existing lines whose facts are about to change or to be deleted.

        Call it before the first of them is written: what their receipts add to the
        roll-up is read now. A line may be named twice.
        """
        self._calls += 1
        self.has_old = True
        self._note(lines, self._calls)
        tell_size(self._session, touched)
        join = (touched, and_(_BY_LINE[1], touched.c.call == self._calls))
        share = shares.receipt_share(join=join, sign=-1)
        _add(self._session, MonthlyRollup, share)
        _drop_empty(self._session, MonthlyRollup, shares.receipt_share(join=join))
        touching.note_receipts(self._session, touched, touched.c.call == self._calls)

    def touch_new(self, lines: LineIds) -> None:
        """Name lines that were inserted: cheaper than `touch`, because nothing stands yet."""
        self._note(lines, 0)

    def renet(self, agreement_ids: Collection[int]) -> None:
        """Name agreements whose releases or receipts changed."""
        self.agreement_ids |= set(agreement_ids)

    def _note(self, lines: LineIds, call: int) -> None:
        self._session.flush()
        if isinstance(lines, Select):
            rows = lines.add_columns(literal(call))
            _add_missing(self._session, rows)
            return
        found = [{"line_id": line_id, "call": call} for line_id in set(lines)]
        if found:
            statement = _insert(self._session, touched).on_conflict_do_nothing()
            self._session.connection().execute(statement, found)


@contextmanager
def change(session: Session, *, until: date, because: Because = UNSAID) -> Iterator[Change]:
    """Bracket the writing of delivery facts, so that verdicts and roll-up follow them.

    `until` is the last day whose windows have closed:
    `max(queries.closed_until(session), clock.last_closed_day())`. `because` is kept with the
    months that may have moved. Brackets don't nest.

    >>> with change(session, until=until) as facts:          # doctest: +SKIP
    ...     facts.touch(select(ScheduleLine.id).where(...))  # before they change
    ...     session.execute(...)                             # write the facts
    ...     facts.touch_new(select(ScheduleLine.id).where(ScheduleLine.batch_id == 128))
    """
    _prepare(session)
    open_touched(session)
    touching.open_notes(session)
    facts = Change(session)
    yield facts
    session.flush()
    _net(session, facts)
    _settle(session, facts, until)
    touching.close_notes(session, because, until=until)
    close_touched(session)


def rebuild(session: Session, *, until: date | None = None) -> None:
    """Make the roll-up again from the verdicts; with `until`, judge every line before."""
    _prepare(session)
    if until is not None:
        if netting.find_differing(session, touched=None):
            netting.write(session)
            netting.forget(session)
        _judge_all(session, until)
    with touching.noting_differences(session, touching.COMPARED):
        _fill_all(session)
    refresh_events(session, None)


def _fill_all(session: Session) -> None:
    for table in shares.TABLES:
        session.execute(delete(table))
    with _sorting_much(session):
        _fill(session, MonthlyRollup, shares.line_share())
        for kind in HistogramKind:
            _fill(session, MonthlyHistogram, shares.histogram_share(kind))
        _fill(session, PartMonthlyRollup, shares.part_share())
        _fill(session, MonthlyOrderRollup, _order_share(session))
        _add(session, MonthlyRollup, shares.receipt_share())


def refresh_events(
    session: Session, supplier_ids: Collection[int] | None, *, because: Because = UNSAID
) -> None:
    """Make the event sums of some suppliers again (None: of all) from what is recorded.

    For inspections, acknowledgements, invoices, contract prices and disruptions: call it
    after writing them.
    """
    session.flush()
    old = delete(MonthlyEventRollup)
    if supplier_ids is not None:
        old = old.where(MonthlyEventRollup.supplier_id.in_(supplier_ids))
    with touching.noting_differences(
        session, [MonthlyEventRollup], because, supplier_ids=supplier_ids
    ):
        session.execute(old)
        _fill(session, MonthlyEventRollup, event_share(supplier_ids))


def _prepare(session: Session) -> None:
    session.flush()
    if is_sqlite(session):
        return
    for setting in POSTGRES_SETTINGS:
        session.execute(text(setting))
    session.execute(select(func.pg_advisory_xact_lock(WRITER_LOCK)))


@contextmanager
def _sorting_much(session: Session) -> Iterator[None]:
    """Let SQLite sort in the background, in pieces small enough that a thread has some to sort.

    With the cache that serves everything else, five million lines sort a quarter slower
    and in three times the memory.
    """
    if not is_sqlite(session):
        yield
        return
    session.execute(text(f"PRAGMA threads={SORTING_THREADS}"))
    session.execute(text(f"PRAGMA cache_size=-{SORTING_KIB}"))
    try:
        yield
    finally:
        session.execute(text("PRAGMA threads=0"))
        session.execute(text(f"PRAGMA cache_size=-{SQLITE_CACHE_KIB}"))


def _net(session: Session, facts: Change) -> None:
    """Give call-offs what came for their agreements; those that it changes are touched too."""
    if netting.find_differing(session, touched=touched, agreement_ids=facts.agreement_ids):
        facts.touch(select(netting.differing.c.line_id))
        netting.write(session)
        netting.forget(session)


def _settle(session: Session, facts: Change, until: date) -> None:
    """Take away what the touched lines and their orders added, judge, add what they add now."""
    if session.scalar(select(touched.c.line_id).limit(1)) is None:
        return
    _take_away(session, facts)
    judge_touched(session, until=until)
    _add(session, MonthlyRollup, shares.line_share(join=_BY_LINE))
    _add(session, MonthlyRollup, shares.receipt_share(join=_BY_LINE))
    for kind in HistogramKind:
        _add(session, MonthlyHistogram, shares.histogram_share(kind, join=_BY_LINE))
    _add(session, PartMonthlyRollup, shares.part_share(join=_BY_LINE))
    _add(session, MonthlyOrderRollup, _order_share(session, join=_BY_ORDER))
    touching.note_lines(session, touched)
    touching.note_receipts(session, touched)
    touched_order.drop(session.connection())


def _take_away(session: Session, facts: Change) -> None:
    tell_size(session, touched)
    _note_orders(session, has_old=facts.has_old)
    touching.note_orders(session, touched_order)
    _add(session, MonthlyOrderRollup, _order_share(session, join=_BY_ORDER, sign=-1))
    _drop_empty(session, MonthlyOrderRollup, _order_share(session, join=_BY_ORDER))
    if not facts.has_old:
        return
    for table, share in (
        (MonthlyRollup, shares.line_share),
        (PartMonthlyRollup, shares.part_share),
    ):
        _add(session, table, share(join=_BY_LINE, sign=-1))
        _drop_empty(session, table, share(join=_BY_LINE))
    for kind in HistogramKind:
        _add(session, MonthlyHistogram, shares.histogram_share(kind, join=_BY_LINE, sign=-1))
        _drop_empty(session, MonthlyHistogram, shares.histogram_share(kind, join=_BY_LINE))


def _order_share(session: Session, **how: Any) -> Any:  # Any: as `shares.order_share`
    return shares.order_share(**how, has_agreements=netting.has_agreements(session))


def _note_orders(session: Session, *, has_old: bool) -> None:
    touched_order.create(session.connection())
    written = select(ScheduleLine.order_id).join(
        touched, ScheduleLine.id == driving(touched.c.line_id)
    )
    orders: Any = written.distinct()  # Any: or a union
    if has_old:
        # A line that moved to another order, or is gone, counted in its verdict's order.
        orders = written.union(select(LineVerdict.order_id).join(*_BY_LINE))
    session.execute(insert(touched_order).from_select(["order_id"], orders))
    tell_size(session, touched_order)


def _judge_all(session: Session, until: date) -> None:
    session.execute(delete(LineVerdict))
    last = session.scalar(select(func.max(ScheduleLine.id))) or 0
    for first in range(1, last + 1, JUDGED_AT_ONCE):
        open_touched(session)
        rows = select(ScheduleLine.id, literal(0)).where(
            ScheduleLine.id.between(first, first + JUDGED_AT_ONCE - 1)
        )
        session.execute(insert(touched).from_select(["line_id", "call"], rows))
        judge_touched(session, until=until)
        close_touched(session)


def _insert(session: Session, table: Any) -> Any:  # Any: either engine's own insert
    return (sqlite_insert if is_sqlite(session) else postgres_insert)(table)


def _add_missing(session: Session, rows: Select[Any]) -> None:
    # SQLite reads ON CONFLICT after a bare FROM as a join's ON.
    guarded = rows.where(literal(True)) if rows.whereclause is None else rows
    statement = _insert(session, touched).from_select(["line_id", "call"], guarded)
    session.execute(statement.on_conflict_do_nothing())


def _fill(session: Session, model: Any, share: Any) -> None:  # Any: a mapped class, a select
    """Fill an empty table; on PostgreSQL month by month, as it would have grown.

    A period then lies together, and so does what a day's lines change: a heap keeps the
    order it was filled in. SQLite keeps these tables in the order of their keys.
    """
    names = list(share.selected_columns.keys())
    rows = share if is_sqlite(session) else share.order_by(literal_column("month"))
    session.execute(
        insert(model.__table__).from_select(
            names, rows, include_defaults=_lacks(model.__table__, names)
        )
    )


def _lacks(table: Table, names: list[str]) -> bool:
    return len(names) < len(table.columns)


def _add(session: Session, model: Any, share: Any) -> None:  # Any: a mapped class, a select
    """Add a share to what stands, group by group."""
    adding = _upsert if is_sqlite(session) else _update_then_insert
    session.execute(adding(model.__table__, share))


def _upsert(table: Table, share: Any) -> Any:  # Any: a select, an insert
    names, keys = _names_and_keys(table, share)
    statement = sqlite_insert(table).from_select(
        names, share, include_defaults=_lacks(table, names)
    )
    sums = {name: table.c[name] + statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=sums)


def _update_then_insert(table: Table, share: Any) -> Any:  # Any: a select, an insert
    """Add to the groups that stand, then insert the others: one writer at a time does this.

    PostgreSQL's upsert tries to insert first and locks each group before it changes it:
    a third of the time of a day's lines, and an entry of its own in the log for each.
    """
    names, keys = _names_and_keys(table, share)
    added = share.cte("added_share")
    sums = {name: table.c[name] + added.c[name] for name in names if name not in keys}
    standing = (
        update(table)
        .values(sums)
        .where(and_(*(table.c[key] == added.c[key] for key in keys)))
        .returning(*(table.c[key] for key in keys))
        .cte("standing_group")
    )
    stands = exists().where(and_(*(standing.c[key] == added.c[key] for key in keys)))
    # A share of lines says nothing of receipts, and the other way about: sums of nothing.
    others = [column.name for column in table.columns if column.name not in names]
    rows = select(*added.c, *(literal(0) for _ in others)).where(~stands)
    return insert(table).from_select([*names, *others], rows, include_defaults=False)


def _names_and_keys(table: Table, share: Any) -> tuple[list[str], list[str]]:  # Any: a select
    return list(share.selected_columns.keys()), [column.name for column in table.primary_key]


def _drop_empty(session: Session, model: Any, share: Any) -> None:  # Any: as above
    """Drop the groups of a share in which nothing is left: a rebuild would not make them."""
    keys = [column.name for column in model.__table__.primary_key]
    groups = share.subquery()
    key = tuple_(*(getattr(model, name) for name in keys))
    is_empty = and_(*(getattr(model, name) == 0 for name in _WHOLLY_EMPTY[model]))
    found = select(*(groups.c[name] for name in keys))
    session.execute(
        delete(model).where(key.in_(found), is_empty),
        execution_options={"synchronize_session": False},
    )
