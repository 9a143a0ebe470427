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
)
from app.facts.deliveries.models import Receipt
from app.facts.deliveries.rollup_models import LineVerdict, VerdictState
from app.facts.deliveries.terms import ARRIVAL, DISPATCH, HAND_OVER, POSTING, terms_select
from app.facts.deliveries.verdicts import verdict_select

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
came = Table(
    "judged_receipt",
    _temporary,
    Column("line_id", BigKey),
    # The event that counts, the days from the reference date to it and to our dock.
    Column("event_on", Date),
    Column("event", SmallInteger),
    Column("day", Integer),
    Column("dock_day", Integer),
    Column("quantity", BigInteger),
    # All that had come by the close of the event's day.
    Column("cumulative", BigInteger),
    Column("completes", Integer),
    prefixes=["TEMPORARY"],
)


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
    _temporary.create_all(connection, tables=[term, came])
    _fill(session, term, terms_select(touched, until=until))
    tell_size(session, term)
    _fill(session, came, _receipts())
    tell_size(session, came)
    _fill(session, LineVerdict.__table__, verdict_select(term, came, until=until))
    _temporary.drop_all(connection, tables=[term, came])


def tell_size(session: Session, table: Table) -> None:
    """Let the planner know how few rows a temporary table holds: both engines guess high.

    SQLite would read a whole table of facts into a filter before it looks up a handful.
    """
    session.execute(text(f"ANALYZE {table.name}"))


def _fill(session: Session, target: Any, rows: Select[Any]) -> None:  # Any: rows of any shape
    names = list(rows.selected_columns.keys())
    session.execute(insert(target).from_select(names, rows, include_defaults=False))


def _receipts() -> Select[Any]:
    """What came for each judged line, on the day of the event that its Incoterm awaits."""
    reversed_ = aliased(Receipt, name="reversed_receipt")
    events = _events(reversed_)
    e = events.c
    quantity = func.coalesce(e.quantity, 0)
    return select(
        e.line_id,
        e.event_on,
        e.event,
        (day_number(e.event_on) - e.reference_day).label("day"),
        case(
            (e.dock_on == e.event_on, day_number(e.event_on) - e.reference_day),
            else_=day_number(e.dock_on) - e.reference_day,
        ).label("dock_day"),
        e.quantity,
        func.sum(quantity)
        .over(partition_by=e.line_id, order_by=e.event_on)
        .cast(BigInteger)
        .label("cumulative"),
        e.completes,
    )


def _events(reversed_: Any) -> Any:  # Any: an alias of Receipt; a subquery
    def day(name: str) -> Expression:
        own, other = getattr(Receipt, name), getattr(reversed_, name)
        return case((Receipt.reverses_receipt_id.is_(None), own), else_=other)

    ready, dispatched, arrived, posted = (
        day(f"{name}_on") for name in ("ready", "dispatched", "arrived", "posted")
    )
    by_hand_over = term.c.awaited_event <= HAND_OVER
    by_dispatch = term.c.awaited_event <= DISPATCH
    return (
        select(
            Receipt.line_id,
            term.c.reference_day,
            func.coalesce(
                case((by_hand_over, ready)), case((by_dispatch, dispatched)), arrived, posted
            ).label("event_on"),
            case(
                (and_(by_hand_over, ready.is_not(None)), HAND_OVER),
                (and_(by_dispatch, dispatched.is_not(None)), DISPATCH),
                (arrived.is_not(None), ARRIVAL),
                (posted.is_not(None), POSTING),
            ).label("event"),
            func.coalesce(arrived, posted).label("dock_on"),
            (raw(Receipt.quantity) - func.coalesce(raw(Receipt.quantity_returned), 0)).label(
                "quantity"
            ),
            flag(Receipt.completes_line).label("completes"),
        )
        .select_from(term)
        .join(Receipt, Receipt.line_id == driving(term.c.line_id))
        .outerjoin(reversed_, reversed_.id == Receipt.reverses_receipt_id)
        .where(term.c.state > int(VerdictState.EXCLUDED), _stands())
        .subquery()
    )


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
