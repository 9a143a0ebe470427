"""Judges the touched lines, set-based: what `calc.delivery.judge_line` says, in SQL.

Three steps, each a temporary table, because both engines plan a join of small tables
better than one statement of everything: what a line's terms are, what came for it, and
the verdict. A test holds every verdict to `judge_line`.

The default rule, until delivery rules can be edited: the reference date is the original
promise, or where the buyer moved it by agreement the date it was last moved to; any
early day is inside the window and no late one; pieces have no tolerance, weight and bulk
5 %. What is agreed for a line comes before it. A receipt counts whatever its date: the
roll-up says what is known now, and `until` only says which windows have closed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Integer,
    MetaData,
    Select,
    SmallInteger,
    String,
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session, aliased

from app.base.db import BigKey
from app.facts.deliveries.engine_sql import (
    Expression,
    day_number,
    driving,
    flag,
    raw,
    step,
)
from app.facts.deliveries.models import Receipt
from app.facts.deliveries.rollup_models import LineVerdict, VerdictState
from app.facts.deliveries.terms import ARRIVAL, DISPATCH, HAND_OVER, POSTING, terms_select
from app.facts.deliveries.verdicts import LINE_COLUMNS, verdict_of_many, verdict_of_one

_temporary = MetaData()

touched = Table(
    "touched_line",
    _temporary,
    Column("line_id", BigKey, primary_key=True, autoincrement=False),
    # Which call touched it; 0: it is new, so nothing of it stands in the roll-up.
    Column("call", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
term = Table(
    "judged_term",
    _temporary,
    Column("line_id", BigKey, primary_key=True, autoincrement=False),
    *(Column(name, BigKey) for name in ("order_id", "supplier_id", "category_id", "site_id")),
    Column("part_id", BigKey),
    Column("state", SmallInteger),
    Column("reason", String(40)),
    Column("rule", String(40)),
    *(Column(name, Date) for name in ("reference_on", "window_end_on")),
    *(Column(name, Integer) for name in ("reference_day", "ordered_day")),
    *(Column(name, Date) for name in ("requested_on", "original_on", "current_on")),
    # Days from the reference date to the three dates.
    *(Column(name, Integer) for name in ("requested", "original", "current")),
    *(Column(name, Integer) for name in ("early_days", "late_days")),
    *(Column(name, BigInteger) for name in ("due", "slack_under", "slack_over", "value")),
    Column("awaited_event", SmallInteger),
    Column("may_split", Integer),
    Column("completes", Integer),
    prefixes=["TEMPORARY"],
)
# Lines with several receipts; all others are judged in one go with the one they have.
several = Table(
    "judged_several",
    _temporary,
    Column("line_id", BigKey, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
)
came = Table(
    "judged_receipt",
    _temporary,
    Column("line_id", BigKey),
    Column("receipt_line_id", BigKey),
    # The event that counts, the days from the reference date to it and to our dock.
    Column("event_on", Date),
    Column("event", SmallInteger),
    Column("day", Integer),
    Column("dock_day", Integer),
    Column("quantity", BigInteger),
    Column("receipt_completes", Integer),
    # All that had come by the close of the event's day.
    Column("cumulative", BigInteger),
    prefixes=["TEMPORARY"],
)
_STEPS = [term, several, came]


def open_touched(session: Session) -> None:
    """Make the temporary table that names the lines to judge."""
    touched.create(session.connection())


def close_touched(session: Session) -> None:
    """Drop the temporary table that names the lines to judge."""
    touched.drop(session.connection())


def judge_touched(session: Session, *, until: date) -> None:
    """Write the verdicts of the touched lines that still exist; windows close up to `until`."""
    connection = session.connection()
    session.execute(
        delete(LineVerdict).where(
            LineVerdict.line_id.in_(select(touched.c.line_id).where(touched.c.call > 0))
        ),
        execution_options={"synchronize_session": False},
    )
    tell_size(session, touched)
    _temporary.create_all(connection, tables=_STEPS)
    _fill(session, term, terms_select(touched, until=until))
    tell_size(session, term)
    _fill(session, several, _lines_with_several())
    tell_size(session, several)
    verdicts = LineVerdict.__table__
    _fill(session, verdicts, verdict_of_one(_with_their_receipt(), until=until))
    if session.scalar(select(several.c.line_id).limit(1)) is not None:
        _fill(session, came, _several_receipts())
        tell_size(session, came)
        _fill(session, verdicts, verdict_of_many(term, came, until=until))
    _temporary.drop_all(connection, tables=_STEPS)


def tell_size(session: Session, table: Table) -> None:
    """Let the planner know how few rows a temporary table holds: both engines guess high.

    SQLite would read a whole table of facts into a filter before it looks up a handful.
    """
    # allowed: built-sql: the name of our own table
    session.execute(text(f"ANALYZE {table.name}"))


def _fill(session: Session, target: Any, rows: Select[Any]) -> None:  # Any: rows of any shape
    names = list(rows.selected_columns.keys())
    session.execute(insert(target).from_select(names, rows, include_defaults=False))


def _lines_with_several() -> Select[Any]:
    return (
        select(term.c.line_id)
        .join(Receipt, Receipt.line_id == driving(term.c.line_id))
        .where(term.c.state > int(VerdictState.EXCLUDED))
        .group_by(term.c.line_id)
        .having(func.count() > 1)
    )


def _with_their_receipt() -> Any:  # Any: SQLAlchemy's subquery of many columns
    """The judged lines with at most one receipt, beside it."""
    reversed_ = aliased(Receipt, name="reversed_receipt")
    receipt = _receipt_columns(reversed_)
    is_its = and_(
        Receipt.line_id == driving(term.c.line_id),
        term.c.state > int(VerdictState.EXCLUDED),
        _stands(),
    )
    return step(
        select(
            *(term.c[name] for name in LINE_COLUMNS),
            *(column.label(name) for name, column in receipt.items()),
            func.coalesce(receipt["quantity"], 0).label("cumulative"),
        )
        .select_from(term)
        .outerjoin(Receipt, is_its)
        .outerjoin(reversed_, reversed_.id == Receipt.reverses_receipt_id)
        .where(term.c.line_id.not_in(select(several.c.line_id)))
    )


def _several_receipts() -> Select[Any]:
    """The receipts of lines with several, with what had come by the close of each day."""
    reversed_ = aliased(Receipt, name="reversed_receipt")
    receipt = _receipt_columns(reversed_)
    rows = step(
        select(term.c.line_id, *(column.label(name) for name, column in receipt.items()))
        .select_from(several)
        .join(term, term.c.line_id == driving(several.c.line_id))
        .outerjoin(Receipt, and_(Receipt.line_id == driving(several.c.line_id), _stands()))
        .outerjoin(reversed_, reversed_.id == Receipt.reverses_receipt_id)
    ).c
    by_close = func.sum(func.coalesce(rows.quantity, 0)).over(
        partition_by=rows.line_id, order_by=rows.event_on
    )
    return select(*rows, by_close.cast(BigInteger).label("cumulative"))


def _receipt_columns(reversed_: Any) -> dict[str, Any]:  # Any: an alias of Receipt; expressions
    """A receipt on the day of the event that its line's Incoterm awaits."""

    def day(name: str) -> Expression:
        own, other = getattr(Receipt, name), getattr(reversed_, name)
        return case((Receipt.reverses_receipt_id.is_(None), own), else_=other)

    ready, dispatched, arrived, posted = (
        day(f"{name}_on") for name in ("ready", "dispatched", "arrived", "posted")
    )
    by_hand_over = term.c.awaited_event <= HAND_OVER
    by_dispatch = term.c.awaited_event <= DISPATCH
    event_on = func.coalesce(
        case((by_hand_over, ready)), case((by_dispatch, dispatched)), arrived, posted
    )
    came_back = func.coalesce(raw(Receipt.quantity_returned), 0)
    return {
        "receipt_line_id": Receipt.line_id,
        "event_on": event_on,
        "event": case(
            (and_(by_hand_over, ready.is_not(None)), HAND_OVER),
            (and_(by_dispatch, dispatched.is_not(None)), DISPATCH),
            (arrived.is_not(None), ARRIVAL),
            (posted.is_not(None), POSTING),
        ),
        "day": day_number(event_on) - term.c.reference_day,
        "dock_day": day_number(func.coalesce(arrived, posted)) - term.c.reference_day,
        "quantity": raw(Receipt.quantity) - came_back,
        "receipt_completes": flag(Receipt.completes_line),
    }


def _stands() -> Expression:
    """A receipt without a quantity vanishes with the reversal that names it."""
    reversal = aliased(Receipt, name="reversal")
    is_reversed = (
        select(reversal.id)
        .where(reversal.line_id == Receipt.line_id, reversal.reverses_receipt_id == Receipt.id)
        .correlate(Receipt)
        .exists()
    )
    return or_(
        Receipt.quantity.is_not(None),
        and_(Receipt.reverses_receipt_id.is_(None), ~is_reversed),
    )
