"""Keeps verdicts and the monthly roll-up equal to the facts, as a delta or by a rebuild.

Whoever writes delivery facts brackets the writing with `change`. The roll-up then loses
what the touched lines added before and gains what they add after, in the same
transaction. Everything is an exact integer, so a delta equals a rebuild.

Decides nothing about a line: that is `judging`. Commits nothing: the caller does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Session, aliased

from app.base.db import SQLITE_CACHE_KIB, BigKey, is_sqlite
from app.facts.deliveries import shares, touching
from app.facts.deliveries.adding import add, drop_empty, fill
from app.facts.deliveries.agreements import netting
from app.facts.deliveries.engine_sql import driving
from app.facts.deliveries.event_shares import event_share
from app.facts.deliveries.judging import judge_touched
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
from app.facts.deliveries.temporary import drop, make, tell_size, temporary
from app.facts.deliveries.touched_lines import (
    Came,
    LineIds,
    close_touched,
    find_receipts,
    note_touched,
    open_touched,
    span_of,
    touched,
)
from app.facts.deliveries.touching import UNSAID, Because

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
touched_order = temporary(
    "touched_order", Column("order_id", BigKey, nullable=False), key="order_id"
)
_BY_LINE = (touched, LineVerdict.line_id == driving(touched.c.line_id))
_BY_ORDER = (touched_order, LineVerdict.order_id == driving(touched_order.c.order_id))


def _verdict_table(name: str) -> Table:
    columns = (Column(each.name, each.type) for each in LineVerdict.__table__.columns)
    return temporary(name, *columns)


# The verdicts of touched lines before and after a change: every share reads them, and finds
# them here in a row instead of line by line among all.
old_verdict, new_verdict = _verdict_table("old_verdict"), _verdict_table("new_verdict")
Old, New = (aliased(LineVerdict, each, adapt_on_names=True) for each in (old_verdict, new_verdict))
_came_share = partial(shares.receipt_share, receipt=Came)


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
        by_call = _by_call(self._calls)
        add(self._session, MonthlyRollup, shares.receipt_share, join=by_call, sign=-1)
        drop_empty(self._session, MonthlyRollup, shares.receipt_share, join=by_call)
        touching.note_receipts(self._session, join=by_call)

    def touch_new(self, lines: LineIds) -> None:
        """Name lines that were inserted: cheaper than `touch`, because nothing stands yet."""
        self._note(lines, 0)

    def renet(self, agreement_ids: Collection[int]) -> None:
        """Name agreements whose releases or receipts changed."""
        self.agreement_ids |= set(agreement_ids)

    def _note(self, lines: LineIds, call: int) -> None:
        self._session.flush()
        note_touched(self._session, lines, call)


@lru_cache(maxsize=8)
def _by_call(number: int) -> tuple[Table, ColumnElement[bool]]:
    return touched, and_(_BY_LINE[1], touched.c.call == number)


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
    tell_size(session, touched)
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
        fill(session, MonthlyRollup, shares.line_share(), shares.receipt_share())
        for kind in HistogramKind:
            fill(session, MonthlyHistogram, shares.histogram_share(kind))
        fill(session, PartMonthlyRollup, shares.part_share())
        has_agreements = netting.has_agreements(session)
        fill(session, MonthlyOrderRollup, shares.order_share(has_agreements=has_agreements))


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
        fill(session, MonthlyEventRollup, event_share(supplier_ids))


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
    """Judge the touched lines, take away what they and their orders added, add what they do now."""
    span = span_of(session)
    if span is None:
        return
    make(session, new_verdict)
    find_receipts(session, span)
    judge_touched(session, new_verdict, until=until)
    tell_size(session, new_verdict)
    of_orders = {"join": _BY_ORDER, "has_agreements": netting.has_agreements(session)}
    _take_away_orders(session, of_orders, has_old=facts.has_old)
    if facts.has_old:
        _take_away_lines(session)
    session.execute(
        insert(LineVerdict).from_select(new_verdict.columns.keys(), select(new_verdict))
    )
    add(session, MonthlyRollup, shares.line_share, _came_share, of=New)
    add(session, MonthlyHistogram, shares.histogram_shares, of=New)
    add(session, PartMonthlyRollup, shares.part_share, of=New)
    add(session, MonthlyOrderRollup, shares.order_share, **of_orders)
    touching.note_lines(session, of=New)
    touching.note_receipts(session, of=New, receipt=Came)
    drop(session, new_verdict, touched_order)


def _take_away_orders(
    session: Session,
    of_orders: dict[str, Any],  # Any: what `order_share` takes
    *,
    has_old: bool,
) -> None:
    _note_orders(session, has_old=has_old)
    if session.scalar(select(LineVerdict.line_id).join(*_BY_ORDER).limit(1)) is None:
        return
    touching.note_lines(session, join=_BY_ORDER)
    add(session, MonthlyOrderRollup, shares.order_share, sign=-1, **of_orders)
    drop_empty(session, MonthlyOrderRollup, shares.order_share, **of_orders)


def _take_away_lines(session: Session) -> None:
    make(session, old_verdict)
    standing = select(LineVerdict.__table__).join(*_BY_LINE).where(touched.c.call > 0)
    session.execute(insert(old_verdict).from_select(old_verdict.columns.keys(), standing))
    tell_size(session, old_verdict)
    for table, share in (
        (MonthlyRollup, shares.line_share),
        (MonthlyHistogram, shares.histogram_shares),
        (PartMonthlyRollup, shares.part_share),
    ):
        add(session, table, share, of=Old, sign=-1)
        drop_empty(session, table, share, of=Old)
    session.execute(
        delete(LineVerdict).where(LineVerdict.line_id.in_(select(old_verdict.c.line_id))),
        execution_options={"synchronize_session": False},
    )
    drop(session, old_verdict)


def _note_orders(session: Session, *, has_old: bool) -> None:
    make(session, touched_order)
    written = select(new_verdict.c.order_id)
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
        tell_size(session, touched)
        span = {"first_line": first, "last_line": first + JUDGED_AT_ONCE - 1}
        find_receipts(session, span)
        judge_touched(session, LineVerdict.__table__, until=until)
        close_touched(session)
